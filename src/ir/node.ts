// Graph nodes and the shape of an op-table entry. Types only, but for `Scope`.
import type { DType, NDArray, Shape } from '../base/index.ts'
import type { Emit } from './emit.ts'
import type { Index, Guard } from './affine.ts'
import type { Expr, ScalarOp } from './kernel.ts'

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
/** inputs = [value, …args]; the value passes through, its derivative comes from the rule. */
export interface CustomParams {
  readonly name: string
  readonly vjp: (e: Emit, g: Node, out: Node, args: readonly Node[]) => (Node | null)[]
  readonly jvp: ((e: Emit, tangents: readonly (Node | null)[], out: Node, args: readonly Node[]) => Node | null) | null
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

/** What differentiation knows of an op. Everything it builds is again made of ops, so it can be differentiated again. */
export type Derivative<K extends OpName> =
  /** Output does not vary smoothly with any input: gradient zero, with the reason. */
  | { readonly kind: 'none'; readonly reason: string }
  /** Elementwise: the Jacobian is diagonal, one rule serves both directions. null = no gradient to that input. */
  | { readonly kind: 'pointwise'; readonly partial: (e: Emit, g: Node, node: Node<K>, input: number) => Node | null }
  /**
   * Linear in the inputs `of` (one after another when `jointly` is false: multilinear). `transpose` gives the
   * cotangent of one input; the tangent is the op itself applied to tangents.
   */
  | { readonly kind: 'linear'; readonly of: 'all' | readonly number[]; readonly jointly: boolean; readonly transpose: (e: Emit, g: Node, node: Node<K>, input: number) => Node }
  | {
      readonly kind: 'general'
      /** Cotangents of the outputs (null: none came) → cotangents of the inputs, at least the wanted ones. */
      readonly vjp: (e: Emit, g: readonly (Node | null)[], node: Node<K>, wanted: readonly boolean[], graphs: GraphTransforms) => readonly (Node | null)[]
      readonly jvp: (e: Emit, tangents: readonly (Node | null)[], node: Node<K>, graphs: GraphTransforms) => readonly (Node | null)[]
    }

/** How compile/ may compute an op inside a fused kernel; `opaque` ops get a kernel or steps of their own. */
export type Lowering<K extends OpName> =
  | { readonly kind: 'leaf' }
  /** The element at `coords` as an expression of the coordinates alone. */
  | { readonly kind: 'generate'; readonly at: (coords: readonly Index[], node: Node<K>, load: (input: number, coords: readonly Index[]) => Expr) => Expr }
  | { readonly kind: 'pointwise'; readonly scalar: (args: readonly Expr[], node: Node<K>) => Expr; readonly cost: number }
  /** One input read at other coordinates; `guard` false means the element is `fill`. */
  | { readonly kind: 'view'; readonly source: (coords: readonly Index[], node: Node<K>) => Source; readonly fill?: (node: Node<K>) => number }
  /** Inputs laid side by side on an axis. */
  | { readonly kind: 'join'; readonly axis: (node: Node<K>) => number }
  /** Folds the input over `extents` extra loops with an associative op; `guard` false adds nothing. */
  | {
      readonly kind: 'reduce'
      readonly extents: (node: Node<K>) => readonly number[]
      readonly source: (coords: readonly Index[], inner: readonly Index[], node: Node<K>) => Source
      readonly combine: ScalarOp
      readonly init: (dtype: DType) => number
    }
  /** Position of the extreme along one axis. */
  | { readonly kind: 'argreduce'; readonly better: 'lt' | 'gt' }
  | { readonly kind: 'index' }
  | { readonly kind: 'identity' }
  | { readonly kind: 'opaque' }

export interface Source {
  readonly coords: readonly Index[]
  readonly guard?: readonly Guard[]
}

/** One entry of the op table: everything Gradus knows about an op. */
export interface OpDef<K extends OpName> {
  readonly doc: string
  /** Shape and type of the result; refuses what does not fit. */
  readonly infer: (inputs: readonly Aval[], params: OpParams[K]) => Aval | readonly Aval[]
  /** Reference evaluation on plain arrays: obvious, slow. `run` evaluates sub-graphs. */
  readonly evaluate: (inputs: readonly NDArray[], node: Node<K>, run: RunSubGraph) => NDArray | NDArray[]
  readonly derivative: Derivative<K>
  /** The op over an extra first axis; `batched[i]` says which inputs have it. null: the generic rule of its lowering kind. */
  readonly vmap: ((e: Emit, inputs: readonly Node[], batched: readonly boolean[], node: Node<K>, size: number, graphs: GraphTransforms) => Node | readonly Node[]) | null
  readonly lower: Lowering<K>
  /** The op in terms of others, for devices without a kernel of its own. */
  readonly decompose?: (e: Emit, node: Node<K>) => Node
}
export type RunSubGraph = (graph: SubGraph, inputs: readonly NDArray[]) => NDArray[]

/** The transforms on closed sub-graphs, for the rules of ops that contain some. */
export interface GraphTransforms {
  /** Batches a sub-graph whose params are batched as told; results are batched where they came out so or `force` asks. */
  vmap(graph: SubGraph, batched: readonly boolean[], size: number, force?: readonly boolean[]): { graph: SubGraph; batched: boolean[] }
  /** params + tangents of the `active` params → results + tangents of every floating result. */
  jvp(graph: SubGraph, active: readonly boolean[]): SubGraph
  /** params + cotangents of every floating result → cotangents of the `wanted` params. */
  vjp(graph: SubGraph, wanted: readonly boolean[]): SubGraph
}
