// What the machine can do at most: programs of nothing but multiply-adds in registers, and of nothing but moving memory.
// Imports types alone: it is loaded on use, and what it builds with is handed in, so that pages need no more files for it.
import type * as ir from '../ir/index.ts'
import type { Kernel, Program, Step, Stmt, Var } from '../ir/index.ts'
import type { CpuRuntime } from './cpu-runtime.ts'

/** The best a device reached on this machine: 10⁹ operations a second, 10⁹ bytes a second, on all its threads. */
export interface Peak {
  readonly gflops: number
  readonly gbps: number
}

/** What expressions and statements are made with. */
type Makers = Pick<typeof ir, 'constant' | 'i32' | 'load' | 'newVar' | 'op' | 'splat' | 'use'>

/** Floats in each array of the memory's measurement: 24 MB each. */
const LARGE = 6 * 2 ** 20
const ROUNDS = 2000
const UNITS = 256
/** Independent chains of multiply-adds: enough to hide their latency, few enough for the registers. */
const CHAINS = 8

const step = (args: readonly number[]): Step => ({ kind: 'kernel', kernel: 0, args: args.map((slot) => ({ slot })), parallel: true })

/** buffer[unit] = chains of x ← x·c + d. */
function arithmeticProgram(lanes: number, { constant, i32, load, newVar, op, splat, use }: Makers): Program {
  const [lo, hi, unit, k] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('unit', 'i32'), newVar('k', 'i32')]
  const chains = Array.from({ length: CHAINS }, (_, i): Var => newVar(`x${i}`, 'f32', lanes))
  const at = op('mul', use(unit), i32(lanes))
  const [c, d] = [newVar('c', 'f32', lanes), newVar('d', 'f32', lanes)]
  const body: Stmt[] = [
    { s: 'let', v: c, value: op('add', load(0, at, 'f32', lanes), splat(constant('f32', 0.5), lanes)) },
    { s: 'let', v: d, value: op('add', use(c), splat(constant('f32', 0.25), lanes)) },
    ...chains.map((v, i): Stmt => ({ s: 'let', v, value: op('mul', use(c), splat(constant('f32', i + 1), lanes)) })),
    { s: 'for', v: k, lo: i32(0), hi: i32(ROUNDS), step: 1, body: chains.map((v): Stmt => ({ s: 'set', v, value: op('fma', use(v), use(c), use(d)) })) },
    { s: 'store', buf: 0, index: at, value: chains.slice(1).reduce((sum, v) => op('add', sum, use(v)), use(chains[0]!)) },
  ]
  const length = UNITS * lanes
  const kernel: Kernel = {
    name: 'peak', params: [{ dtype: 'float32', length, access: 'readwrite', scope: 'global' }], extent: UNITS, lo, hi,
    body: [{ s: 'for', v: unit, lo: use(lo), hi: use(hi), step: 1, body }], flops: 2 * UNITS * ROUNDS * CHAINS * lanes, bytes: length * 8,
  }
  return program('peak of arithmetic', kernel, length, 1)
}

/** out = a + b over arrays larger than the caches. */
function memoryProgram(lanes: number, length: number, { i32, load, newVar, op, use }: Makers): Program {
  const [lo, hi, unit] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('unit', 'i32')]
  const at = op('mul', use(unit), i32(lanes))
  const body: Stmt[] = [{ s: 'store', buf: 0, index: at, value: op('add', load(1, at, 'f32', lanes), load(2, at, 'f32', lanes)) }]
  const kernel: Kernel = {
    name: 'copy', extent: length / lanes, lo, hi, flops: length, bytes: length * 12,
    params: [0, 1, 2].map((i) => ({ dtype: 'float32' as const, length, access: i === 0 ? ('write' as const) : ('read' as const), scope: 'global' as const })),
    body: [{ s: 'for', v: unit, lo: use(lo), hi: use(hi), step: 1, body }],
  }
  return program('peak of memory', kernel, length, 3)
}

function program(key: string, kernel: Kernel, length: number, buffers: number): Program {
  const slots = Array.from({ length: buffers }, (_, i) => (i === 0 ? { kind: 'output' as const, index: 0, bytes: length * 4 } : { kind: 'input' as const, index: i - 1, bytes: length * 4 }))
  return {
    key: `${key} ${length}`, kernels: [kernel], slots, steps: [step(slots.map((_, i) => i))],
    inputs: Array.from({ length: buffers - 1 }, () => ({ dtype: 'float32' as const, length })), outputs: [{ dtype: 'float32', length }], arenaBytes: 0,
  }
}

/** Runs a program for some milliseconds and gives the shortest run in ms. */
function shortest(run: () => void, budget: number): number {
  let best = Number.POSITIVE_INFINITY
  const end = performance.now() + budget
  for (let i = 0; i < 3 || performance.now() < end; i++) {
    const begin = performance.now()
    run()
    best = Math.min(best, performance.now() - begin)
  }
  return best
}

/** Measures it, in some tenths of a second. */
export function measurePeak<E>(lanes: number, runtime: CpuRuntime<E>, makers: Makers): Peak {
  const best = (program: Program): number => {
    const buffers = [...program.outputs, ...program.inputs].map(({ length }) => runtime.allocate(length * 4))
    const exe = runtime.load(program)
    buffers.forEach((at, i) => runtime.write(at, new Float32Array((program.outputs[i] ?? program.inputs[i - 1])!.length)))
    const ms = shortest(() => runtime.run(exe, buffers.slice(1), buffers.slice(0, 1)), 60)
    for (const at of buffers) runtime.free(at)
    return ms
  }
  const [arithmetic, memory] = [arithmeticProgram(lanes, makers), memoryProgram(lanes, LARGE, makers)]
  return { gflops: arithmetic.kernels[0]!.flops / best(arithmetic) / 1e6, gbps: memory.kernels[0]!.bytes / best(memory) / 1e6 }
}
