// jax-js on its wasm device: operations, and steps of multilayer perceptrons. Arrays are owned: `.ref` keeps one.
import { readFileSync } from 'node:fs'
import { BATCHES, CHECKED, type Value, readInputs, sampled } from '../inputs.ts'
import type { OpTask, StepTask } from '../tasks.ts'
import type { Loaded, Peer } from './peer.ts'

interface Arr {
  readonly ref: Arr
  readonly shape: readonly number[]
  add(x: Arr | number): Arr
  sub(x: Arr | number): Arr
  mul(x: Arr | number): Arr
  div(x: Arr | number): Arr
  reshape(shape: readonly number[]): Arr
  transpose(): Arr
  dispose(): void
  data(): Promise<Float32Array>
  blockUntilReady(): Promise<Arr>
}
type Fn = (...args: never[]) => unknown
interface Jax {
  readonly init: () => Promise<readonly string[]>
  readonly defaultDevice: (name: string) => void
  readonly jit: <F extends Fn>(f: F) => F
  readonly valueAndGrad: (f: Fn) => (...args: unknown[]) => [Arr, Arr[]]
  readonly numpy: {
    array(data: Float32Array | Int32Array, options?: { shape?: readonly number[]; dtype?: unknown }): Arr
    zeros(shape: readonly number[]): Arr
    matmul(a: Arr, b: Arr): Arr
    mean(a: Arr, axis?: number, options?: { keepdims?: boolean }): Arr
    sum(a: Arr): Arr
    sqrt(a: Arr): Arr
  }
  readonly nn: { relu(x: Arr): Arr; softmax(x: Arr, axis?: number): Arr; logSoftmax(x: Arr, axis?: number): Arr; oneHot(x: Arr, n: number): Arr }
  readonly lax: { convGeneralDilated(x: Arr, w: Arr, strides: readonly number[], padding: unknown): Arr }
}

export async function jaxPeer(): Promise<Peer> {
  const name = '@jax-js/jax'
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: {} }) // Node 20 has none; it asks it for GPUs
  const jax = (await import(name)) as Jax
  await jax.init()
  jax.defaultDevice('wasm')
  const array = ({ shape, data }: Value): Arr => jax.numpy.array(data, data instanceof Int32Array ? { shape, dtype: 'int32' } : { shape })
  return {
    versions: async () => ({ [name]: (JSON.parse(readFileSync(new URL('../package.json', import.meta.resolve(name)), 'utf8')) as { version: string }).version }),
    load: async (task, path) => (task.kind === 'generate' ? Promise.reject(new Error('not written for this framework')) : task.kind === 'step' ? step(jax, array, task, path) : op(jax, array, task, path)),
  }
}

async function op(jax: Jax, array: (v: Value) => Arr, task: OpTask, path: string): Promise<Loaded> {
  const { numpy: np, nn } = jax
  const inputs = [...readInputs(path).values.values()].map(array)
  const functions: Record<OpTask['kind'], (...args: Arr[]) => Arr> = {
    gemm: (a, b) => np.matmul(a!, task.kind === 'gemm' && task.transposed ? b!.transpose() : b!),
    conv: (x, w) => jax.lax.convGeneralDilated(x!, w!, [1, 1], 'SAME'),
    softmax: (x) => nn.softmax(x!, -1),
    elementwise: (x, y) => x!.ref.mul(y!).add(x!),
    layernorm: (x, weight, bias) => {
      const centred = x!.ref.sub(np.mean(x!, -1, { keepdims: true }))
      const variance = np.mean(centred.ref.mul(centred.ref), -1, { keepdims: true })
      return centred.div(np.sqrt(variance.add(1e-5))).mul(weight!).add(bias!)
    },
  }
  const f = jax.jit(functions[task.kind])
  const data = await f(...inputs.map((x) => x.ref)).data()
  return {
    check: sampled(data.length).map((i) => data[i]!),
    run: async () => {
      const y = await f(...inputs.map((x) => x.ref)).blockUntilReady()
      y.dispose()
    },
    dispose: () => inputs.forEach((x) => x.dispose()),
  }
}

async function step(jax: Jax, array: (v: Value) => Arr, task: StepTask, path: string): Promise<Loaded> {
  if (task.network !== 'mlp') throw new Error(`the ${task.network} step is not written for jax-js`)
  const { numpy: np, nn } = jax
  const { values, trained } = readInputs(path)
  const layers = trained.length / 2
  const loss = (params: Arr[], x: Arr, hot: Arr): Arr => {
    let a = x
    for (let i = 0; i < layers; i++) {
      a = np.matmul(a, params[2 * i]!.transpose()).add(params[2 * i + 1]!)
      if (i < layers - 1) a = nn.relu(a)
    }
    return np.sum(nn.logSoftmax(a, -1).mul(hot)).mul(-1 / task.batch)
  }
  const { kind, lr } = task.optimizer
  const update = jax.jit((params: Arr[], means: Arr[], squares: Arr[], scales: Arr, x: Arr, hot: Arr) => {
    const [value, grads] = jax.valueAndGrad(loss as Fn)(params.map((p) => p.ref), x, hot)
    if (kind === 'sgd') return { value, params: params.map((p, i) => p.sub(grads[i]!.mul(lr))), means, squares, scales }
    const nextMeans = means.map((m, i) => m.mul(0.9).add(grads[i]!.ref.mul(0.1)))
    const nextSquares = squares.map((v, i) => v.mul(0.999).add(grads[i]!.ref.mul(grads[i]!).mul(0.001)))
    // scales: learning rate / (1 − 0.9ᵗ) and 1 / (1 − 0.999ᵗ), each [1]
    const rate = np.sum(scales.ref.mul(np.array(new Float32Array([1, 0]))))
    const correction = np.sum(scales.mul(np.array(new Float32Array([0, 1]))))
    const next = params.map((p, i) => p.sub(nextMeans[i]!.ref.mul(rate.ref).div(np.sqrt(nextSquares[i]!.ref.mul(correction.ref)).add(1e-8))))
    rate.dispose()
    correction.dispose()
    return { value, params: next, means: nextMeans, squares: nextSquares }
  })
  const params0 = trained.map((name) => array(values.get(name)!))
  const none = (): Arr[] => (kind === 'sgd' ? [] : trained.map((name) => np.zeros(values.get(name)!.shape)))
  let state = { params: params0, means: none(), squares: none() }
  const xs = Array.from({ length: BATCHES }, (_, b) => array(values.get(`x${b}`)!))
  const hots = Array.from({ length: BATCHES }, (_, b) => {
    const labels = values.get(`y${b}`)!.data
    const hot = new Float32Array(labels.length * 10)
    labels.forEach((label, i) => (hot[i * 10 + label] = 1))
    return array({ shape: [labels.length, 10], data: hot })
  })
  let t = 0
  const next = (): Arr => {
    const b = t++ % BATCHES
    const scales = np.array(new Float32Array([lr / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)]))
    const { value, ...rest } = update(state.params, state.means, state.squares, scales, xs[b]!.ref, hots[b]!.ref)
    state = { params: rest.params, means: rest.means, squares: rest.squares }
    return value
  }
  const check: number[] = []
  for (let i = 0; i < CHECKED; i++) check.push((await next().data())[0]!)
  return {
    check,
    run: async () => {
      const value = await next().blockUntilReady()
      value.dispose()
    },
  }
}
