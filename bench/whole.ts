// Rows that need processes of their own: compile time, cold start, peak memory, size in the browser.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type ContenderOptions, findPython, startContenders } from './contenders.ts'
import { writeInputs } from './inputs.ts'
import { failed } from './process.ts'
import type { LoadAnswer } from './protocol.ts'
import { COMPILING, type Entry, type RowResult, resultOf } from './race.ts'
import { median, summarize, turns } from './statistics.ts'
import { ROWS, type Row, type StepTask, type WholeTask } from './tasks.ts'

/** A training step of 20 layers: what compiling is measured with. */
const DEEP: StepTask = { kind: 'step', network: 'mlp', widths: [784, ...new Array<number>(19).fill(128), 10], batch: 32, optimizer: { kind: 'adam', lr: 1e-3 } }

export interface WholeOptions extends ContenderOptions {
  /** The checkout (or package) whose dist/ is measured. */
  readonly root: string
  readonly scratch: string
  readonly rounds: number
  /** Without torch.compile. */
  readonly eager: boolean
  readonly say: (text: string) => void
}

export async function measureWhole(row: Row & { readonly task: WholeTask }, options: WholeOptions): Promise<RowResult> {
  switch (row.task.kind) {
    case 'compile': return inFreshProcesses(row, options, DEEP)
    case 'memory': return inFreshProcesses(row, options, ROWS.find((r) => r.name === 'cnn')!.task as StepTask)
    case 'cold-start': return coldStart(row, options)
    case 'bundle': return bundleSize(row, options)
    case 'network': return network(row, options)
  }
}
const one = (contender: string, group: string, value: number): Entry => ({ contender, group, median: value, low: value, high: value, cpuMs: 0 })

/** `compile`: from building the network to the first loss. `memory`: the process's peak after a second of steps. */
async function inFreshProcesses(row: Row, options: WholeOptions, task: StepTask): Promise<RowResult> {
  const path = join(options.scratch, row.name)
  writeInputs(task, path)
  const { contenders: all, missing } = startContenders({ ...options, peers: options.peers.filter((p) => p === 'torch') })
  const contenders = all.filter((c) => !(options.eager && c.compiled))
  all.filter((c) => !contenders.includes(c)).forEach((c) => c.process.close())
  const entries: Entry[] = []
  const problems: Record<string, string> = { ...missing }
  for (const c of contenders) {
    options.say(`${row.name}: ${c.name}`)
    const loaded = await c.process.ask<LoadAnswer>({ do: 'load', task, path, threads: c.threads, compiled: c.compiled }, c.compiled ? COMPILING : undefined)
    if (failed(loaded)) problems[c.name] = loaded.error
    else if (row.task.kind === 'compile') entries.push(one(c.name, c.group, loaded.notes.firstMs!))
    else {
      await c.process.ask({ do: 'time', ms: 1000 })
      const used = await c.process.ask<{ peakMB: number }>({ do: 'memory' })
      if (failed(used)) problems[c.name] = used.error
      else entries.push(one(c.name, c.group, used.peakMB))
    }
    c.process.close()
  }
  return resultOf(row, entries, problems)
}

/** From the start of the process to the first value on the screen: (2×2) · (2×2). */
function coldStart(row: Row, { folder, root, scratch, devices, peers, rounds, say }: WholeOptions): RowResult {
  const put = join(root, 'dist/node/index.js')
  const entry = pathToFileURL(existsSync(put) ? put : join(root, 'dist/index.js')).href
  const script = (name: string, text: string): string => {
    const file = join(name.startsWith('@') || name === 'jax' || name === 'tfjs' ? join(folder, '.cache') : scratch, `cold-${name}.mjs`)
    writeFileSync(file, text)
    return file
  }
  const starts: { name: string; group: string; command: string; args: string[] }[] = devices.map((device) => ({
    name: device, group: device, command: process.execPath,
    args: [script(device, `import { setDevice, tensor } from '${entry}'\nsetDevice('${device}')\nconst x = tensor([[1, 2], [3, 4]])\nconsole.log(await x.matmul(x).sum().item())\nprocess.exit(0)\n`)],
  }))
  const python = peers.includes('torch') ? findPython(folder) : null
  if (python !== null) starts.push({ name: 'torch', group: 'torch', command: python.path, args: ['-c', 'import torch; x = torch.tensor([[1.0, 2], [3, 4]]); print((x @ x).sum().item())'] })
  const installed = (name: string): boolean => existsSync(join(folder, 'node_modules', name))
  if (peers.includes('jax') && installed('@jax-js/jax')) {
    const text = `globalThis.navigator ??= {}\nconst { init, defaultDevice, numpy: np } = await import('@jax-js/jax')\nawait init()\ndefaultDevice('wasm')\nconst x = np.array([[1, 2], [3, 4]])\nconsole.log(await np.sum(np.matmul(x.ref, x)).jsAsync())\nprocess.exit(0)\n`
    starts.push({ name: 'jax', group: 'jax', command: process.execPath, args: [script('jax', text)] })
  }
  if (peers.includes('tfjs') && installed('@tensorflow/tfjs')) {
    const text = `import tf from '@tensorflow/tfjs'\nimport wasm from '@tensorflow/tfjs-backend-wasm'\nwasm.setThreadsCount(1)\nawait tf.setBackend('wasm')\nawait tf.ready()\nconst x = tf.tensor([[1, 2], [3, 4]])\nconsole.log((await tf.matMul(x, x).sum().data())[0])\nprocess.exit(0)\n`
    starts.push({ name: 'tfjs', group: 'tfjs', command: process.execPath, args: [script('tfjs', text)] })
  }
  const times = starts.map((): number[] => [])
  const problems: Record<string, string> = {}
  starts.forEach(({ command, args }) => spawnSync(command, args)) // files come into memory
  for (const who of turns(starts.length, rounds)) {
    const { name, command, args } = starts[who]!
    say(`cold-start: ${name}`)
    const begin = performance.now()
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    const passed = performance.now() - begin
    if (status === 0 && Number(stdout.trim().split('\n').at(-1)) === 54) times[who]!.push(passed)
    else problems[name] = stderr.trim().split('\n').at(-1) || `printed ${stdout.trim()} instead of 54`
  }
  const entries = starts.flatMap(({ name, group }, i): Entry[] => (times[i]!.length === 0 ? [] : [{ contender: name, group, ...summarize(times[i]!), cpuMs: median(times[i]!) }]))
  return resultOf(row, entries, problems)
}

/** A trained network of an ONNX file; all in one process, in turns. */
function network(row: Row, { folder, devices, peers, rounds, say }: WholeOptions): RowResult {
  const root = join(folder, '..')
  if (!existsSync(join(root, 'examples/networks/packages/node_modules'))) return resultOf(row, [], { packages: 'not installed: npm run networks -- --install' })
  say(`${row.name}: ${rounds} rounds`)
  const on = devices.filter((d) => d === 'wasm' || d === 'native').join(',')
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/jiti/lib/jiti-cli.mjs'), join(root, 'examples/networks/times.ts'), row.name, String(rounds), on, peers.includes('ort') ? 'ort' : 'none'], { encoding: 'utf8', maxBuffer: 2 ** 24 })
  if (status !== 0) return resultOf(row, [], { gradus: stderr.trim().split('\n').at(-1) ?? `ended with ${status}` })
  const { entries, problems } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { entries: { contender: string; group: string; ms: number[] }[]; problems: Record<string, string> }
  return resultOf(row, entries.map(({ contender, group, ms }) => ({ contender, group, ...summarize(ms), cpuMs: median(ms) })), problems)
}

/** What a page loads to train a network: the minified library, gzipped. */
async function bundleSize(row: Row, { folder, root, peers, scratch }: WholeOptions): Promise<RowResult> {
  const { build } = await import('esbuild')
  const entries: Entry[] = []
  const problems: Record<string, string> = {}
  const sizeOf = async (name: string, group: string, text: string, base: string): Promise<void> => {
    try {
      const { outputFiles } = await build({
        stdin: { contents: text, resolveDir: base }, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'silent', outdir: scratch, external: ['node:*'], loader: { '.wasm': 'file' },
      })
      entries.push(one(name, group, gzipSync(outputFiles.find((f) => f.path.endsWith('.js'))!.contents, { level: 9 }).length / 1000))
    } catch (error) {
      problems[name] = (error as Error).message.split('\n')[0]!
    }
  }
  const all = `import * as g from './dist/index.js'\nimport * as nn from './dist/nn/index.js'\nglobalThis.all = [g, nn]\n`
  await sizeOf('wasm', 'wasm', all, root)
  if (peers.includes('jax')) await sizeOf('jax', 'jax', `import * as jax from '@jax-js/jax'\nglobalThis.all = jax\n`, folder)
  if (peers.includes('tfjs')) await sizeOf('tfjs', 'tfjs', `import * as tf from '@tensorflow/tfjs'\nimport '@tensorflow/tfjs-backend-wasm'\nglobalThis.all = tf\n`, folder)
  return resultOf(row, entries, problems)
}
