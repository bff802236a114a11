// Several loops over the same rows as one kernel: each row is finished before the next is begun, so that what one loop
// writes the following ones find in the nearest cache.
import { sizeOf } from '../../base/index.ts'
import { type Index, type Node, type Stmt, i32, ixConst, ixFlatten, ixKey, ixUnflatten, ixVar, newVar, use } from '../../ir/index.ts'
import { kernelOf, mergedNest, plainNest } from '../loops.ts'
import { Writer } from '../writer.ts'
import { Reducer, type Written, cost, write } from './loop-kernel.ts'

/**
 * One kernel for `parts` (each a list of roots of one shape), whose first `rank` axes count the rows. The roots in `local`
 * are kept for one row only, in the thread's scratch.
 */
export function rowKernel(parts: readonly (readonly Node[])[], rank: number, isBuffer: (n: Node) => boolean, local: readonly Node[]): Written {
  const rows = parts[0]![0]!.shape.slice(0, rank)
  const count = sizeOf(rows)
  const unit = newVar('row', 'i32')
  const place = ixUnflatten(ixVar(unit, count), rows)
  const writer = new Writer(isBuffer)
  for (const n of local) writer.keepRow(n, rank)
  let flops = 0
  const body = parts.flatMap((roots): Stmt[] => {
    const inner = roots[0]!.shape.slice(rank)
    const first = plainNest(inner)
    const probe = new Reducer(isBuffer, [])
    probe.writer.order = [unit, ...first.vars]
    write(probe, roots, [...place, ...first.coords])
    const nest = mergedNest(first, probe.writer.forms)
    const part = new Reducer(isBuffer, [], writer)
    writer.order = [unit, ...nest.vars]
    let stmts: Stmt[] = writer.block(() => write(part, roots, [...place, ...nest.coords])).result
    for (let k = nest.vars.length - 1; k >= 0; k--) {
      const vector = k === nest.vars.length - 1 && !part.rows
      stmts = [{ s: 'for', v: nest.vars[k]!, lo: i32(0), hi: i32(nest.extents[k]!), step: 1, body: stmts, hint: vector ? { vector: true } : {} }]
    }
    flops += sizeOf(roots[0]!.shape) * Math.max(1, part.work) * cost(roots, isBuffer)
    return stmts
  })
  const lo = newVar('lo', 'i32')
  const hi = newVar('hi', 'i32')
  const bytes = writer.params.reduce((s, p) => s + p.length * 4, 0)
  const loop: Stmt = { s: 'for', v: unit, lo: use(lo), hi: use(hi), step: 1, body, hint: {} }
  const name = `rows_${parts.map((p) => p[0]!.op).slice(0, 5).join('_')}`
  return { kernel: kernelOf(name, writer.params, { extent: count, lo, hi, body: [loop] }, flops, bytes), buffers: writer.buffers }
}

/** Whether `root` reads each of `others` only in the row it is itself in. */
export function readsOwnRow(root: Node, others: readonly Node[], rank: number, isBuffer: (n: Node) => boolean): boolean {
  const rows = root.shape.slice(0, rank)
  const unit = newVar('row', 'i32')
  const here = ixVar(unit, sizeOf(rows))
  const reducer = new Reducer(isBuffer, [])
  const inner = plainNest(root.shape.slice(rank))
  let own = true
  reducer.writer.onLoad = (node, coords) => {
    if (others.includes(node) && ixKey(rowOf(node, coords, rows)) !== ixKey(here)) own = false
  }
  reducer.watch = reducer.writer.onLoad
  reducer.writer.order = [unit, ...inner.vars]
  reducer.writer.block(() => reducer.writer.root(root, [...ixUnflatten(here, rows), ...inner.coords]))
  return own
}
const rowOf = (node: Node, coords: readonly Index[], rows: readonly number[]): Index =>
  rows.every((d, k) => d === node.shape[k]) ? ixFlatten(coords.slice(0, rows.length), rows) : ixConst(-1)
