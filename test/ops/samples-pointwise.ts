// Samples of the elementwise ops: every type they take, every kind of view, edges, sizes around and above a vector.
import type { OpName } from '../../src/ir/index.ts'
import { type Fill, type Float, type Input, type Sample, type View, bools, edges, float, ints, sample, whole } from './kit.ts'

const SHAPES: readonly (readonly number[])[] = [[], [1], [0], [5], [16], [33], [3, 4], [2, 1, 3], [0, 3], [1, 1]]
const SEEN: readonly (readonly [readonly number[], View])[] = [[[4, 3], 'permuted'], [[5, 7], 'strided'], [[9], 'flipped'], [[2, 5], 'expanded'], [[2, 3, 4], 'permuted'], [[19], 'strided']]
type Kind = 'float' | 'number' | 'int' | 'logic' | 'any'

const integerTypes = (kind: Kind): readonly ('int32' | 'uint8' | 'bool')[] => (kind === 'float' ? [] : kind === 'number' || kind === 'int' ? ['int32', 'uint8'] : ['int32', 'uint8', 'bool'])
const isFloating = (kind: Kind): boolean => kind === 'float' || kind === 'number' || kind === 'any'
const none = {} as never

/** One input; `fill` keeps the smooth values inside the function's domain and away from its kinks. */
export function unary<K extends OpName>(kind: Kind, fill: Fill = {}, steps = false, limit = Infinity): () => Sample<K>[] {
  return () => {
    const out: Sample<K>[] = []
    if (isFloating(kind)) {
      for (const shape of SHAPES) out.push(sample<K>([float(shape, fill)], none, { smooth: !steps }))
      for (const [shape, view] of SEEN) out.push(sample<K>([float(shape, { ...fill, view })], none, { smooth: !steps }))
      out.push(sample<K>([edges([23], 0, 'plain', limit)], none, { smooth: false }), sample<K>([edges([3, 8], 2, 'flipped', limit)], none, { smooth: false }), sample<K>([edges([])], none, { smooth: false }))
      out.push(sample<K>([float([3, 12_001], fill)], none, { smooth: false, large: true }))
    }
    for (const dtype of integerTypes(kind)) {
      for (const [n, shape] of [[], [0], [5], [33], [3, 4], [2, 9]].entries()) out.push(sample<K>([whole(dtype, shape, n)], none))
      out.push(sample<K>([whole(dtype, [4, 5], 1, 'permuted')], none), sample<K>([whole(dtype, [7], 2, 'strided')], none))
    }
    if (!isFloating(kind)) for (let n = 0; n < 8; n++) out.push(sample<K>([whole('int32', [n * 3], n, n % 2 === 0 ? 'plain' : 'flipped')], none))
    return out
  }
}

/** Two inputs of one type and shape (broadcasting happens above the ops). */
export function binary<K extends OpName>(kind: Kind, a: Fill = {}, b: Fill = {}, steps = false, pair?: (shape: readonly number[]) => readonly [Input, Input], limit = Infinity): () => Sample<K>[] {
  return () => {
    const out: Sample<K>[] = []
    const both = (shape: readonly number[], va: View = 'plain', vb: View = 'plain'): readonly Input[] => (pair !== undefined && va === 'plain' ? pair(shape) : [float(shape, { ...a, view: va }), float(shape, { ...b, view: vb })])
    if (isFloating(kind)) {
      for (const shape of SHAPES) out.push(sample<K>(both(shape), none, { smooth: !steps }))
      const smooth = !steps && pair === undefined
      for (const [shape, view] of SEEN) out.push(sample<K>(both(shape, view, 'plain'), none, { smooth }))
      out.push(sample<K>(both([4, 3], 'permuted', 'strided'), none, { smooth }), sample<K>(both([3, 6], 'flipped', 'expanded'), none, { smooth }))
      out.push(sample<K>([edges([529], 0, 'plain', limit), edges([529], 3, 'plain', limit)], none, { smooth: false }), sample<K>([edges([23], 0, 'plain', limit), edges([23], 0, 'plain', limit)], none, { smooth: false }))
      out.push(sample<K>([float([2, 12_001], a), float([2, 12_001], b)], none, { smooth: false, large: true }))
    }
    for (const dtype of integerTypes(kind)) {
      for (const [n, shape] of [[], [0], [5], [33], [3, 4], [225]].entries()) out.push(sample<K>([whole(dtype, shape, n), whole(dtype, shape, n + 3)], none))
      out.push(sample<K>([whole(dtype, [4, 5], 1, 'permuted'), whole(dtype, [4, 5], 3, 'flipped')], none))
    }
    if (!isFloating(kind)) for (let n = 1; n < 9; n++) out.push(sample<K>([ints([n * 3], { range: [-99, 99] }), ints([n * 3], { range: [0, 31], view: n % 2 === 0 ? 'strided' : 'plain' })], none))
    return out
  }
}

/** x = y (n + u), u well inside 0 … 1: away from the steps of floor(x / y). */
export function betweenSteps(shape: readonly number[]): readonly [Input, Input] {
  const y = float(shape, { range: [0.5, 2] })
  const u = float(shape, { range: [0.2, 0.8] })
  const x = float(shape)
  for (let i = 0; i < x.array.data.length; i++) x.array.data[i] = Math.fround(y.array.data[i]! * (((i * 5) % 7) - 3 + u.array.data[i]!))
  return [x, y]
}

export function where(): Sample<'where'>[] {
  const out: Sample<'where'>[] = []
  for (const shape of SHAPES) out.push(sample<'where'>([bools(shape), float(shape), float(shape)], none))
  for (const [shape, view] of SEEN) out.push(sample<'where'>([bools(shape, { view }), float(shape, { view }), float(shape)], none))
  out.push(sample<'where'>([bools([23]), edges([23]), edges([23], 4)], none, { smooth: false }))
  for (const dtype of ['int32', 'uint8', 'bool'] as const) for (const shape of [[7], [3, 4], []]) out.push(sample<'where'>([bools(shape), whole(dtype, shape), whole(dtype, shape, 2)], none))
  return out
}

export function cast(): Sample<'cast'>[] {
  const out: Sample<'cast'>[] = []
  const types = ['float32', 'float64', 'int32', 'uint8', 'bool'] as const
  for (const dtype of types) {
    out.push(sample<'cast'>([float([33], { range: [-300, 300] })], { dtype }, { smooth: false }))
    out.push(sample<'cast'>([edges([23])], { dtype }, { smooth: false }), sample<'cast'>([float([0])], { dtype }, { smooth: false }), sample<'cast'>([float([3, 4], { view: 'permuted' })], { dtype }, { smooth: false }))
    for (const source of ['int32', 'uint8', 'bool'] as const) out.push(sample<'cast'>([whole(source, [19])], { dtype }), sample<'cast'>([whole(source, [])], { dtype }))
  }
  for (const shape of SHAPES) out.push(sample<'cast'>([float(shape)], { dtype: 'float64' }))
  return out
}

export function bitcast(): Sample<'bitcast'>[] {
  const out: Sample<'bitcast'>[] = []
  for (const [n, shape] of [...SHAPES, [64]].entries()) {
    out.push(sample<'bitcast'>([ints(shape, { range: [0, 0x7f7fffff], view: n === 6 ? 'permuted' : 'plain' })], { dtype: 'float32' }))
    const bits: Sample<'bitcast'> = sample<'bitcast'>([float(shape, { range: [-1e6, 1e6], view: n === 6 ? 'permuted' : 'plain' })], { dtype: 'int32' }, { smooth: false })
    out.push({ ...bits, floats: ['float32'] as readonly Float[] })
  }
  return out
}
