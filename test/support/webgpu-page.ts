// What runs on the WebGPU device in Node and in a browser page alike: a stated part of the suites, and a training run.
import { type Tensor, concat, conv2d, cond, grad, jit, manualSeed, matmul, maxPool2d, normal, scan, scaledDotProductAttention, setDevice, tensor, uniform, valueAndGrad, where } from '../../src/tensor/index.ts'
import { Adam, Linear, Sequential, crossEntropy, relu, softmax, withTensors } from '../../src/nn/index.ts'

const wave = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i * 0.7 + seed)))
const x = (...shape: number[]): Tensor => tensor(wave(shape.reduce((a, b) => a * b, 1), shape.length), { shape })

/** One of every kind of kernel: elementwise, reductions, rows, products, convolution, attention, indices, sorting, loops, conditions, bits. */
const PARTS: Readonly<Record<string, () => Tensor>> = {
  elementwise: () => where(x(50).gt(0), x(50).mul(2).exp().add(x(50).tanh()), x(50).erf()),
  specials: () => tensor([1, -1, 0, Infinity, -Infinity, NaN]).div(tensor([0, 0, 0, Infinity, 1, 1])),
  reductions: () => concat([x(7, 300).sum(1), x(300, 7).max(0), x(5, 40).argmax(1).to('float32')]),
  softmax: () => softmax(x(9, 33), -1),
  product: () => matmul(x(37, 50), x(50, 41)),
  convolution: () => maxPool2d(conv2d(x(2, 3, 12, 12), x(4, 3, 3, 3), { padding: 1 }), 2),
  attention: () => scaledDotProductAttention(x(2, 2, 8, 4), x(2, 2, 8, 4).mul(0.5), x(2, 2, 8, 4).add(1), { causal: true }),
  sorting: () => x(4, 19).argsort(1).to('float32'),
  sums: () => x(3, 20).cumsum(1),
  loop: () => scan((c: Tensor, row: Tensor) => { const n = c.mul(0.5).add(row); return [n, n.sum()] as [Tensor, Tensor] }, x(4), x(6, 4))[1],
  condition: () => cond(x(8).sum().gt(0), (t: Tensor) => t.mul(2), (t: Tensor) => t.neg(), x(8)),
  bytes: () => x(33).gt(0).to('uint8').add(250).to('float32'),
  gradient: () => grad((t: Tensor) => matmul(t, x(12, 10)).sigmoid().square().sum())(x(11, 12)),
  random: () => { manualSeed(3); return concat([uniform([20]), normal([20])]) },
}

/** Losses of an MLP over steps of Adam, one program a step. */
async function train(steps: number): Promise<number[]> {
  manualSeed(1)
  const model = new Sequential(new Linear(16, 24), relu, new Linear(24, 4))
  const [inputs, labels] = [x(64, 16), tensor(Int32Array.from({ length: 64 }, (_, i) => 2 * Number(wave(1024, 2)[16 * i]! > 0) + Number(wave(1024, 2)[16 * i + 5]! > 0)))]
  const names = model.namedParameters().map(([name]) => name)
  const optimizer = new Adam(0.01)
  let params = model.namedParameters().map(([, t]) => t)
  let state = optimizer.init(params)
  const step = jit((p: Tensor[], s: typeof state, rate: Tensor) => {
    const [loss, grads] = valueAndGrad((list: Tensor[]) => crossEntropy(withTensors(model, Object.fromEntries(names.map((n, i) => [n, list[i]!]))).call(inputs), labels))(p)
    return { ...optimizer.update(p, grads, s, rate), loss }
  }, { donate: [0, 1] })
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    const next = step(params, state, tensor(0.01))
    ;({ params, state } = next)
    losses.push(await next.loss.item())
  }
  return losses
}

export interface Outcome {
  readonly parts: Record<string, (number | string)[]>
  readonly losses: number[]
}
export async function runParts(device: 'webgpu' | 'reference'): Promise<Outcome> {
  await setDevice(device)
  const parts: Outcome['parts'] = {}
  for (const [name, f] of Object.entries(PARTS)) parts[name] = Array.from(await f().data(), (v) => (Number.isFinite(v) ? v : String(v)))
  const losses = await train(100)
  setDevice('reference')
  return { parts, losses }
}
Object.assign(globalThis, { runParts })
