// Direct convolution with the batch innermost in memory: which convolutions have such kernels, and what those share.
// Without packing and without padding: borders are skipped, tap by tap, for all images of the batch at once.
import { sizeOf } from '../../base/index.ts'
import { type ConvParams, type Expr, type Node, type Stmt, i32, newVar, op, use } from '../../ir/index.ts'
import { batchBase } from '../layout.ts'
import { add, times } from './code.ts'

/** Smaller batches do not fill the vectors. */
const SMALLEST_BATCH = 16

/** filter: images through filters, forwards or (the gradient by the input) backwards. weights: the gradient of the filters. */
export function directKind(node: Node): 'filter' | 'weights' | null {
  if (node.op !== 'conv' || node.dtype !== 'float32' || node.shape.length !== 4 || sizeOf(node.shape) === 0) return null
  const { groups, dilation, inputDilation } = (node as Node<'conv'>).params
  const [x, w] = node.inputs as [Node, Node]
  if (groups !== 1 || sizeOf(x.shape) === 0 || sizeOf(w.shape) === 0 || inputDilation.some((d, i) => d > 1 && dilation[i]! > 1)) return null
  if (x.shape[0]! >= SMALLEST_BATCH && batchBase(x, 0) !== null) return 'filter'
  return x.shape[1]! >= SMALLEST_BATCH && inputDilation.every((d) => d === 1) && batchBase(x, 1) !== null && batchBase(w, 1) !== null ? 'weights' : null
}

/** Parts of `total`, `size` long each; the last one begins earlier and leaves what it has in common to the one before. */
export interface Tiles {
  readonly size: number
  readonly count: number
  readonly start: (tile: Expr) => Expr
  /** First element of the tile that is its own. */
  readonly own: (tile: Expr, start: Expr) => Expr
}
export function tiles(total: number, size: number): Tiles {
  const count = Math.ceil(total / size)
  const whole = total % size === 0
  return {
    size, count,
    start: (tile) => (count === 1 ? i32(0) : whole ? times(tile, size) : op('min', times(tile, size), i32(total - size))),
    own: (tile, start) => (whole ? i32(0) : op('sub', times(tile, size), start)),
  }
}

/** Names a value. */
export function let_(out: Stmt[], name: string, value: Expr): Expr {
  if (value.k === 'const' || value.k === 'var') return value
  const v = newVar(name, value.type.t, value.type.lanes)
  out.push({ s: 'let', v, value })
  return use(v)
}

/** The taps of one axis that meet the image, seen from one position: the first of them, how many, and where they are. */
export interface Taps {
  readonly first: Expr
  readonly count: Expr
  /** Place in the image of the first. */
  readonly at: Expr
  /** From one to the next: taps, and places in the image. */
  readonly tapStep: number
  readonly step: number
}
export interface Axis {
  readonly stride: number
  readonly before: number
  readonly inputDilation: number
  readonly dilation: number
  /** Taps, and size of the image. */
  readonly taps: number
  readonly size: number
  /** Positions. */
  readonly positions: number
}
export const axisOf = (p: ConvParams, i: number, taps: number, size: number, positions: number): Axis =>
  ({ stride: p.stride[i]!, before: p.padding[i]![0], inputDilation: p.inputDilation[i]!, dilation: p.dilation[i]!, taps, size, positions })

/** Whether every tap of every position meets the image. */
export const inside = ({ stride, before, inputDilation, dilation, taps, size, positions }: Axis): boolean =>
  inputDilation === 1 && before <= 0 && (positions - 1) * stride - before + (taps - 1) * dilation < size

export function tapsAt(out: Stmt[], a: Axis, position: Expr): Taps {
  const { inputDilation: gap, dilation, taps, size } = a
  const base = let_(out, 'base', add(times(position, a.stride), i32(-a.before)))
  if (inside(a)) return { first: i32(0), count: i32(taps), at: base, tapStep: 1, step: dilation }
  const minus = op('sub', i32(0), base)
  if (gap === 1) {
    const begin = dilation === 1 ? minus : op('div', add(minus, i32(dilation - 1)), i32(dilation))
    const first = let_(out, 'first', op('max', i32(0), begin))
    const room = op('sub', i32(size - 1 + dilation), base)
    const end = op('min', i32(taps), dilation === 1 ? room : op('div', room, i32(dilation)))
    return { first, count: let_(out, 'count', op('sub', end, first)), at: let_(out, 'at', add(base, times(first, dilation))), tapStep: 1, step: dilation }
  }
  // Between the elements of the image lie zeros, which are skipped: every gap-th tap meets one.
  const first = let_(out, 'first', op('max', minus, op('rem', op('sub', i32(gap), op('rem', base, i32(gap))), i32(gap))))
  const at = let_(out, 'at', op('div', add(base, first), i32(gap)))
  const end = op('div', op('sub', i32(taps + gap - 1), first), i32(gap))
  return { first, count: let_(out, 'count', op('min', end, op('sub', i32(size), at))), at, tapStep: gap, step: 1 }
}
