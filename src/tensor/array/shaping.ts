// Functions that move elements: reshape, transpose, slices, joins.
import { type Shape, ShapeError, ValueError, argumentOf, broadcastShapes, checkShape, normalizeAxes, normalizeAxis, promote, sameShape, showShape, sizeOf, listOf, describeValue } from '../../base/index.ts'
import { type Node, emit as e } from '../../ir/index.ts'

export function reshape(x: Node, shape: Shape): Node {
  const holes = shape.filter((d) => d === -1).length
  let wanted = shape
  if (holes > 0) {
    const known = shape.reduce((p, d) => (d === -1 ? p : p * d), 1)
    const size = sizeOf(x.shape)
    if (holes > 1 || (known === 0 ? size !== 0 : size % known !== 0)) {
      throw new ShapeError('reshape', 'the size of -1 cannot be told', { expected: `one -1, the rest dividing ${size} elements`, received: `${showShape(x.shape)} → ${showShape(shape)}` })
    }
    wanted = shape.map((d) => (d === -1 ? (known === 0 ? 0 : size / known) : d))
  }
  checkShape('reshape', wanted)
  if (sizeOf(wanted) !== sizeOf(x.shape)) {
    throw new ShapeError('reshape', 'number of elements differs', { expected: `${sizeOf(x.shape)} elements, as ${showShape(x.shape)} has`, received: `${showShape(wanted)} with ${sizeOf(wanted)}` })
  }
  return e.reshape(x, wanted)
}

export function flatten(x: Node, from = 0, to = -1): Node {
  if (x.shape.length === 0) return e.reshape(x, [1])
  const a = normalizeAxis('flatten', from, x.shape.length)
  const b = normalizeAxis('flatten', to, x.shape.length)
  if (a > b) throw new ValueError('flatten', 'the first axis comes after the last', { received: `${from} … ${to}` })
  return e.reshape(x, [...x.shape.slice(0, a), sizeOf(x.shape.slice(a, b + 1)), ...x.shape.slice(b + 1)])
}

export function squeeze(x: Node, axes?: number | readonly number[]): Node {
  const drop = axes === undefined ? x.shape.map((_, i) => i).filter((i) => x.shape[i] === 1) : normalizeAxes('squeeze', axes, x.shape.length)
  for (const a of drop) {
    if (x.shape[a] !== 1) throw new ShapeError('squeeze', `axis ${a} is not of size 1`, { expected: 'size 1', received: showShape(x.shape) })
  }
  return e.reshape(x, x.shape.filter((_, i) => !drop.includes(i)))
}

export function unsqueeze(x: Node, axis: number): Node {
  const a = normalizeAxis('unsqueeze', axis, x.shape.length + 1)
  return e.reshape(x, [...x.shape.slice(0, a), 1, ...x.shape.slice(a)])
}

export function permute(x: Node, axes: readonly number[]): Node {
  const list = axes.map((a) => normalizeAxis('permute', a, x.shape.length))
  if (new Set(list).size !== x.shape.length || list.length !== x.shape.length) {
    throw new ValueError('permute', 'not an order of the axes', { expected: `each of 0 … ${x.shape.length - 1} once`, received: `[${axes}]` })
  }
  return e.permute(x, list)
}

export function transpose(x: Node, a: number, b: number): Node {
  const i = normalizeAxis('transpose', a, x.shape.length)
  const j = normalizeAxis('transpose', b, x.shape.length)
  return e.permute(x, x.shape.map((_, k) => (k === i ? j : k === j ? i : k)))
}

export function moveAxis(x: Node, from: number, to: number): Node {
  return e.moveAxis(x, normalizeAxis('moveAxis', from, x.shape.length), normalizeAxis('moveAxis', to, x.shape.length))
}

export function expand(x: Node, shape: Shape): Node {
  const lead = shape.length - x.shape.length
  const wanted = shape.map((d, i) => (d === -1 && i >= lead ? x.shape[i - lead]! : d))
  checkShape('expand', wanted)
  if (lead < 0 || !sameShape(broadcastShapes('expand', x.shape, wanted), wanted)) {
    throw new ShapeError('expand', 'cannot repeat to that shape', { expected: `sizes of 1 to repeat in ${showShape(x.shape)}`, received: showShape(wanted) })
  }
  return e.broadcastTo(x, wanted)
}

export function flip(x: Node, axes?: number | readonly number[]): Node {
  const list = normalizeAxes('flip', axes, x.shape.length)
  return list.length === 0 ? x : e.flip(x, list)
}

export function pad(x: Node, widths: readonly (readonly [number, number])[], value: number): Node {
  if (listOf('pad', 'widths', widths).length > x.shape.length || widths.some((w) => !Array.isArray(w) || w.length !== 2 || !w.every(Number.isInteger))) {
    throw new ShapeError('pad', 'widths do not fit', { expected: `whole numbers [before, after] for up to ${x.shape.length} trailing axes`, received: describeValue(widths) })
  }
  const lead = new Array<[number, number]>(x.shape.length - widths.length).fill([0, 0])
  const all = [...lead, ...widths]
  all.forEach(([before, after], i) => {
    if (x.shape[i]! + before + after < 0) throw new ShapeError('pad', `cropping more than axis ${i} has`, { expected: `at most ${x.shape[i]} elements cropped`, received: `[${before}, ${after}]` })
  })
  return e.pad(x, all.map((w) => w[0]), all.map((w) => w[1]), undefined, value)
}

export function concat(xs: readonly Node[], axis: number): Node {
  if (xs.length === 0) throw new ValueError('concat', 'nothing to join', { expected: 'at least one tensor', received: 'an empty list' })
  const rank = xs[0]!.shape.length
  const a = normalizeAxis('concat', axis, rank)
  for (const x of xs) {
    if (x.shape.length !== rank || x.shape.some((d, i) => i !== a && d !== xs[0]!.shape[i])) {
      throw new ShapeError('concat', `sizes differ on an axis other than ${a}`, { expected: `like ${showShape(xs[0]!.shape)}`, received: showShape(x.shape) })
    }
  }
  const dtype = xs.map((x) => x.dtype).reduce(promote)
  return e.concat(xs.map((x) => e.cast(x, dtype)), a)
}

export function stack(xs: readonly Node[], axis: number): Node {
  if (xs.length === 0) throw new ValueError('stack', 'nothing to join', { expected: 'at least one tensor', received: 'an empty list' })
  for (const x of xs) {
    if (!sameShape(x.shape, xs[0]!.shape)) throw new ShapeError('stack', 'shapes differ', { expected: showShape(xs[0]!.shape), received: showShape(x.shape) })
  }
  const a = normalizeAxis('stack', axis, xs[0]!.shape.length + 1)
  return concat(xs.map((x) => unsqueeze(x, a)), a)
}

export function split(x: Node, sizes: number | readonly number[], axis: number): Node[] {
  const a = normalizeAxis('split', axis, x.shape.length)
  const n = x.shape[a]!
  let list = sizes as readonly number[]
  argumentOf('split', Array.isArray(sizes) || (Number.isInteger(sizes) && (sizes as number) >= 1), 'size', 'a positive integer or a list of sizes', sizes)
  if (typeof sizes === 'number') {
    list = Array.from({ length: Math.ceil(n / sizes) }, (_, i) => Math.min(sizes, n - i * sizes))
  }
  if (list.some((s) => !Number.isInteger(s) || s < 0) || list.reduce((p, s) => p + s, 0) !== n) {
    throw new ShapeError('split', 'sizes do not add up', { expected: `a sum of ${n}`, received: `[${list}]` })
  }
  let start = 0
  return list.map((s) => {
    const part = e.narrow(x, a, start, s)
    start += s
    return part
  })
}

export function tile(x: Node, repeats: readonly number[]): Node {
  checkShape('tile', repeats)
  const rank = Math.max(repeats.length, x.shape.length)
  const shape = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]
  const times = [...new Array<number>(rank - repeats.length).fill(1), ...repeats]
  const pairs = e.reshape(x, shape.flatMap((d) => [1, d]))
  return e.reshape(e.expand(pairs, shape.flatMap((d, i) => [times[i]!, d])), shape.map((d, i) => d * times[i]!))
}

export function roll(x: Node, shift: number, axis: number): Node {
  const a = normalizeAxis('roll', axis, x.shape.length)
  argumentOf('roll', Number.isInteger(shift), 'shift', 'an integer', shift)
  const n = x.shape[a]!
  if (n === 0) return x
  const s = ((shift % n) + n) % n
  return s === 0 ? x : e.concat([e.narrow(x, a, n - s, s), e.narrow(x, a, 0, n - s)], a)
}

/** Ones (or the input) below / above a diagonal. */
export function triangle(x: Node, diagonal: number, upper: boolean): Node {
  if (x.shape.length < 2) throw new ShapeError(upper ? 'triu' : 'tril', 'needs a matrix', { expected: 'at least 2 axes', received: showShape(x.shape) })
  const r = x.shape.length
  const row = e.positions(x.shape, r - 2, 'int32')
  const col = e.positions(x.shape, r - 1, 'int32')
  const keep = upper ? e.binary('le', e.shift(row, diagonal), col) : e.binary('le', col, e.shift(row, diagonal))
  return e.where(keep, x, e.zerosLike(x))
}
