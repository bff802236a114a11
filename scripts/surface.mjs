// @ts-check
// The public surface: every exported name of every entry point with its kind, in docs/surface.txt.
// `node scripts/surface.mjs` compares and fails on a difference; `--write` (npm run surface) updates the file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { PUBLIC } from './rooms.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const file = `${root}docs/surface.txt`
const entries = [
  { name: 'gradus', path: `${root}src/index.ts` },
  ...PUBLIC.map((room) => ({ name: `gradus/${room}`, path: `${root}src/${room}/index.ts` })),
].filter((entry) => existsSync(entry.path))

/** @param {ts.Symbol} symbol */
function kindOf({ flags }) {
  const value =
    flags & ts.SymbolFlags.Class ? 'class'
    : flags & ts.SymbolFlags.Function ? 'function'
    : flags & ts.SymbolFlags.Variable ? 'const'
    : flags & ts.SymbolFlags.ValueModule ? 'namespace'
    : ''
  const type = flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias) && !(flags & ts.SymbolFlags.Class) ? 'type' : ''
  return [value, type].filter(Boolean).join(' & ') || 'unknown'
}

function describeSurface() {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root, undefined, undefined, undefined, undefined)
  const program = ts.createProgram(entries.map((entry) => entry.path), options)
  const checker = program.getTypeChecker()
  return entries.map(({ name, path }) => {
    const source = program.getSourceFile(path)
    const symbol = source && checker.getSymbolAtLocation(source)
    const lines = (symbol ? checker.getExportsOfModule(symbol) : []).map((exported) => {
      const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      return `  ${exported.name}: ${kindOf(target)}`
    })
    return `${[name, ...lines.sort()].join('\n')}\n`
  }).join('\n')
}

const now = describeSurface()
if (process.argv.includes('--write')) {
  mkdirSync(`${root}docs`, { recursive: true })
  writeFileSync(file, now)
} else {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (before !== now) {
    const old = new Set(before.split('\n'))
    const fresh = new Set(now.split('\n'))
    for (const line of old) if (!fresh.has(line)) console.error(`- ${line.trim()}`)
    for (const line of fresh) if (!old.has(line)) console.error(`+ ${line.trim()}`)
    console.error('The public surface differs from docs/surface.txt. Intended? `npm run surface`, and commit it.')
    process.exit(1)
  }
}
