// Language model of recurrent layers (Elman, 1990; Mikolov et al., 2010; Graves, 2013): reads tokens one after another and
// predicts the next. In: token numbers. Out: logits of the token after each.
import { optionsOf } from '../base/index.ts'
import { Dropout, Embedding, GRU, LSTM, type LSTMState, Linear, Module, RNN } from '../nn/index.ts'
import { type Tensor, ValueError, zeros } from '../tensor/index.ts'
import { requireContext } from './checks.ts'
import type { NameTable } from './names.ts'

export type RecurrentKind = 'rnn' | 'lstm' | 'gru'
export interface RecurrentLanguageModelOptions {
  /** Tokens there are. */
  readonly vocabulary: number
  /** Default 'lstm'. */
  readonly kind?: RecurrentKind
  /** Width of the token vectors; default that of the hidden layers. */
  readonly embedding?: number
  /** Width of the hidden layers; default 256. */
  readonly width?: number
  /** Default 2. */
  readonly layers?: number
  /** Default 0. */
  readonly dropout?: number
  /** The output layer is the token table again; needs embedding = width. Default false. */
  readonly tied?: boolean
}
/** What the layers remember: h, or h and c. */
export type RecurrentState = Tensor | LSTMState

/**
 * (B, T) of token numbers → logits (B, T, vocabulary).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { RecurrentLanguageModel } from 'gradus/models'
 *
 * const model = new RecurrentLanguageModel({ vocabulary: 65, kind: 'gru', width: 32, layers: 1 })
 * model.call(zeros([2, 8], 'int32')).shape // → [2, 8, 65]
 * ```
 */
export class RecurrentLanguageModel extends Module {
  readonly kind: RecurrentKind
  readonly tokens: Embedding
  readonly drop: Dropout
  readonly recurrent: RNN | LSTM | GRU
  readonly out: Linear | null

  constructor(options: RecurrentLanguageModelOptions) {
    super()
    optionsOf('RecurrentLanguageModel', options, 'options such as { vocabulary: 256 }')
    const { vocabulary, kind = 'lstm', width = 256, embedding = width, layers = 2, dropout = 0, tied = false } = options
    const Layer = { rnn: RNN, lstm: LSTM, gru: GRU }[kind]
    if (Layer === undefined) throw new ValueError('RecurrentLanguageModel', 'no such kind', { expected: 'rnn, lstm or gru', received: String(kind) })
    if (tied && embedding !== width) throw new ValueError('RecurrentLanguageModel', 'tied weights need one width', { expected: `embedding ${width}`, received: String(embedding) })
    this.kind = kind
    this.tokens = new Embedding(vocabulary, embedding)
    this.drop = new Dropout(dropout)
    this.recurrent = new Layer(embedding, width, { layers, dropout })
    this.out = tied ? null : new Linear(width, vocabulary)
  }

  forward(tokens: Tensor): Tensor {
    return this.next(tokens).logits
  }
  /** The state before anything was read. */
  start(batch = 1): RecurrentState {
    const { layers, hiddenSize } = this.recurrent
    const empty = (): Tensor => zeros([layers.length, batch, hiddenSize])
    return this.kind === 'lstm' ? { h: empty(), c: empty() } : empty()
  }
  /** The next tokens (B, T) after a state: logits (B, T, vocabulary) and the new state. */
  next(tokens: Tensor, state?: RecurrentState): { logits: Tensor; state: RecurrentState } {
    requireContext('RecurrentLanguageModel', tokens, Infinity)
    const x = this.drop.call(this.tokens.call(tokens)) // (B,T) → (B,T,E)
    // one of the three, each with a state of its own kind
    const { output, state: after } = (this.recurrent as GRU).call(x, state === undefined ? {} : { state: state as Tensor }) // → (B,T,H)
    const a = this.drop.call(output)
    return { logits: this.out === null ? this.tokens.attend(a) : this.out.call(a), state: after as RecurrentState }
  }
}

/** A PyTorch module with `tokens` (Embedding), `recurrent` (RNN, LSTM or GRU) and `out` (Linear). */
export const recurrentNames: NameTable = {
  source: 'PyTorch',
  rules: [
    { ours: 'tokens', theirs: 'tokens' }, { ours: 'out', theirs: 'out' },
    ...[['weightIh', 'weight_ih'], ['weightHh', 'weight_hh'], ['biasIh', 'bias_ih'], ['biasHh', 'bias_hh']].map(([ours, theirs]) => ({ ours: `recurrent.layers.*.forward.${ours}`, theirs: `recurrent.${theirs}_l*` })),
  ],
}
