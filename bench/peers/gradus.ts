// Gradus as a contender: every step is one jit call with donated state, as in gradus/train.
import { type DeviceName, type JitFunction, type Tensor, backend, conv2d, jit, matmul, setDevice, tensor, valueAndGrad } from 'gradus'
import { Adam, AdamW, type OptimizerState, type Optimizer, SGD, softmax, withTensors } from 'gradus/nn'
import { GPT, generateTokens } from 'gradus/models'
import { BATCHES, CHECKED, type Value, readInputs, sampled } from '../inputs.ts'
import { lossOf, network } from '../networks.ts'
import type { GenerateTask, OpTask, OptimizerSpec, StepTask } from '../tasks.ts'
import type { Loaded, Peer } from './peer.ts'

export const toTensor = ({ shape, data }: Value): Tensor => tensor(data, { shape, dtype: data instanceof Int32Array ? 'int32' : 'float32' })

export async function gradusPeer(device: string, threads: number | undefined): Promise<Peer> {
  if (device === 'webgpu-f16') await setDevice('webgpu', { precision: 'float16' })
  else await setDevice(device as DeviceName, threads === undefined ? {} : { threads })
  return {
    versions: async () => {
      const card = backend().describe?.()
      return { node: process.versions.node, v8: process.versions.v8, ...(card === undefined ? {} : { card }) }
    },
    load: async (task, path) => (task.kind === 'step' ? loadStep(task, path) : task.kind === 'generate' ? loadGenerate(task, path) : loadOp(task, path)),
  }
}

const optimizerOf = ({ kind, lr }: OptimizerSpec): Optimizer => (kind === 'sgd' ? new SGD(lr) : kind === 'adam' ? new Adam(lr) : new AdamW(lr))

/** A run that is over when it returns, or when its promise is kept: a GPU computes on the side. */
function whole(run: () => void): () => void | Promise<void> {
  const device = backend()
  if (device.settle === undefined) return run
  return async () => {
    run()
    await device.settle!()
  }
}

interface State {
  readonly params: Tensor[]
  readonly optimizer: OptimizerState
}
type Step = JitFunction<[State, Tensor, Tensor, Tensor], { state: State; loss: Tensor }>

/** The step and its data, ready to be called. */
export function makeStep(task: StepTask, path: string): { readonly run: () => void; readonly losses: (steps: number) => Promise<number[]>; readonly step: Step } {
  const { values, trained } = readInputs(path)
  const model = network(task)
  const optimizer = optimizerOf(task.optimizer)
  const step: Step = jit(
    ({ params, optimizer: before }: State, x: Tensor, y: Tensor, rate: Tensor) => {
      const [loss, grads] = valueAndGrad((p: Tensor[]) => lossOf(withTensors(model, Object.fromEntries(trained.map((name, i) => [name, p[i]!]))).call(x), y))(params)
      const next = optimizer.update(params, grads, before, rate)
      return { state: { params: next.params, optimizer: next.state }, loss }
    },
    { donate: [0] },
  )
  const params = trained.map((name) => toTensor(values.get(name)!))
  let state: State = { params, optimizer: optimizer.init(params) }
  const [xs, ys] = ['x', 'y'].map((name) => Array.from({ length: BATCHES }, (_, b) => toTensor(values.get(`${name}${b}`)!).realize()))
  const rate = tensor(task.optimizer.lr)
  let i = 0
  const next = (): Tensor => {
    const b = i++ % BATCHES
    const result = step(state, xs![b]!, ys![b]!, rate)
    state = result.state
    return result.loss
  }
  return {
    run: () => next().dispose(),
    losses: async (steps) => {
      const out: number[] = []
      for (let s = 0; s < steps; s++) out.push(await next().item())
      return out
    },
    step,
  }
}

async function loadStep(task: StepTask, path: string): Promise<Loaded> {
  const begin = performance.now()
  const { run, losses, step } = makeStep(task, path)
  const check = await losses(CHECKED)
  const [program] = step.programs()
  return { check, run: whole(run), notes: { firstMs: performance.now() - begin, compileMs: program!.compileMs, kernels: program!.kernels, arenaMB: program!.arenaBytes / 1e6, memoryMB: backend().memory().peak / 1e6 } }
}

/** A token a run; where the context is full the text begins again. */
async function loadGenerate({ gpt, prompt }: GenerateTask, path: string): Promise<Loaded> {
  const begin = performance.now()
  const { values, trained } = readInputs(path)
  const model = withTensors(new GPT(gpt), Object.fromEntries(trained.map((name) => [name, toTensor(values.get(name)!).realize()])))
  const start = (): AsyncGenerator<number, never> => generateTokens(model, values.get('prompt')!.data, { temperature: 0 })
  let text = start()
  let said = prompt
  const next = async (): Promise<number> => {
    if (said === gpt.context) {
      text = start()
      said = prompt
    }
    said++
    return (await text.next()).value
  }
  const check: number[] = []
  for (let i = 0; i < CHECKED; i++) check.push(await next())
  return { check, run: async () => void (await next()), notes: { firstMs: performance.now() - begin, memoryMB: backend().memory().peak / 1e6 } }
}

async function loadOp(task: OpTask, path: string): Promise<Loaded> {
  const { values } = readInputs(path)
  const inputs = [...values.values()].map((v) => toTensor(v).realize())
  const f = opOf(task)
  const call = jit((...args: Tensor[]) => f(...args))
  const out = call(...inputs)
  const data = await out.data()
  return { check: sampled(data.length).map((i) => data[i]!), run: whole(() => call(...inputs).dispose()) }
}

function opOf(task: OpTask): (...args: Tensor[]) => Tensor {
  switch (task.kind) {
    case 'gemm': return (a, b) => matmul(a!, task.transposed ? b!.T : b!)
    case 'conv': return (x, w) => conv2d(x!, w!, { padding: (task.window - 1) / 2 })
    case 'softmax': return (x) => softmax(x!, -1)
    case 'elementwise': return (x, y) => x!.mul(y!).add(x!)
    case 'layernorm':
      return (x, weight, bias) => {
        const centred = x!.sub(x!.mean(-1, { keepdims: true }))
        return centred.mul(centred.square().mean(-1, { keepdims: true }).add(1e-5).rsqrt()).mul(weight!).add(bias!)
      }
  }
}
