// What both Winograd kernels do first: patches of an image's channel, transformed, as rows of tiles.
import { type Expr, type Node, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, use, vtype } from '../../ir/index.ts'
import type { Writer } from '../writer.ts'

export const plus = (a: Expr, b: Expr | number): Expr => {
  const x = typeof b === 'number' ? i32(b) : b
  return x.k === 'const' && x.value === 0 ? a : a.k === 'const' && a.value === 0 ? x : op('add', a, x)
}
export const times = (a: Expr, by: number): Expr => (by === 1 ? a : by === 0 ? i32(0) : op('mul', a, i32(by)))
export const loop = (v: Var, lo: Expr | number, hi: Expr | number, body: readonly Stmt[], step = 1, vector = false): Stmt => ({
  s: 'for', v, lo: typeof lo === 'number' ? i32(lo) : lo, hi: typeof hi === 'number' ? i32(hi) : hi, step, body, hint: vector ? { vector: true } : {},
})
/** Binds values to names, so that each is computed once and before the stores that follow. */
export function named(out: Stmt[], values: readonly Expr[]): Expr[] {
  return values.map((value) => {
    const v = newVar('t', value.type.t, value.type.lanes)
    out.push({ s: 'let', v, value })
    return use(v)
  })
}
export const tableOf = (values: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer)

/** How tiles of 4×4 are laid out: a block is `images` images with `rows` rows of tiles each. */
export interface Blocks {
  readonly images: number
  readonly rows: number
  /** Tiles in a row of tiles, and rows of tiles of an image. */
  readonly across: number
  readonly down: number
  /** Tiles of a block, and with the vector's last lanes. */
  readonly tiles: number
  readonly padded: number
  /** Blocks along the images, and along the rows of one. */
  readonly imageBlocks: number
  readonly rowBlocks: number
}

/** Blocks of about `wanted` tiles with few idle lanes; images are not shared out unevenly. */
export function blocksOf(N: number, P: number, Q: number, wanted: number, lanes: number): Blocks {
  const [down, across] = [Math.ceil(P / 4), Math.ceil(Q / 4)]
  let best: { images: number; rows: number; price: number } | null = null
  const consider = (images: number, rows: number): void => {
    const tiles = images * rows * across
    if (best !== null && tiles > 2 * wanted) return
    // Idle lanes, rows of tiles below the image, and what small blocks cost in weights read again.
    const waste = (Math.ceil(tiles / lanes) * lanes) / tiles
    const below = (Math.ceil(down / rows) * rows) / down
    const price = waste * below * (1 + (0.1 * wanted) / tiles) * (1 + (0.1 * tiles) / wanted)
    if (best === null || price < best.price) best = { images, rows, price }
  }
  for (let rows = 1; rows <= down; rows++) consider(1, rows)
  for (let images = 2; images <= N; images++) if (N % images === 0) consider(images, down)
  const { images, rows } = best!
  const tiles = images * rows * across
  return { images, rows, across, down, tiles, padded: Math.ceil(tiles / lanes) * lanes, imageBlocks: Math.ceil(N / images), rowBlocks: Math.ceil(down / rows) }
}

/** One side of a block: planes of `from` × `from` patches that become 6×6 values a tile. */
export interface Patches {
  readonly node: Node
  /** Element of channel `c` of image `n`, in the order the node has its axes. */
  readonly axes: (n: Var, c: Var, y: Var, x: Var) => readonly Var[]
  readonly size: readonly [number, number]
  readonly before: readonly [number, number]
  /** Rows and columns of a patch: 6 for inputs, 4 for gradients. */
  readonly from: 4 | 6
  readonly transform: (x: readonly Expr[]) => Expr[]
}

/**
 * Statements that transform channel `c` of every tile of a block. `image` and `row` say where the block begins;
 * `put(k, group)` stores value k (0 … 35) of a group of tiles, one tile a lane.
 */
export function transformTiles(
  writer: Writer, p: Patches, blocks: Blocks, lanes: number,
  at: { readonly image: Var; readonly row: Var; readonly c: Var; readonly channels: number; readonly batch: number },
  put: (k: Expr, group: Expr, value: Expr) => Stmt[],
): { readonly prepare: Stmt[]; readonly body: Stmt[] } {
  const { images, rows, across } = blocks
  const { from } = p
  const [height, width] = [4 * rows + from - 4, Math.ceil((4 * across + from - 4) / lanes) * lanes]
  const plane = writer.scratch(height * width)
  const tall = writer.scratch(images * rows * 6 * width)
  const starts = Array.from({ length: blocks.padded }, (_, t) => {
    const tile = Math.min(t, blocks.tiles - 1)
    return Math.floor(tile / across) * 6 * width + (tile % across) * 4
  })
  const table = writer.parameter(tableOf(starts), 'read', 'int32', starts.length)

  // The border of the plane is cleared once: rows are copied over the same columns again and again.
  const z = newVar('z', 'i32')
  const prepare = [loop(z, 0, height * width, [{ s: 'store', buf: plane, index: use(z), value: constant('f32', 0) }], 1, true)]

  const [i, n, y, x, line] = ['i', 'n', 'y', 'x', 'line'].map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var]
  const [H, W] = p.size
  const columns = Math.min(W, width - p.before[1])
  const saved = writer.order
  writer.order = [at.c, n, y, x]
  const vars = p.axes(n, at.c, y, x)
  const extent = new Map<Var, number>([[n, at.batch], [at.c, at.channels], [y, H], [x, W]])
  const { result, body: lets } = writer.block(() => writer.at(p.node, vars.map((v) => ixVar(v, extent.get(v)!))))
  writer.order = saved
  const target = plus(times(use(line), width), plus(use(x), p.before[1]))
  const inside = op('and', op('le', i32(0), use(y)), op('lt', use(y), i32(H)))
  const zero = newVar('x', 'i32')
  const zeroAt = plus(times(use(line), width), plus(use(zero), p.before[1]))
  const copy: Stmt[] = [
    { s: 'let', v: n, value: op('min', plus(use(at.image), use(i)), i32(at.batch - 1)) },
    loop(line, 0, height, [
      { s: 'let', v: y, value: plus(plus(times(use(at.row), 4), use(line)), -p.before[0]) },
      {
        s: 'if', cond: inside,
        then: [loop(x, 0, columns, [...lets, { s: 'store', buf: plane, index: target, value: result }], 1, true)],
        else: [loop(zero, 0, columns, [{ s: 'store', buf: plane, index: zeroAt, value: constant('f32', 0) }], 1, true)],
      },
    ]),
  ]
  // Columns first: whole rows of the plane at once.
  const [r, col] = [newVar('r', 'i32'), newVar('col', 'i32')]
  const down: Stmt[] = []
  const taken = named(down, Array.from({ length: from }, (_, k) => load(plane, plus(plus(times(use(r), 4 * width), use(col)), k * width), 'f32', lanes)))
  named(down, p.transform(taken)).forEach((value, k) => down.push({
    s: 'store', buf: tall, index: plus(plus(times(plus(times(use(i), rows), use(r)), 6 * width), use(col)), k * width), value,
  }))
  const vertical = loop(r, 0, rows, [loop(col, 0, width, down, lanes)])
  // Then rows, one tile a lane.
  const [g, k] = [newVar('g', 'i32'), newVar('k', 'i32')]
  const lets2: Stmt[] = []
  const bases = named(lets2, Array.from({ length: lanes }, (_, l) => load(table, plus(times(use(g), lanes), l), 'i32')))
  const along: Stmt[] = []
  const row = named(along, [times(use(k), width)])[0]!
  const across6 = named(along, Array.from({ length: from }, (_, j): Expr => ({
    k: 'pack', type: vtype('f32', lanes), args: bases.map((b) => load(tall, plus(plus(b, row), j), 'f32')),
  })))
  named(along, p.transform(across6)).forEach((value, j) => along.push(...put(plus(times(use(k), 6), j), use(g), value)))
  const horizontal = loop(g, 0, blocks.padded / lanes, [...lets2, loop(k, 0, 6, along)])
  return { prepare, body: [loop(i, 0, images, [...copy, vertical]), horizontal] }
}
