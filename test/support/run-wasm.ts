// Runs one kernel through the wasm renderer in a fresh memory: for tests of the renderer alone.
import type { TypedArray } from '../../src/base/index.ts'
import type { Kernel, Program } from '../../src/ir/index.ts'
import { renderWasm } from '../../src/render/index.ts'
import { features } from '../../src/runtime/index.ts'

/** A program of one step that runs the kernel over its global buffers. */
export function programOf(kernel: Kernel, parallel = false): Program {
  const globals = kernel.params.filter((p) => p.scope === 'global')
  return {
    key: kernel.name,
    kernels: [kernel],
    slots: globals.map((p, index) => ({ kind: 'input', index, bytes: p.length * 8 })),
    steps: [{ kind: 'kernel', kernel: 0, args: globals.map((_, slot) => ({ slot })), parallel }],
    inputs: [], outputs: [], arenaBytes: 0,
  }
}

/** Runs over copies of `buffers` (one for each global parameter); gives the buffers after the run. */
export function runKernel(kernel: Kernel, buffers: readonly TypedArray[], relaxed = false): TypedArray[] {
  features() // switches relaxed SIMD on where it is behind a flag
  const image = renderWasm(programOf(kernel), { shared: false, relaxed })
  let end = 131072
  const addresses = buffers.map((b) => {
    const at = end
    end += Math.ceil(b.byteLength / 64) * 64 + 64
    return at
  })
  const pages = Math.ceil((end + image.scratchBytes) / 65536)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(image.bytes), { env: { memory } })
  const bytes = new Uint8Array(memory.buffer)
  buffers.forEach((b, i) => bytes.set(new Uint8Array(b.buffer, b.byteOffset, b.byteLength), addresses[i]!))
  new Uint32Array(memory.buffer, 1024, addresses.length).set(addresses)
  const main = exports.main as (...args: number[]) => number
  main(0, 1, 1024, 4096, end, 1)
  return buffers.map((b, i) => new (b.constructor as Float32ArrayConstructor)(memory.buffer.slice(addresses[i]!, addresses[i]! + b.byteLength)))
}
