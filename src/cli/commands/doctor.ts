// gradus doctor: what this machine offers, and why something is missing. Exit code 1 when no device computes correctly.
import { existsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { cacheFolder } from '../../data/index.ts'
import { type WasmFeatures, features } from '../../runtime/index.ts'
import { type DeviceName, backend, currentDevice, deviceProblem, setDevice, tensor } from '../../tensor/index.ts'
import { DEVICES } from '../device.ts'
import { terminal } from '../ui/style.ts'
import { VERSION } from '../version.ts'

interface DeviceState {
  readonly name: string
  readonly works: boolean
  /** The graphics card or what stands in for it. */
  readonly adapter?: string | null
  /** Why not. */
  readonly reason: string | null
}

export async function doctor(given: object): Promise<number> {
  const { json } = given as { readonly json?: boolean }
  const wasm = features()
  const devices: DeviceState[] = []
  for (const name of DEVICES) devices.push(await tryDevice(name))
  const works = devices.some((d) => d.works)
  const auto = works ? setDevice('auto') : null
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ gradus: VERSION, node: process.versions.node, v8: process.versions.v8, platform: `${process.platform}-${process.arch}`, ...wasm, devices, auto, cache: cacheFolder() })}\n`)
    return works ? 0 : 1
  }
  const screen = terminal(process.stdout)
  const rows: [string, string][] = [
    ['Gradus', VERSION],
    ['Node', `${process.versions.node} (V8 ${process.versions.v8})`],
    ['machine', `${process.platform}-${process.arch}, ${cpus()[0]?.model.trim() ?? 'processor unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
    ['cores', String(wasm.cores)],
    ['SIMD', wasm.simd ? 'yes' : 'no: this Node is built for a processor without it'],
    ['relaxed SIMD', wasm.relaxed ? 'yes (fused multiply-add)' : 'no: needs Node 22 or newer, or a V8 flag on Node 20; products are a little slower'],
    ['threads', threadsLine(wasm)],
    ...devices.map((d): [string, string] => [`device ${d.name}`, d.works ? `works${d.name === auto ? ', taken by default' : ''}${d.adapter == null ? '' : `: ${d.adapter}`}` : `missing: ${d.reason}`]),
    ['fetched data', `${cacheFolder()}${existsSync(cacheFolder()) ? '' : ' (nothing yet)'}`],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  process.stdout.write(`${rows.map(([name, text]) => `${screen.bold(name.padEnd(width))}  ${text}`).join('\n')}\n`)
  return works ? 0 : 1
}

function threadsLine({ threads, shared, cores }: WasmFeatures): string {
  if (!threads) return 'no: this engine has no atomic operations in WebAssembly'
  if (!shared) return 'no: shared memory is not allowed here'
  return `up to ${cores}${cores === 1 ? ' (one core)' : ''}`
}

/** Computes a small product, whose value is known. */
async function tryDevice(name: DeviceName): Promise<DeviceState> {
  const problem = deviceProblem(name)
  if (problem !== null) return { name, works: false, reason: problem }
  const before = currentDevice()
  try {
    await setDevice(name)
    const value = await tensor([[1, 2], [3, 4]]).matmul(tensor([[5], [6]])).sum().item()
    return { name, works: value === 56, ...(name === 'webgpu' ? { adapter: backend().describe?.() ?? null } : {}), reason: value === 56 ? null : `1·5 + 2·6 + 3·5 + 4·6 gave ${value} instead of 56` }
  } catch (error) {
    return { name, works: false, reason: (error as Error).message }
  } finally {
    await setDevice(before)
  }
}
