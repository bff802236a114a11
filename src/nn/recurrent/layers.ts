// RNN, LSTM and GRU layers. Sequences are (B, T, features): what PyTorch calls batch_first.
import { optionsOf } from '../../base/index.ts'
import { type Tensor, concat, full } from '../../tensor/index.ts'
import { relu, tanh } from '../activations.ts'
import { oneOf, requireRange } from '../checks.ts'
import { elmanStep, gruStep, lstmStep } from './cells.ts'
import { type Lengths, Recurrent, type RecurrentOptions } from './recurrent.ts'

export interface RecurrentCall<State> {
  /** Where to begin; zeros if left out. */
  readonly state?: State | undefined
  /** Valid steps of every sequence, 1 … T: outputs beyond are 0, and the last state is that of the last valid step. */
  readonly lengths?: Lengths | undefined
}
export interface RecurrentResult<State> {
  /** (B, T, H), or (B, T, 2H) with both directions side by side. */
  readonly output: Tensor
  /** After the last step: (layers·directions, B, H). */
  readonly state: State
}
/** Hidden signals and cells, each (layers·directions, B, H). */
export interface LSTMState {
  readonly h: Tensor
  readonly c: Tensor
}

export interface LSTMOptions extends RecurrentOptions {
  /** Added to the bias of the forget gate at the start: with 1 the cell remembers until it learns to forget (Jozefowicz et al.,
   * 2015). Default 0, as in PyTorch. */
  readonly forgetBias?: number
}

/**
 * Elman's network: h′ = φ(Wᵢx + bᵢ + Wₕh + bₕ) over the steps of (B, T, inputSize).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { RNN } from 'gradus/nn'
 *
 * const { output, state } = new RNN(3, 8).call(zeros([2, 5, 3]))
 * output.shape // → [2, 5, 8]
 * state.shape // → [1, 2, 8]
 * ```
 */
export class RNN extends Recurrent {
  readonly nonlinearity: 'tanh' | 'relu'
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & { readonly nonlinearity?: 'tanh' | 'relu' } = {}) {
    super('RNN', 1, inputSize, hiddenSize, options)
    this.nonlinearity = options.nonlinearity ?? 'tanh'
    oneOf('RNN', 'nonlinearity', this.nonlinearity, 'tanh', 'relu')
  }
  forward(x: Tensor, options: RecurrentCall<Tensor> = {}): RecurrentResult<Tensor> {
    const { state, lengths } = optionsOf('RNN', options)
    const result = this.run('RNN', elmanStep(this.nonlinearity === 'tanh' ? tanh : relu), x, [state], lengths)
    return { output: result.output, state: result.state[0]! }
  }
}

/**
 * Long short-term memory over (B, T, inputSize): the cell c carries signals past many steps, gates decide what enters,
 * stays and shows.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { LSTM } from 'gradus/nn'
 *
 * const lstm = new LSTM(3, 8, { layers: 2, bidirectional: true })
 * const { output, state } = lstm.call(zeros([2, 5, 3]), { lengths: [5, 2] })
 * output.shape // → [2, 5, 16]
 * state.c.shape // → [4, 2, 8]
 * ```
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super('LSTM', 4, inputSize, hiddenSize, options)
    const { forgetBias = 0 } = options
    requireRange('LSTM', 'forgetBias', forgetBias, 0)
    if (forgetBias === 0) return
    const gate = [0, forgetBias, 0, 0].map((b) => full([hiddenSize], b))
    for (const { forward, backward } of this.layers) for (const cell of [forward, backward]) if (cell?.biasIh) cell.biasIh = cell.biasIh.add(concat(gate)) // (4H)
  }
  forward(x: Tensor, options: RecurrentCall<LSTMState> = {}): RecurrentResult<LSTMState> {
    const { state, lengths } = optionsOf('LSTM', options)
    const result = this.run('LSTM', lstmStep, x, [state?.h, state?.c], lengths)
    return { output: result.output, state: { h: result.state[0]!, c: result.state[1]! } }
  }
}

/**
 * Gated recurrent units over (B, T, inputSize): two gates, no separate cell.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { GRU } from 'gradus/nn'
 *
 * new GRU(3, 8).call(zeros([2, 5, 3])).output.shape // → [2, 5, 8]
 * ```
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super('GRU', 3, inputSize, hiddenSize, options)
  }
  forward(x: Tensor, options: RecurrentCall<Tensor> = {}): RecurrentResult<Tensor> {
    const { state, lengths } = optionsOf('GRU', options)
    const result = this.run('GRU', gruStep, x, [state], lengths)
    return { output: result.output, state: result.state[0]! }
  }
}
