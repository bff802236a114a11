// @ts-check
// Compiles src/ to dist/ (one ES module and one declaration file per source file), puts what Node loads together in dist/node,
// then bundles Studio to dist/studio. `--library` leaves Studio as it is; `--lenient` shows errors and exits with 0.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

/** Where the compiler is; undefined in an install without development packages. */
function findCompiler() {
  try {
    return require.resolve('typescript/lib/tsc.js')
  } catch {
    return undefined
  }
}

/**
 * Declarations: './x.ts' → './x.js'. The compiler rewrites these only in JavaScript; older compilers and
 * other tools do not find './x.ts' beside a declaration.
 * @param {string} folder
 */
function renameImports(folder) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue
    const text = readFileSync(join(folder, name), 'utf8')
    writeFileSync(join(folder, name), text.replace(/(\bfrom |\bimport |\bimport\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'))
  }
}

/** Runs a JavaScript program; did it succeed? @param {string[]} args */
const node = (args, cwd = root) => spawnSync(process.execPath, args, { cwd, stdio: 'inherit' }).status === 0

const compiler = findCompiler()
if (compiler === undefined) {
  console.warn('gradus: typescript is not installed, dist/ is left as it is. Run `npm ci` with development packages.')
  process.exit(0)
}
// The new output replaces the old one in one step, so that a running program never meets half a dist/.
const dist = join(root, 'dist')
const output = join(root, '.cache', `dist-${process.pid}`)
let failed = !node([compiler, '-p', 'tsconfig.build.json', '--outDir', output])
if (existsSync(output)) {
  renameImports(output)
  if (existsSync(join(output, 'cli/main.js'))) await (await import('./bundle-node.mjs')).bundleForNode(output)
  if (existsSync(join(dist, 'studio'))) renameSync(join(dist, 'studio'), join(output, 'studio'))
  rmSync(dist, { recursive: true, force: true })
  renameSync(output, dist)
}
const studio = join(root, 'apps/studio')
if (!process.argv.includes('--library') && existsSync(join(studio, 'vite.config.ts'))) {
  failed = !node([join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], studio) || failed
}
// As npm's `prepare` a type error is shown and does not undo the install; `npm run build` fails on it.
process.exitCode = failed && !process.argv.includes('--lenient') ? 1 : 0
