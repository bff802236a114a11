// The kernel IR: a loop program over buffers, typed, with explicit vectors. What every renderer prints
// (WebAssembly bytes, C, WGSL). Nothing in it knows the machine; `lanes` and the parallel range are parameters.
import type { DType } from '../base/index.ts'

/** What a register holds. `bool` is a truth value (a mask in vectors); uint8 is computed with as i32. */
export type RegType = 'f32' | 'f64' | 'i32' | 'bool'
export interface VType {
  readonly t: RegType
  readonly lanes: number
}

/**
 * The scalar vocabulary; every op works lane by lane on vectors of equal width.
 * - add sub mul: f32 f64 i32 (i32 wraps) · div: floats IEEE; i32 truncates, x/0 = 0, MIN/−1 = MIN · rem: i32, sign of the
 *   dividend, x%0 = 0 · neg abs: all · min max: NaN if either is NaN · fma(a,b,c) = a·b + c (rounding once is allowed, not
 *   promised) · sqrt floor ceil trunc round (half to even): floats
 * - and or xor not: i32 and bool · shl shr ushr: i32, distance taken modulo 32
 * - eq ne lt le: → bool, IEEE on floats, signed on i32 · select(bool, a, b): any type
 * - toF32 toF64 toI32: conversions (floats → i32 truncate and saturate, NaN → 0; bool → 0/1) · toBool: x ≠ 0 (NaN is true)
 * - asF32 asI32: the same 32 bits · hi32(f64) → i32: the upper word · setHi32(f64, i32): the upper word replaced
 */
export type ScalarOp =
  | 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'neg' | 'abs' | 'min' | 'max' | 'fma'
  | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'round'
  | 'and' | 'or' | 'xor' | 'not' | 'shl' | 'shr' | 'ushr'
  | 'eq' | 'ne' | 'lt' | 'le' | 'select'
  | 'toF32' | 'toF64' | 'toI32' | 'toBool' | 'asF32' | 'asI32' | 'hi32' | 'setHi32'

/** A name bound by a loop, a `let`, or the kernel's range; `let` variables may be `set` again. */
export interface Var {
  readonly id: number
  readonly name: string
  readonly type: VType
}

export type Expr =
  | { readonly k: 'const'; readonly type: VType; readonly value: number }
  /** 0, 1, … lanes−1 as i32. */
  | { readonly k: 'ramp'; readonly type: VType }
  | { readonly k: 'var'; readonly type: VType; readonly v: Var }
  /** `lanes` consecutive elements from `index` (a scalar i32, in elements, never negative). uint8 → i32, bool → bool. */
  | { readonly k: 'load'; readonly type: VType; readonly buf: number; readonly index: Expr }
  | { readonly k: 'op'; readonly type: VType; readonly op: ScalarOp; readonly args: readonly Expr[] }
  /** A scalar in every lane. */
  | { readonly k: 'splat'; readonly type: VType; readonly arg: Expr }
  /** A vector from scalars, one a lane. */
  | { readonly k: 'pack'; readonly type: VType; readonly args: readonly Expr[] }
  | { readonly k: 'extract'; readonly type: VType; readonly arg: Expr; readonly lane: number }
  /** All lanes folded into a scalar, pairwise. */
  | { readonly k: 'fold'; readonly type: VType; readonly op: ScalarOp; readonly arg: Expr }

export type Stmt =
  /** v from lo while v < hi, by a positive constant step. `unroll` is a hint. */
  | { readonly s: 'for'; readonly v: Var; readonly lo: Expr; readonly hi: Expr; readonly step: number; readonly body: readonly Stmt[]; readonly hint?: LoopHint }
  | { readonly s: 'let'; readonly v: Var; readonly value: Expr }
  | { readonly s: 'set'; readonly v: Var; readonly value: Expr }
  /** Stores `lanes` consecutive elements. i32 → uint8 keeps the low byte; bool → 0/1. */
  | { readonly s: 'store'; readonly buf: number; readonly index: Expr; readonly value: Expr }
  | { readonly s: 'if'; readonly cond: Expr; readonly then: readonly Stmt[]; readonly else: readonly Stmt[] }
  /** All members of the unit's group wait here, and see afterwards what the others stored before. Only in kernels with a `group`. */
  | { readonly s: 'barrier' }
  /** A barrier at which the members fold their values of v (a scalar bound by `let`), in an order that is always the same: all have the result. */
  | { readonly s: 'fold'; readonly v: Var; readonly op: ScalarOp }

/** `vector`: iterations are independent (but for `set` accumulators named in `folds`); the vectoriser may widen the loop. */
export interface LoopHint {
  readonly vector?: boolean
}

export interface BufferParam {
  readonly dtype: DType
  readonly length: number
  readonly access: 'read' | 'write' | 'readwrite'
  /** `thread`: scratch private to each thread. `group`: memory shared by the members of a unit's group, undefined when a unit begins. */
  readonly scope: 'global' | 'thread' | 'group'
  /** Every access is of that many lanes, at an index that is a multiple of it: lets a GPU move whole vectors. */
  readonly aligned?: number
  /** Memory of a group: numbers are kept there as IEEE halves (nearest, beyond ±65504 infinite) and computed with in full. */
  readonly half?: boolean
}

/** A unit done by `size` members at once, each running the whole body with a `local` number of its own (0 … size−1). */
export interface Group {
  readonly size: number
  readonly local: Var
}

/**
 * A function over buffers. Its work is the range 0 … extent of independent units; a call does lo … hi of them.
 * Any split of the range gives the same bits.
 */
export interface Kernel {
  readonly name: string
  readonly params: readonly BufferParam[]
  readonly extent: number
  readonly lo: Var
  readonly hi: Var
  /** On GPUs: a unit is a workgroup's. A call does one unit (hi = lo + 1). */
  readonly group?: Group
  readonly body: readonly Stmt[]
  /** Arithmetic operations and bytes moved by the whole range: for scheduling and the profiler. */
  readonly flops: number
  readonly bytes: number
}

// ---- building ----------------------------------------------------------------------------------------------

let nextVar = 0
export const newVar = (name: string, t: RegType, lanes = 1): Var => ({ id: nextVar++, name, type: vtype(t, lanes) })

const TYPES = new Map<string, VType>()
export function vtype(t: RegType, lanes = 1): VType {
  const key = t + lanes
  let type = TYPES.get(key)
  if (type === undefined) TYPES.set(key, (type = { t, lanes }))
  return type
}

export const constant = (t: RegType, value: number, lanes = 1): Expr => ({ k: 'const', type: vtype(t, lanes), value })
export const i32 = (value: number): Expr => constant('i32', value)
export const use = (v: Var): Expr => ({ k: 'var', type: v.type, v })
export const load = (buf: number, index: Expr, t: RegType, lanes = 1): Expr => ({ k: 'load', type: vtype(t, lanes), buf, index })
export const splat = (arg: Expr, lanes: number): Expr =>
  lanes === 1 ? arg : arg.k === 'const' ? constant(arg.type.t, arg.value, lanes) : { k: 'splat', type: vtype(arg.type.t, lanes), arg }

const RESULT: Partial<Record<ScalarOp, RegType>> = {
  eq: 'bool', ne: 'bool', lt: 'bool', le: 'bool', toBool: 'bool', toF32: 'f32', toF64: 'f64', toI32: 'i32', asF32: 'f32', asI32: 'i32', hi32: 'i32', setHi32: 'f64',
}

/** The type an op gives for its arguments. */
export function resultType(op: ScalarOp, args: readonly Expr[]): VType {
  const from = op === 'select' ? args[1]! : args[0]!
  return vtype(RESULT[op] ?? from.type.t, from.type.lanes)
}

/** Applies a scalar op; scalars among vector arguments are splatted. */
export function op(name: ScalarOp, ...args: Expr[]): Expr {
  let lanes = 1
  for (const a of args) if (a.type.lanes > lanes) lanes = a.type.lanes
  const wide = lanes === 1 ? args : args.map((a) => (a.type.lanes === lanes ? a : splat(a, lanes)))
  return { k: 'op', type: resultType(name, wide), op: name, args: wide }
}

/** The register type that holds elements of a storage type. */
export function regType(dtype: DType): RegType {
  switch (dtype) {
    case 'float32': return 'f32'
    case 'float64': return 'f64'
    case 'bool': return 'bool'
    default: return 'i32'
  }
}
