// Every opset from 7 to 23: operators in the form each of them has (attributes that became inputs, axes that changed their
// meaning), against values computed by hand. Further forms: the official tests (opsets 1 to 17, src/formats/onnx/onnx.test.ts)
// and those of ONNX Runtime (18 to 23, newer.test.ts).
import { describe, expect, test } from 'vitest'
import { importOnnx } from '../../src/formats/index.ts'
import { readNow, tensor } from '../../src/tensor/index.ts'
import { type Described, buildModel } from './build.ts'

const X = [0.5, -1, 2, 3, -0.25, 1]
const long = (...values: number[]) => ['int64', [values.length], values] as const
const float = (value: number) => ['float32', [], [value]] as const

/** The operators of an opset: what it takes as attributes and what as inputs. */
function modelOf(opset: number): Described {
  const [atClip, atPad, atSlice, atAxes, atMax, atSplit] = [opset >= 11, opset >= 11, opset >= 10, opset >= 13, opset >= 18, opset >= 18]
  return {
    opset,
    inputs: { x: ['float32', [2, 3]] },
    stored: { low: float(-0.5), high: float(2), pads: long(0, 1, 0, 0), one: long(1), two: long(2), three: long(3), zero: long(0), shape: long(3, 2), fill: float(9) },
    outputs: { clipped: 'float32', padded: 'float32', cut: 'float32', best: 'float32', place: 'int64', wide: 'float32', flat: 'float32', sum: 'float32', most: 'float32', soft: 'float32', turned: 'float32', p: 'float32', q: 'float32', right: 'float32', norm: 'float32' },
    nodes: [
      { op: 'Clip', inputs: atClip ? ['x', 'low', 'high'] : ['x'], attributes: atClip ? {} : { min: { float: -0.5 }, max: { float: 2 } }, outputs: ['clipped'] },
      { op: 'Pad', inputs: atPad ? ['x', 'pads', 'fill'] : ['x'], attributes: atPad ? {} : { pads: [0, 1, 0, 0], value: { float: 9 } }, outputs: ['padded'] },
      { op: 'Slice', inputs: atSlice ? ['x', 'one', 'three', 'one'] : ['x'], attributes: atSlice ? {} : { starts: [1], ends: [3], axes: [1] }, outputs: ['cut'] },
      { op: 'TopK', inputs: atSlice ? ['x', 'two'] : ['x'], attributes: atSlice ? { axis: 1 } : { axis: 1, k: 2 }, outputs: ['best', 'place'] },
      { op: 'Unsqueeze', inputs: atAxes ? ['x', 'one'] : ['x'], attributes: atAxes ? {} : { axes: [1] }, outputs: ['wide'] },
      { op: 'Squeeze', inputs: atAxes ? ['wide', 'one'] : ['wide'], attributes: atAxes ? {} : { axes: [1] }, outputs: ['flat'] },
      { op: 'ReduceSum', inputs: atAxes ? ['x', 'one'] : ['x'], attributes: atAxes ? { keepdims: 0 } : { axes: [1], keepdims: 0 }, outputs: ['sum'] },
      { op: 'ReduceMax', inputs: atMax ? ['x', 'zero'] : ['x'], attributes: atMax ? { keepdims: 0 } : { axes: [0], keepdims: 0 }, outputs: ['most'] },
      // before opset 13 all axes from the first on are one
      { op: 'Softmax', inputs: ['x'], attributes: { axis: 0 }, outputs: ['soft'] },
      { op: 'Reshape', inputs: ['x', 'shape'], outputs: ['turned'] },
      { op: 'Split', inputs: atAxes && !atSplit ? ['x', 'halves'] : ['x'], attributes: atSplit ? { axis: 1, num_outputs: 2 } : atAxes ? { axis: 1 } : { axis: 1, split: [2, 1] }, outputs: ['p', 'q'] },
      // since opset 7 operands broadcast from the right
      { op: 'Add', inputs: ['x', 'row'], outputs: ['right'] },
      { op: 'BatchNormalization', inputs: ['turned', 'scale', 'offset', 'offset', 'scale'], attributes: { epsilon: { float: 0 } }, outputs: ['norm'] },
    ].map((n) => n as Described['nodes'][number]),
  }
}
const withMore = (d: Described): Described => ({ ...d, stored: { ...d.stored, halves: long(2, 1), row: ['float32', [3], [10, 20, 30]], scale: ['float32', [2], [4, 1]], offset: ['float32', [2], [1, 2]] } })

function expected(opset: number): Record<string, number[]> {
  const exp = (list: readonly number[]): number[] => list.map(Math.exp)
  const share = (list: readonly number[]): number[] => list.map((v) => v / list.reduce((a, b) => a + b))
  const columns = [0, 1, 2].map((j) => share(exp([X[j]!, X[3 + j]!])))
  return {
    clipped: X.map((v) => Math.min(2, Math.max(-0.5, v))), padded: [9, 0.5, -1, 2, 9, 3, -0.25, 1], cut: [-1, 2, -0.25, 1],
    best: [2, 0.5, 3, 1], place: [2, 0, 0, 2], wide: X, flat: X, sum: [1.5, 3.75], most: [3, -0.25, 2],
    soft: opset < 13 ? share(exp(X)) : [0, 1].flatMap((i) => columns.map((c) => c[i]!)),
    turned: X, p: [0.5, -1, 3, -0.25], q: [2, 1], right: X.map((v, i) => v + [10, 20, 30][i % 3]!),
    // (x − mean) / √variance · scale + offset, channel by channel
    norm: X.map((v, i) => (i % 2 === 0 ? ((v - 1) / 2) * 4 + 1 : ((v - 2) / 1) * 1 + 2)),
  }
}

describe.each(Array.from({ length: 17 }, (_, i) => 7 + i))('opset %i', (opset) => {
  test('operators in its form', () => {
    const model = withMore(modelOf(opset))
    const net = importOnnx(buildModel(model))
    expect(net.info.opsets).toEqual({ 'ai.onnx': opset })
    const got = net.run({ x: tensor(X).reshape(2, 3) })
    const want = expected(opset)
    expect(Object.keys(got).sort()).toEqual(Object.keys(want).sort())
    for (const [name, values] of Object.entries(want)) {
      const own = [...readNow(got[name]!)]
      expect(own.length, name).toBe(values.length)
      own.forEach((v, i) => expect(v, `${name}[${i}]`).toBeCloseTo(values[i]!, 5))
    }
  })
})
