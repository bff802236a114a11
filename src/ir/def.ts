// The shape of an op-table entry: everything Gradus knows about an op.
import type { DType, NDArray } from '../base/index.ts'
import type { Guard, Index } from './affine.ts'
import type { Emit } from './emit.ts'
import type { Expr, ScalarOp } from './kernel.ts'
import type { Aval, Node, OpName, OpParams, SubGraph } from './node.ts'

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
  /** `kept`: a value of its own, which is neither merged with its input nor looked through. */
  | { readonly kind: 'identity'; readonly kept?: boolean }
  /**
   * `views`: operands are read through views where they lie. `product`: sums of products of its two operands' elements.
   * `constants`: inputs that need not lie in memory where they are made of coordinates alone.
   */
  | { readonly kind: 'opaque'; readonly views?: boolean; readonly product?: 'matrix' | 'convolution'; readonly constants?: readonly number[] }

export interface Source {
  readonly coords: readonly Index[]
  readonly guard?: readonly Guard[]
}

/** One entry of the op table: everything Gradus knows about an op but what it means, which the comment above the entry says. */
export interface OpDef<K extends OpName> {
  /** Shape and type of the result; refuses what does not fit. */
  readonly infer: (inputs: readonly Aval[], params: OpParams[K]) => Aval | readonly Aval[]
  /** Reference evaluation on plain arrays: obvious, slow. `run` evaluates sub-graphs. */
  readonly evaluate: (inputs: readonly NDArray[], node: Node<K>, run: RunSubGraph) => NDArray | NDArray[]
  readonly derivative: Derivative<K>
  /** The op over an extra first axis; `batched[i]` says which inputs have it. null: the generic rule of its lowering kind. */
  readonly vmap: ((e: Emit, inputs: readonly Node[], batched: readonly boolean[], node: Node<K>, size: number, graphs: GraphTransforms) => Node | readonly Node[]) | null
  readonly lower: Lowering<K>
  /** Elementary operations, where they are not about one for each element that goes in or out: a multiply-add is one. */
  readonly work?: (node: Node<K>, of: (graph: SubGraph) => number) => number
  /** The op in terms of others, for devices without a kernel of its own. */
  readonly decompose?: (e: Emit, node: Node<K>) => Node
  /** The same for ops with several outputs. */
  readonly parts?: (e: Emit, node: Node<K>) => readonly Node[]
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

export type OpTable = { readonly [K in OpName]: OpDef<K> }
