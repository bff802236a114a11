// profile on every device: what it counts is known, what it times adds up.
import { afterAll, describe, expect, test } from 'vitest'
import { TransformError, deviceNames, jit, ones, profile, scan, setDevice, tensor } from './index.ts'

interface TraceEvent {
  readonly ph: string
  readonly name: string
  readonly cat?: string
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly args?: { readonly name: string }
}

afterAll(() => void setDevice('wasm'))

// The GPU's kernels are timed on the side: test/webgpu.test.ts.
describe.each(deviceNames().filter((name) => name !== 'webgpu'))('profile on %s', (device) => {
  test('names the kernels, counts their calls, knows their work', async () => {
    setDevice(device)
    const [a, b] = [ones([32, 48]).realize(), ones([48, 64]).realize()]
    const f = jit((x: typeof a, y: typeof b) => x.matmul(y))
    f(a, b).realize()
    const begin = performance.now()
    const result = await profile(async () => {
      for (let i = 0; i < 5; i++) expect((await f(a, b).data())[0]).toBe(48)
    })
    expect(result.totalMs).toBeLessThanOrEqual(performance.now() - begin)
    const product = result.kernels.find((k) => /gemm|dot/.test(k.name))!
    expect(product.calls).toBe(5)
    expect(product.ms).toBeGreaterThan(0)
    expect(product.bestMs).toBeLessThanOrEqual(product.ms / 5)
    expect(product.share).toBeCloseTo(product.ms / result.totalMs, 9)
    expect(result.kernels.reduce((sum, k) => sum + k.share, 0)).toBeLessThanOrEqual(1)
    expect(result.compileMs).toBe(0)
    if (device === 'reference') {
      expect(result.peak).toBe(null)
      expect(product.gflops).toBe(0)
    } else {
      expect(product.gflops).toBeCloseTo((2 * 32 * 48 * 64 * 5) / product.ms / 1e6, 6)
      expect(result.peak!.gflops).toBeGreaterThan(1)
      expect(result.peak!.gbps).toBeGreaterThan(0.5)
    }
  })

  test('what is returned is computed, compiled programs show', async () => {
    setDevice(device)
    const { kernels, compileMs } = await profile(() => ({ y: tensor([1, 2, 3, 4, 5.5]).exp().mul(3.25) }))
    expect(kernels.length).toBeGreaterThan(0)
    if (device !== 'reference') expect(compileMs).toBeGreaterThan(0)
  })

  test('calls in a loop', async () => {
    setDevice(device)
    const f = jit((x: ReturnType<typeof ones>) => scan((c: typeof x, row: typeof x) => [c.mul(0.5).add(row), c.sum()], ones([3]), x)[0] as typeof x)
    f(ones([100, 3])).realize()
    const { kernels } = await profile(() => f(ones([100, 3])))
    if (device !== 'reference') expect(Math.max(...kernels.map((k) => k.calls))).toBeGreaterThanOrEqual(100)
  })

  test('the trace has the kernels inside the runs', async () => {
    setDevice(device)
    const x = ones([16, 16]).realize()
    const result = await profile(() => x.matmul(x).exp().sum())
    const { traceEvents } = JSON.parse(result.chromeTrace()) as { traceEvents: TraceEvent[] }
    const rows = new Map(traceEvents.filter((e) => e.ph === 'M').map((e) => [e.args!.name, e.tid]))
    const spans = traceEvents.filter((e) => e.ph === 'X')
    const kernels = spans.filter((e) => e.tid === rows.get('kernels'))
    const runs = spans.filter((e) => e.tid === rows.get('programs') && e.name === 'run')
    expect(kernels.length).toBeGreaterThan(0)
    expect(runs.length).toBeGreaterThan(0)
    // native and JavaScript read different clocks: a tenth of a millisecond is given
    for (const k of kernels) expect(runs.some((r) => r.ts <= k.ts + 100 && k.ts + k.dur <= r.ts + r.dur + 100)).toBe(true)
    for (const e of spans) expect(e.ts >= -1 && e.dur >= 0 && e.ts + e.dur <= result.totalMs * 1000 + 100).toBe(true)
  })

  test('errors pass through, and a profile can be made afterwards', async () => {
    setDevice(device)
    await expect(profile(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    await expect(profile(() => profile(() => ones([1])))).rejects.toThrow(TransformError)
    expect((await profile(() => ones([2]).add(tensor([1, 2])))).totalMs).toBeGreaterThan(0)
  })
})
