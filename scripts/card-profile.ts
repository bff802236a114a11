// Where the time goes on the card: products in every tile and under switches of Dawn's, and kernel by kernel a training step
// and a token of GPT-2 124M. Packed by card.mjs; `tiles` or `kernels` as arguments take a part of it.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeInputs } from '../bench/inputs.ts'
import { gradusPeer, makeStep } from '../bench/peers/gradus.ts'
import { chooseRows } from '../bench/tasks.ts'
import { type GpuTile, tilesWithin } from '../src/compile/gpu/index.ts'
import { WebgpuRuntime } from '../src/runtime/webgpu/index.ts'
import { findPackage } from '../src/runtime/webgpu/presence.ts'
import { backend, profile, setDevice } from '../src/tensor/index.ts'
import { timeProduct } from '../src/tensor/webgpu-product.ts'

const wanted = process.argv.slice(2)
const asked = (part: string): boolean => wanted.length === 0 || wanted.includes(part)
const SWITCHES: readonly (readonly string[])[] = [[], ['disable_robustness'], ['disable_workgroup_init'], ['disable_robustness', 'disable_workgroup_init', 'skip_validation']]
const MORE: readonly GpuTile[] = [
  { rows: 128, columns: 128, depth: 32, own: 8, ahead: 1 }, { rows: 64, columns: 128, depth: 16, own: 8, ahead: 1 }, { rows: 64, columns: 64, depth: 32, own: 8, ahead: 1 },
  { rows: 256, columns: 128, depth: 16, own: 8 }, { rows: 256, columns: 128, depth: 16, own: 8, ahead: 1 }, { rows: 128, columns: 64, depth: 16, own: 8, ahead: 1 },
]

async function tiles(n: number): Promise<void> {
  const { create } = (await import(findPackage()!)) as { create(options: readonly string[]): object }
  for (const half of [false, true]) {
    for (const switches of half ? [SWITCHES[0]!, SWITCHES.at(-1)!] : SWITCHES) {
      const on = [...switches, ...(half ? ['vulkan_enable_f16_on_nvidia'] : [])]
      Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu: create(on.length === 0 ? [] : [`enable-dawn-features=${on.join(',')}`]) } })
      const runtime = await WebgpuRuntime.open({ halves: half })
      if (half && !runtime.features.has('shader-f16')) return console.log('no shader-f16')
      const all = [...tilesWithin(runtime.device.limits, 'large'), ...MORE.filter((t) => (t.rows / t.own) * (t.columns / t.own) <= runtime.device.limits.maxComputeInvocationsPerWorkgroup)]
      console.log(`\n${n}³, operands of ${half ? 16 : 32} bits, ${on.join(', ') || 'no switches'}; ${runtime.device.limits.maxComputeInvocationsPerWorkgroup} members, ${runtime.device.limits.maxComputeWorkgroupStorageSize} bytes`)
      for (const tile of all) {
        const times: number[] = []
        try {
          for (let i = 0; i < 3; i++) times.push(await timeProduct(runtime, { tile, half }, [n, n, n]))
          console.log(`${JSON.stringify(Object.values(tile)).padEnd(20)} ${((2e-9 * n ** 3) / Math.min(...times)).toFixed(1)} TFLOP/s`)
        } catch (error) {
          console.log(`${JSON.stringify(Object.values(tile)).padEnd(20)} ${(error as Error).message.slice(0, 100)}`)
        }
      }
      runtime.close()
    }
  }
  Reflect.deleteProperty(globalThis, 'navigator')
}

/** What a function costs by the clock and kernel by kernel. */
async function table(name: string, runs: number, run: () => void | Promise<void>): Promise<void> {
  await run()
  await run()
  const begin = performance.now()
  for (let i = 0; i < runs; i++) await run()
  const each = (performance.now() - begin) / runs
  const { kernels, totalMs } = await profile(async () => {
    for (let i = 0; i < runs; i++) await run()
  })
  const inKernels = kernels.reduce((sum, k) => sum + k.ms, 0) / runs
  console.log(`\n${name}: ${each.toFixed(2)} ms each, ${inKernels.toFixed(2)} ms in kernels (profiled: ${(totalMs / runs).toFixed(2)})`)
  for (const k of kernels.slice(0, 16)) console.log(`${(k.ms / runs).toFixed(3).padStart(8)} ms ${(k.calls / runs).toFixed(0).padStart(4)} calls ${k.gflops.toFixed(0).padStart(6)} GFLOP/s ${k.gbps.toFixed(0).padStart(5)} GB/s  ${k.name.slice(0, 100)}`)
}

async function kernels(names: readonly string[]): Promise<void> {
  await setDevice('webgpu')
  const peer = await gradusPeer('webgpu', undefined)
  for (const { name, task } of chooseRows(names).rows) {
    const path = join(mkdtempSync(join(tmpdir(), 'gradus-card-')), name)
    const began = performance.now()
    writeInputs(task as Parameters<typeof writeInputs>[0], path)
    console.log(`\n${name}: inputs made in ${((performance.now() - began) / 1000).toFixed(1)} s`)
    if (task.kind === 'step') {
      const { run, losses } = makeStep(task, path)
      console.log(`${name}: losses ${(await losses(2)).join(', ')}, ${((performance.now() - began) / 1000).toFixed(1)} s`)
      await table(name, 5, async () => {
        run()
        await backend().settle?.()
      })
    } else {
      const { run } = await peer.load(task as Parameters<typeof peer.load>[0], path)
      await table(name, 20, async () => void (await run()))
    }
  }
}

const small = process.argv.includes('tiny')
if (asked('tiles')) await tiles(small ? 256 : 4096)
if (asked('kernels')) await kernels(small ? ['card-lenet'] : ['card-write-124m', 'card-gpt2-124m', 'card-mlp-512', 'card-cnn', 'card-gpt'])
process.exit(0)
