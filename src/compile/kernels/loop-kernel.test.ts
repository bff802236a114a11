// Which way sums are written.
import { expect, test } from 'vitest'
import { type Expr, type Node, type Stmt, emit as e } from '../../ir/index.ts'
import { children, vectorize } from '../vectorize.ts'
import { loopKernel } from './loop-kernel.ts'

const leaf = (...shape: number[]): Node => e.make('data', [], { shape, dtype: 'float32' })

/** Vectors collected element by element in the widened kernel of one root. */
function collected(root: Node): number {
  let count = 0
  const seen = new Set<Expr>()
  const visit = (x: Expr): void => {
    if (seen.has(x)) return
    seen.add(x)
    if (x.k === 'pack') count++
    children(x).forEach(visit)
  }
  const walk = (list: readonly Stmt[]): void => {
    for (const s of list) {
      if (s.s === 'for') walk(s.body)
      else if (s.s === 'let' || s.s === 'set' || s.s === 'store') visit(s.value)
    }
  }
  walk(vectorize(loopKernel([root], (n) => n.op === 'data').kernel.body, { lanes: 16 }))
  return count
}

test('sums of columns weighted by a value of each row run along the columns, sums of rows along the rows', () => {
  const x = leaf(2048, 128)
  const weighted = (by: Node): Node => e.mul(x, e.expand(e.reshape(by, by.shape[0] === 128 ? [1, 128] : [2048, 1]), [2048, 128]))
  expect(collected(e.sum(weighted(leaf(2048)), [0]))).toBe(0)
  expect(collected(e.sum(weighted(leaf(128)), [1]))).toBe(0)
  expect(collected(e.sum(x, [0]))).toBe(0)
  expect(collected(e.sum(x, [1]))).toBe(0)
})
