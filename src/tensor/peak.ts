// What the machine can do at most: programs of nothing but multiply-adds in registers, and of nothing but moving memory.
import { type Kernel, type Program, type Step, type Stmt, type Var, constant, i32, load, newVar, op, splat, use } from '../ir/index.ts'

/** The best a device reached on this machine: 10⁹ operations a second, 10⁹ bytes a second, on all its threads. */
export interface Peak {
  readonly gflops: number
  readonly gbps: number
}

const ROUNDS = 2000
const UNITS = 256
/** Independent chains of multiply-adds: enough to hide their latency, few enough for the registers. */
const CHAINS = 8

const step = (args: readonly number[]): Step => ({ kind: 'kernel', kernel: 0, args: args.map((slot) => ({ slot })), parallel: true })

/** buffer[unit] = chains of x ← x·c + d. */
export function arithmeticProgram(lanes: number): Program {
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
export function memoryProgram(lanes: number, length: number): Program {
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
    inputs: Array.from({ length: buffers - 1 }, () => ({ dtype: 'float32' as const, length })), outputs: [{ dtype: 'float32', length }], arenaBytes: 0, scratchBytes: 0,
  }
}

/** Runs a program for some milliseconds and gives the shortest run in ms. */
export function shortest(run: () => void, budget: number): number {
  let best = Number.POSITIVE_INFINITY
  const end = performance.now() + budget
  for (let i = 0; i < 3 || performance.now() < end; i++) {
    const begin = performance.now()
    run()
    best = Math.min(best, performance.now() - begin)
  }
  return best
}
