// Packing: an operand of a product copied into panels of a tile's width, so that the product reads it straight on.
import { type Expr, type Kernel, type Node, type Stmt, emit, i32, load, newVar, op, use, vtype } from '../../ir/index.ts'
import { type Operand, batchExpr, ignoresBatch } from '../operand.ts'
import { add, loop, offsetCode, paramOf, times } from './code.ts'
import type { Written } from './loop-kernel.ts'

/** An operand in panels: [batches][panels][K][width]. */
export interface Panel {
  readonly node: Node
  readonly panels: number
  readonly batches: number
}

/** A place for the panels of an operand with `extent` rows or columns. */
export function panelOf(o: Operand, extent: number, width: number, K: number, batches: number): Panel {
  const count = ignoresBatch(o) ? 1 : batches
  const panels = Math.ceil(extent / width)
  return { node: emit.make('data', [], { shape: [count, panels, K, width], dtype: 'float32' }), panels, batches: count }
}

/** Copies an operand into panels; past the edge the last element is repeated. */
export function packKernel(o: Operand, { node: out, panels, batches }: Panel, extent: number, lanes: number): Written {
  const [, , K, width] = out.shape as [number, number, number, number]
  const names = ['lo', 'hi', 'unit', 'b', 'p', 'base', 'dest', 'first', 'start']
  const [lo, hi, unit, b, p, base, dest, first, start] = names.map((name) => newVar(name, 'i32')) as [V, V, V, V, V, V, V, V, V]
  const params: Kernel['params'][number][] = [paramOf(o.node, 'read'), paramOf(out, 'write')]
  const buffers: (Node | Uint8Array | null)[] = [o.node, out]
  const offset = offsetCode(params, buffers)
  const freeAt = offset(o.free)
  const kAt = offset(o.k)
  const store = (k: Expr, column: Expr, value: Expr): Stmt => ({ s: 'store', buf: 1, index: add(add(use(dest), times(k, width)), column), value })
  /** Column by column, element by element. */
  const single = (): Stmt => {
    const [j, k] = [newVar('j', 'i32'), newVar('k', 'i32')]
    return loop(j, i32(0), i32(width), [
      { s: 'let', v: start, value: add(use(base), freeAt(op('min', add(use(first), use(j)), i32(extent - 1)))) },
      loop(k, i32(0), i32(K), [store(use(k), use(j), load(0, add(use(start), kAt(use(k))), 'f32'))]),
    ])
  }
  const body: Stmt[] = [
    { s: 'let', v: b, value: batches === 1 ? i32(0) : op('div', use(unit), i32(panels)) },
    { s: 'let', v: p, value: batches === 1 ? use(unit) : op('rem', use(unit), i32(panels)) },
    { s: 'let', v: base, value: batchExpr(o, b) },
    { s: 'let', v: dest, value: times(use(unit), K * width) },
    { s: 'let', v: first, value: times(use(p), width) },
  ]
  const whole = op('le', add(use(first), i32(width)), i32(extent))
  const rest = extent % width
  if (lanes > 1 && o.free.stride === 1) {
    // Rows of the panel are runs of memory. A vector wider than what is left of the panel writes into the row after,
    // which is written later; only the last row must not.
    const from = (k: Expr, j: Expr): Expr => add(add(add(use(base), use(first)), kAt(k)), j)
    const rows = (valid: number, ahead: boolean): Stmt[] => {
      const vectors = ahead ? Math.ceil(valid / lanes) : Math.floor(valid / lanes)
      const row = (k: Expr, vectors: number): Stmt[] => [
        ...Array.from({ length: vectors }, (_, v) => store(k, i32(v * lanes), load(0, from(k, i32(v * lanes)), 'f32', lanes))),
        ...Array.from({ length: Math.max(0, width - vectors * lanes) }, (_, j) => store(k, i32(vectors * lanes + j), load(0, from(k, i32(Math.min(vectors * lanes + j, valid - 1))), 'f32'))),
      ]
      const k = newVar('k', 'i32')
      return ahead ? [loop(k, i32(0), i32(K - 1), row(use(k), vectors)), ...row(i32(K - 1), Math.floor(valid / lanes))] : [loop(k, i32(0), i32(K), row(use(k), vectors))]
    }
    if (extent >= width) {
      const ahead = width % lanes !== 0
      const room = ahead ? op('le', add(use(first), i32(Math.ceil(width / lanes) * lanes)), i32(extent)) : whole
      const narrow: Stmt[] = ahead ? [{ s: 'if', cond: whole, then: rows(width, false), else: rest === 0 ? [] : rows(rest, false) }] : rest === 0 ? [] : rows(rest, false)
      body.push({ s: 'if', cond: room, then: rows(width, ahead), else: narrow })
    } else body.push(...rows(rest, false))
  } else if (lanes > 1 && o.k.stride === 1 && o.free.stride !== null) {
    // Turned: every vector is collected from as many rows.
    const { stride } = o.free
    const turned = (valid: number): Stmt[] => {
      const k = newVar('k', 'i32')
      const element = (j: number): Expr => load(0, add(add(use(start), use(k)), i32(Math.min(j, valid - 1) * stride)), 'f32')
      const out: Stmt[] = []
      for (let j = 0; j < width;) {
        const wide = [lanes, ...(lanes > 8 ? [8] : []), ...(lanes > 4 ? [4] : []), 1].find((w) => w <= width - j)!
        out.push(store(use(k), i32(j), wide === 1 ? element(j) : { k: 'pack', type: vtype('f32', wide), args: Array.from({ length: wide }, (_, l) => element(j + l)) }))
        j += wide
      }
      return [loop(k, i32(0), i32(K), out)]
    }
    body.push({ s: 'let', v: start, value: add(use(base), times(use(first), stride)) })
    if (extent < width) body.push(...turned(rest))
    else body.push(...(rest === 0 ? turned(width) : [{ s: 'if', cond: whole, then: turned(width), else: turned(rest) } as const]))
  } else if (width % lanes === 0 && o.free.stride === null && someRun(o.free.table, lanes)) {
    // Columns that lie together are moved as vectors; whether they do is seen panel by panel.
    const starts = Array.from({ length: width / lanes }, () => newVar('start', 'i32'))
    let together = whole
    for (const [v, s] of starts.entries()) {
      body.push({ s: 'let', v: s, value: add(use(base), freeAt(op('min', add(use(first), i32(v * lanes)), i32(extent - 1)))) })
      const end = add(use(base), freeAt(op('min', add(use(first), i32((v + 1) * lanes - 1)), i32(extent - 1))))
      together = op('and', together, op('eq', end, add(use(s), i32(lanes - 1))))
    }
    const [k, kOff] = [newVar('k', 'i32'), newVar('kOff', 'i32')]
    const wide = loop(k, i32(0), i32(K), [{ s: 'let', v: kOff, value: kAt(use(k)) }, ...starts.map((s, v) => store(use(k), i32(v * lanes), load(0, add(use(s), use(kOff)), 'f32', lanes)))])
    body.push({ s: 'if', cond: together, then: [wide], else: [single()] })
  } else body.push(single())
  const size = batches * panels * K * width
  return { buffers, kernel: { name: 'pack', params, extent: batches * panels, lo, hi, body: [loop(unit, use(lo), use(hi), body)], flops: size, bytes: size * 8 } }
}
type V = ReturnType<typeof newVar>

/** Whether `lanes` neighbours lie together anywhere. */
function someRun(table: readonly number[], lanes: number): boolean {
  for (let i = 0; i + lanes <= table.length; i += lanes) if (table[i + lanes - 1] === table[i]! + lanes - 1) return true
  return false
}
