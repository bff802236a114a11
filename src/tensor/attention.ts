// Scaled dot-product attention (Vaswani et al., 2017): queries look at keys and mix the values found there.
import { DTypeError, type Shape, ShapeError, argumentOf, broadcastShapes, isFloat, optionsOf, showShape, sizeOf } from '../base/index.ts'
import { type AttentionParams, type Node, emit as e } from '../ir/index.ts'
import { arange } from './create.ts'
import { scan } from './control.ts'
import { backend } from './devices.ts'
import { withAttention } from './families.ts'
import { stack, where } from './functions.ts'
import { nextKey } from './generator.ts'
import { bernoulli, split } from './random.ts'
import { Tensor, nodeOf, tensorOf } from './tensor.ts'

export interface AttentionOptions {
  /**
   * Broadcast to (…, T, S). bool: true where a query may look; floating: added to the scaled scores. A query that may look
   * nowhere gets zeros.
   */
  readonly mask?: Tensor
  /** Query t looks at keys 0 … t only. */
  readonly causal?: boolean
  /** Factor on the scores; 1/√E if left out. */
  readonly scale?: number
  /** Probability of dropping a weight, from 0 to 1; draws from the default generator. */
  readonly dropout?: number
}

/**
 * softmax(scale·q·kᵀ + mask)·v: q (…, T, E), k (…, S, E), v (…, S, F) → (…, T, F), as
 * torch.nn.functional.scaled_dot_product_attention. Long sequences are worked off in blocks of queries, so that the T×S
 * weights are never all in memory, for derivatives neither. Leading axes broadcast. Grouped queries: the third-last axis of q
 * (heads) may be a multiple of that of k and v; query head h then looks at head ⌊h/group⌋.
 *
 * @example
 * ```ts
 * import { scaledDotProductAttention, tensor } from 'gradus'
 *
 * const q = tensor([[1, 0], [0, 1]])
 * const v = tensor([[1, 2], [3, 4]])
 * await scaledDotProductAttention(q, q, v, { causal: true, scale: 100 }).array() // → [[1, 2], [3, 4]]
 * ```
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { mask, causal = false, scale = 1 / Math.sqrt(tensorOf('scaledDotProductAttention', q).shape.at(-1) || 1), dropout = 0 } = optionsOf('scaledDotProductAttention', options)
  const { lead, group } = checked(q, k, v, options)
  const T = q.shape.at(-2)!
  const [S, F] = v.shape.slice(-2) as [number, number]
  const whole = dropout === 0 && q.dtype === 'float32' && T > 1 && backend().attends?.(q.shape.at(-1)!, F, mask !== undefined) === true
  if (whole) return atOnce({ q, k, v, mask }, { causal, scale }, lead, group)
  // Grouped queries: the heads that share keys lie on an axis of their own. (…, H·G, T, E) → (…, H, G, T, E)
  const apart = (x: Tensor): Tensor => (group === 1 ? x : x.reshape([...x.shape.slice(0, -3), x.shape.at(-3)! / group, group, ...x.shape.slice(-2)]))
  const share = (x: Tensor): Tensor => (group === 1 ? x : x.unsqueeze(-3))
  // A mask stays as small as it is: it is repeated where it is read.
  const full = mask === undefined || mask.ndim < 3 ? mask : mask.shape.at(-3) === 1 ? share(mask) : apart(mask)
  const keys: Keys = { k: share(k), v: share(v), scale, dropout }
  const key = dropout > 0 ? nextKey() : undefined
  const first = causal ? arange(T) : undefined
  const rows = blockRows(sizeOf(lead), T, S)
  const mixed = rows < T
    ? inBlocks(keys, { q: apart(q), ...(full === undefined ? {} : { mask: full }), ...(first === undefined ? {} : { first }) }, rows, key)
    : attend(keys, { q: apart(q), ...(full === undefined ? {} : { mask: full }), ...(first === undefined ? {} : { first }), ...(key === undefined ? {} : { key }) })
  return mixed.reshape([...lead, T, F])
}

/** As one op, whose kernels hold a few rows of scores at a time. */
function atOnce({ q, k, v, mask }: { q: Tensor; k: Tensor; v: Tensor; mask: Tensor | undefined }, params: AttentionParams, lead: Shape, group: number): Tensor {
  const flat = (x: Tensor, heads = x): Node => nodeOf('scaledDotProductAttention', heads.expand([...lead, ...x.shape.slice(-2)]).reshape([-1, ...x.shape.slice(-2)]))
  // (…, H, S, E) → (…, H, G, S, E) → (…, H·G, S, E)
  const repeated = (x: Tensor): Tensor => {
    if (group === 1) return x
    const shape = [...x.shape.slice(0, -2), group, ...x.shape.slice(-2)]
    return x.unsqueeze(-3).expand(shape).reshape([...x.shape.slice(0, -3), x.shape.at(-3)! * group, ...x.shape.slice(-2)])
  }
  const shown = mask === undefined ? [] : [flat(mask.expand([...lead, q.shape.at(-2)!, k.shape.at(-2)!]))]
  withAttention()
  const [mixed] = e.picks(e.make('attention', [flat(q), flat(k, repeated(k)), flat(v, repeated(v)), ...shown], params))
  return new Tensor(mixed!).reshape([...lead, q.shape.at(-2)!, v.shape.at(-1)!])
}

/** Scores, over all heads, that may be held at once; with more of them, queries are worked off in blocks with so many. */
const MOST_SCORES = 2 ** 22
const BLOCK_SCORES = 2 ** 19
const LEAST_ROWS = 16

/** How many queries are worked off at a time. */
function blockRows(heads: number, T: number, S: number): number {
  if (heads * T * S <= MOST_SCORES) return T
  return Math.min(T, Math.max(LEAST_ROWS, 2 ** Math.floor(Math.log2(BLOCK_SCORES / (heads * S)))))
}

interface Keys {
  readonly k: Tensor
  readonly v: Tensor
  readonly scale: number
  readonly dropout: number
}
/** Some queries (…, t, E), their rows of the mask (…, t, S), and of each the last key it may look at (t). */
interface Queries {
  readonly q: Tensor
  readonly mask?: Tensor
  readonly first?: Tensor
  readonly key?: Tensor
}

function attend({ k, v, scale, dropout }: Keys, { q, mask, first, key }: Queries): Tensor {
  const S = k.shape.at(-2)!
  let scores = q.matmul(k.transpose(-1, -2)).mul(scale) // (…, t, S)
  if (mask !== undefined) scores = mask.dtype === 'bool' ? where(mask, scores, -Infinity) : scores.add(mask)
  if (first !== undefined) scores = where(first.reshape([-1, 1]).ge(arange(S)), scores, -Infinity)
  const top = scores.max(-1, { keepdims: true }).stopGradient()
  const raised = scores.sub(where(top.eq(-Infinity), 0, top)).exp()
  const total = raised.sum(-1, { keepdims: true })
  let weights = raised.div(where(total.eq(0), 1, total))
  if (dropout === 1) weights = weights.mul(0)
  else if (key !== undefined) weights = weights.mul(bernoulli(1 - dropout, weights.shape, { key }).to(weights.dtype).div(1 - dropout))
  return weights.matmul(v)
}

/**
 * The same, `rows` queries at a time: the scores of a block are all that is ever held, also by the derivative, which
 * computes them again.
 */
function inBlocks(keys: Keys, { q, mask, first }: Queries, rows: number, key: Tensor | undefined): Tensor {
  const T = q.shape.at(-2)!
  const blocks = Math.ceil(T / rows)
  /** (…, T, D) → (blocks, …, rows, D); queries past the end are computed and dropped. */
  const cut = (x: Tensor): Tensor => {
    const n = x.ndim
    const even = blocks * rows === T ? x : x.pad([...new Array<[number, number]>(n - 2).fill([0, 0]), [0, blocks * rows - T], [0, 0]])
    return even.reshape([...x.shape.slice(0, -2), blocks, rows, x.shape[n - 1]!]).moveAxis(n - 2, 0)
  }
  // one row of a mask for all queries
  const everywhere = mask !== undefined && (mask.ndim < 2 || mask.shape.at(-2) === 1)
  const xs = {
    q: cut(q),
    ...(mask === undefined || everywhere ? {} : { mask: cut(mask) }),
    ...(first === undefined ? {} : { first: cut(first.reshape([T, 1])).reshape([blocks, rows]) }),
    ...(key === undefined ? {} : { key: stack(split(key, blocks)) }),
  }
  const [, ys] = scan((carry: [], block: Queries): [[], Tensor] => [carry, attend(keys, everywhere ? { ...block, mask } : block)], [] as [], xs) // (blocks, …, rows, F)
  const joined = ys.moveAxis(0, ys.ndim - 3)
  const whole = joined.reshape([...joined.shape.slice(0, -3), blocks * rows, joined.shape.at(-1)!])
  return blocks * rows === T ? whole : whole.at('...', [0, T], null)
}

/** Refuses what does not fit together; the leading axes of the result, and how many queries' heads share a head of keys. */
function checked(q: Tensor, k: Tensor, v: Tensor, { mask, scale = 1, dropout = 0 }: AttentionOptions): { lead: Shape; group: number } {
  const name = 'scaledDotProductAttention'
  for (const x of mask === undefined ? [q, k, v] : [q, k, v, mask]) nodeOf(name, x)
  const shapes = [q, k, v].map((x) => showShape(x.shape)).join(', ')
  const refuse = (what: string, expected: string, remedy?: string): never => {
    throw new ShapeError(name, what, { expected, received: shapes, remedy })
  }
  if (q.ndim < 2 || k.ndim < 2 || v.ndim < 2) refuse('too few axes', 'q (…, T, E), k (…, S, E), v (…, S, F)')
  if (![q, k, v].every((x) => isFloat(x.dtype) && x.dtype === q.dtype)) {
    throw new DTypeError(name, 'types do not fit', { expected: 'q, k and v of one floating type', received: [q, k, v].map((x) => x.dtype).join(', '), remedy: 'Convert with .to(…).' })
  }
  if (q.shape.at(-1) !== k.shape.at(-1)) refuse('queries and keys have different widths', 'q (…, T, E) and k (…, S, E)')
  if (k.shape.at(-2) !== v.shape.at(-2)) refuse('not as many keys as values', 'k (…, S, E) and v (…, S, F)')
  argumentOf(name, Number.isFinite(scale), 'scale', 'a finite number', scale)
  argumentOf(name, dropout >= 0 && dropout <= 1, 'dropout', 'a probability from 0 to 1', dropout)
  const heads = q.ndim < 3 ? 1 : q.shape.at(-3)!
  const shared = Math.max(k.ndim < 3 ? 1 : k.shape.at(-3)!, v.ndim < 3 ? 1 : v.shape.at(-3)!)
  const group = shared > 1 && heads > shared ? heads / shared : 1
  if (!Number.isInteger(group)) refuse('heads do not fit', 'as many heads in q as in k and v, or a multiple of them', 'Heads are the third-last axis.')
  const rest = broadcastShapes(name, broadcastShapes(name, q.shape.slice(0, group === 1 ? -2 : -3), k.shape.slice(0, group === 1 ? -2 : -3)), v.shape.slice(0, group === 1 ? -2 : -3))
  const lead = group === 1 ? rest : [...rest, heads]
  if (mask !== undefined) {
    if (mask.dtype !== 'bool' && mask.dtype !== q.dtype) throw new DTypeError(name, 'the mask does not fit', { expected: `bool, or ${q.dtype} to be added to the scores`, received: mask.dtype, remedy: 'Convert with .to(…).' })
    const whole = [...lead, q.shape.at(-2)!, k.shape.at(-2)!]
    const fits = mask.ndim <= whole.length && mask.shape.every((d, i) => d === 1 || d === whole[whole.length - mask.ndim + i])
    if (!fits) throw new ShapeError(name, 'the mask does not fit', { expected: `a shape that broadcasts to ${showShape(whole)}`, received: showShape(mask.shape) })
  }
  return { lead, group }
}
