// @ts-check
// npm run bench: brings dist/ up to date, installs the peers (unless --peers none), bundles the bench and runs it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gpuEnvironment } from '../scripts/gpu.mjs'
import { bundle } from './bundle.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const args = process.argv.slice(2)
const at = args.indexOf('--peers')
const peers = (at >= 0 ? args[at + 1] : args.find((a) => a.startsWith('--peers='))?.slice(8)) ?? 'jax,tfjs,ort'
const wantsPackages = !args.includes('--help') && /jax|tfjs|ort/.test(peers)

if (wantsPackages && !existsSync(join(here, 'node_modules'))) {
  console.error('bench: installing what Gradus is measured against (bench/package.json)')
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here, env, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) console.error('bench: that failed; going on without them')
}
// the starter builds dist/ when a source is newer
if (process.env.GRADUS_BENCH_ROOT === undefined) spawnSync(process.execPath, [join(here, '../scripts/start.mjs'), '--version'], { stdio: ['ignore', 'ignore', 'inherit'] })
// Dawn, where it is installed for the tests
Object.assign(process.env, gpuEnvironment())
await bundle('contender')
const { status } = spawnSync(process.execPath, [await bundle('main'), ...args], { stdio: 'inherit' })
process.exitCode = status ?? 1
