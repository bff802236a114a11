// Graph nodes: the array vocabulary with its parameters. Types only.
import type { DType, Shape } from '../base/index.ts'

/** Parameters of every op: the exhaustive list of the array vocabulary. */
export interface OpParams {
  // leaves
  input: { readonly name: string; readonly shape: Shape; readonly dtype: DType }
  data: { readonly shape: Shape; readonly dtype: DType }
  full: { readonly value: number; readonly shape: Shape; readonly dtype: DType }
  iota: { readonly length: number; readonly dtype: DType }
  random: { readonly length: number; readonly stream: number; readonly word: 0 | 1 }
  // one element in, one element out
  neg: None; abs: None; sign: None; not: None
  exp: None; expm1: None; log: None; log1p: None; sqrt: None; rsqrt: None
  sin: None; cos: None; tan: None; asin: None; acos: None; atan: None
  sinh: None; cosh: None; tanh: None; asinh: None; acosh: None; atanh: None
  erf: None; sigmoid: None; softplus: None; relu: None
  floor: None; ceil: None; trunc: None; round: None
  cast: { readonly dtype: DType }
  bitcast: { readonly dtype: DType }
  add: None; sub: None; mul: None; div: None; pow: None; atan2: None; max: None; min: None
  floorDiv: None; remainder: None
  and: None; or: None; xor: None; shl: None; shr: None; ushr: None
  eq: None; ne: None; lt: None; le: None
  where: None
  // the same elements elsewhere
  reshape: { readonly shape: Shape }
  permute: { readonly axes: readonly number[] }
  expand: { readonly shape: Shape }
  slice: { readonly start: readonly number[]; readonly size: readonly number[]; readonly step: readonly number[] }
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly inner: readonly number[]; readonly value: number }
  concat: { readonly axis: number }
  /** The last `size.length` axes become positions, new trailing axes run inside the window. */
  window: { readonly size: readonly number[]; readonly stride: readonly number[]; readonly dilation: readonly number[] }
  /** The transpose of window: overlapping windows summed back into axes of `shape`. */
  fold: { readonly shape: readonly number[]; readonly stride: readonly number[]; readonly dilation: readonly number[] }
  // many elements into one
  sum: Axes; prod: Axes; reduceMax: Axes; reduceMin: Axes
  argmax: { readonly axis: number }
  argmin: { readonly axis: number }
  cumsum: { readonly axis: number; readonly reverse: boolean }
  // products
  /** [B,M,K] × [B,K,N] → [B,M,N]. */
  dot: None
  /** [N,C,*S] ⋆ [O,C/g,*K] → [N,O,*P]; padding may be negative. */
  conv: ConvParams
  attention: AttentionParams
  attentionGradient: AttentionParams
  // by index
  /** x [B,N,R], index [B,I] → [B,I,R]; an index outside 0 … N−1 gives `fill`-less clamping: callers normalise first. */
  gather: None
  /** base [B,N,R], index [B,I], update [B,I,R] → [B,N,R]; indices outside are dropped. */
  scatter: { readonly mode: 'add' | 'set' }
  argsort: { readonly axis: number; readonly descending: boolean }
  // identities with a meaning for transforms
  alias: None
  stopGradient: None
  barrier: None
  custom: CustomParams
  // control
  scan: ScanParams
  cond: CondParams
  pick: { readonly index: number }
}
type None = Record<never, never>
interface Axes {
  readonly axes: readonly number[]
}
export interface ConvParams {
  readonly stride: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly inputDilation: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
}
export interface AttentionParams {
  readonly scale: number
  readonly causal: boolean
}
/** inputs = [value, …args]; the value passes through, its derivative comes from the rule. */
export interface CustomParams {
  readonly name: string
  readonly vjp: (g: Node, out: Node, args: readonly Node[]) => (Node | null)[]
  readonly jvp: ((tangents: readonly (Node | null)[], out: Node, args: readonly Node[]) => Node | null) | null
}
/** A closed sub-graph: results as functions of placeholders. Placeholders are `input` nodes. */
export interface SubGraph {
  readonly params: readonly Node[]
  readonly results: readonly Node[]
}
/**
 * inputs = [...constants, ...carry, ...xs]; body params in the same order (xs without their first axis);
 * body results = [...carry, ...ys]. Outputs: final carries, then ys stacked on a new first axis.
 */
export interface ScanParams {
  readonly body: SubGraph
  readonly constants: number
  readonly carries: number
  readonly length: number
  readonly reverse: boolean
}
/** inputs = [flag, ...operands]; both branches take the operands. */
export interface CondParams {
  readonly then: SubGraph
  readonly else: SubGraph
}

export type OpName = keyof OpParams

export interface Aval {
  readonly shape: Shape
  readonly dtype: DType
}

/** One operation in the array-op graph. Immutable but for `storage`, the cache of its computed value. */
export interface Node<K extends OpName = OpName> extends Aval {
  readonly id: number
  readonly op: K
  readonly inputs: readonly Node[]
  readonly params: OpParams[K]
  /** All outputs of an op that has several (scan, cond); `pick` selects one. */
  readonly outs: readonly Aval[] | null
  readonly scope: Scope | null
  /** Length of the longest chain of nodes behind it that have no value yet. */
  readonly depth: number
  storage: unknown
}

/** A running transform (grad, vmap, jit). Nodes made from its variables carry it until it ends. */
export interface Scope {
  active: boolean
  readonly parent: Scope | null
  readonly depth: number
}
