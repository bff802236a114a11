// Samples of the movement ops, the reductions, orders and reads and writes by index.
import type { OpName, OpParams } from '../../src/ir/index.ts'
import { type Input, type Sample, type View, bools, edges, float, ints, sample, whole } from './kit.ts'

type Shape = readonly number[]
const VIEWS: readonly View[] = ['plain', 'permuted', 'strided', 'flipped']

/** Every case with floats through all views, and with every other type once. */
function moved<K extends OpName>(cases: readonly (readonly [Shape, OpParams[K]])[], types: readonly ('int32' | 'uint8' | 'bool')[] = ['int32', 'uint8', 'bool']): Sample<K>[] {
  return cases.flatMap(([shape, params], n) => [
    sample<K>([float(shape, { view: VIEWS[n % 4]! })], params),
    sample<K>([float(shape, { view: VIEWS[(n + 1) % 4]! })], params, { smooth: n % 2 === 0 }),
    ...(types.length > 0 ? [sample<K>([whole(types[n % types.length]!, shape, n, VIEWS[(n + 2) % 4]!)], params)] : []),
  ])
}

export const reshape = (): Sample<'reshape'>[] =>
  moved<'reshape'>(([
    [[], [1]], [[1], []], [[6], [2, 3]], [[2, 3], [6]], [[2, 3, 4], [4, 6]], [[4, 6], [2, 12]], [[0, 3], [3, 0]], [[0], [2, 0, 5]], [[2, 1, 3], [1, 6, 1]], [[33], [3, 11]], [[8, 9], [72]], [[3, 4], [4, 3]],
  ] as [number[], number[]][]).map(([from, shape]) => [from, { shape }]))

export const permute = (): Sample<'permute'>[] =>
  moved<'permute'>(([[[], []], [[5], [0]], [[2, 3], [1, 0]], [[2, 3, 4], [2, 0, 1]], [[2, 3, 4], [1, 0, 2]], [[2, 3, 4], [0, 2, 1]], [[1, 5, 1], [2, 1, 0]], [[0, 3], [1, 0]], [[2, 3, 2, 2], [3, 1, 0, 2]], [[17, 9], [1, 0]], [[33, 2], [1, 0]]] as [number[], number[]][]).map(([s, axes]) => [s, { axes }]))

export const expand = (): Sample<'expand'>[] =>
  moved<'expand'>(([[[1], [5]], [[1, 3], [4, 3]], [[3, 1], [3, 4]], [[1, 1], [2, 5]], [[2, 1, 3], [2, 4, 3]], [[1], [0]], [[1, 0], [3, 0]], [[1], [33]], [[5], [5]], [[1, 1, 1], [2, 2, 2]], [[1, 9], [7, 9]]] as [number[], number[]][]).map(([s, shape]) => [s, { shape }]))

export const slice = (): Sample<'slice'>[] =>
  moved<'slice'>(([
    [[5], [0], [5], [1]], [[5], [1], [3], [1]], [[5], [4], [5], [-1]], [[5], [4], [3], [-2]], [[9], [1], [3], [3]], [[4, 3], [1, 2], [2, 2], [2, -2]], [[4, 3], [3, 0], [4, 3], [-1, 1]], [[2, 3, 4], [1, 0, 3], [1, 2, 2], [1, 2, -3]], [[5], [0], [0], [1]], [[0, 3], [0, 0], [0, 2], [1, 1]],
    [[33], [2], [10], [3]], [[40], [39], [20], [-2]], [[3, 20], [0, 1], [3, 17], [1, 1]],
  ] as [number[], number[], number[], number[]][]).map(([s, start, size, step]) => [s, { start, size, step }]))

export const pad = (): Sample<'pad'>[] =>
  moved<'pad'>(([
    [[3], [1], [2], [0], 0], [[3], [0], [0], [2], 5], [[3], [-1], [0], [0], 0], [[4], [-1], [-2], [0], 7], [[4], [-1], [3], [1], -2], [[4], [2], [-3], [2], 1], [[2, 3], [1, 0], [0, 2], [0, 1], 1.5], [[0], [2], [1], [0], 3], [[0, 2], [1, 1], [0, 0], [3, 1], 4],
    [[1], [0], [0], [5], 9], [[5], [-3], [-3], [0], 1], [[2, 2, 2], [0, 1, -1], [1, 0, 0], [1, 0, 2], 0], [[17], [3], [16], [0], 2], [[3, 5], [-1, -2], [-1, 4], [2, 0], 3], [[4], [-2], [-2], [3], 8],
  ] as [number[], number[], number[], number[], number][]).map(([s, before, after, inner, value]) => [s, { before, after, inner, value }]), ['int32'])

export function concat(): Sample<'concat'>[] {
  const cases: [number[][], number][] = [[[[2], [3]], 0], [[[2, 3], [2, 1]], 1], [[[1, 2], [0, 2], [3, 2]], 0], [[[0], [0]], 0], [[[2, 3, 1], [2, 3, 4]], 2], [[[5], [5], [5], [5], [1]], 0], [[[3, 2], [3, 33]], 1], [[[2, 1, 3], [2, 4, 3]], 1]]
  return cases.flatMap(([shapes, axis], n) => [
    sample<'concat'>(shapes.map((s, i) => float(s, { view: VIEWS[(n + i) % 4]! })), { axis }),
    sample<'concat'>(shapes.map((s) => float(s)), { axis }, { smooth: false }),
    sample<'concat'>(shapes.map((s, i) => whole((['int32', 'uint8', 'bool'] as const)[n % 3]!, s, i)), { axis }),
  ])
}

export const window = (): Sample<'window'>[] =>
  moved<'window'>(([
    [[7], [3], [1], [1]], [[7], [3], [2], [1]], [[9], [2], [3], [2]], [[3, 6], [2], [2], [1]], [[5, 6], [2, 3], [1, 2], [2, 1]], [[2, 5, 4], [3, 2], [2, 1], [1, 1]], [[4], [4], [1], [1]], [[0, 5], [2], [1], [1]], [[33], [5], [3], [4]], [[3, 4, 3], [2, 2, 2], [1, 1, 1], [1, 1, 1]], [[5, 5], [1, 1], [1, 1], [1, 1]],
  ] as [number[], number[], number[], number[]][]).map(([s, size, stride, dilation]) => [s, { size, stride, dilation }]))

export const fold = (): Sample<'fold'>[] =>
  moved<'fold'>(([
    [[5, 3], [7], [1], [1]], [[3, 3], [7], [2], [1]], [[3, 2], [9], [3], [2]], [[2, 3, 2], [6], [2], [1]], [[3, 2, 2, 3], [6, 6], [1, 2], [2, 1]], [[2, 2, 3, 3, 2], [5, 4], [2, 1], [1, 1]], [[1, 4], [4], [1], [1]], [[0, 4, 2], [5], [1], [1]], [[6, 5], [33], [3], [4]], [[2, 2, 2, 2, 2, 2], [3, 3, 3], [1, 1, 1], [1, 1, 1]], [[2, 2], [9], [2], [1]],
  ] as [number[], number[], number[], number[]][]).map(([s, shape, stride, dilation]) => [s, { shape, stride, dilation }]), ['int32', 'uint8'])

const AXES: [number[], number[]][] = [[[5], [0]], [[2, 3], [0]], [[2, 3], [1]], [[2, 3], [0, 1]], [[2, 3, 4], [0, 2]], [[2, 3, 4], [1]], [[33], [0]], [[4, 1, 3], [1]], [[2, 2, 2, 2], [1, 3]], [[3, 17], [1]], [[17, 3], [0]]]

export function reduction<K extends 'sum' | 'prod' | 'reduceMax' | 'reduceMin'>(extreme: boolean): () => Sample<K>[] {
  return () => {
    const p = (axes: readonly number[]): OpParams[K] => ({ axes }) as OpParams[K]
    const small = { range: [0.5, 1.5] as const }
    const out = AXES.flatMap(([s, axes], n) => [sample<K>([float(s, { view: VIEWS[n % 4]!, ...(extreme ? {} : small) })], p(axes)), sample<K>([ints(s)], p(axes))])
    for (const [s, axes] of [[[0], [0]], [[0, 3], [0]], [[0, 3], [1]], [[2, 0], [1]]] as [number[], number[]][]) out.push(sample<K>([float(s)], p(axes), { smooth: !extreme }), sample<K>([ints(s)], p(axes)))
    out.push(sample<K>([edges([4, 5], 1)], p([1]), { smooth: false }), sample<K>([edges([23])], p([0]), { smooth: false }), sample<K>([whole('int32', [15])], p([0])), sample<K>([whole('uint8', [3, 9])], p([1])))
    out.push(sample<K>([float([3, 4], { view: 'expanded', ...(extreme ? {} : small) })], p([1])), sample<K>([float([2, 9000], { range: [0.99, 1.01] })], p([1]), { smooth: false, large: true }), sample<K>([float([9000, 3], { range: [0.99, 1.01] })], p([0]), { smooth: false, large: true }))
    if (extreme) out.push(sample<K>([bools([4, 5])], p([0])), sample<K>([bools([0, 2])], p([0])), sample<K>([bools([33])], p([0])))
    return out
  }
}

export function argReduce<K extends 'argmax' | 'argmin'>(): Sample<K>[] {
  const out: Sample<K>[] = []
  for (const [s, axes] of AXES) {
    out.push(sample<K>([float(s, { view: VIEWS[axes[0]! % 4]! })], { axis: axes[0]! } as OpParams[K], { smooth: false }), sample<K>([ints(s, { range: [-2, 2] })], { axis: axes[0]! } as OpParams[K]))
  }
  for (const shift of [0, 1, 2, 3]) out.push(sample<K>([edges([4, 6], shift)], { axis: 1 } as OpParams[K], { smooth: false }), sample<K>([edges([6, 4], shift)], { axis: 0 } as OpParams[K], { smooth: false }))
  out.push(sample<K>([whole('uint8', [9])], { axis: 0 } as OpParams[K]), sample<K>([whole('int32', [15])], { axis: 0 } as OpParams[K]), sample<K>([bools([3, 4])], { axis: 1 } as OpParams[K]), sample<K>([float([0, 3])], { axis: 1 } as OpParams[K], { smooth: false }))
  return out
}

export function cumsum(): Sample<'cumsum'>[] {
  const out: Sample<'cumsum'>[] = []
  for (const [n, [s, axes]] of AXES.entries()) for (const reverse of [false, true]) out.push(sample<'cumsum'>([reverse && n % 2 === 0 ? ints(s) : float(s, { view: VIEWS[n % 4]! })], { axis: axes[0]!, reverse }))
  out.push(sample<'cumsum'>([float([0])], { axis: 0, reverse: false }), sample<'cumsum'>([float([3, 0])], { axis: 1, reverse: true }), sample<'cumsum'>([whole('int32', [15])], { axis: 0, reverse: false }), sample<'cumsum'>([whole('uint8', [9])], { axis: 0, reverse: true }))
  out.push(sample<'cumsum'>([float([1], { values: [Infinity] })], { axis: 0, reverse: false }, { smooth: false }), sample<'cumsum'>([edges([3, 7], 3)], { axis: 1, reverse: false }, { smooth: false }))
  return out
}

export function argsort(): Sample<'argsort'>[] {
  const out: Sample<'argsort'>[] = []
  for (const [n, [s, axes]] of AXES.entries()) for (const descending of [false, true]) out.push(sample<'argsort'>([n % 2 === 0 ? ints(s, { range: [-2, 2] }) : float(s, { view: VIEWS[n % 4]! })], { axis: axes[0]!, descending }, { smooth: false }))
  for (const descending of [false, true]) {
    out.push(sample<'argsort'>([edges([23])], { axis: 0, descending }, { smooth: false }), sample<'argsort'>([edges([5, 9], 2)], { axis: 0, descending }, { smooth: false }), sample<'argsort'>([whole('int32', [30])], { axis: 0, descending }), sample<'argsort'>([whole('uint8', [3, 9])], { axis: 1, descending }))
    out.push(sample<'argsort'>([bools([17])], { axis: 0, descending }), sample<'argsort'>([float([0])], { axis: 0, descending }, { smooth: false }), sample<'argsort'>([ints([300], { range: [-50, 50] })], { axis: 0, descending }), sample<'argsort'>([float([1])], { axis: 0, descending }, { smooth: false }))
  }
  return out
}

const PLACES: [number, number, number, number][] = [[1, 5, 1, 3], [1, 5, 4, 7], [2, 3, 1, 4], [2, 3, 5, 2], [3, 1, 2, 2], [1, 33, 1, 40], [0, 3, 2, 2], [2, 4, 0, 3], [2, 4, 3, 0], [1, 7, 9, 5]]

export const gather = (): Sample<'gather'>[] =>
  PLACES.flatMap(([B, N, R, I], n) => {
    const index = (): Input => ints([B, I], { range: [-2, N + 2], view: VIEWS[n % 4]! })
    return [sample<'gather'>([float([B, N, R], { view: VIEWS[(n + 1) % 4]! }), index()], {} as never), sample<'gather'>([ints([B, N, R]), index()], {} as never), sample<'gather'>([whole('uint8', [B, N, R]), index()], {} as never)]
  })

export const scatter = (): Sample<'scatter'>[] =>
  [...PLACES, [1, 0, 2, 3] as const, [1, 3, 2, 20] as const].flatMap(([B, N, R, I], n) =>
    (['add', 'set'] as const).flatMap((mode) => {
      const index = (): Input => ints([B, I], { range: [-2, N + 1], view: VIEWS[n % 4]! })
      return [sample<'scatter'>([float([B, N, R], { view: VIEWS[(n + 1) % 4]! }), index(), float([B, I, R])], { mode }), sample<'scatter'>([ints([B, N, R]), index(), ints([B, I, R])], { mode })]
    }),
  )
