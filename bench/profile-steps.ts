// Profiles training steps of the bench: a table of kernels each, with CPU time beside the clock's (machines are shared).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type KernelProfile, currentDevice, profile, setDevice } from 'gradus'
import { writeInputs } from './inputs.ts'
import { makeStep } from './peers/gradus.ts'
import { chooseRows } from './tasks.ts'

const atBest = ({ ms, calls, bestMs }: KernelProfile, rate: number): number => (rate * ms) / calls / bestMs
const { values, positionals } = parseArgs({ allowPositionals: true, options: { device: { type: 'string', default: 'wasm' }, threads: { type: 'string', default: '1' }, steps: { type: 'string', default: '20' }, top: { type: 'string', default: '14' }, out: { type: 'string' } } })
setDevice(values.device as 'wasm', { threads: Number(values.threads) })
const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-'))
/** What results.mjs explains missed targets with. */
const summaries: object[] = []
const { rows } = chooseRows(positionals[0]?.split(',') ?? ['mlp-30', 'mlp-128', 'mlp-512', 'lenet', 'cnn', 'gpt'])
for (const { name, task } of rows) {
  if (task.kind !== 'step') continue
  const path = join(folder, name)
  writeInputs(task, path)
  const { run, losses, step } = makeStep(task, path)
  await losses(2)
  const times: number[] = []
  const cpu: number[] = []
  for (let i = 0; i < Number(values.steps); i++) {
    const [begin, before] = [performance.now(), process.cpuUsage()]
    run()
    times.push(performance.now() - begin)
    const { user, system } = process.cpuUsage(before)
    cpu.push((user + system) / 1000)
  }
  const middle = (x: number[]): number => x.sort((a, b) => a - b)[x.length >> 1]!
  await profile(run)
  const steps = Math.max(3, Math.min(Number(values.steps), Math.ceil(500 / middle(times))))
  const { kernels, totalMs, peak, arenaBytes } = await profile(() => {
    for (let i = 0; i < steps; i++) run()
  })
  const { compileMs, kernels: count } = step.programs()[0]!
  console.log(`\n${name} on ${currentDevice()}, ${values.threads} thread(s): clock ${middle(times).toFixed(3)} ms (best ${times[0]!.toFixed(3)}), CPU ${middle(cpu).toFixed(3)} ms; compiled in ${compileMs.toFixed(0)} ms, ${count} kernels, arena ${(arenaBytes / 1e6).toFixed(1)} MB; peak ${peak?.gflops.toFixed(0)} GFLOP/s, ${peak?.gbps.toFixed(1)} GB/s`)
  const inKernels = kernels.reduce((sum, k) => sum + k.ms, 0) / totalMs
  summaries.push({
    name, device: currentDevice(), threads: Number(values.threads), ms: middle(times), inKernels, peak,
    kernels: kernels.slice(0, 4).map((k) => ({ name: k.name, share: k.share, gflops: k.gflops, gbps: k.gbps })),
  })
  console.log(`profiled: ${(totalMs / steps).toFixed(3)} ms a step, ${(inKernels * 100).toFixed(0)} % in kernels`)
  console.log('     ms  share  calls  best ms  GFLOP/s   GB/s (at its best)  kernel')
  for (const k of kernels.slice(0, Number(values.top))) {
    console.log(`${(k.ms / steps).toFixed(3).padStart(7)} ${(k.share * 100).toFixed(1).padStart(5)}% ${(k.calls / steps).toFixed(0).padStart(6)} ${k.bestMs.toFixed(4).padStart(8)} ${atBest(k, k.gflops).toFixed(1).padStart(8)} ${atBest(k, k.gbps).toFixed(1).padStart(6)}  ${k.name}`)
  }
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(summaries, null, 1)}\n`)
rmSync(folder, { recursive: true })
process.exit(0)
