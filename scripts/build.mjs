// @ts-check
// Compiles src/ to dist/ (one ES module and one declaration file per source file).
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
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

const compiler = findCompiler()
if (compiler === undefined) {
  console.warn('gradus: typescript is not installed, dist/ is left as it is. Run `npm ci` with development packages.')
  process.exit(0)
}
// The new output replaces the old one in one step, so that a running program never meets half a dist/.
rmSync(`${root}dist.new`, { recursive: true, force: true })
const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', 'dist.new']
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
if (existsSync(`${root}dist.new`)) {
  if (existsSync(`${root}dist.new/cli/main.js`)) chmodSync(`${root}dist.new/cli/main.js`, 0o755)
  rmSync(`${root}dist`, { recursive: true, force: true })
  renameSync(`${root}dist.new`, `${root}dist`)
}
// As npm's `prepare` a type error is shown and does not undo the install; `npm run build` fails on it.
process.exit(process.argv.includes('--lenient') ? 0 : (status ?? 1))
