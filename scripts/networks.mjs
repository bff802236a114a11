// @ts-check
// npm run networks [-- --quick | --write | --install]: installs the packages that carry trained networks (over 500 MB, once)
// and holds what Gradus computes with them against ONNX Runtime.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = `${root}examples/networks/packages`
const args = process.argv.slice(2)
if (!existsSync(`${packages}/node_modules`)) {
  console.error('networks: installing the packages with the weights (examples/networks/packages)')
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: packages, env, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}
if (args.includes('--install')) process.exit(0)
// the starter builds dist/ when a source is newer
spawnSync(process.execPath, [`${root}scripts/start.mjs`, '--version'], { stdio: ['ignore', 'ignore', 'inherit'] })
process.exit(spawnSync(process.execPath, [`${root}node_modules/jiti/lib/jiti-cli.mjs`, `${root}examples/networks/compare.ts`, ...args], { stdio: 'inherit' }).status ?? 1)
