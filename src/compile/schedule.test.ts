// What becomes a buffer, and which groups share a kernel.
import { expect, test } from 'vitest'
import { type Node, emit as e, placeholder } from '../ir/index.ts'
import { schedule } from './schedule.ts'

const input = (...shape: number[]): Node => placeholder(e, { shape, dtype: 'float32' })

test('what a product alone reads turned is stored turned; what others read too stays as it is', () => {
  const [a, b, weight] = [input(3, 4, 8, 16), input(3, 4, 8, 16), input(1, 384, 5)]
  const sum = e.add(a, b)
  const turned = e.permute(sum, [1, 2, 0, 3]) // (3,B,T,E) → (B,T,3,E)
  const product = e.dot(e.reshape(turned, [1, 4, 384]), weight)
  const alone = schedule({ params: [a, b, weight], results: [product] })
  expect([sum, turned].map(alone.isBuffer)).toEqual([false, true])
  const shared = schedule({ params: [a, b, weight], results: [product, e.unary('exp', e.sum(sum, [0]))] })
  expect([sum, turned].map(shared.isBuffer)).toEqual([true, false])
  // columns of a turned matrix are no runs
  const matrix = e.add(input(1, 5, 384), input(1, 5, 384))
  const swapped = e.swapLast(matrix)
  const other = schedule({ params: matrix.inputs as Node[], results: [e.dot(input(1, 7, 5), matrix), e.dot(swapped, e.reshape(e.sum(matrix, [2]), [1, 5, 1]))] })
  expect([matrix, swapped].map(other.isBuffer)).toEqual([true, false])
})

test('a gradient that reads a stored activation is computed where its own product ends', () => {
  const [x, up, dy, down] = [input(1, 32, 16), input(1, 16, 64), input(1, 32, 16), input(1, 16, 64)]
  const h = e.dot(x, up)
  const read = e.sum(h, [1])
  const dg = e.dot(dy, down)
  const gradient = e.add(e.mul(dg, e.unary('exp', h)), e.mul(dg, h))
  const { groups } = schedule({ params: [x, up, dy, down], results: [read, gradient] })
  expect(groups.flatMap((g) => (g.kind === 'product' ? g.chain.roots : []))).toEqual([h, gradient])
})

test('a value with several readers behind a reshape is stored once, below it', () => {
  const [x, w] = [input(8, 4, 16), input(1, 16, 6)]
  const value = e.unary('exp', e.unary('tanh', x))
  const flat = e.reshape(value, [1, 32, 16])
  const { isBuffer } = schedule({ params: [x, w], results: [e.dot(flat, w), e.dot(e.swapLast(flat), e.reshape(e.add(x, x), [1, 32, 16]))] })
  expect([value, flat].map(isBuffer)).toEqual([true, false])
})
