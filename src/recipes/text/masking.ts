// Hidden tokens, as BERT is trained on them: 30 % of each piece are to be guessed; of these 80 % are hidden, 10 % replaced by
// any other token, 10 % left as they are (Devlin et al., 2018). The paper hides 15 %; where the text is short, more guesses a
// piece teach more (Wettig et al., “Should you mask 15 % in masked language modeling?”, 2022).
import { type Augment, Dataset, hostRandom } from '../../data/index.ts'
import { Module, crossEntropy } from '../../nn/index.ts'
import type { BertForMaskedLM } from '../../models/index.ts'
import type { Metric } from '../../train/index.ts'
import { type Tensor, concat } from '../../tensor/index.ts'

/** Tokens that no tokenizer knows: padding, the beginning (whose vector stands for the whole text), a hidden token. */
export const [PAD, START, MASK, OWN] = [0, 1, 2, 3] as const
const SHARE = 0.3

/** (B, T) of tokens → bool: where what is said about a text is read. At its gaps, if it has any: there the network has learned to say
 * what the text lets expect (as in Gao et al., 2021); otherwise at all of its tokens. */
export function placesToRead(x: Tensor): Tensor {
  const gaps = x.eq(MASK)
  return gaps.logicalOr(gaps.any(1, { keepdims: true }).logicalNot().logicalAnd(x.ne(PAD)))
}

/** A row [tokens | zeros] → [tokens, some of them hidden | 1 where one is to be guessed]; the first stays. */
export function hideTokens(vocabulary: number): Augment {
  return (row, out, { random }) => {
    const T = row.length / 2
    out.set(row)
    const places = Array.from({ length: T - 1 }, (_, i) => i + 1)
    const count = Math.max(1, Math.round(SHARE * (T - 1)))
    for (let i = 0; i < count; i++) {
      // the first `count` of a shuffled list
      const other = i + Math.floor(random.next() * (places.length - i))
      ;[places[i], places[other]] = [places[other]!, places[i]!]
      const at = places[i]!
      out[T + at] = 1
      const dice = random.next()
      if (dice < 0.8) out[at] = MASK
      else if (dice < 0.9) out[at] = OWN + Math.floor(random.next() * (vocabulary - OWN))
    }
  }
}

/** Pieces of a long row of tokens, each with START before it: inputs (N, 2T) for `hideTokens`, targets (N, T). `hidden`: hide some now, for good. */
export function pieces(tokens: Int32Array, context: number, vocabulary: number, hidden: boolean): Dataset {
  const step = context - 1
  const n = Math.floor(tokens.length / step)
  const inputs = new Int32Array(n * 2 * context)
  const targets = new Int32Array(n * context)
  const hide = hideTokens(vocabulary)
  for (let i = 0; i < n; i++) {
    const piece = [START, ...tokens.subarray(i * step, (i + 1) * step).map((t) => t + OWN)]
    targets.set(piece, i * context)
    const row = Int32Array.from([...piece, ...new Int32Array(context)])
    const at = inputs.subarray(i * 2 * context, (i + 1) * 2 * context)
    if (hidden) hide(row, at, { random: hostRandom(1, 7, i), shape: [2 * context] })
    else at.set(row)
  }
  return new Dataset({ dtype: 'int32', shape: [n, 2 * context], data: inputs }, { dtype: 'int32', shape: [n, context], data: targets })
}

/** (B, 2T) → (B, T, V + 1): logits of every token, and 1 where it is to be guessed. */
export class HiddenTokens extends Module {
  readonly network: BertForMaskedLM
  constructor(network: BertForMaskedLM) {
    super()
    this.network = network
  }
  forward(x: Tensor): Tensor {
    const T = x.shape[1]! / 2
    return concat([this.network.call(x.at(null, [0, T])), x.at(null, [T, null]).to('float32').unsqueeze(-1)], 2)
  }
}
const parts = (output: Tensor): { logits: Tensor; wanted: Tensor } => ({ logits: output.at(null, null, [0, -1]), wanted: output.at(null, null, -1) })

/** The mean of −log p over the tokens that are to be guessed. */
export function hiddenLoss(output: Tensor, targets: Tensor): Tensor {
  const { logits, wanted } = parts(output)
  const each = crossEntropy(logits.reshape([-1, logits.shape[2]!]), targets.reshape(-1), { reduction: 'none' })
  return each.mul(wanted.reshape(-1)).sum().div(wanted.sum().maximum(1))
}
/** The share of them that is guessed right; every piece has equally many. */
export const hiddenAccuracy: Metric = {
  name: 'masked_accuracy',
  sum: (output, targets) => {
    const { logits, wanted } = parts(output)
    const right = logits.argmax(-1).to('int32').eq(targets).to('float32').mul(wanted) // (B,T)
    return right.sum(1).div(wanted.sum(1).maximum(1)).sum()
  },
}
