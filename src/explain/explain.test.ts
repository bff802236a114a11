// Attributions against finite differences and against what their definitions promise; attacks against their bounds; anchors
// against hand-made sums.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Conv2d, Dropout, Linear, Module, ReLU, Sequential, Tanh, crossEntropy, relu } from '../nn/index.ts'
import { type Tensor, manualSeed, normal, setDevice, tensor, uniform } from '../tensor/index.ts'
import { Reservoir, anchorOf, ewcPenalty, fgsm, fisherDiagonal, forgetting, gradCam, integratedGradients, pgd, saliency } from './index.ts'

beforeAll(() => {
  setDevice('wasm')
  manualSeed(5)
})
afterAll(() => setDevice('reference'))

const mlp = (): Sequential => new Sequential(new Linear(4, 8), new Tanh(), new Dropout(0.5), new Linear(8, 3))

class Net extends Module {
  readonly conv = new Conv2d(1, 3, { kernelSize: 3, padding: 1 })
  readonly out = new Linear(3 * 36, 2)
  forward(x: Tensor): Tensor {
    return this.out.call(relu(this.conv.call(x)).flatten(1))
  }
}
const flat = async (x: Tensor): Promise<number[]> => Array.from(await x.data())

describe('saliency', () => {
  test('is the slope of the target’s output: finite differences, dropout switched off, a class for each example', async () => {
    const model = mlp()
    const x = normal([2, 4])
    const got = (await saliency(model, x, { target: [2, 0] }).array()) as number[][]
    model.eval()
    const h = 1e-2
    for (let b = 0; b < 2; b++) {
      for (let i = 0; i < 4; i++) {
        const moved = async (by: number): Promise<number> => {
          const data = await x.data()
          data[b * 4 + i]! += by
          return ((await model.call(tensor(data, { shape: [2, 4] })).array()) as number[][])[b]![[2, 0][b]!]!
        }
        expect(got[b]![i]).toBeCloseTo(((await moved(h)) - (await moved(-h))) / (2 * h), 2)
      }
    }
    expect(mlp().training).toBe(true)
  })
  test('the caller’s model stays in training mode; wrong classes and shapes are refused', () => {
    const model = mlp()
    saliency(model, normal([1, 4]), { target: 0 })
    expect(model.training).toBe(true)
    expect(() => saliency(model, normal([1, 4]), { target: 3 })).toThrow('saliency: no such class: expected 0 … 2, received 3')
    expect(() => saliency(model, normal([2, 4]), { target: [1] })).toThrow(/not one class an example: expected 2 classes, received 1/)
    expect(() => saliency(model, normal([2, 4]), { target: (y) => y })).toThrow(/one number an example: expected \[2\], received \[2,3\]/)
  })
})

describe('integratedGradients', () => {
  test('add up to the difference of the scores (completeness), from any baseline', async () => {
    const model = mlp().eval()
    const [x, baseline] = [normal([3, 4]), normal([3, 4])]
    const got = await flat(integratedGradients(model, x, { target: 1, baseline, steps: 200 }).sum(1))
    const [high, low] = [await model.call(x).array(), await model.call(baseline).array()] as number[][][]
    got.forEach((sum, b) => expect(sum).toBeCloseTo(high![b]![1]! - low![b]![1]!, 3))
  })
  test('an input that does not matter gets nothing', async () => {
    const model = new Sequential(new Linear(2, 5), new Tanh(), new Linear(5, 1))
    const first = model.layers[0] as Linear
    first.weight = first.weight.mul(tensor([1, 0]))
    const [a, b] = await flat(integratedGradients(model, tensor([[0.7, 0.9]]), { target: 0 }))
    expect(b).toBe(0)
    expect(Math.abs(a!)).toBeGreaterThan(0)
  })
})

describe('gradCam', () => {
  test('follows its formula, written out: weights are mean slopes of the class over each map', async () => {
    const model = new Net()
    const x = uniform([1, 1, 6, 6])
    const maps = (await model.conv.call(x).array()) as number[][][][]
    const weight = (await model.out.weight.array()) as number[][] // (2, 3·36): after ReLU
    const got = (await gradCam(model, x, { layer: 'conv', target: 1 }).array()) as number[][][]
    const alphas = [0, 1, 2].map((c) => {
      let sum = 0
      for (let i = 0; i < 36; i++) if (maps[0]![c]![Math.floor(i / 6)]![i % 6]! > 0) sum += weight[1]![c * 36 + i]!
      return sum / 36
    })
    for (let y = 0; y < 6; y++) {
      for (let z = 0; z < 6; z++) expect(got[0]![y]![z]).toBeCloseTo(Math.max(0, alphas.reduce((s, a, c) => s + a * maps[0]![c]![y]![z]!, 0)), 5)
    }
  })
  test('a path that is no convolution, or not there', () => {
    expect(() => gradCam(new Net(), uniform([1, 1, 6, 6]), { layer: 'out', target: 0 })).toThrow(/the module at out gives no maps: expected \[B, C, H, W\], received \[1,2\]/)
    expect(() => gradCam(new Net(), uniform([1, 1, 6, 6]), { layer: 'konv', target: 0 })).toThrow(/no module at this path: expected conv, out, received konv/)
  })
})

describe('attacks', () => {
  test('stay within epsilon and the range, and raise the loss; many steps more than one', async () => {
    const model = new Sequential(new Linear(6, 16), new ReLU(), new Linear(16, 4))
    const x = uniform([32, 6])
    const y = (await model.call(x).argmax(1).data()) as Int32Array
    const labels = tensor(y, { shape: [32], dtype: 'int32' })
    const loss = async (input: Tensor): Promise<number> => crossEntropy(model.call(input), labels).item()
    const before = await loss(x)
    const one = fgsm(model, x, labels, { epsilon: 0.1 })
    const many = pgd(model, x, labels, { epsilon: 0.1, steps: 20 })
    for (const changed of [one, many]) {
      const by = await flat(changed.sub(x).abs())
      expect(Math.max(...by)).toBeLessThanOrEqual(0.1 + 1e-6)
      const values = await flat(changed)
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...values)).toBeLessThanOrEqual(1)
    }
    expect(await loss(one)).toBeGreaterThan(before)
    expect(await loss(many)).toBeGreaterThan((await loss(one)) - 1e-3)
  })
  test('epsilon must be above 0', () => expect(() => fgsm(new Linear(1, 1), tensor([[1]]), tensor([0], 'int32'), { epsilon: 0 })).toThrow(/fgsm: bad epsilon: expected a number above 0, received 0/))
})

describe('continual learning', () => {
  test('fisherDiagonal: the mean over the examples of squared gradients, one at a time', async () => {
    const model = new Linear(3, 2)
    const [x, y] = [normal([5, 3]), tensor([0, 1, 1, 0, 1], 'int32')]
    const got = fisherDiagonal(model, x, y)
    const [xs, ys] = [(await x.array()) as number[][], await flat(y)]
    const logits = (await model.call(x).array()) as number[][]
    for (let o = 0; o < 2; o++) {
      for (let i = 0; i < 3; i++) {
        const expected = xs.reduce((sum, row, n) => {
          const exps = logits[n]!.map(Math.exp)
          const p = exps[o]! / (exps[0]! + exps[1]!)
          return sum + ((p - (ys[n] === o ? 1 : 0)) * row[i]!) ** 2
        }, 0) / 5
        expect(((await got.weight!.array()) as number[][])[o]![i]).toBeCloseTo(expected, 5)
      }
    }
  })
  test('an anchor holds what matters and leaves the rest', async () => {
    const model = new Linear(2, 1, { bias: false })
    const anchor = anchorOf(model, { weight: tensor([[4, 0]]) })
    const moved = { weight: model.weight.add(tensor([[1, 100]])) }
    expect(await ewcPenalty(moved, [anchor, anchor], 0.5).item()).toBeCloseTo(2, 5)
    expect(() => ewcPenalty({}, [anchor], 1)).toThrow(/a parameter is missing: expected weight/)
  })
  test('a reservoir: everything is equally likely to be kept', () => {
    let state = 12345
    const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
    const kept = new Int32Array(20)
    for (let run = 0; run < 4000; run++) {
      const memory = new Reservoir<number>(5, random)
      for (let i = 0; i < 20; i++) memory.add(i)
      for (const i of memory.items) kept[i]!++
    }
    for (const n of kept) expect(Math.abs(n / 4000 - 0.25)).toBeLessThan(0.035) // 5 deviations
  })
  test('forgetting: from the best so far to the end', () => {
    expect(forgetting([[1, 0, 0], [0.6, 0.9, 0], [0.7, 0.5, 0.8]])).toEqual({ average: (0.7 + 0.5 + 0.8) / 3, forgetting: expect.closeTo(0.35, 9) })
    expect(() => forgetting([[1, 0], [1]])).toThrow(/not a square table/)
  })
})
