// Layers, activations, losses, optimisers and schedules against PyTorch (test/golden/nn.json), on every device.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/nn/index.ts'
import { type Tensor, jit, realize, tensor, valueAndGrad } from '../src/tensor/index.ts'
import { differences } from './support/compare.ts'
import { computesWith, isCostly, on, probeDevices, spread } from './support/devices.ts'
import { type GoldenCase, runGolden } from './support/golden.ts'
import type { CALLS } from './support/golden-calls.ts'

type Options = Record<string, never>
interface Run {
  readonly name: 'SGD' | 'Adagrad' | 'RMSProp' | 'Adam' | 'AdamW'
  readonly rate: number
  readonly options: Options
  readonly schedule: 'cosine' | null
  readonly seen: readonly { readonly step: number; readonly params: readonly number[][] }[]
}
interface Golden {
  readonly cases: readonly GoldenCase[]
  readonly problem: Readonly<Record<'x' | 'y' | 'w' | 'b', { readonly s: number[]; readonly q: number[] }>>
  readonly steps: number
  readonly optimizers: readonly Run[]
  readonly schedules: readonly { readonly name: keyof typeof SCHEDULES; readonly args: readonly never[]; readonly values: readonly number[] }[]
  readonly network: {
    readonly inputs: { readonly s: number[]; readonly q: number[] }
    readonly labels: number[]
    readonly start: Readonly<Record<string, { readonly s: number[]; readonly q: number[] }>>
    readonly losses: number[]
    readonly norms: number[]
    readonly state: Readonly<Record<string, number[]>>
    readonly outputs: number[]
  }
}
const golden = JSON.parse(readFileSync(new URL('golden/nn.json', import.meta.url), 'utf8')) as Golden

/** A layer on given tensors: those of its state in order of fields, but for what is absent. */
function onTensors(layer: nn.Layer, [x, ...values]: readonly Tensor[]): Tensor[] {
  const paths = layer.namedParameters().map(([p]) => p)
  return [nn.withTensors(layer, Object.fromEntries(paths.map((p, i) => [p, values[i]!]))).call(x!)]
}
const batchNorm = (make: (features: number, options: Options) => nn.BatchNorm1d | nn.BatchNorm2d) => ([x, mean, variance, weight, bias]: Tensor[], [options, training, calls]: [Options, boolean, number]): Tensor[] => {
  const layer = nn.withTensors(make(x!.shape[1]!, options), {
    runningMean: mean!.stopGradient(), runningVar: variance!.stopGradient(), ...(weight === undefined ? {} : { weight, bias: bias! }),
  }).train(training)
  let total = layer.call(x!)
  for (let k = 1; k < calls; k++) total = total.add(layer.call(x!.add(k)).mul(k + 1))
  return [total, layer.runningMean.stopGradient(), layer.runningVar.stopGradient(), layer.numBatches]
}
const activation = (f: (x: Tensor, option?: never) => Tensor) => ([x]: Tensor[], [option]: [never]): Tensor[] => [f(x!, option)]
const loss = (f: (output: Tensor, target: Tensor, options: Options) => Tensor) => ([output, target]: Tensor[], [options, fixed]: [Options, string]): Tensor[] =>
  [f(output!, fixed === undefined ? target! : target!.stopGradient(), options)]

const TABLE = {
  Linear: (ts: Tensor[]) => onTensors(new nn.Linear(ts[1]!.shape[1]!, ts[1]!.shape[0]!, { bias: ts.length > 2 }), ts),
  Conv: (ts: Tensor[], [rank, channels, out, options]: [1 | 2 | 3, number, number, never]) => onTensors(new [nn.Conv1d, nn.Conv2d, nn.Conv3d][rank - 1]!(channels, out, options), ts),
  MaxPool1d: (ts: Tensor[], [size, options]: [number, Options]) => onTensors(new nn.MaxPool1d(size, options), ts),
  MaxPool2d: (ts: Tensor[], [size, options]: [number, Options]) => onTensors(new nn.MaxPool2d(size, options), ts),
  AvgPool1d: (ts: Tensor[], [size, options]: [number, Options]) => onTensors(new nn.AvgPool1d(size, options), ts),
  AvgPool2d: (ts: Tensor[], [size, options]: [number, Options]) => onTensors(new nn.AvgPool2d(size, options), ts),
  BatchNorm1d: batchNorm((n, o) => new nn.BatchNorm1d(n, o)),
  BatchNorm2d: batchNorm((n, o) => new nn.BatchNorm2d(n, o)),
  LayerNorm: (ts: Tensor[], [over, options]: [number, Options]) => onTensors(new nn.LayerNorm(over, options), ts),
  Embedding: (ts: Tensor[]) => onTensors(new nn.Embedding(ts[1]!.shape[0]!, ts[1]!.shape[1]!), ts),
  step: activation(nn.step),
  sign: activation(nn.sign),
  sigmoid: activation(nn.sigmoid),
  tanh: activation(nn.tanh),
  relu: activation(nn.relu),
  softplus: activation(nn.softplus),
  leakyRelu: activation(nn.leakyRelu),
  elu: activation(nn.elu),
  gelu: activation(nn.gelu),
  silu: activation(nn.silu),
  softmax: activation(nn.softmax),
  logSoftmax: activation(nn.logSoftmax),
  mse: loss(nn.mse),
  mae: loss(nn.mae),
  huber: loss(nn.huber),
  quadratic: loss(nn.quadratic),
  hinge: loss(nn.hinge),
  binaryCrossEntropy: loss(nn.binaryCrossEntropy),
  binaryCrossEntropyWithLogits: loss(nn.binaryCrossEntropyWithLogits),
  crossEntropy: loss(nn.crossEntropy),
  clipByValue: (ts: Tensor[], [limit]: [number]) => nn.clipByValue(ts, limit),
  clipByGlobalNorm: (ts: Tensor[], [limit]: [number]) => {
    const { clipped, norm } = nn.clipByGlobalNorm(ts, limit)
    return [...clipped, norm]
  },
}
const SCHEDULES = { constant: nn.constant, stepDecay: nn.stepDecay, exponential: nn.exponential, cosine: nn.cosine, polynomial: nn.polynomial, warmup: nn.warmup, oneCycle: nn.oneCycle }

const byFunction = new Map<string, GoldenCase[]>()
for (const c of golden.cases) byFunction.set(c.fn, [...(byFunction.get(c.fn) ?? []), c])

test('every function has samples, and every sample a function', () => {
  expect([...byFunction.keys()].sort()).toEqual(Object.keys(TABLE).sort())
})

test.each(golden.schedules)('schedule $name $args', ({ name, args, values }) => {
  const schedule = (SCHEDULES[name] as (...list: readonly never[]) => nn.Schedule)(...args)
  const got = values.map((_, step) => schedule(step))
  expect(differences(got, values, { rtol: 1e-8, atol: 1e-12 })).toBeNull()
})

describe.each(await probeDevices())('$name', ({ name: device, missing }) => {
  test.skipIf(missing !== null).each([...byFunction])('%s', async (_, list) => {
    const cases = isCostly(device) ? spread(list, 6) : list
    expect(await on(device, () => runGolden(cases, { together: isCostly(device), calls: TABLE as unknown as typeof CALLS }))).toEqual([])
  })

  test.skipIf(missing !== null).each(golden.optimizers)('$name $options $schedule', async (run) => {
    await on(device, async () => {
      for (const dtype of (['float32', 'float64'] as const).filter((t) => computesWith(device, t))) {
        const given = (key: 'x' | 'y' | 'w' | 'b') => tensor(golden.problem[key].q, { dtype, shape: golden.problem[key].s }).div(32)
        const [x, y] = [given('x'), given('y')]
        const optimizer: nn.Optimizer = new nn[run.name](run.schedule === null ? run.rate : nn.cosine(run.rate, golden.steps), run.options)
        const error = valueAndGrad((params: readonly Tensor[]) => nn.mse(x.matmul(params[0]!).add(params[1]!), y))
        let params: Tensor[] = [given('w'), given('b')]
        let state = optimizer.init(params)
        for (let n = 0; n < golden.steps; n++) {
          const [, grads] = error(params)
          ;({ params, state } = optimizer.update(params, grads, state, tensor(optimizer.rate(n), { dtype })))
          realize(params, state)
          const want = run.seen.find((s) => s.step === n + 1)
          for (const [i, values] of (want?.params ?? []).entries()) {
            const problem = differences(await params[i]!.data(), values, dtype === 'float32' ? { rtol: 1e-5, atol: 1e-6 } : { rtol: 1e-7, atol: 1e-8 })
            expect(problem, `${dtype}, step ${n + 1}, parameter ${i}`).toBeNull()
          }
        }
        expect(await state.step.item()).toBe(golden.steps)
      }
    })
  })

  const floats = missing === null && !computesWith(device, 'float64') ? (['float32'] as const) : (['float32', 'float64'] as const)
  test.skipIf(missing !== null).each(floats)('ten compiled steps of a network: loss, clipping, AdamW, running statistics (%s)', async (dtype) => {
    const { inputs, labels, start, losses, norms, state: want, outputs } = golden.network
    const bounds = dtype === 'float32' ? { rtol: 1e-5, atol: 1e-5 } : { rtol: 1e-6, atol: 1e-7 }
    // PyTorch's names: 0.weight, 1.running_mean
    const ours = (path: string): string => `layers.${path}`.replace('running_mean', 'runningMean').replace('running_var', 'runningVar').replace('num_batches_tracked', 'numBatches')
    await on(device, async () => {
      const model = new nn.Sequential(
        new nn.Conv2d(1, 3, { kernelSize: 3, padding: 1, bias: false }), new nn.BatchNorm2d(3), nn.relu, new nn.MaxPool2d(2), new nn.Flatten(),
        new nn.Linear(27, 8), new nn.LayerNorm(8), nn.gelu, new nn.Linear(8, 4),
      )
      const x = tensor(inputs.q, { dtype, shape: inputs.s }).div(32)
      const y = tensor(labels, { dtype: 'int32' })
      const optimizer = new nn.AdamW(0.02, { weightDecay: 0.05 })
      const paths = model.namedParameters().map(([p]) => p)
      const named = (list: readonly Tensor[]): Record<string, Tensor> => Object.fromEntries(paths.map((p, i) => [p, list[i]!]))
      const step = jit((params: Tensor[], buffers: Record<string, Tensor>, state: nn.OptimizerState, lr: Tensor) => {
        const [[loss, after], grads] = valueAndGrad((list: Tensor[]) => {
          const copy = nn.withTensors(model, { ...named(list), ...buffers })
          const value = nn.crossEntropy(copy.call(x), y, { labelSmoothing: 0.1 })
          return [value, Object.fromEntries(copy.namedBuffers())] as [Tensor, Record<string, Tensor>]
        }, { hasAux: true })(params)
        const { clipped, norm } = nn.clipByGlobalNorm(grads, 0.8)
        return { ...optimizer.update(params, clipped, state, lr), buffers: after, loss, norm }
      })
      let params = Object.entries(start).map(([, t]) => tensor(t.q, { dtype, shape: t.s }).div(32))
      let buffers = Object.fromEntries(model.namedBuffers().map(([p, t]): [string, Tensor] => [p, t.dtype === 'int32' ? t : t.to(dtype)]))
      expect(Object.keys(start).map(ours)).toEqual(paths)
      let state = optimizer.init(params)
      const seen: number[][] = [[], []]
      for (let n = 0; n < 10; n++) {
        const next = step(params, buffers, state, tensor(optimizer.rate(n), { dtype }))
        ;({ params, buffers, state } = next)
        seen[0]!.push(await next.loss.item())
        seen[1]!.push(await next.norm.item())
      }
      expect(differences(seen[0]!, losses, bounds)).toBeNull()
      expect(differences(seen[1]!, norms, bounds)).toBeNull()
      const trained = nn.withTensors(model, { ...named(params), ...buffers }).eval()
      for (const [path, values] of Object.entries(want)) expect(differences(await trained.state()[ours(path)]!.data(), values, bounds), path).toBeNull()
      expect(differences(await trained.call(x).data(), outputs, bounds)).toBeNull()
      expect(step.programs().length).toBe(1)
    })
  })
})
