// What shapes are computed with (Gather, Slice, Concat of known integers) without a graph: the same as by a graph, on float tensors.
import { expect, test } from 'vitest'
import { importOnnx } from '../../src/formats/index.ts'
import { readNow, tensor } from '../../src/tensor/index.ts'
import { type Described, buildModel } from './build.ts'

/** The outputs for the numbers stored as int64 (known) and given as float32 (a graph). */
function both(shape: readonly number[], node: Described['nodes'][number], stored: NonNullable<Described['stored']>): [number[], number[]] {
  const values = Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => 10 + i)
  const known = importOnnx(buildModel({ inputs: { z: ['float32', [1]] }, outputs: { y: 'int64' }, stored: { ...stored, x: ['int64', shape, values] }, nodes: [node] }))(tensor([0]))[0]!
  const graph = importOnnx(buildModel({ inputs: { x: ['float32', shape] }, stored, nodes: [node] }))(tensor(Float32Array.from(values), { shape: [...shape] }))[0]!
  expect(known.shape).toEqual(graph.shape)
  return [[...readNow(known)], [...readNow(graph, 'reference')]]
}

test('slices of a vector: every start, end and step', () => {
  for (const step of [1, 2, -2]) {
    for (let start = -5; start <= 5; start++) {
      for (const end of [-5, -3, -1, 0, 4, 2 ** 40, -(2 ** 40)]) {
        const [a, b] = both([4], { op: 'Slice', inputs: ['x', 's', 'e', 'a', 't'] }, { s: ['int64', [1], [start]], e: ['int64', [1], [end]], a: ['int64', [1], [0]], t: ['int64', [1], [step]] })
        expect(a, `${start} ${end} ${step}`).toEqual(b)
      }
    }
  }
})
test('rows by index, along every axis, and arrays one behind the other', () => {
  for (const axis of [0, 1, 2, -1]) {
    for (const [places, index] of [[[], [-1]], [[2], [1, -2]], [[2, 2], [0, 0, 1, -1]]] as const) {
      const [a, b] = both([2, 3, 2], { op: 'Gather', inputs: ['x', 'i'], attributes: { axis } }, { i: ['int64', places, index] })
      expect(a, `axis ${axis}`).toEqual(b)
    }
  }
  for (const [shape, axis] of [[[3], 0], [[1, 2], 1], [[2, 2], 0], [[2, 2], 1], [[1, 1, 3], -1]] as const) {
    const [a, b] = both(shape, { op: 'Concat', inputs: ['x', 'x'], attributes: { axis } }, {})
    expect(a, `${shape} at ${axis}`).toEqual(b)
  }
})
