// Programs on the wasm runtime: threads, barriers, loops, branches, memory, failures.
import { afterEach, describe, expect, test } from 'vitest'
import { DeviceError } from '../../base/index.ts'
import { type Expr, type Kernel, type Program, type Slot, type Step, constant, i32, load, newVar, op, use } from '../../ir/index.ts'
import { renderWasm } from '../../render/index.ts'
import { WasmRuntime, type WasmRuntimeOptions, features } from './index.ts'

const open: WasmRuntime[] = []
function runtime(options: WasmRuntimeOptions = {}): WasmRuntime {
  const rt = new WasmRuntime(options)
  open.push(rt)
  return rt
}
afterEach(() => {
  for (const rt of open.splice(0)) rt.close()
})

/** out[i] = body(i) over one i32 or f32 unit; buffer 0 is written, the others read. */
function kernel(name: string, dtypes: readonly ('float32' | 'int32' | 'bool')[], length: number, body: (i: Expr) => Expr): Kernel {
  const [lo, hi, i] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('i', 'i32')]
  return {
    name, lo, hi, extent: length, flops: 1e7, bytes: 0, // enough work to be shared
    params: dtypes.map((dtype, k) => ({ dtype, length, access: k === 0 ? 'readwrite' : 'read', scope: 'global' })),
    body: [{ s: 'for', v: i, lo: use(lo), hi: use(hi), step: 1, body: [{ s: 'store', buf: 0, index: use(i), value: body(use(i)) }] }],
  }
}
const program = (key: string, kernels: readonly Kernel[], slots: readonly Slot[], steps: readonly Step[], arenaBytes = 0): Program => ({
  key, kernels, slots, steps, inputs: [], outputs: [], arenaBytes,
})
const step = (k: number, slots: readonly number[], parallel = true): Step => ({
  kind: 'kernel', kernel: k, args: slots.map((slot) => ({ slot })), parallel,
})
const load1 = (rt: WasmRuntime, p: Program) => rt.load(renderWasm(p, { shared: rt.shared, relaxed: rt.relaxed }))
const slot = (kind: 'input' | 'output', index: number, bytes: number): Slot => ({ kind, index, bytes })

describe('threads', () => {
  // Every unit reads what other units wrote in the step before: wrong as soon as a barrier leaks.
  const N = 257
  const reverse = kernel('reverse', ['int32', 'int32'], N, (i) => op('add', load(1, op('sub', i32(N - 1), i), 'i32'), i))
  const slots = [slot('output', 0, N * 4), { kind: 'temp', offset: 0, bytes: N * 4 } as const]
  const steps: Step[] = [{ kind: 'loop', count: 50, body: [step(0, [1, 0]), step(0, [0, 1])] }]
  const p = program('reverse', [reverse], slots, steps, 2048)

  async function compute(threads: number, runs: number): Promise<{ out: number[]; rt: WasmRuntime }> {
    const rt = runtime({ threads })
    const exe = load1(rt, p)
    const at = rt.allocate(N * 4)
    await rt.ready(exe)
    for (let r = 0; r < runs; r++) {
      rt.write(at, new Int32Array(N).fill(r))
      rt.run(exe, [], [at])
    }
    return { out: [...rt.read(at, 'int32', N)], rt }
  }

  test('the same bits on 1 … 64 threads, more than there are cores, thousands of steps', async () => {
    const expected = (await compute(1, 20)).out
    for (const threads of [2, 3, 64]) expect((await compute(threads, 20)).out).toEqual(expected)
    expect((await compute(2, 200)).out).not.toEqual(expected)
  })

  test('all threads take part once ready; work is divided', async () => {
    const rt = runtime({ threads: 3 })
    const exe = load1(rt, program('div', [kernel('id', ['int32'], 10, (i) => i)], [slot('output', 0, 40)], [step(0, [0])]))
    await rt.ready(exe)
    const at = rt.allocate(40)
    rt.run(exe, [], [at])
    expect([...rt.read(at, 'int32', 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('pieces: every unit once, whoever takes it', async () => {
    const few = kernel('few', ['int32'], 5, (i) => op('add', load(0, i, 'i32'), i32(1)))
    const add = kernel('add', ['int32'], 1001, (i) => op('add', load(0, i, 'i32'), i32(1)))
    for (const threads of [1, 2, 4, 7]) {
      const rt = runtime({ threads })
      const exe = load1(rt, program('pieces', [add, few], [slot('output', 0, 4004), slot('output', 1, 20)], [
        step(0, [0]), step(1, [1]), { kind: 'loop', count: 10, body: [step(0, [0]), step(1, [1]), step(1, [1])] },
      ]))
      await rt.ready(exe)
      const [a, b] = [rt.allocate(4004), rt.allocate(20)]
      rt.write(a, new Int32Array(1001))
      rt.write(b, new Int32Array(5))
      for (let r = 0; r < 20; r++) rt.run(exe, [], [a, b])
      expect([...rt.read(a, 'int32', 1001)]).toEqual(new Array(1001).fill(220))
      expect([...rt.read(b, 'int32', 5)]).toEqual(new Array(5).fill(420))
    }
  })

  test('fewer units than threads', async () => {
    const rt = runtime({ threads: 8 })
    const exe = load1(rt, program('few', [kernel('few', ['int32'], 3, (i) => op('mul', i, i32(7)))], [slot('output', 0, 12)], [step(0, [0]), step(0, [0])]))
    await rt.ready(exe)
    const at = rt.allocate(12)
    for (let r = 0; r < 20; r++) rt.run(exe, [], [at])
    expect([...rt.read(at, 'int32', 3)]).toEqual([0, 7, 14])
  })

  test('a thread that the system does not run delays nobody', async () => {
    const rt = runtime({ threads: 2 })
    const exe = load1(rt, program('free', [kernel('free', ['int32'], 64, (i) => i)], [slot('output', 0, 256)], [{ kind: 'loop', count: 20, body: [step(0, [0])] }]))
    const at = rt.allocate(256)
    // The worker has the program as soon as the event loop lets it read its letters: it may join at any moment.
    for (let r = 0; r < 200; r++) {
      rt.write(at, new Int32Array(64).fill(-1))
      rt.run(exe, [], [at])
      expect(rt.read(at, 'int32', 64)[63]).toBe(63)
      if (r % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })

  test('programs in turns, while threads are on their way out of the one before', async () => {
    const rt = runtime({ threads: 4 })
    const [a, b] = [rt.allocate(4000), rt.allocate(4000)]
    const programs = [3, 5, 7].map((n) => load1(rt, program(`turn${n}`, [kernel(`turn${n}`, ['int32', 'int32'], 1000, (i) => op('add', op('mul', load(1, i, 'i32'), i32(n)), i))], [slot('output', 0, 4000), slot('input', 0, 4000)], [step(0, [0, 1]), step(0, [0, 0])])))
    for (const p of programs) await rt.ready(p)
    const data = Int32Array.from({ length: 1000 }, (_, i) => i)
    rt.write(a, data)
    for (let r = 0; r < 600; r++) {
      const n = [3, 5, 7][r % 3]!
      rt.run(programs[r % 3]!, [a], [b])
      const got = rt.read(b, 'int32', 1000)
      for (const i of [0, 1, 499, 998, 999]) expect(got[i]).toBe((i * n + i) * n + i)
    }
  })

  test('serial steps run on one thread, between those that are shared', async () => {
    const rt = runtime({ threads: 2 })
    const count = kernel('count', ['int32'], 1, (i) => op('add', load(0, i, 'i32'), i32(1)))
    const spread = kernel('spread', ['int32', 'int32'], 64, () => load(1, i32(0), 'i32'))
    const narrow = { ...spread, params: [spread.params[0]!, { ...spread.params[1]!, length: 1 }] }
    const p2 = program('serial', [count, narrow], [slot('output', 0, 4), slot('output', 1, 256)], [
      { kind: 'loop', count: 100, body: [step(0, [0], false), step(1, [1, 0])] },
    ])
    const exe = load1(rt, p2)
    await rt.ready(exe)
    const [a, b] = [rt.allocate(4), rt.allocate(256)]
    rt.write(a, Int32Array.of(0))
    for (let r = 0; r < 30; r++) rt.run(exe, [], [a!, b!])
    expect(rt.read(a!, 'int32', 1)[0]).toBe(3000)
    expect(new Set(rt.read(b!, 'int32', 64))).toEqual(new Set([3000]))
  })

  test('thread scratch is private', async () => {
    const rt = runtime({ threads: 4 })
    const base = kernel('scratch', ['int32', 'int32'], 64, (i) => i)
    const i = newVar('i', 'i32')
    const k: Kernel = {
      ...base,
      params: [base.params[0]!, { dtype: 'int32', length: 64, access: 'readwrite', scope: 'thread' }],
      body: [{
        s: 'for', v: i, lo: use(base.lo), hi: use(base.hi), step: 1, body: [
          { s: 'store', buf: 1, index: i32(5), value: use(i) },
          { s: 'store', buf: 0, index: use(i), value: op('mul', load(1, i32(5), 'i32'), i32(2)) },
        ],
      }],
    }
    const exe = load1(rt, program('scratch', [k], [slot('output', 0, 256)], [step(0, [0])]))
    await rt.ready(exe)
    const at = rt.allocate(256)
    for (let r = 0; r < 100; r++) {
      rt.run(exe, [], [at])
      expect(rt.read(at, 'int32', 64)[63]).toBe(126)
    }
  })
})

describe('steps', () => {
  test('loops move addresses by strides, outermost first', () => {
    const rt = runtime({ threads: 1 })
    const k = kernel('copy', ['int32', 'int32'], 2, (i) => load(1, i, 'i32'))
    const body: Step = { kind: 'kernel', kernel: 0, args: [{ slot: 1, strides: [24, 8] }, { slot: 0, strides: [8, 16] }], parallel: false }
    const exe = load1(rt, program('loops', [k], [slot('input', 0, 48), slot('output', 0, 48)], [
      { kind: 'loop', count: 2, body: [{ kind: 'loop', count: 3, body: [body] }, { kind: 'loop', count: 0, body: [body] }] },
    ]))
    const [a, b] = [rt.allocate(48), rt.allocate(48)]
    rt.write(a, Int32Array.from({ length: 12 }, (_, i) => i))
    rt.run(exe, [a], [b])
    expect([...rt.read(b, 'int32', 12)]).toEqual([0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11])
  })

  test('branches read a byte that a step wrote', async () => {
    for (const threads of [1, 2]) {
      const rt = runtime({ threads })
      const test_ = kernel('test', ['bool', 'int32'], 1, (i) => op('lt', load(1, i, 'i32'), i32(10)))
      const add = (n: number) => kernel(`add${n}`, ['int32'], 1, (i) => op('add', load(0, i, 'i32'), i32(n)))
      const exe = load1(rt, program('branch', [test_, add(3), add(100)], [slot('output', 0, 4), { kind: 'temp', offset: 0, bytes: 1 }], [
        { kind: 'loop', count: 6, body: [step(0, [1, 0], true), { kind: 'if', flag: { slot: 1 }, then: [step(1, [0], false)], else: [step(2, [0], true)] }] },
      ], 64))
      await rt.ready(exe)
      const at = rt.allocate(4)
      rt.write(at, Int32Array.of(0))
      rt.run(exe, [], [at])
      expect(rt.read(at, 'int32', 1)[0]).toBe(212)
    }
  })

  test('constants come with the program', () => {
    const rt = runtime({ threads: 1 })
    const data = new Uint8Array(Float32Array.of(1.5, -2, 3).buffer)
    const k = kernel('twice', ['float32', 'float32'], 3, (i) => op('mul', load(1, i, 'f32'), constant('f32', 2)))
    const exe = load1(rt, program('const', [k], [slot('output', 0, 12), { kind: 'const', data, bytes: 12 }], [step(0, [0, 1])]))
    const at = rt.allocate(12)
    rt.run(exe, [], [at])
    rt.unload(exe)
    rt.write(at, new Float32Array(3))
    rt.run(exe, [], [at])
    expect([...rt.read(at, 'float32', 3)]).toEqual([3, -4, 6])
    expect(() => rt.run(exe, [], [])).toThrow(DeviceError)
  })

  test('a profile names the kernels and counts their calls', async () => {
    const rt = runtime({ threads: 2 })
    const p = program('profiled', [kernel('one', ['int32'], 4, (i) => i), kernel('two', ['int32'], 4, (i) => op('add', load(0, i, 'i32'), i32(1)))], [slot('output', 0, 16)], [
      step(0, [0]), { kind: 'loop', count: 3, body: [step(1, [0])] },
    ])
    const exe = rt.load(renderWasm(p, { shared: rt.shared, relaxed: rt.relaxed, profile: true }))
    await rt.ready(exe)
    const at = rt.allocate(16)
    rt.run(exe, [], [at])
    rt.run(exe, [], [at])
    expect([...rt.read(at, 'int32', 4)]).toEqual([3, 4, 5, 6])
    expect(exe.times).toMatchObject([{ name: 'one', calls: 2 }, { name: 'two', calls: 6 }])
    expect(exe.times.every((t) => t.ms >= 0)).toBe(true)
  })

  test('many programs, the oldest let go', () => {
    const rt = runtime({ threads: 1 })
    const at = rt.allocate(4)
    const exes = Array.from({ length: 600 }, (_, n) => load1(rt, program(`p${n}`, [kernel('n', ['int32'], 1, () => i32(n))], [slot('output', 0, 4)], [step(0, [0])])))
    for (const n of [599, 0, 300, 1]) {
      rt.run(exes[n]!, [], [at])
      expect(rt.read(at, 'int32', 1)[0]).toBe(n)
    }
    expect(rt.stats().blocks).toBeLessThan(520)
    expect(rt.load(exes[5]!.image).image.key).toBe(exes[5]!.image.key)
  })
})

describe('memory', () => {
  for (const shared of [true, false]) {
    test(`grows, shared ${shared}`, () => {
      const rt = runtime({ threads: 1, shared })
      const exe = load1(rt, program('fill', [kernel('fill', ['int32'], 4, (i) => i)], [slot('output', 0, 16)], [step(0, [0])]))
      const first = rt.allocate(16)
      rt.run(exe, [], [first])
      const big = rt.allocate(200 * 2 ** 20)
      expect([...rt.read(first, 'int32', 4)]).toEqual([0, 1, 2, 3])
      rt.run(exe, [], [big + 199 * 2 ** 20])
      expect([...rt.read(big + 199 * 2 ** 20, 'int32', 4)]).toEqual([0, 1, 2, 3])
      rt.free(big)
      rt.free(first)
      expect(() => rt.free(first)).toThrow(/not allocated/)
      expect(rt.stats().peakBytes).toBeGreaterThan(200 * 2 ** 20)
    })
  }
  test('a limit is an error that says how much', () => {
    const rt = runtime({ threads: 1, maxBytes: 16 * 2 ** 20 })
    const at = rt.allocate(10 * 2 ** 20)
    expect(() => rt.allocate(10 * 2 ** 20)).toThrow(/out of memory: 10\.0 MiB asked for.*10\.0 MiB in use of at most 16\.0 MiB/)
    rt.free(at)
    rt.free(rt.allocate(10 * 2 ** 20))
    expect(() => rt.allocate(2 ** 33)).toThrow(DeviceError)
  })
  test('above 2 GiB', () => {
    const rt = runtime({ threads: 1 })
    const a = rt.allocate(2 ** 31)
    const b = rt.allocate(64)
    expect(b).toBeGreaterThan(2 ** 31)
    const exe = load1(rt, program('high', [kernel('fill', ['int32'], 4, (i) => op('add', i, i32(1)))], [slot('output', 0, 16)], [step(0, [0])]))
    rt.run(exe, [], [b])
    expect([...rt.read(b, 'int32', 4)]).toEqual([1, 2, 3, 4])
    rt.free(a)
  })
})

describe('failures', () => {
  const faulty = (unit: number): Program => {
    // Unit `unit` reads far outside the memory.
    const k = kernel('faulty', ['int32'], 2, (i) => load(0, op('mul', op('toI32', op('eq', i, i32(unit))), i32(2 ** 28 + 12345)), 'i32'))
    return program(`faulty${unit}`, [k], [slot('output', 0, 8)], [step(0, [0]), step(0, [0])])
  }
  for (const unit of [0, 1]) {
    test(`thread ${unit} traps: an error, and the runtime goes on`, async () => {
      const rt = runtime({ threads: 2 })
      const exe = load1(rt, faulty(unit))
      const good = load1(rt, program('good', [kernel('id', ['int32'], 4, (i) => i)], [slot('output', 0, 16)], [step(0, [0])]))
      await rt.ready(exe)
      await rt.ready(good)
      const at = rt.allocate(64)
      for (let r = 0; r < 3; r++) {
        expect(() => rt.run(exe, [], [at])).toThrow(/out of bounds/)
        rt.run(good, [], [at])
        expect([...rt.read(at, 'int32', 4)]).toEqual([0, 1, 2, 3])
      }
    })
  }
  test('a thread that dies is reported once, then done without', async () => {
    const rt = runtime({ threads: 3 })
    const exe = load1(rt, program('id', [kernel('id', ['int32'], 6, (i) => i)], [slot('output', 0, 24)], [step(0, [0])]))
    await rt.ready(exe)
    const at = rt.allocate(24)
    rt.run(exe, [], [at])
    const { threads } = (rt as unknown as { pool: { threads: { worker: { terminate(): Promise<number> } }[] } }).pool
    await threads[1]!.worker.terminate()
    expect(() => rt.run(exe, [], [at])).toThrow(/thread 2 is lost/)
    rt.write(at, new Int32Array(6))
    rt.run(exe, [], [at])
    expect([...rt.read(at, 'int32', 6)]).toEqual([0, 1, 2, 3, 4, 5])
  })
  test('a module that does not fit the memory is reported', () => {
    const rt = runtime({ threads: 1, shared: false })
    const image = renderWasm(faulty(0), { shared: true, relaxed: false })
    expect(() => rt.load(image)).toThrow(DeviceError)
  })
  test('a closed runtime, bad options', () => {
    const rt = runtime({ threads: 1 })
    rt.close()
    expect(() => rt.load(renderWasm(faulty(0), { shared: true, relaxed: false }))).toThrow(/closed/)
    for (const threads of [0, 65, 1.5]) expect(() => new WasmRuntime({ threads })).toThrow(/number of threads/)
  })
  test('features', () => {
    expect(features()).toMatchObject({ simd: true, relaxed: true, threads: true, shared: true })
  })
})
