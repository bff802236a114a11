// Where attention looks: the weights of every attention layer of a model for an input, computed again from what the layer was
// given, by the plain formula softmax(QKᵀ/√d + mask) (Vaswani et al., 2017; seen with Clark et al., 2019, and Abnar & Zuidema, 2020).
import { given } from './given.ts'
import { functionOf } from '../base/index.ts'
import { type AttendOptions, type Module, MultiHeadAttention, modulePaths, withHooks } from '../nn/index.ts'
import { type Tensor, ValueError, arange, where } from '../tensor/index.ts'

export interface AttentionMap {
  /** Path of the attention layer in the model. */
  readonly layer: string
  /** (B, heads, T, S): how much of position s position t takes; every row sums to 1 (to 0 if it may look nowhere). */
  readonly weights: Tensor
}

/**
 * The attention weights of every layer while `run` calls the model, in the order of the layers' paths. The model is copied into
 * eval mode first, so nothing is dropped. Works for anything made of `MultiHeadAttention`: Transformer, BERT, GPT, ViT.
 *
 * @throws ValueError for a model without attention, or one that attends through a cache.
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { attentionMaps } from 'gradus/explain'
 * import { GPT } from 'gradus/models'
 *
 * const gpt = new GPT({ vocabulary: 9, context: 8, width: 16, layers: 2, heads: 4 })
 * const maps = attentionMaps(gpt, (copy) => copy.call(zeros([1, 5], 'int32')))
 * maps.map(({ weights }) => weights.shape.join(' ')) // → ['1 4 5 5', '1 4 5 5']
 * ```
 */
export function attentionMaps<M extends Module>(model: M, run: (model: M) => unknown): AttentionMap[] {
  given('attentionMaps', model)
  functionOf('attentionMaps', run)
  const copy = withHooks(model, {})
  copy.eval()
  const maps: AttentionMap[] = []
  const layers = modulePaths(copy).flatMap(([path, module]) => (module instanceof MultiHeadAttention ? [[path, module] as const] : []))
  if (layers.length === 0) throw new ValueError('attentionMaps', 'the model has no attention', { expected: 'at least one MultiHeadAttention', received: copy.constructor.name })
  for (const [layer, attention] of layers) {
    const forward = attention.forward
    attention.forward = (x: Tensor, options: AttendOptions = {}): Tensor => {
      maps.push({ layer, weights: weightsOf(attention, x, options) })
      return forward.call(attention, x, options)
    }
  }
  run(copy)
  return maps
}

/** softmax(QKᵀ/√d + mask) of one layer: (B, T, width) → (B, heads, T, S). */
function weightsOf(attention: MultiHeadAttention, x: Tensor, { source = x, mask, causal = false, cache }: AttendOptions): Tensor {
  if (cache !== undefined) throw new ValueError('attentionMaps', 'attention through a cache', { expected: 'a call that reads the whole sequence at once' })
  const { q, k } = attention.queriesAndKeys(x, source)
  const group = attention.heads / attention.kvHeads
  const [T, S] = [q.shape[2]!, k.shape[2]!]
  const each = arange(attention.heads).to('float32').div(group).floor().to('int32')
  const keys = group === 1 ? k : k.take(each, 1) // (B,G,S,D) → (B,H,S,D)
  let scores = q.matmul(keys.transpose(-1, -2)).div(Math.sqrt(attention.width / attention.heads)) // (B,H,T,S)
  if (mask !== undefined) scores = mask.dtype === 'bool' ? where(mask, scores, -1e30) : scores.add(mask)
  if (causal) scores = where(arange(T).reshape([T, 1]).ge(arange(S)), scores, -1e30)
  const allowed = scores.gt(-1e29)
  return where(allowed, scores.softmax(-1), 0)
}
