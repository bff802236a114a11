// Program → WebAssembly module: one function a kernel, a driver that calls them.
import type { Kernel, Program, Slot } from '../../ir/index.ts'
import { byteSize } from '../../base/index.ts'
import { type FunctionBody, ModuleBuilder } from './assembler.ts'
import { addDriver, sharedWork } from './driver.ts'
import { emitKernel } from './emit.ts'
import { SYNC } from './threads.ts'

export interface WasmOptions {
  /** Threads over a shared memory; without it the module runs on one thread. */
  readonly shared: boolean
  /** Fused multiply-add and the other relaxed SIMD instructions. */
  readonly relaxed: boolean
  /** Reports the kernels as they begin, so that the runtime can say where the time goes. */
  readonly profile?: boolean
}

/** What the runtime needs to run a program. */
export interface WasmImage {
  readonly key: string
  /** The module: imports `env.memory`, exports `main(tid, threads, table, sync, scratch, maySleep) → failed`. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** One word of the table each: the address of the slot. */
  readonly slots: readonly Slot[]
  readonly arenaBytes: number
  /** Private bytes of each thread. */
  readonly scratchBytes: number
  /** Estimated nanoseconds of work that several threads can share. */
  readonly sharedNs: number
  /** With `profile`: the names of the kernels. The module then imports `env.mark(kernel)`. */
  readonly profile: readonly string[] | null
  /** Byte offsets in the block that the threads of a launch share. */
  readonly sync: typeof SYNC
}

export function renderWasm(program: Program, options: WasmOptions): WasmImage {
  const profile = options.profile === true
  const builder = new ModuleBuilder(profile)
  const kernels = program.kernels.map((k) => builder.add(functionOf(k, options.relaxed), k.name))
  const layouts = program.kernels.map(scratchLayout)
  const sharedNs = options.shared ? sharedWork(program) : 0
  builder.export('main', addDriver(builder, program, { threaded: sharedNs > 0, kernels, scratch: layouts.map((l) => l.offsets), profile }))
  return {
    key: `${program.key}|${options.shared ? 's' : ''}${options.relaxed ? 'r' : ''}${profile ? 'p' : ''}`,
    bytes: builder.build(options.shared),
    slots: program.slots,
    arenaBytes: program.arenaBytes,
    scratchBytes: Math.max(0, ...layouts.map((l) => l.bytes)),
    sharedNs,
    profile: profile ? program.kernels.map((k) => k.name) : null,
    sync: SYNC,
  }
}

/** Kernels are shared between programs: each is printed once. */
const printed = { plain: new WeakMap<Kernel, FunctionBody>(), relaxed: new WeakMap<Kernel, FunctionBody>() }
function functionOf(kernel: Kernel, relaxed: boolean): FunctionBody {
  const known = printed[relaxed ? 'relaxed' : 'plain']
  let body = known.get(kernel)
  if (body === undefined) known.set(kernel, (body = emitKernel(kernel, relaxed)))
  return body
}

/** Private buffers one after the other, each on a cache line of its own. */
function scratchLayout(kernel: Kernel): { offsets: number[]; bytes: number } {
  let bytes = 0
  const offsets = kernel.params.map((p) => {
    if (p.scope === 'global') return -1
    const at = bytes
    bytes += Math.ceil((p.length * byteSize(p.dtype)) / 64) * 64
    return at
  })
  return { offsets, bytes }
}
