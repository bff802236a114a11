// What is special about the WebGPU device: limits of bindings, conditions without reading back, losing the device, types.
import { describe, expect, test } from 'vitest'
import { type Tensor, backend, cond, concat, grad, jit, matmul, ones, scan, setDevice, tensor } from '../src/tensor/index.ts'
import { type WebgpuBackend, webgpuBackend } from '../src/tensor/webgpu-backend.ts'
import { graphOf } from './support/graph.ts'
import { probeDevices } from './support/devices.ts'

const missing = (await probeDevices()).find((d) => d.name === 'webgpu')!.missing
const numbers = (n: number, seed = 1): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i * 12.9898 + seed)))

/** Computes on a device with small limits and on the reference. */
async function both(limits: { readonly chunk?: number; readonly buffers?: number }, f: (...xs: Tensor[]) => readonly Tensor[], inputs: readonly Float32Array[]): Promise<void> {
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

  test('kernels with more buffers than a launch may have', async () => {
    const many = Array.from({ length: 9 }, (_, i) => numbers(40, i))
    await both({ buffers: 3 }, (...xs) => [xs.reduce((s, x) => s.add(x)), concat([...xs]), concat(xs.map((x) => x.exp()))], many)
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
})
