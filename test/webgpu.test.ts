// What is special about the WebGPU device: limits of bindings, conditions without reading back, losing the device, types.
import { describe, expect, test, vi } from 'vitest'
import { Dataset } from '../src/data/index.ts'
import { Adam, Linear, mse } from '../src/nn/index.ts'
import { type Tensor, backend, cond, concat, grad, jit, manualSeed, matmul, ones, profile, scan, setDevice, tensor } from '../src/tensor/index.ts'
import { gpuTarget } from '../src/compile/gpu/index.ts'
import { compile } from '../src/compile/index.ts'
import { emit as e } from '../src/ir/index.ts'
import { renderWgsl } from '../src/render/wgsl/index.ts'
import { WebgpuRuntime } from '../src/runtime/webgpu/index.ts'
import { setRecorder } from '../src/tensor/recorder.ts'
import { type WebgpuBackend, webgpuBackend } from '../src/tensor/webgpu-backend.ts'
import { timeProduct } from '../src/tensor/webgpu-product.ts'
import { fit } from '../src/train/index.ts'
import { graphOf } from './support/graph.ts'
import { probeDevices } from './support/devices.ts'

const missing = (await probeDevices()).find((d) => d.name === 'webgpu')!.missing
const numbers = (n: number, seed = 1): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i * 12.9898 + seed)))

/** Computes on a device with small limits and on the reference. */
async function both(limits: { readonly chunk?: number; readonly buffers?: number; readonly subgroups?: boolean }, f: (...xs: Tensor[]) => readonly Tensor[], inputs: readonly Float32Array[]): Promise<void> {
  const small = await webgpuBackend(limits)
  const open = (): Tensor[] => inputs.map((x) => tensor(x))
  setDevice('reference')
  const want = await Promise.all(f(...open()).map((t) => t.data()))
  const { graph, values } = graphOf(f(...open()))
  const got = small.compile(graph).run(values)
  for (const [i, w] of want.entries()) {
    const data = await small.read(got[i]!)
    const worst = [...w].reduce((m, x, k) => Math.max(m, Math.abs(x - data[k]!)), 0)
    expect(worst, `result ${i}`).toBeLessThan(1e-4)
  }
  small.close()
}

describe.skipIf(missing !== null)(`webgpu${missing === null ? '' : ` (${missing})`}`, () => {
  test('values larger than a binding lie in several', async () => {
    const [a, b] = [numbers(5000), numbers(5000, 7)]
    const limits = { chunk: 4096 * 2 }
    await both(limits, (x, y) => [x!.mul(y!).add(1)], [a, b])
    await both(limits, (x) => [x!.reshape(50, 100).sum(0), x!.gt(0)], [a])
    await both(limits, (x, y) => [matmul(x!.reshape(50, 100), y!.reshape(100, 50))], [a, b])
    await both(limits, (x) => [x!.flip().cumsum(0)], [a])
    await expect(both({ chunk: 256 }, (x, y) => [x!.mul(y!).add(1)], [a, b])).rejects.toThrow(/bindings of at most 256 bytes/)
  })

  test('what members of a workgroup fold: with subgroups and without, the same', async () => {
    const x = numbers(3 * 200)
    const f = (t: Tensor): readonly Tensor[] => [concat([t.reshape(3, 200).sum(1), t.reshape(3, 200).max(1), t.reshape(3, 200).abs().min(1), t.reshape(3, 200).gt(-2).all(1).to('float32')])]
    await both({}, (t) => f(t!), [x])
    await both({ subgroups: false }, (t) => f(t!), [x])
  })

  test('a product of one row by thousands of columns', async () => {
    await both({}, (row, matrix) => [matmul(row!.reshape(1, 128), matrix!.reshape(4099, 128).T)], [numbers(128), numbers(128 * 4099, 3)])
  })

  test('tiles of 8 × 8 a member', async () => {
    const [M, N, K] = [70, 66, 20]
    const params = [[1, M, K], [1, N, K]].map((shape) => e.make('input', [], { name: 'x', shape, dtype: 'float32' }))
    const [a, b] = [numbers(M * K), numbers(N * K, 5)]
    const runtime = await WebgpuRuntime.open()
    for (const tile of [{ rows: 64, columns: 64, depth: 16, own: 8 }, { rows: 128, columns: 64, depth: 8, own: 8 }, { rows: 64, columns: 64, depth: 16, own: 8, ahead: 1 }]) {
      const program = compile({ params, results: [e.make('dot', [params[0]!, e.swapLast(params[1]!)], {})] }, gpuTarget('webgpu', { name: JSON.stringify(tile), tile: () => tile }))
      const memories = [a, b].map((data) => {
        const memory = runtime.allocate(data.byteLength)
        runtime.write(memory, data)
        return memory
      })
      const out = runtime.allocate(4 * M * N)
      runtime.run(runtime.load(renderWgsl(program, runtime.limits)), memories, [out])
      const got = await runtime.read(out, 'float32', M * N)
      for (let i = 0; i < M * N; i++) {
        const want = Array.from({ length: K }, (_, k) => a[Math.floor(i / N) * K + k]! * b[(i % N) * K + k]!).reduce((x, y) => x + y)
        if (!(Math.abs(got[i]! - want) < 1e-4)) expect(got[i], `${JSON.stringify(tile)} [${i}]`).toBe(want)
      }
    }
    runtime.close()
  })

  test('16 bits are refused by name where the adapter has none, and where the device is open already', async () => {
    const gpu = await WebgpuRuntime.open({ halves: true })
    const has = gpu.features.has('shader-f16')
    gpu.close()
    if (!has) await expect(webgpuBackend({ precision: 'float16' })).rejects.toThrow(/shader-f16.*precision: 'float16'/s)
    await setDevice('webgpu')
    await expect(setDevice('webgpu', { precision: 'float16' })).rejects.toThrow(/open already, with precision float32/)
    setDevice('reference')
    expect(() => setDevice('wasm', { precision: 'float16' })).toThrow(/bad precision.*float32 \(wasm\)/s)
  })

  test('kernels with more buffers than a launch may have', async () => {
    const many = Array.from({ length: 9 }, (_, i) => numbers(40, i))
    await both({ buffers: 3 }, (...xs) => [xs.reduce((s, x) => s.add(x)), concat([...xs]), concat(xs.map((x) => x.exp()))], many)
    // more places than a block of numbers has room for
    await both({ buffers: 3 }, (...xs) => [xs.reduce((s, x) => s.add(x))], Array.from({ length: 90 }, (_, i) => numbers(5, i)))
  })

  test('conditions and loops, one in the other', async () => {
    await setDevice('webgpu')
    const f = jit((x: Tensor, flag: Tensor) =>
      scan(({ carry }: { carry: Tensor }, step: Tensor) => {
        const up = (t: Tensor): Tensor => t.add(step)
        const deep = (t: Tensor): Tensor => cond(t.sum().gt(10), (u: Tensor) => u.mul(0.5), (u: Tensor) => u.add(3), t)
        const next = cond(flag.logicalAnd(step.gt(1)), up, deep, carry)
        return [{ carry: next }, next.sum()] as const
      }, { carry: x }, tensor([0, 1, 2, 3, 4])) as never, { device: 'webgpu' })
    const run = async (flag: boolean): Promise<number[]> => Array.from(await (f(tensor([1, 2, 3]), tensor(flag)) as unknown as [unknown, Tensor])[1].data())
    const plain = (flag: boolean): number[] => {
      let carry = [1, 2, 3]
      return [0, 1, 2, 3, 4].map((s) => {
        carry = flag && s > 1 ? carry.map((c) => c + s) : carry.reduce((a, b) => a + b) > 10 ? carry.map((c) => c * 0.5) : carry.map((c) => c + 3)
        return carry.reduce((a, b) => a + b)
      })
    }
    expect(await run(true)).toEqual(plain(true))
    expect(await run(false)).toEqual(plain(false))
    setDevice('reference')
  })

  test('a training step is one command buffer, and asks for no memory once there is an arena', async () => {
    await setDevice('webgpu')
    manualSeed(4)
    const [hidden, out] = [new Linear(3, 5), new Linear(5, 1)]
    const optimizer = new Adam(0.01)
    const loss = (p: Tensor[], x: Tensor): Tensor => matmul(matmul(x, p[0]!).tanh(), p[1]!).square().mean()
    const params = [hidden.weight.T, out.weight.T].map((w) => w.add(0).realize())
    type State = { params: Tensor[]; optimizer: ReturnType<Adam['init']> }
    const step = jit(({ params: before, optimizer: moments }: State, x: Tensor) => {
      const grads = grad((p: Tensor[]) => loss(p, x))(before) as unknown as Tensor[]
      const next = optimizer.update(before, grads, moments, tensor(0.01))
      return { state: { params: next.params, optimizer: next.state }, value: loss(before, x) }
    }, { donate: [0], device: 'webgpu' })
    let state: State = { params, optimizer: optimizer.init(params) }
    const x = tensor(numbers(12), { shape: [4, 3] }).realize()
    const run = (): void => {
      const result = step(state, x)
      state = result.state
      result.value.dispose()
    }
    run()
    run()
    const { device } = (backend('webgpu') as WebgpuBackend).runtime()
    const submit = vi.spyOn(device.queue, 'submit')
    const create = vi.spyOn(device, 'createBuffer')
    try {
      run()
      expect(submit.mock.calls.map(([buffers]) => buffers.length)).toEqual([1])
      expect(create).not.toHaveBeenCalled()
    } finally {
      vi.restoreAllMocks()
    }
    const [program] = step.programs()
    expect(program!.kernels).toBeGreaterThan(4)
    expect(program!.arenaBytes).toBeGreaterThan(0)
    setDevice('reference')
  })

  test('float64 is refused by name, with what to do', async () => {
    await setDevice('webgpu')
    await expect(async () => await ones([3], 'float64').add(1).data()).rejects.toThrow(/webgpu: the device does not compute with float64.*to\('float32'\)/)
    setDevice('reference')
  })

  test('a lost device says so; opened again, values with a copy on the host go on', async () => {
    await setDevice('webgpu')
    const device = backend('webgpu') as WebgpuBackend
    const x = tensor([1, 2, 3])
    const slope = jit((t: Tensor) => grad((u: Tensor) => u.square().sum())(t), { device: 'webgpu' })
    const y = slope(x)
    expect(Array.from(await y.data())).toEqual([2, 4, 6])
    device.runtime().device.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(() => slope(x)).toThrow(/the device was lost.*setDevice\('webgpu'\)/)
    await setDevice('webgpu')
    expect(Array.from(await slope(x).data())).toEqual([2, 4, 6])
    await expect(async () => await y.add(1).data()).rejects.toThrow(/lost with the device/)
    setDevice('reference')
  })

  test('fit goes on after the device was lost, in an epoch and between two, as if nothing had been', async () => {
    await setDevice('webgpu')
    const xs = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(3 * i)])
    const data = Dataset.of(xs, xs.map(([a, b]) => [a! * b!]))
    const lose = (): void => (backend('webgpu') as WebgpuBackend).runtime().device.destroy()
    const run = async (lossAt: readonly number[]): Promise<{ weights: number[]; losses: number[]; recovered: number[] }> => {
      manualSeed(3)
      const left = [...lossAt]
      const recovered: number[] = []
      class Optimizer extends Adam {
        override rate(step: number): number {
          if (left[0] === step) lose()
          if (left[0] === step) left.shift()
          return super.rate(step)
        }
      }
      const model = new Linear(2, 1)
      const { epochs } = await fit(model, data, { epochs: 3, batchSize: 4, loss: mse, optimizer: new Optimizer(0.05), callbacks: [{ onRecover: (r) => void recovered.push(r.step) }] })
      const weights = await Promise.all([...model.namedParameters()].map(([, t]) => t.data()))
      return { weights: weights.flatMap((w) => [...w]), losses: epochs.map((e) => e.loss), recovered }
    }
    const plain = await run([])
    expect(plain.recovered).toEqual([])
    // 4 lies in the second epoch, 8 is the last step of the third: that loss shows when its numbers are read
    const broken = await run([4, 8])
    expect(broken.recovered).toEqual([3, 6])
    expect(broken.losses).toEqual(plain.losses)
    expect(broken.weights).toEqual(plain.weights)
    await expect(run([4, 4, 4, 4])).rejects.toThrow(/the device was lost/)
    await setDevice('webgpu')
    setDevice('reference')
  })

  test.each([true, false])('kernels are timed one by one; by the clock of the GPU: %s', async (clock) => {
    const gpu = await webgpuBackend({ clock })
    const works: { name: string; flops: number; start: number; end: number; calls: number }[] = []
    const { graph, values } = graphOf([matmul(tensor(numbers(64 * 64), { shape: [64, 64] }), ones([64, 64])).exp().sum()])
    const exe = gpu.compile(graph)
    const begin = performance.now()
    setRecorder({ work: ({ name, flops }, start, end, calls) => void works.push({ name, flops, start, end, calls }), compiled: () => undefined, ran: () => undefined })
    try {
      exe.run(values)
      const [sum] = exe.run(values)
      await gpu.settle!()
      expect((await gpu.read(sum!)).length).toBe(1)
    } finally {
      setRecorder(null)
      gpu.close()
    }
    expect(works.length).toBe(2 * exe.stats.kernels)
    expect(works.filter((w) => w.name.startsWith('gemm_64x64x64')).map((w) => w.flops)).toEqual([2 * 64 ** 3, 2 * 64 ** 3])
    for (const w of works) expect(w.end >= w.start && w.calls === 1).toBe(true)
    expect(Math.max(...works.map((w) => w.end - w.start))).toBeGreaterThan(0)
    // one kernel after the other, all of them while we waited (a GPU's clock may run a little faster)
    if (!clock) expect(works.reduce((sum, w) => sum + w.end - w.start, 0)).toBeLessThanOrEqual(performance.now() - begin)
  })

  test('profile waits for what is on the way', async () => {
    await setDevice('webgpu')
    const x = ones([16, 16]).realize()
    const { kernels, totalMs } = await profile(() => x.matmul(x).exp())
    expect(kernels.map((k) => k.name).some((name) => name.startsWith('gemm'))).toBe(true)
    expect(totalMs).toBeGreaterThan(0)
    setDevice('reference')
  })

  test('a product in a tile can be measured', async () => {
    const runtime = await WebgpuRuntime.open()
    const before = runtime.stats().bytesInUse
    expect(await timeProduct(runtime, { tile: { rows: 32, columns: 32, depth: 16, own: 4 } }, [64, 64, 512])).toBeGreaterThan(0)
    expect(runtime.stats().bytesInUse).toBe(before)
    runtime.close()
  })
})
