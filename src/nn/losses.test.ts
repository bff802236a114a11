// Losses: identities between them, derivatives of higher order, refusals. Values: test/golden-nn.test.ts.
import { describe, expect, test } from 'vitest'
import { DTypeError, ShapeError, type Tensor, ValueError, grad, hessian, jit, jvp, oneHot, tensor, vmap, zeros } from '../tensor/index.ts'
import * as nn from './index.ts'

const int = (values: number[]): Tensor => tensor(values, { dtype: 'int32' })
const logits = tensor([[2, -1, 0.5], [0, 3, -2]])
const near = async (a: Tensor, b: Tensor, digits = 5): Promise<void> => {
  const [x, y] = [await a.data(), await b.data()]
  expect(x.length).toBe(y.length)
  x.forEach((v, i) => expect(v).toBeCloseTo(y[i]!, digits))
}

describe('identities', () => {
  test('labels are distributions with a single one', async () => {
    for (const labelSmoothing of [0, 0.2]) {
      await near(nn.crossEntropy(logits, int([2, 1]), { labelSmoothing }), nn.crossEntropy(logits, oneHot(int([2, 1]), 3), { labelSmoothing }))
    }
    expect(await nn.crossEntropy(logits, tensor([2, 1], { dtype: 'uint8' })).item()).toBe(await nn.crossEntropy(logits, int([2, 1])).item())
  })
  test('the classes may be on any axis', async () => {
    const x = tensor([[[1, 2], [3, -1], [0, 0.5]]]) // (1, C, 2)
    await near(nn.crossEntropy(x, tensor([[0, 2]], { dtype: 'int32' }), { axis: 1 }), nn.crossEntropy(x.moveAxis(1, -1), tensor([[0, 2]], { dtype: 'int32' })))
  })
  test('two classes are one logit', async () => {
    const z = tensor([0.3, -2, 5])
    const y = [1, 0, 1]
    const two = nn.crossEntropy(z.reshape(3, 1).mul(tensor([0, 1])), int(y))
    await near(nn.binaryCrossEntropyWithLogits(z, tensor(y)), two)
    await near(nn.binaryCrossEntropy(nn.sigmoid(z), tensor(y)), two)
  })
  test('the gradient of cross-entropy is softmax − target', async () => {
    const g = grad((x: Tensor) => nn.crossEntropy(x, int([2, 1]), { reduction: 'sum' }))(logits)
    await near(g, nn.softmax(logits).sub(oneHot(int([2, 1]), 3)))
  })
  test('huber with a large delta is half the squared error, with a small one delta times the absolute', async () => {
    const [a, b] = [tensor([1, -2, 3]), tensor([0, 4, 2.5])]
    await near(nn.huber(a, b, { delta: 100 }), nn.mse(a, b).mul(0.5))
    await near(nn.huber(a, b, { delta: 1e-4 }).div(1e-4), nn.mae(a, b), 3)
  })
  test('the quadratic cost of a vector is one example', async () => {
    expect(await nn.quadratic(tensor([1, 2]), tensor([0, 0])).item()).toBe(2.5)
    expect(await nn.quadratic(tensor([[1, 2], [0, 0]]), zeros([2, 2])).item()).toBe(1.25)
  })
})

describe('derivatives', () => {
  test('second derivatives: σ(1 − σ), diag(p) − ppᵀ, 1/p²', async () => {
    const z = tensor([0.7])
    const s = nn.sigmoid(z)
    await near(hessian((x: Tensor) => nn.binaryCrossEntropyWithLogits(x, tensor([1])))(z), s.mul(s.neg().add(1)).reshape(1, 1))
    const x = logits.at(0)
    const p = nn.softmax(x)
    const want = oneHot(int([0, 1, 2]), 3).mul(p).sub(p.outer(p))
    await near(hessian((v: Tensor) => nn.crossEntropy(v, tensor(1, { dtype: 'int32' })))(x), want)
    await near(hessian((v: Tensor) => nn.binaryCrossEntropy(v, tensor([1])))(tensor([0.5])), tensor([[4]]))
  })
  test('forward mode agrees with the gradient', async () => {
    const t = tensor([[1, 0, -1], [0.5, 2, 0]])
    const f = (x: Tensor) => nn.crossEntropy(x, int([0, 2]), { labelSmoothing: 0.1 })
    await near(jvp(f, [logits], [t])[1], grad(f)(logits).mul(t).sum())
  })
  test('one loss an example through vmap and jit', async () => {
    const each = jit((x: Tensor, y: Tensor) => vmap((a: Tensor, b: Tensor) => nn.crossEntropy(a, b))(x, y))
    await near(each(logits, int([2, 1])), nn.crossEntropy(logits, int([2, 1]), { reduction: 'none' }))
  })
  test('impossible classes (logit −∞) cost nothing and spoil nothing', async () => {
    const x = tensor([[0, -Infinity, 0]])
    expect(await nn.crossEntropy(x, int([0])).item()).toBeCloseTo(Math.LN2)
    await near(grad((v: Tensor) => nn.crossEntropy(v, int([0])))(x), tensor([[-0.5, 0, 0.5]]))
  })
})

describe('mistakes show', () => {
  test('a label that is no class gives NaN', async () => {
    for (const label of [3, -1, 255]) expect(await nn.crossEntropy(logits, int([0, label])).item()).toBeNaN()
    expect(await nn.crossEntropy(logits, int([0, -100]), { reduction: 'none', ignoreIndex: -100 }).at(1).item()).toBe(0)
    expect(await nn.crossEntropy(logits, int([5, -100]), { ignoreIndex: -100 }).item()).toBeNaN()
  })
  test('a probability outside [0, 1] gives NaN', async () => {
    expect(await nn.binaryCrossEntropy(tensor([1.5]), tensor([1])).item()).toBeNaN()
  })
  const x = zeros([2, 3])
  test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    ['mse of a column and a row', () => nn.mse(zeros([3, 1]), zeros([3])), ShapeError, /mse: output and target differ in shape: expected \[3,1\], received \[3\]/],
    ['mae', () => nn.mae(zeros([3]), zeros([4])), ShapeError, /mae/],
    ['huber', () => nn.huber(zeros([3]), zeros([3]), { delta: 0 }), ValueError, /delta/],
    ['hinge', () => nn.hinge(x, zeros([2])), ShapeError, /hinge/],
    ['quadratic', () => nn.quadratic(x, zeros([3, 2])), ShapeError, /quadratic/],
    ['binary', () => nn.binaryCrossEntropy(x, zeros([6])), ShapeError, /binaryCrossEntropy/],
    ['binary with logits', () => nn.binaryCrossEntropyWithLogits(x, zeros([6])), ShapeError, /WithLogits/],
    ['labels as numbers with a fraction', () => nn.crossEntropy(x, zeros([2])), ShapeError, /to\("int32"\)/],
    ['truth values as labels', () => nn.crossEntropy(x, zeros([2], 'bool')), DTypeError, /truth values/],
    ['too many labels', () => nn.crossEntropy(x, zeros([3], 'int32')), ShapeError, /expected \[2\], received \[3\]/],
    ['no such axis', () => nn.crossEntropy(x, zeros([2], 'int32'), { axis: 2 }), ShapeError, /axis 2 of \[2,3\]/],
    ['smoothing above 1', () => nn.crossEntropy(x, zeros([2], 'int32'), { labelSmoothing: 2 }), ValueError, /labelSmoothing/],
    ['an unknown reduction', () => nn.mse(x, x, { reduction: 'average' as never }), ValueError, /one of mean, sum, none/],
  ])('%s', (_, run, type, message) => {
    expect(run).toThrow(type)
    expect(run).toThrow(message)
  })
})
