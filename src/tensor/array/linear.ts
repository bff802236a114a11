// Products of nodes: matmul, einsum, convolutions, windows.
import { ShapeError, ValueError, argumentOf, broadcastShapes, describeValue, optionsOf, promote, showShape, sizeOf } from '../../base/index.ts'
import { type ConvParams, type Node, emit as e } from '../../ir/index.ts'
import { withConvolution, withWindows } from '../families.ts'

const numeric = (x: Node): Node => (x.dtype === 'bool' ? e.cast(x, 'int32') : x)
function sameType(a: Node, b: Node): [Node, Node] {
  const dtype = promote(numeric(a).dtype, numeric(b).dtype)
  return [e.cast(a, dtype), e.cast(b, dtype)]
}

/** NumPy's matmul: vectors are rows/columns, leading axes broadcast. */
export function matmul(x: Node, y: Node): Node {
  const [a, b] = sameType(x, y)
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new ShapeError('matmul', 'a scalar has no inner dimension', { expected: 'at least one axis on both sides', received: `${showShape(x.shape)} and ${showShape(y.shape)}`, remedy: 'Use mul.' })
  }
  const A = a.shape.length === 1 ? e.reshape(a, [1, a.shape[0]!]) : a
  const B = b.shape.length === 1 ? e.reshape(b, [b.shape[0]!, 1]) : b
  const K = A.shape[A.shape.length - 1]!
  if (K !== B.shape[B.shape.length - 2]) {
    throw new ShapeError('matmul', 'inner dimensions differ', {
      expected: `[.., ${K}] × [${K}, ..]`, received: `${showShape(x.shape)} × ${showShape(y.shape)}`, remedy: 'Transpose or reshape one side.',
    })
  }
  const M = A.shape[A.shape.length - 2]!
  const N = B.shape[B.shape.length - 1]!
  const lead = broadcastShapes('matmul', A.shape.slice(0, -2), B.shape.slice(0, -2))
  const shape = [...lead, ...(a.shape.length === 1 ? [] : [M]), ...(b.shape.length === 1 ? [] : [N])]
  // One matrix on the right serves all rows of the left: a single wide product.
  if (sizeOf(B.shape.slice(0, -2)) === 1) {
    const rows = sizeOf(A.shape.slice(0, -1))
    const flat = e.dot(e.reshape(A, [1, rows, K]), e.reshape(B, [1, K, N]))
    return e.reshape(flat, shape)
  }
  const batch = sizeOf(lead)
  const full = (z: Node): Node => e.reshape(e.broadcastTo(z, [...lead, ...z.shape.slice(-2)]), [batch, ...z.shape.slice(-2)])
  return e.reshape(e.dot(full(A), full(B)), shape)
}

/** Sums of products named by letters, as in einsum('bij,bjk->bik', x, y). '...' is not taken; repeated letters in one operand take the diagonal. */
export function einsum(formula: string, operands: readonly Node[]): Node {
  const clean = formula.replace(/\s+/g, '')
  const [left, right] = clean.split('->') as [string, string | undefined]
  const terms = left.split(',')
  if (!/^[A-Za-z,]*(->[A-Za-z]*)?$/.test(clean) || terms.length !== operands.length) {
    throw new ValueError('einsum', 'formula does not fit', { expected: `letters for ${operands.length} operands, as in "ij,jk->ik"`, received: formula })
  }
  const sizes = new Map<string, number>()
  let items = operands.map((x, n) => {
    const letters = [...terms[n]!]
    if (letters.length !== x.shape.length) throw new ShapeError('einsum', `operand ${n} has another number of axes`, { expected: `${letters.length} for "${terms[n]}"`, received: showShape(x.shape) })
    letters.forEach((c, i) => {
      const d = sizes.get(c)
      if (d !== undefined && d !== x.shape[i]) throw new ShapeError('einsum', `sizes of "${c}" differ`, { expected: String(d), received: String(x.shape[i]) })
      sizes.set(c, x.shape[i]!)
    })
    return diagonals(x, letters)
  })
  const counts = new Map<string, number>()
  for (const c of terms.join('')) counts.set(c, (counts.get(c) ?? 0) + 1)
  const out = right === undefined ? [...counts].filter(([, n]) => n === 1).map(([c]) => c).sort() : [...right]
  for (const c of out) if (!sizes.has(c) || out.indexOf(c) !== out.lastIndexOf(c)) throw new ValueError('einsum', `bad result letter "${c}"`, { expected: 'letters of the operands, each once', received: formula })
  const dtype = operands.map((x) => numeric(x).dtype).reduce(promote)
  items = items.map(({ x, letters }) => ({ x: e.cast(x, dtype), letters }))
  while (items.length > 1) {
    const [p, q, ...rest] = items as [Item, Item, ...Item[]]
    const later = new Set([...out, ...rest.flatMap((r) => r.letters)])
    items = [pair(p, q, later, sizes), ...rest]
  }
  const only = sumAway(items[0]!, new Set(out))
  return e.permute(only.x, out.map((c) => only.letters.indexOf(c)))
}
interface Item {
  x: Node
  letters: string[]
}
function diagonals(x: Node, letters: string[]): Item {
  for (let i = 0; i < letters.length; i++) {
    const j = letters.indexOf(letters[i]!, i + 1)
    if (j < 0) continue
    const n = x.shape[i]!
    const same = e.eq(e.positions(x.shape, i, 'int32'), e.positions(x.shape, j, 'int32'))
    const y = e.sum(e.where(same, x, e.zerosLike(x)), [j])
    void n
    return diagonals(y, letters.filter((_, k) => k !== j))
  }
  return { x, letters }
}
function sumAway({ x, letters }: Item, keep: Set<string>): Item {
  const axes = letters.map((c, i) => (keep.has(c) ? -1 : i)).filter((i) => i >= 0)
  return axes.length === 0 ? { x, letters } : { x: e.sum(x, axes), letters: letters.filter((c) => keep.has(c)) }
}
function pair(p: Item, q: Item, later: Set<string>, sizes: Map<string, number>): Item {
  const a = sumAway(p, new Set([...later, ...q.letters]))
  const b = sumAway(q, new Set([...later, ...p.letters]))
  const inBoth = a.letters.filter((c) => b.letters.includes(c))
  const batch = inBoth.filter((c) => later.has(c))
  const inner = inBoth.filter((c) => !later.has(c))
  const onlyA = a.letters.filter((c) => !inBoth.includes(c))
  const onlyB = b.letters.filter((c) => !inBoth.includes(c))
  const size = (cs: string[]): number => cs.reduce((s, c) => s * sizes.get(c)!, 1)
  const arrange = (item: Item, ...groups: string[][]): Node =>
    e.reshape(e.permute(item.x, groups.flat().map((c) => item.letters.indexOf(c))), groups.map(size))
  const y = e.dot(arrange(a, batch, onlyA, inner), arrange(b, batch, inner, onlyB))
  const letters = [...batch, ...onlyA, ...onlyB]
  return { x: e.reshape(y, letters.map((c) => sizes.get(c)!)), letters }
}

export type PerAxis = number | readonly number[]
export interface ConvOptions {
  readonly stride?: PerAxis
  /** Zeros on both sides, or [before, after] pairs, or 'same' (stride 1) / 'valid'. */
  readonly padding?: PerAxis | readonly (readonly [number, number])[] | 'same' | 'valid'
  readonly dilation?: PerAxis
  readonly groups?: number
}

export function perAxis(operation: string, name: string, value: PerAxis | undefined, rank: number, least: number): number[] {
  const list = typeof value === 'number' || value === undefined ? new Array<number>(rank).fill(value ?? least) : Array.isArray(value) ? value : []
  if (list.length !== rank || list.some((v) => !Number.isInteger(v) || v < least)) {
    throw new ValueError(operation, `bad ${name}`, { expected: `an integer ≥ ${least}, or ${rank} of them`, received: Array.isArray(value) ? JSON.stringify(value) : describeValue(value) })
  }
  return list
}

function checkGroups(operation: string, groups: number): void {
  argumentOf(operation, Number.isInteger(groups) && groups >= 1, 'number of groups', 'a positive integer', groups)
}

export function conv(operation: string, rank: number, x0: Node, w0: Node, options: ConvOptions): Node {
  const [x, w] = sameType(x0, w0)
  const groups = optionsOf(operation, options).groups ?? 1
  if (x.shape.length !== rank + 2 || w.shape.length !== rank + 2) {
    throw new ShapeError(operation, 'wrong number of axes', { expected: `input [N, C, ${'S, '.repeat(rank).slice(0, -2)}] and weight [O, C/groups, ${'K, '.repeat(rank).slice(0, -2)}]`, received: `${showShape(x.shape)} and ${showShape(w.shape)}` })
  }
  checkGroups(operation, groups)
  if (x.shape[1] !== w.shape[1]! * groups || w.shape[0]! % groups !== 0) {
    throw new ShapeError(operation, 'channels do not fit', { expected: `${w.shape[1]! * groups} input channels (weight ${showShape(w.shape)}, groups ${groups})`, received: showShape(x.shape) })
  }
  const stride = perAxis(operation, 'stride', options.stride, rank, 1)
  const dilation = perAxis(operation, 'dilation', options.dilation, rank, 1)
  const reach = dilation.map((d, i) => (w.shape[i + 2]! - 1) * d + 1)
  const padding = paddingPairs(operation, options.padding, reach, stride, rank)
  for (let i = 0; i < rank; i++) {
    if (x.shape[i + 2]! + padding[i]![0] + padding[i]![1] < reach[i]!) {
      throw new ShapeError(operation, 'the kernel is larger than the padded input', { expected: `at least ${reach} after padding`, received: `${showShape(x.shape)} with padding ${JSON.stringify(padding)}` })
    }
  }
  withConvolution()
  return e.make('conv', [x, w], { stride, padding, dilation, inputDilation: stride.map(() => 1), groups })
}

export function paddingPairs(operation: string, padding: ConvOptions['padding'], reach: readonly number[], stride: readonly number[], rank: number): [number, number][] {
  if (padding === 'valid') return reach.map(() => [0, 0])
  if (padding === 'same') {
    if (stride.some((s) => s !== 1)) throw new ValueError(operation, "padding 'same' needs stride 1", { received: `stride [${stride}]` })
    return reach.map((r) => [Math.floor((r - 1) / 2), r - 1 - Math.floor((r - 1) / 2)])
  }
  if (Array.isArray(padding) && padding.length === rank && padding.every((p) => Array.isArray(p))) {
    const pairs = padding as unknown as readonly (readonly [number, number])[]
    if (pairs.some((p) => p.length !== 2 || p.some((v) => !Number.isInteger(v)))) throw new ValueError(operation, 'bad padding', { expected: '[before, after] pairs', received: JSON.stringify(padding) })
    return pairs.map((p) => [p[0], p[1]])
  }
  return perAxis(operation, 'padding', padding as PerAxis | undefined, rank, 0).map((p) => [p, p])
}

export interface ConvTransposeOptions {
  readonly stride?: PerAxis
  readonly padding?: PerAxis
  readonly outputPadding?: PerAxis
  readonly dilation?: PerAxis
  readonly groups?: number
}

/** The gradient of conv by its input, as a layer: weight [C, O/groups, *K]. */
export function convTranspose(operation: string, rank: number, x0: Node, w0: Node, options: ConvTransposeOptions): Node {
  const [x, w] = sameType(x0, w0)
  const groups = optionsOf(operation, options).groups ?? 1
  checkGroups(operation, groups)
  if (x.shape.length !== rank + 2 || w.shape.length !== rank + 2 || x.shape[1] !== w.shape[0] || w.shape[0]! % groups !== 0) {
    throw new ShapeError(operation, 'input and weight do not fit', { expected: 'input [N, C, *S] and weight [C, O/groups, *K]', received: `${showShape(x.shape)} and ${showShape(w.shape)}, groups ${groups}` })
  }
  const stride = perAxis(operation, 'stride', options.stride, rank, 1)
  const dilation = perAxis(operation, 'dilation', options.dilation, rank, 1)
  const pads = perAxis(operation, 'padding', options.padding, rank, 0)
  const extra = perAxis(operation, 'outputPadding', options.outputPadding, rank, 0)
  const spatial = stride.map((_, i) => i + 2)
  const [c, o, ...K] = w.shape as number[]
  stride.forEach((by, i) => {
    if (extra[i]! >= Math.max(by, dilation[i]!)) throw new ValueError(operation, 'output padding too large', { expected: `less than the stride or the dilation, ${Math.max(by, dilation[i]!)}`, received: String(extra[i]) })
    const length = (x.shape[i + 2]! - 1) * by - 2 * pads[i]! + dilation[i]! * (K[i]! - 1) + extra[i]! + 1
    if (length < 1) throw new ShapeError(operation, 'nothing is left of the output', { expected: `padding that leaves at least 1 element on axis ${i + 2}`, received: `${showShape(x.shape)} with padding [${pads}]` })
  })
  // [G·c, o, K] → [G·o, c, K], flipped
  const split = e.reshape(w, [groups, c! / groups, o!, ...K])
  const swapped = e.reshape(e.permute(split, [0, 2, 1, ...K.map((_, i) => i + 3)]), [groups * o!, c! / groups, ...K])
  const params: ConvParams = {
    stride: stride.map(() => 1),
    inputDilation: stride,
    dilation,
    groups,
    padding: pads.map((p, i) => {
      const full = (K[i]! - 1) * dilation[i]! - p
      return [full, full + extra[i]!]
    }),
  }
  withConvolution()
  return e.make('conv', [x, e.flip(swapped, spatial)], params)
}

export interface PoolOptions {
  readonly stride?: PerAxis
  readonly padding?: PerAxis
  readonly dilation?: PerAxis
}

/** Windows over the last `rank` axes: [.., P…, K…], padded with `fill`. */
export function windows(operation: string, rank: number, x: Node, size: PerAxis, options: PoolOptions, fill: number): { seen: Node; size: number[] } {
  if (x.shape.length < rank) throw new ShapeError(operation, 'too few axes', { expected: `at least ${rank}`, received: showShape(x.shape) })
  const kernel = perAxis(operation, 'kernel size', size ?? [], rank, 1)
  const stride = perAxis(operation, 'stride', optionsOf(operation, options).stride ?? kernel, rank, 1)
  const dilation = perAxis(operation, 'dilation', options.dilation, rank, 1)
  const pads = perAxis(operation, 'padding', options.padding, rank, 0)
  const lead = x.shape.length - rank
  const widths = [...new Array<number>(lead).fill(0), ...pads]
  for (let i = 0; i < rank; i++) {
    if (x.shape[lead + i]! + 2 * pads[i]! < (kernel[i]! - 1) * dilation[i]! + 1) {
      throw new ShapeError(operation, 'the window is larger than the padded input', { expected: `at least [${kernel}]`, received: showShape(x.shape) })
    }
    if (pads[i]! * 2 > kernel[i]!) throw new ValueError(operation, 'padding over half the window', { expected: `at most ${Math.floor(kernel[i]! / 2)}`, received: String(pads[i]) })
  }
  withWindows()
  return { seen: e.make('window', [e.pad(x, widths, widths, undefined, fill)], { size: kernel, stride, dilation }), size: kernel }
}

export function maxPool(rank: number, x: Node, size: PerAxis, options: PoolOptions): Node {
  const operation = `maxPool${rank}d`
  const lowestValue = x.dtype === 'int32' ? -2147483648 : x.dtype === 'uint8' ? 0 : -Infinity
  // The first largest element of a window takes the whole gradient (as PyTorch).
  const look = (source: Node) => {
    const { seen, size: kernel } = windows(operation, rank, source, size, options, lowestValue)
    const flat = e.reshape(seen, [...seen.shape.slice(0, seen.shape.length - rank), kernel.reduce((p, k) => p * k, 1)])
    const axis = flat.shape.length - 1
    const hit = (): Node => {
      const best = e.make('argmax', [flat], { axis })
      return e.eq(e.expand(e.reshape(best, [...best.shape, 1]), flat.shape), e.positions(flat.shape, axis, 'int32'))
    }
    return { seen, flat, axis, hit }
  }
  const { flat, axis } = look(x)
  const value = e.make('reduceMax', [flat], { axes: [axis] })
  return e.make('custom', [value, x], {
    name: operation,
    vjp: (g, _, [x1]) => {
      const inner = look(x1!)
      const spread = e.where(inner.hit(), e.expand(e.reshape(g, [...g.shape, 1]), inner.flat.shape), e.full(0, inner.flat.shape, g.dtype))
      return [backToInput(spread, inner.seen, x1!)]
    },
    jvp: ([t], _, [x1]) => {
      if (t === null || t === undefined) return null
      const inner = look(x1!)
      const { seen: moved } = windows(operation, rank, t, size, options, 0)
      return e.sum(e.where(inner.hit(), e.reshape(moved, inner.flat.shape), e.full(0, inner.flat.shape, t.dtype)), [axis])
    },
  })
}

/** Undoes window and pad for a cotangent of the windows. */
function backToInput(g: Node, seen: Node, x: Node): Node {
  const shaped = e.reshape(g, seen.shape)
  const { size, stride, dilation } = (seen as Node<'window'>).params
  const padded = seen.inputs[0]!
  const folded = e.make('fold', [shaped], { shape: padded.shape.slice(padded.shape.length - size.length), stride, dilation })
  if (padded.op !== 'pad') return folded
  const { before } = (padded as Node<'pad'>).params
  return e.slice(folded, before, x.shape)
}

export function avgPool(rank: number, x: Node, size: PerAxis, options: PoolOptions & { countPad?: boolean }): Node {
  const { seen, size: kernel } = windows(`avgPool${rank}d`, rank, x, size, options, 0)
  const r = seen.shape.length
  const axes = kernel.map((_, i) => r - rank + i)
  const total = e.sum(seen, axes)
  if (options.countPad !== false) return e.scale(total, 1 / kernel.reduce((p, k) => p * k, 1))
  const { seen: ones } = windows(`avgPool${rank}d`, rank, e.like(x, 1), size, options, 0)
  return e.div(total, e.sum(ones, axes))
}
