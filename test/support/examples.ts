// Examples in doc comments: found, type-checked as a user's files, and run. A line that ends in `// → value` is compared.
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export interface Example {
  /** src/room/file.ts:line */
  readonly place: string
  readonly code: string
  /** ```ts no-run: type-checked only. */
  readonly runs: boolean
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** All ```ts blocks in the doc comments of src. */
export function findExamples(): Example[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
  return files.sort().flatMap((file) => {
    const path = join(root, 'src', file)
    const lines = readFileSync(path, 'utf8').split('\n')
    const found: Example[] = []
    for (let i = 0; i < lines.length; i++) {
      const open = /^\s*\* ```ts( no-run)?\s*$/.exec(lines[i]!)
      if (open === null) continue
      const start = i + 1
      const code: string[] = []
      while (++i < lines.length && !/^\s*\* ```\s*$/.test(lines[i]!)) code.push(lines[i]!.replace(/^\s*\* ?/, ''))
      found.push({ place: `${relative(root, path)}:${start}`, code: code.join('\n'), runs: open[1] === undefined })
    }
    return found
  })
}

/** What the compiler says about all examples, each a module of its own. */
export function typeErrors(examples: readonly Example[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const virtual = new Map(examples.map((e, i) => [join(root, `example-${i}.ts`), `${e.code}\nexport {}\n`]))
  const settings: ts.CompilerOptions = { ...options, incremental: false, noEmit: true, tsBuildInfoFile: undefined, verbatimModuleSyntax: false }
  const host = ts.createCompilerHost(settings)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => virtual.has(name) || fileExists.call(host, name)
  host.readFile = (name) => virtual.get(name) ?? readFile.call(host, name)
  host.getSourceFile = (name, language, ...rest) => (virtual.has(name) ? ts.createSourceFile(name, virtual.get(name)!, language) : getSourceFile.call(host, name, language, ...rest))
  const program = ts.createProgram([...virtual.keys()], settings, host)
  return [...virtual.keys()].flatMap((name, i) => {
    const source = program.getSourceFile(name)!
    const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return problems.map((d) => {
      const line = d.start === undefined ? 0 : source.getLineAndCharacterOfPosition(d.start).line + 1
      return `${examples[i]!.place} (line ${line} of the example): ${ts.flattenDiagnosticMessageText(d.messageText, ' ')}`
    })
  })
}

type Compare = (value: unknown, expected: unknown, line: string) => void

/** Runs one example: imports come from `load`, promises are awaited, arrows are handed to `compare`. */
export async function runExample({ code }: Example, load: (name: string) => Promise<unknown>, compare: Compare): Promise<void> {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const parts = source.statements.map((statement) => {
    const text = statement.getText(source)
    if (!ts.isExpressionStatement(statement)) return text
    const comment = /^[^\S\n]*\/\/ → ([^\n]*)/.exec(code.slice(statement.end))
    return comment === null ? text : `$compare(await (${text}), (${comment[1]}), ${JSON.stringify(text)})`
  })
  const arrows = code.split('// →').length - 1
  const compared = parts.filter((p) => p.startsWith('$compare(')).length
  if (arrows !== compared) throw new Error(`${arrows} values are given but ${compared} stand behind an expression of their own`)
  const { outputText } = ts.transpileModule(`export {}\n${parts.join('\n')}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: false },
  })
  const body = outputText
    .replace(/^import \* as (\w+) from ['"]([^'"]+)['"];?$/gm, "const $1 = await $$load('$2');")
    .replace(/^import \{([^}]*)\} from ['"]([^'"]+)['"];?$/gm, (_, names: string, from: string) => `const {${names.replace(/ as /g, ': ')}} = await $load('${from}');`)
    .replace(/^export \{\};?$/gm, '')
  const quiet = { ...console, log: () => {} }
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>
  await new AsyncFunction('$load', '$compare', 'console', `'use strict';\n${body}`)(load, compare, quiet)
}
