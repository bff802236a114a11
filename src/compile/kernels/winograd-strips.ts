// What Winograd's kernels for batches do first: a strip of patches (some tiles of one row of tiles, some images),
// transformed. The batch lies innermost in memory, so that every vector holds one pixel of several images.
import { type Expr, type Index, type Node, type Stmt, type Var, constant, i32, ixAdd, ixConst, ixVar, load, newVar, op, use } from '../../ir/index.ts'
import { Widener } from '../vectorize.ts'
import type { Writer } from '../writer.ts'
import { loop, named, plus, times } from './winograd-tiles.ts'

/** A strip: `span` tiles of 4×4 side by side, `images` of the batch. */
export interface Strip {
  readonly span: number
  readonly images: number
  readonly lanes: number
}
/** What is transformed: patches of `from` × `from` pixels become 6×6 values. */
export interface StripSource {
  readonly node: Node
  /** Coordinates of a pixel, in the order the node has its axes. */
  readonly at: (image: Index, channel: Index, y: Index, x: Index) => readonly Index[]
  readonly batch: number
  readonly channels: number
  readonly size: readonly [number, number]
  readonly before: readonly [number, number]
  /** 6 for inputs, 4 for gradients. */
  readonly from: 4 | 6
  readonly transform: (x: readonly Expr[]) => Expr[]
}

/**
 * `place` finds where the strip lies, `body` transforms channel `c` of it; `put` stores value (i, j) of a tile for the
 * vector `v` of its images.
 */
export function transformStrip(
  writer: Writer, s: StripSource, { span, images, lanes }: Strip,
  at: { readonly image: Var; readonly row: Var; readonly tile: Var; readonly c: Var },
  put: (i: Var, j: number, tile: Var, v: number, value: Expr) => Stmt[],
): { readonly place: Stmt[]; readonly body: Stmt[] } {
  const { from, batch } = s
  const [H, W] = s.size
  const width = 4 * span + from - 4
  const vectors = images / lanes
  const tall = writer.scratch(6 * width * images)
  const place: Stmt[] = []
  const [y0] = named(place, [plus(times(use(at.row), 4), -s.before[0])])
  const [x0] = named(place, [plus(times(use(at.tile), 4), -s.before[1])])
  const [first] = named(place, [op('min', i32(width), op('max', i32(0), op('sub', i32(0), x0!)))])
  const [end] = named(place, [op('max', first!, op('min', i32(width), op('sub', i32(W), x0!)))])
  const here = Array.from({ length: from }, () => newVar('y', 'i32'))
  const inside = Array.from({ length: from }, () => newVar('inside', 'bool'))
  here.forEach((v, i) => {
    const y = plus(y0!, i)
    place.push({ s: 'let', v: inside[i]!, value: op('and', op('le', i32(0), y), op('lt', y, i32(H))) })
    place.push({ s: 'let', v, value: op('min', i32(H - 1), op('max', i32(0), y)) })
  })

  // Columns of pixels, each once for all tiles it is part of.
  const [x, col, n] = [newVar('x', 'i32'), newVar('col', 'i32'), newVar('n', 'i32')]
  const put6 = (out: Stmt[], v: number, values: readonly Expr[]): void =>
    values.forEach((value, i) => out.push({ s: 'store', buf: tall, index: plus(times(use(x), images), i * width * images + v * lanes), value }))
  const saved = writer.order
  const column = (rows: (v: number) => { out: Stmt[]; taken: Expr[] }): Stmt[] => [
    { s: 'let', v: col, value: plus(x0!, use(x)) },
    ...Array.from({ length: vectors }, (_, v) => {
      const { out, taken } = rows(v)
      put6(out, v, named(out, s.transform(taken)))
      return out
    }).flat(),
  ]
  const widened = (out: Stmt[], lets: readonly Stmt[], v: number): Widener => {
    const wide = new Widener(n, plus(use(at.image), v * lanes), lanes)
    for (const l of lets) out.push(wide.let(l as Extract<Stmt, { s: 'let' }>))
    return wide
  }
  const pixel = (y: Index): Expr => writer.at(s.node, s.at(ixVar(n, batch), ixVar(at.c, s.channels), y, ixVar(col, W)))
  const whole = (): Stmt[] => {
    const top = newVar('top', 'i32')
    writer.order = [at.c, top, col, n]
    const { result, body } = writer.block(() => here.map((_, i) => pixel(ixAdd(ixVar(top, H - from + 1), ixConst(i)))))
    return [{ s: 'let', v: top, value: y0! }, loop(x, first!, end!, column((v) => {
      const out: Stmt[] = []
      const wide = widened(out, body, v)
      return { out, taken: named(out, result.map((r) => wide.wide(r))) }
    }))]
  }
  const border = (): Stmt[] => {
    writer.order = [at.c, ...here, col, n]
    const rows = here.map((y) => writer.block(() => pixel(ixVar(y, H))))
    return [loop(x, first!, end!, column((v) => {
      const out: Stmt[] = []
      const taken = rows.map(({ result, body }, i): Expr => {
        const d = newVar('d', 'f32', lanes)
        const then: Stmt[] = []
        const wide = widened(then, body, v)
        then.push({ s: 'set', v: d, value: wide.wide(result) })
        out.push({ s: 'let', v: d, value: constant('f32', 0, lanes) }, { s: 'if', cond: use(inside[i]!), then, else: [] })
        return use(d)
      })
      return { out, taken }
    }))]
  }
  const zero = (lo: Expr, hi: Expr): Stmt => {
    const [x, z] = [newVar('x', 'i32'), newVar('z', 'i32')]
    return loop(x, lo, hi, Array.from({ length: 6 }, (_, i) => loop(z, 0, images, [{ s: 'store', buf: tall, index: plus(plus(times(use(x), images), use(z)), i * width * images), value: constant('f32', 0, lanes) }], lanes)))
  }
  const body: Stmt[] = [zero(i32(0), first!)]
  if (H >= from) body.push({ s: 'if', cond: op('and', use(inside[0]!), use(inside[from - 1]!)), then: whole(), else: border() })
  else body.push(...border())
  body.push(zero(end!, i32(width)))
  writer.order = saved

  // Then along the rows, tile by tile.
  const [t, i] = [newVar('t', 'i32'), newVar('i', 'i32')]
  const across: Stmt[] = []
  for (let v = 0; v < vectors; v++) {
    const start = plus(plus(times(use(i), width * images), times(use(t), 4 * images)), v * lanes)
    const [base] = named(across, [start])
    const taken = named(across, Array.from({ length: from }, (_, j) => load(tall, plus(base!, j * images), 'f32', lanes)))
    named(across, s.transform(taken)).forEach((value, j) => across.push(...put(i, j, t, v, value)))
  }
  body.push(loop(t, 0, span, [loop(i, 0, 6, across)]))
  return { place, body }
}
