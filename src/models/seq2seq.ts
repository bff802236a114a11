// Sequence to sequence with attention (Sutskever et al., 2014; Bahdanau, Cho, Bengio, "Neural machine translation by jointly
// learning to align and translate", 2014). A bidirectional GRU reads the source; before every target token the decoder
// looks back at all of it. In: two sequences of token numbers. Out: logits of the target's next tokens.
import { optionsOf } from '../base/index.ts'
import { Dropout, Embedding, GRU, Linear, Module, paddingMask, tanh } from '../nn/index.ts'
import { type Tensor, concat, scan, where } from '../tensor/index.ts'
import { requireContext } from './checks.ts'
import type { NameTable } from './names.ts'

export interface Seq2SeqOptions {
  readonly sourceVocabulary: number
  readonly targetVocabulary: number
  /** Width of token vectors and hidden layers; default 128. */
  readonly width?: number
  /** Default 0.1. */
  readonly dropout?: number
}
/** What the encoder made of a source. */
export interface Seq2SeqMemory {
  /** (B, S, 2·width): both directions. */
  readonly annotations: Tensor
  /** (B, S, width): what the attention compares with, computed once. */
  readonly keys: Tensor
  /** (B, 1, S) bool: no padding. */
  readonly mask: Tensor | null
  /** (B, width): where the decoder begins. */
  readonly state: Tensor
}

/** score(s, hⱼ) = vᵀ tanh(W s + U hⱼ). */
class AdditiveAttention extends Module {
  readonly query: Linear
  readonly key: Linear
  readonly score: Linear
  constructor(width: number) {
    super()
    this.query = new Linear(width, width, { bias: false })
    this.key = new Linear(2 * width, width)
    this.score = new Linear(width, 1, { bias: false })
  }
  /** State (B, C) and a memory → context (B, 2C) and the weights (B, S). */
  forward(state: Tensor, { annotations, keys, mask }: Seq2SeqMemory): { context: Tensor; weights: Tensor } {
    const fit = this.score.call(tanh(this.query.call(state).unsqueeze(1).add(keys))).squeeze(-1) // (B,1,C) + (B,S,C) → (B,S)
    const weights = (mask === null ? fit : where(mask.squeeze(1), fit, -1e9)).softmax(-1)
    return { context: weights.unsqueeze(1).matmul(annotations).squeeze(1), weights } // (B,1,S) × (B,S,2C) → (B,2C)
  }
}

/**
 * (B, S) source and (B, T) target token numbers → logits (B, T, targetVocabulary). The target begins with its start token;
 * logits at t are for the token after it (teacher forcing).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Seq2Seq } from 'gradus/models'
 *
 * const model = new Seq2Seq({ sourceVocabulary: 30, targetVocabulary: 40, width: 16 })
 * model.call(zeros([2, 7], 'int32'), zeros([2, 5], 'int32'), { lengths: [7, 4] }).shape // → [2, 5, 40]
 * ```
 */
export class Seq2Seq extends Module {
  readonly source: Embedding
  readonly target: Embedding
  readonly drop: Dropout
  readonly encoder: GRU
  /** From the backward reader's last state to the decoder's first. */
  readonly bridge: Linear
  readonly attention: AdditiveAttention
  readonly decoder: GRU
  /** From state, context and last token to logits. */
  readonly out: Linear

  constructor(options: Seq2SeqOptions) {
    super()
    optionsOf('Seq2Seq', options, 'options such as { sourceVocabulary: 100, targetVocabulary: 100 }')
    const { sourceVocabulary, targetVocabulary, width = 128, dropout = 0.1 } = options
    this.source = new Embedding(sourceVocabulary, width)
    this.target = new Embedding(targetVocabulary, width)
    this.drop = new Dropout(dropout)
    this.encoder = new GRU(width, width, { bidirectional: true })
    this.bridge = new Linear(width, width)
    this.attention = new AdditiveAttention(width)
    this.decoder = new GRU(3 * width, width)
    this.out = new Linear(4 * width, targetVocabulary)
  }

  forward(source: Tensor, target: Tensor, options: { readonly lengths?: Tensor | readonly number[] } = {}): Tensor {
    requireContext('Seq2Seq', target, Infinity)
    const memory = this.encode(source, options)
    const embedded = this.drop.call(this.target.call(target)) // (B,T) → (B,T,C)
    const [, logits] = scan(
      (state: Tensor, token: Tensor): [Tensor, Tensor] => {
        const next = this.step(token, state, memory)
        return [next.state, next.features]
      },
      memory.state,
      embedded.transpose(0, 1),
    ) // (T,B,4C)
    return this.out.call(this.drop.call(logits.transpose(0, 1))) // → (B,T,4C) → (B,T,V)
  }

  /** Reads the source, (B, S). `lengths`: tokens of each source that are no padding. */
  encode(source: Tensor, { lengths }: { readonly lengths?: Tensor | readonly number[] } = {}): Seq2SeqMemory {
    requireContext('Seq2Seq', source, Infinity)
    const { output, state } = this.encoder.call(this.drop.call(this.source.call(source)), { lengths }) // (B,S,2C), (2,B,C)
    const mask = lengths === undefined ? null : paddingMask(lengths, source.shape[1]!).squeeze(1) // (B,1,S)
    return { annotations: output, keys: this.attention.key.call(output), mask, state: tanh(this.bridge.call(state.at(1))) }
  }
  /** One target token (B) after a state (B, width): logits (B, V), the new state, and where the decoder looked (B, S). */
  next(token: Tensor, state: Tensor, memory: Seq2SeqMemory): { logits: Tensor; state: Tensor; weights: Tensor } {
    const { features, ...rest } = this.step(this.target.call(token), state, memory)
    return { logits: this.out.call(features), ...rest }
  }
  private step(token: Tensor, state: Tensor, memory: Seq2SeqMemory): { features: Tensor; state: Tensor; weights: Tensor } {
    const { context, weights } = this.attention.call(state, memory) // (B,2C)
    const { output } = this.decoder.call(concat([token, context], 1).unsqueeze(1), { state: state.unsqueeze(0) }) // (B,1,3C) → (B,1,C)
    const now = output.squeeze(1)
    return { features: concat([now, context, token], 1), state: now, weights } // (B,4C)
  }
}

const cell = (ours: string, theirs: string, layer: string): NameTable['rules'] =>
  [['weightIh', 'weight_ih'], ['weightHh', 'weight_hh'], ['biasIh', 'bias_ih'], ['biasHh', 'bias_hh']].map(([a, b]) => ({ ours: `${ours}.${a}`, theirs: `${theirs}.${b}${layer}` }))
/** A PyTorch module with the same fields: `encoder` an nn.GRU, `decoder` an nn.GRUCell, and `query`, `key`, `score` (Linear). */
export const seq2seqNames: NameTable = {
  source: 'PyTorch',
  rules: [
    ...cell('encoder.layers.0.forward', 'encoder', '_l0'), ...cell('encoder.layers.0.backward', 'encoder', '_l0_reverse'), ...cell('decoder.layers.0.forward', 'decoder', ''),
    ...['query', 'key', 'score'].map((name) => ({ ours: `attention.${name}`, theirs: name })),
    ...['source', 'target', 'bridge', 'out'].map((name) => ({ ours: name, theirs: name })),
  ],
}
