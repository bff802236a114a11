// Deep belief network (Hinton, Osindero, Teh, "A fast learning algorithm for deep belief nets", 2006; Hinton & Salakhutdinov,
// 2006): restricted Boltzmann machines trained one on top of the other without labels, then made into a network of
// sigmoids and fitted to labels. In: numbers from 0 to 1. Out: logits.
import { optionsOf } from '../base/index.ts'
import { Linear, Module, RBM, init, withTensors } from '../nn/index.ts'
import { type Tensor, ValueError, arange, jit, key as makeKey, permutation, split, tensor } from '../tensor/index.ts'

export interface DeepBeliefOptions {
  /** Numbers in one example; default 784 (28×28 pixels). */
  readonly inputs?: number
  /** Widths of the hidden layers, bottom first; default [500, 500, 2000], the paper's. */
  readonly hidden?: readonly number[]
  /** Default 10. */
  readonly classes?: number
}
export interface PretrainOptions {
  /** Passes over the data for each layer; default 10. */
  readonly epochs?: number
  /** Default 100. */
  readonly batchSize?: number
  /** Learning rate; default 0.1. */
  readonly rate?: number
  /** Share of the last correction in the next; default 0.5. */
  readonly momentum?: number
  /** Shrinking of the weights, times the rate; default 2e-4. */
  readonly weightDecay?: number
  /** Gibbs steps of contrastive divergence; default 1. */
  readonly steps?: number
  /** Default 0. */
  readonly seed?: number
  /** Stops after the update that is going on; the layers then keep what they have learned so far. */
  readonly signal?: AbortSignal
  /** Told after every epoch: layer and epoch from 1, and the mean squared error of reconstruction. */
  readonly onEpoch?: (report: { readonly layer: number; readonly epoch: number; readonly error: number }) => void
}

/**
 * (B, …) → logits (B, classes): σ-layers, then a linear one. The layers are `RBM`s; `pretrain` teaches them layer by layer,
 * `fit` then everything together.
 *
 * @example
 * ```ts
 * import { key, uniform } from 'gradus'
 * import { DeepBeliefNetwork } from 'gradus/models'
 *
 * const model = new DeepBeliefNetwork({ inputs: 16, hidden: [8, 4], classes: 2 })
 * const errors = await model.pretrain(uniform([32, 16], { key: key(1) }), { epochs: 2, batchSize: 8 })
 * errors.length // → 2
 * ```
 */
export class DeepBeliefNetwork extends Module {
  readonly layers: readonly RBM[]
  readonly out: Linear

  constructor(options: DeepBeliefOptions = {}) {
    super()
    optionsOf('DeepBeliefNetwork', options)
    const { inputs = 784, hidden = [500, 500, 2000], classes = 10 } = options
    if (hidden.length === 0) throw new ValueError('DeepBeliefNetwork', 'no hidden layers', { expected: 'at least one width', received: '[]' })
    this.layers = hidden.map((width, i) => new RBM(hidden[i - 1] ?? inputs, width))
    this.out = new Linear(hidden.at(-1)!, classes, { weight: init.xavierUniform, bias: init.zeros })
  }
  forward(x: Tensor): Tensor {
    let a = x.flatten(1) // (B,28,28) → (B,784)
    for (const layer of this.layers) a = layer.call(a) // → (B,500) → (B,500) → (B,2000)
    return this.out.call(a) // → (B,classes)
  }

  /**
   * Teaches every layer the distribution of what the layer below gives for `data` (N, …). Changes the layers; returns the
   * last error of reconstruction of each. Examples beyond a whole batch sit out the epoch.
   * @throws ValueError when the data is smaller than a batch.
   */
  async pretrain(data: Tensor, options: PretrainOptions = {}): Promise<number[]> {
    const { epochs = 10, batchSize = 100, rate = 0.1, momentum = 0.5, weightDecay = 2e-4, steps = 1, seed = 0, signal, onEpoch } = options
    const stopped = (): boolean => signal?.aborted === true
    let x = data.flatten(1).to('float32').realize() // (N,inputs)
    const batches = Math.floor(x.shape[0]! / batchSize)
    if (batches < 1) throw new ValueError('pretrain', 'less data than one batch', { expected: `at least ${batchSize} examples`, received: String(x.shape[0]) })
    const errors: number[] = []
    const layerKeys = split(makeKey(seed), this.layers.length)
    for (const [at, rbm] of this.layers.entries()) {
      type Params = Record<'weight' | 'visibleBias' | 'hiddenBias', Tensor>
      const names = ['weight', 'visibleBias', 'hiddenBias'] as const
      type State = { params: Params; speed: Params; key: Tensor; error: Tensor }
      // everything that changes from step to step is a value, so that all steps are one program
      const step = jit(
        (state: State, rows: Tensor, order: Tensor, from: Tensor): State => {
          const { params, speed } = state
          const [key, drawn] = split(state.key)
          const batch = rows.take(order.take(arange(batchSize).add(from)))
          const g = withTensors(rbm, params).contrastiveDivergence(batch, { steps, key: drawn! })
          const next = { params: { ...params }, speed: { ...speed }, key: key!, error: state.error.add(g.error) }
          for (const name of names) {
            const gradient = name === 'weight' ? g.weight.add(params.weight.mul(weightDecay)) : g[name]
            next.speed[name] = speed[name].mul(momentum).sub(gradient.mul(rate))
            next.params[name] = params[name].add(next.speed[name])
          }
          return next
        },
        { donate: [0] },
      )
      // copies: the state is given away to every step
      const copies = (factor: number): Params => Object.fromEntries(names.map((n) => [n, rbm[n].mul(factor).realize()])) as Params
      const [first, ...shuffles] = await Promise.all(split(layerKeys[at]!, epochs + 1).map(async (one) => tensor(await one.data() as Int32Array)))
      let state: State = { params: copies(1), speed: copies(0), key: first!, error: tensor(0) }
      let error = Number.NaN
      for (let epoch = 0; epoch < epochs && !stopped(); epoch++) {
        const order = permutation(x.shape[0]!, { key: shuffles[epoch]! }).realize()
        state = { ...state, error: tensor(0) }
        for (let b = 0; b < batches && !stopped(); b++) state = step(state, x, order, tensor(b * batchSize, { dtype: 'int32' }))
        error = (await state.error.item()) / batches
        onEpoch?.({ layer: at + 1, epoch: epoch + 1, error })
      }
      Object.assign(rbm, state.params)
      errors.push(error)
      x = rbm.hiddenGiven(x).realize() // what the next layer sees
    }
    return errors
  }
  /** The same network with layers that were taught nothing: what pretraining is compared with. */
  static untrained(options: DeepBeliefOptions = {}): DeepBeliefNetwork {
    const network = new DeepBeliefNetwork(options)
    for (const layer of network.layers) layer.weight = init.xavierUniform(layer.weight.shape)
    return network
  }
}
