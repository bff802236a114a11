// TensorFlow.js on its wasm backend. Images are [batch, height, width, channels] there. No gradient kernels for convolutions.
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { BATCHES, CHECKED, type Value, readInputs, sampled } from '../inputs.ts'
import type { OpTask, StepTask } from '../tasks.ts'
import type { Loaded, Peer } from './peer.ts'

interface T {
  readonly shape: number[]
  add(x: T | number): T
  sub(x: T): T
  mul(x: T): T
  square(): T
  rsqrt(): T
  mean(axis: number, keep?: boolean): T
  relu(): T
  transpose(perm?: number[]): T
  asScalar(): T
  data(): Promise<Float32Array>
  dispose(): void
}
interface Optimizer {
  minimize(f: () => T, returnCost: boolean, variables: T[]): T
}
interface Tf {
  readonly version: { readonly tfjs: string }
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
  tensor(data: Float32Array | Int32Array, shape: readonly number[], dtype: string): T
  variable(t: T): T
  oneHot(t: T, n: number): T
  matMul(a: T, b: T, transposeA?: boolean, transposeB?: boolean): T
  softmax(x: T): T
  conv2d(x: T, w: T, strides: number, padding: string): T
  tidy<R>(f: () => R): R
  readonly losses: { softmaxCrossEntropy(labels: T, logits: T): T }
  readonly train: { sgd(lr: number): Optimizer; adam(lr: number): Optimizer }
}
interface WasmBackend {
  setWasmPaths(folder: string): void
  setThreadsCount(n: number): void
}

export async function tfjsPeer(threads: number): Promise<Peer> {
  const name = '@tensorflow/tfjs'
  const backendName = '@tensorflow/tfjs-backend-wasm'
  const tf = ((m: { default?: Tf }) => m.default ?? m)(await import(name)) as Tf
  const wasm = ((m: { default?: WasmBackend }) => m.default ?? m)(await import(backendName)) as WasmBackend
  wasm.setWasmPaths(join(dirname(createRequire(import.meta.url).resolve(backendName)), '/'))
  wasm.setThreadsCount(threads)
  await tf.setBackend('wasm')
  await tf.ready()
  const make = ({ shape, data }: Value): T => tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32')
  return {
    versions: async () => ({ '@tensorflow/tfjs': tf.version.tfjs }),
    load: async (task, path) => (task.kind === 'generate' ? Promise.reject(new Error('not written for this framework')) : task.kind === 'step' ? step(tf, make, task, path) : op(tf, make, task, path)),
  }
}

async function op(tf: Tf, make: (v: Value) => T, task: OpTask, path: string): Promise<Loaded> {
  let inputs = [...readInputs(path).values.values()].map(make)
  if (task.kind === 'conv') inputs = [inputs[0]!.transpose([0, 2, 3, 1]), inputs[1]!.transpose([2, 3, 1, 0])]
  const f = (): T => {
    const [x, y, z] = inputs as [T, T, T]
    switch (task.kind) {
      case 'gemm': return tf.matMul(x, y, false, task.transposed)
      case 'conv': return tf.conv2d(x, y, 1, 'same')
      case 'softmax': return tf.softmax(x)
      case 'elementwise': return x.mul(y).add(x)
      case 'layernorm': {
        const centred = x.sub(x.mean(-1, true))
        return centred.mul(centred.square().mean(-1, true).add(1e-5).rsqrt()).mul(y).add(z)
      }
    }
  }
  const first = tf.tidy(f)
  const data = await (task.kind === 'conv' ? first.transpose([0, 3, 1, 2]) : first).data()
  return { check: sampled(data.length).map((i) => data[i]!), run: () => tf.tidy(f).dispose(), dispose: () => inputs.forEach((x) => x.dispose()) }
}

async function step(tf: Tf, make: (v: Value) => T, task: StepTask, path: string): Promise<Loaded> {
  if (task.network !== 'mlp') throw new Error('the wasm backend has no gradient kernels for convolutions and embeddings')
  const { values, trained } = readInputs(path)
  const params = trained.map((name) => tf.variable(make(values.get(name)!)))
  const optimizer = task.optimizer.kind === 'sgd' ? tf.train.sgd(task.optimizer.lr) : tf.train.adam(task.optimizer.lr)
  const xs = Array.from({ length: BATCHES }, (_, b) => make(values.get(`x${b}`)!))
  const hots = Array.from({ length: BATCHES }, (_, b) => tf.oneHot(make(values.get(`y${b}`)!), 10))
  let i = 0
  const next = (): T => {
    const b = i++ % BATCHES
    const loss = (): T => {
      let a = xs[b]!
      for (let k = 0; k < params.length; k += 2) {
        a = tf.matMul(a, params[k]!, false, true).add(params[k + 1]!)
        if (k + 2 < params.length) a = a.relu()
      }
      return tf.losses.softmaxCrossEntropy(hots[b]!, a).asScalar()
    }
    return tf.tidy(() => optimizer.minimize(loss, true, params))
  }
  const check: number[] = []
  for (let k = 0; k < CHECKED; k++) check.push((await next().data())[0]!)
  return { check, run: () => next().dispose(), dispose: () => [...params, ...xs, ...hots].forEach((x) => x.dispose()) }
}
