// Softmax attention and its gradient, each as one op: the scores need never be in memory together. Every rule but the
// first gradient comes from the formula in terms of other ops.
import { type NDArray, isFloat, ndarray, sameShape } from '../../base/index.ts'
import { type Emit, demand } from '../emit.ts'
import type { GraphTransforms, OpDef } from '../def.ts'
import type { AttentionParams, Aval, Node, SubGraph } from '../node.ts'
import { inline, makeGraph } from '../subgraph.ts'

type AttentionOp = 'attention' | 'attentionGradient'
type Formula = (e: Emit, inputs: readonly Node[], params: AttentionParams) => Node[]

/** exp(scale·q·kᵀ − of) [B,T,S]: the weights when `of` [B,T] is the logarithm of each row's sum; 0 where not to look. */
function raised(e: Emit, scores: Node, of: Node, causal: boolean): Node {
  const weights = e.unary('exp', e.sub(scores, e.unreduce(of, [2], scores.shape)))
  return causal ? e.where(seen(e, scores.shape), weights, e.zerosLike(weights)) : weights
}
/** Query t sees keys 0 … t. */
const seen = (e: Emit, shape: readonly number[]): Node => e.binary('le', e.positions(shape, 2, 'int32'), e.positions(shape, 1, 'int32'))
/** scale·q·kᵀ [B,T,S], and what the mask makes of it: −∞ where it is false, or the two added. */
function scoresOf(e: Emit, q: Node, k: Node, mask: Node | undefined, { scale }: AttentionParams): Node {
  const scores = e.scale(e.dot(q, e.swapLast(k)), scale)
  if (mask === undefined) return scores
  return mask.dtype === 'bool' ? e.where(mask, scores, e.like(scores, -Infinity)) : e.add(scores, mask)
}

/** q [B,T,E], k [B,S,E], v [B,S,F], mask [B,T,S] → mixed values [B,T,F], logarithms of the sums [B,T] */
const forward: Formula = (e, [q, k, v, mask], params) => {
  const all = scoresOf(e, q!, k!, mask, params) // [B,T,S]
  const scores = params.causal ? e.where(seen(e, all.shape), all, e.like(all, -Infinity)) : all
  const top = e.unary('stopGradient', e.make('reduceMax', [scores], { axes: [2] })) // [B,T]
  const none = e.eq(top, e.like(top, -Infinity))
  const safe = e.where(none, e.zerosLike(top), top) // a query that may look nowhere gets zeros
  const weights = raised(e, scores, safe, params.causal)
  const total = e.sum(weights, [2])
  const divisor = e.where(e.eq(total, e.zerosLike(total)), e.like(total, 1), total)
  return [e.dot(e.div(weights, e.unreduce(divisor, [2], weights.shape)), v!), e.add(safe, e.unary('log', divisor))]
}

/** dS = P·(dO·vᵀ − delta), of which dq = scale·dS·k, dk = scale·dSᵀ·q; dv = Pᵀ·dO. */
const backward: Formula = (e, [q, k, v, log, delta, g, mask], params) => {
  const weights = raised(e, scoresOf(e, q!, k!, mask, params), log!, params.causal)
  const inner = e.sub(e.dot(g!, e.swapLast(v!)), e.unreduce(delta!, [2], weights.shape))
  const dScores = e.scale(e.mul(weights, inner), params.scale)
  return [e.dot(dScores, k!), e.dot(e.swapLast(dScores), q!), e.dot(e.swapLast(weights), g!)]
}

const graphOf = (e: Emit, formula: Formula, node: Node<AttentionOp>): SubGraph => makeGraph(e, node.inputs, (args) => formula(e, args, node.params))

/** What both ops have in common. */
const common = <K extends AttentionOp>(name: K, formula: Formula) => ({
  vmap(emit: Emit, inputs: readonly Node[], batched: readonly boolean[], node: Node<K>, size: number): Node[] {
    const lifted = inputs.map((x, i) => {
      const full = batched[i] ? x : emit.broadcastTo(x, [size, ...x.shape])
      return emit.reshape(full, [size * full.shape[1]!, ...full.shape.slice(2)])
    })
    const outs = emit.picks(emit.make<AttentionOp>(name, lifted, node.params))
    return outs.map((o) => emit.reshape(o, [size, o.shape[0]! / size, ...o.shape.slice(1)]))
  },
  // the products of the gradient are five instead of two
  work: ({ inputs: [q, k, v] }: Node<K>): number => q!.shape[0]! * q!.shape[1]! * k!.shape[1]! * (k!.shape[2]! + v!.shape[2]!) * (name === 'attention' ? 1 : 2.5),
  lower: { kind: 'opaque', views: true } as const,
  parts: (emit: Emit, node: Node<K>): Node[] => formula(emit, node.inputs, node.params),
})
/** A mask of truth values, the last input, does not move. */
const floating = ({ inputs }: Node<AttentionOp>): boolean[] => inputs.map((x) => isFloat(x.dtype))
const vjpOf = (formula: Formula) => (emit: Emit, g: readonly (Node | null)[], node: Node<AttentionOp>, _wanted: readonly boolean[], graphs: GraphTransforms): Node[] =>
  inline(emit, graphs.vjp(graphOf(emit, formula, node), floating(node)), [...node.inputs, ...node.outs!.map((o, i) => g[i] ?? emit.zerosLike(o))])
const jvpOf = (formula: Formula) => (emit: Emit, tangents: readonly (Node | null)[], node: Node<AttentionOp>, graphs: GraphTransforms): Node[] => {
  const moving = floating(node)
  return inline(emit, graphs.jvp(graphOf(emit, formula, node), moving), [...node.inputs, ...node.inputs.map((x, i) => tangents[i] ?? emit.zerosLike(x)).filter((_, i) => moving[i])]).slice(node.outs!.length)
}

function sizes([q, k, v]: readonly NDArray[]): { B: number; T: number; S: number; E: number; F: number } {
  return { B: q!.shape[0]!, T: q!.shape[1]!, S: k!.shape[1]!, E: q!.shape[2]!, F: v!.shape[2]! }
}
const inner = (x: NDArray, i: number, y: NDArray, j: number, n: number): number => {
  let sum = 0
  for (let d = 0; d < n; d++) sum += x.data[i * n + d]! * y.data[j * n + d]!
  return sum
}
/** The keys query t sees, but for the mask. */
const visible = (t: number, S: number, { causal }: AttentionParams): number => (causal ? Math.min(t + 1, S) : S)
/** A score behind the mask, whose element it is. */
function behind(mask: NDArray | undefined, at: number, score: number): number {
  if (mask === undefined) return score
  return mask.dtype === 'bool' ? (mask.data[at] !== 0 ? score : -Infinity) : score + mask.data[at]!
}

function evaluateForward(inputs: readonly NDArray[], node: Node<'attention'>): NDArray[] {
  const [q, k, v, mask] = inputs as [NDArray, NDArray, NDArray, NDArray | undefined]
  const { B, T, S, E, F } = sizes(inputs)
  const [out, log] = node.outs!.map((o) => ndarray(o.dtype, o.shape)) as [NDArray, NDArray]
  for (let i = 0; i < B * T; i++) {
    const b = Math.floor(i / T)
    const scores = Array.from({ length: visible(i % T, S, node.params) }, (_, j) => behind(mask, i * S + j, node.params.scale * inner(q, i, k, b * S + j, E)))
    const top = scores.reduce((m, s) => Math.max(m, s), -Infinity)
    const safe = top === -Infinity ? 0 : top
    const weights = scores.map((s) => Math.exp(s - safe))
    const total = weights.reduce((a, w) => a + w, 0) || 1
    for (let f = 0; f < F; f++) out.data[i * F + f] = weights.reduce((sum, w, j) => sum + w * v.data[(b * S + j) * F + f]!, 0) / total
    log.data[i] = safe + Math.log(total)
  }
  return [out, log]
}

function evaluateBackward(inputs: readonly NDArray[], node: Node<'attentionGradient'>): NDArray[] {
  const [q, k, v, log, delta, g, mask] = inputs as [NDArray, NDArray, NDArray, NDArray, NDArray, NDArray, NDArray | undefined]
  const { B, T, S, E, F } = sizes(inputs)
  const { scale } = node.params
  const sums = node.outs!.map((o) => new Float64Array(o.shape.reduce((p, d) => p * d, 1))) as [Float64Array, Float64Array, Float64Array]
  for (let i = 0; i < B * T; i++) {
    const first = Math.floor(i / T) * S
    for (let j = first; j < first + visible(i % T, S, node.params); j++) {
      const weight = Math.exp(behind(mask, i * S + j - first, scale * inner(q, i, k, j, E)) - log.data[i]!)
      const dScore = scale * weight * (inner(g, i, v, j, F) - delta.data[i]!)
      for (let d = 0; d < E; d++) {
        sums[0][i * E + d]! += dScore * k.data[j * E + d]!
        sums[1][j * E + d]! += dScore * q.data[i * E + d]!
      }
      for (let f = 0; f < F; f++) sums[2][j * F + f]! += weight * g.data[i * F + f]!
    }
  }
  return node.outs!.map((o, n) => {
    const out = ndarray(o.dtype, o.shape)
    out.data.set(sums[n]! as never)
    return out
  })
}

const fits = ([q, k, v]: readonly Aval[]): boolean =>
  [q!, k!, v!].every((x) => x.shape.length === 3 && isFloat(x.dtype) && x.dtype === q!.dtype && x.shape[0] === q!.shape[0]) && q!.shape[2] === k!.shape[2] && k!.shape[1] === v!.shape[1]

/** Nothing, or a mask [B,T,S]: bool, or of the operands' type. */
const masks = (mask: Aval | undefined, [q, k]: readonly Aval[]): boolean =>
  mask === undefined || (sameShape(mask.shape, [q!.shape[0]!, q!.shape[1]!, k!.shape[1]!]) && (mask.dtype === 'bool' || mask.dtype === q!.dtype))

export const attention = {
  /**
   * softmax(scale·q·kᵀ)·v of q [B,T,E], k [B,S,E], v [B,S,F] → [B,T,F], and the logarithm of the sum in each softmax [B,T]; causal: query t looks at keys 0 … t.
   * A mask [B,T,S] may follow: bool, true where to look, or floating, added to the scores.
   */
  attention: {
    infer(inputs) {
      demand((inputs.length === 3 || inputs.length === 4) && fits(inputs) && masks(inputs[3], inputs), 'attention', 'q [B,T,E], k [B,S,E], v [B,S,F] of one floating type, mask [B,T,S] of that or bool', inputs)
      const [q, , v] = inputs
      return [{ shape: [q!.shape[0]!, q!.shape[1]!, v!.shape[2]!], dtype: q!.dtype }, { shape: q!.shape.slice(0, 2), dtype: q!.dtype }]
    },
    derivative: {
      kind: 'general',
      // Dao et al., 2022: with delta = ⟨dO, O⟩ − dlog the gradient of a score needs nothing of other scores.
      vjp(emit, [g, gLog], node, wanted, graphs) {
        const [q, k, v, mask] = node.inputs as [Node, Node, Node, Node?]
        // a gradient of all the scores is wanted: it is as large as they are
        if (wanted[3] === true && mask !== undefined && isFloat(mask.dtype)) return vjpOf(forward)(emit, [g!, gLog!], node, wanted, graphs)
        const [out, log] = emit.picks(node) as [Node, Node]
        const dOut = g ?? emit.zerosLike(out)
        const dot = emit.sum(emit.mul(dOut, out), [2])
        return emit.picks(emit.make('attentionGradient', [q, k, v, log, gLog ? emit.sub(dot, gLog) : dot, dOut, ...(mask === undefined ? [] : [mask])], node.params))
      },
      jvp: jvpOf(forward),
    },
    evaluate: evaluateForward,
    ...common('attention', forward),
  } satisfies OpDef<'attention'>,

  /** Gradients of attention by q, k and v, from q, k, v, the logarithms of the sums [B,T], ⟨gradient, result⟩ [B,T] and the gradient of the result [B,T,F]; the mask may follow. */
  attentionGradient: {
    infer(inputs) {
      const [q, k, v, log, delta, g, mask] = inputs
      const rows = (x: Aval | undefined): boolean => x !== undefined && x.shape.length === 2 && x.shape[0] === q!.shape[0] && x.shape[1] === q!.shape[1] && x.dtype === q!.dtype
      demand((inputs.length === 6 || inputs.length === 7) && fits(inputs) && masks(mask, inputs) && rows(log) && rows(delta) && g!.shape.length === 3 && g!.shape[1] === q!.shape[1] && g!.shape[2] === v!.shape[2], 'attentionGradient', 'q, k, v, two values a query, and a gradient [B,T,F], of one floating type', inputs)
      return [q!, k!, v!].map(({ shape, dtype }) => ({ shape, dtype }))
    },
    derivative: { kind: 'general', vjp: vjpOf(backward), jvp: jvpOf(backward) },
    evaluate: evaluateBackward,
    ...common('attentionGradient', backward),
  } satisfies OpDef<'attentionGradient'>,
}
