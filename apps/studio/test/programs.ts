// Runs programs that labs export, and gives what they printed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as gradus from 'gradus'

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>

/** A folder for the files that programs write and read. */
export const folderOfPrograms = (): string => mkdtempSync(join(tmpdir(), 'gradus-programs-'))

/** Runs a TypeScript export (plain JavaScript apart from its imports) with its files in a folder; the last line it printed, parsed. */
export async function runGradus(source: string, files: string): Promise<unknown> {
  const fs = { readFileSync: (name: string) => readFileSync(join(files, name)), writeFileSync: (name: string, data: Uint8Array) => writeFileSync(join(files, name), data) }
  const modules: Record<string, unknown> = { gradus, 'node:fs': fs }
  for (const [, name] of source.matchAll(/from 'gradus\/(\w+)'/g)) modules[`gradus/${name}`] ??= await import(`../../../src/${name}/index.ts`)
  const body = source.replace(/^import (\{[^}]*\}) from '([^']+)'$/gm, (_, names: string, from: string) => `const ${names} = modules[${JSON.stringify(from)}]`)
  const printed: string[] = []
  await new AsyncFunction('modules', 'console', body)(modules, { log: (line: string) => printed.push(line) })
  return JSON.parse(printed.at(-1)!)
}

/** A Python that has a package: the one named by GRADUS_PYTHON, or the machine's own; undefined where none has. */
export const pythonWith = (name: 'numpy' | 'torch' | 'onnxruntime'): string | undefined =>
  [process.env.GRADUS_PYTHON, 'python3', '/usr/bin/python3'].find((program) => program !== undefined && spawnSync(program, ['-c', `import ${name}`]).status === 0)
/** Runs a Python export with its files in a folder; the last line it printed, parsed. */
export function runPython(python: string, source: string, files: string): unknown {
  const { stdout, stderr, status } = spawnSync(python, ['-c', source], { encoding: 'utf8', cwd: files, env: { ...process.env, OMP_NUM_THREADS: '1' } })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}
