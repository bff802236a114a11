import { describe, expect, it } from 'vitest'
import { key, normal, tensor } from '../tensor/index.ts'
import { activate, applyNetwork, asNetwork, decisionLine, descend, descendNeuron, handCrossEntropy, handLogLoss, handMse, handQuadratic, handSoftmaxCrossEntropy, leastSquares, linearNeuron, logisticNeuron, neuronGradient, neuronLoss, signNeuron, thresholdNeuron } from './index.ts'

const points = [[1, 2], [2, 1], [3, 5], [-1, 0.5], [0, -2]]

describe('a neuron as a linear model', () => {
  it('answers in numbers and on tensors', async () => {
    for (const make of [linearNeuron, thresholdNeuron, signNeuron, logisticNeuron]) {
      const neuron = make([0.5, -1], 0.25)
      const out = await applyNetwork(asNetwork(neuron), tensor(points, { dtype: 'float64' })).data()
      points.forEach((x, i) => expect(out[i]).toBeCloseTo(activate(neuron, x).a, 14))
    }
    expect(activate(signNeuron([1], 0), [-3]).a).toBe(-1)
    expect(activate(thresholdNeuron([1], 0), [0]).a).toBe(0)
  })
  it('has its line: slope −w₁/w₂, intercept −b/w₂', () => {
    expect(decisionLine(linearNeuron([2, 4], 8))).toEqual({ slope: -0.5, intercept: -2 })
    expect(decisionLine(linearNeuron([2, 0], 8))).toEqual({ x1: -4 })
    expect(() => decisionLine(linearNeuron([0, 0], 8))).toThrow(/both weights/)
    const neuron = linearNeuron([3, -2], 0.7)
    const line = decisionLine(neuron) as { slope: number; intercept: number }
    for (const x of [-2, 0, 5]) expect(activate(neuron, [x, line.slope * x + line.intercept]).z).toBeCloseTo(0, 12)
  })
  it('has the gradients of finite differences', () => {
    const cases = [{ make: linearNeuron, targets: [1, -2, 0.5, 3, 0] }, { make: logisticNeuron, targets: [1, 0, 1, 0.3, 0] }]
    for (const { make, targets } of cases) {
      const w = [0.3, -0.7]
      const g = neuronGradient(make(w, 0.2), points, targets)
      const h = 1e-6
      const slope = (f: (d: number) => number): number => (f(h) - f(-h)) / (2 * h)
      expect(g.weights[0]).toBeCloseTo(slope((d) => neuronLoss(make([w[0]! + d, w[1]!], 0.2), points, targets)), 8)
      expect(g.weights[1]).toBeCloseTo(slope((d) => neuronLoss(make([w[0]!, w[1]! + d], 0.2), points, targets)), 8)
      expect(g.bias).toBeCloseTo(slope((d) => neuronLoss(make(w, 0.2 + d), points, targets)), 8)
    }
    expect(() => neuronGradient(thresholdNeuron([1, 1], 0), points, [0, 0, 0, 0, 0])).toThrow(/downhill/)
  })
  it('keeps LogLoss finite far out', () => {
    const neuron = logisticNeuron([1000], 0)
    expect(neuronLoss(neuron, [[1], [-1]], [0, 1])).toBe(1000)
  })
})

describe('leastSquares', () => {
  it('finds the line that is there', () => {
    const { neuron, mse } = leastSquares(points, points.map(([a, b]) => 3 * a! - 2 * b! + 7))
    expect(neuron.bias).toBeCloseTo(7, 12)
    expect(neuron.weights[0]).toBeCloseTo(3, 12)
    expect(neuron.weights[1]).toBeCloseTo(-2, 12)
    expect(mse).toBeLessThan(1e-24)
  })
  it('solves the normal equations: the gradient is 0 there, and descent arrives at the same place', async () => {
    const flat = [...(await normal([40, 4], { key: key(3), dtype: 'float64' }).data())]
    const x = Array.from({ length: 40 }, (_, i) => flat.slice(4 * i, 4 * i + 3))
    const y = Array.from({ length: 40 }, (_, i) => flat[4 * i + 3]!)
    const fitted = leastSquares(x, y)
    const g = neuronGradient(fitted.neuron, x, y)
    for (const d of [...g.weights, g.bias]) expect(Math.abs(d)).toBeLessThan(1e-13)
    const walked = descendNeuron(linearNeuron([0, 0, 0], 0), x, y, { learningRate: 0.2, steps: 400 })
    walked.neuron.weights.forEach((w, i) => expect(w).toBeCloseTo(fitted.neuron.weights[i]!, 9))
    expect(walked.losses.length).toBe(401)
    expect(walked.losses.at(-1)).toBeCloseTo(fitted.mse, 12)
    expect(descendNeuron(linearNeuron([0, 0, 0], 0), x, y, { learningRate: 5, steps: 5000 }).diverged).toBe(true)
  })
  it("knows Longley's kind of trouble: nearly dependent inputs", () => {
    const x = Array.from({ length: 20 }, (_, i) => [i, i + 1e-7 * Math.sin(i)])
    const { neuron } = leastSquares(x, x.map(([a, b]) => a! + b!))
    expect(neuron.weights[0]).toBeCloseTo(1, 6)
    expect(neuron.weights[1]).toBeCloseTo(1, 6)
  })
  it('refuses what does not determine the weights', () => {
    expect(() => leastSquares([[1, 2], [2, 4], [3, 6], [4, 8]], [1, 2, 3, 4])).toThrow(/depends/)
    expect(() => leastSquares([[5], [5]], [1, 2])).toThrow(/depends/)
    expect(() => leastSquares([[1, 2]], [1])).toThrow(/too few/)
    expect(() => leastSquares([], [])).toThrow(/no data/)
    expect(() => leastSquares([[1], [2]], [1, Number.NaN])).toThrow(/finite/)
  })
})

describe('losses by hand', () => {
  const y = [1, 0, 0]
  const p = [0.7, 0.2, 0.1]
  it('are the lecture formulas', () => {
    expect(handMse(p, y).loss).toBeCloseTo((0.09 + 0.04 + 0.01) / 3, 15)
    expect(handQuadratic(p, y).loss).toBeCloseTo(0.07, 15)
    expect(handLogLoss([0.8], [1]).loss).toBeCloseTo(-Math.log(0.8), 15)
    expect(handCrossEntropy(p, y).loss).toBeCloseTo(-Math.log(0.7), 15)
    expect(handSoftmaxCrossEntropy(p.map(Math.log), y).loss).toBeCloseTo(-Math.log(0.7), 14)
    expect(handSoftmaxCrossEntropy([1000, 0, -1000], [0, 0, 1]).loss).toBe(2000)
  })
  it.each([['mse', handMse], ['quadratic', handQuadratic], ['log', handLogLoss], ['cross-entropy', handCrossEntropy], ['softmax', handSoftmaxCrossEntropy]] as const)('%s has the gradient of finite differences', (_, loss) => {
    const at = [0.4, 0.35, 0.25]
    for (const wanted of [[1, 0, 0], [0.2, 0.5, 0.3]]) {
      loss(at, wanted).gradient.forEach((g, i) => {
        const moved = (d: number): number => loss(at.map((v, k) => (k === i ? v + d : v)), wanted).loss
        expect(g).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 7)
      })
    }
  })
  it('refuse what has no logarithm', () => {
    expect(() => handLogLoss([0], [1])).toThrow(/between 0 and 1/)
    expect(() => handLogLoss([0.5], [2])).toThrow(/label/)
    expect(() => handCrossEntropy([0, 1], [1, 0])).toThrow(/probability 0/)
    expect(() => handMse([], [])).toThrow(/no data/)
    expect(() => handMse([1], [1, 2])).toThrow(/length/)
  })
})

describe('descend', () => {
  it('follows −η∇f: on a bowl every step multiplies by 1 − 2η', async () => {
    const walk = await descend((x) => x.square().sum(), [3, -4], { learningRate: 0.1, steps: 5 })
    expect(walk.outcome).toBe('descending')
    walk.path.forEach((p, t) => {
      expect(p.x[0]).toBeCloseTo(3 * 0.8 ** t, 12)
      expect(p.gradient[1]).toBeCloseTo(-8 * 0.8 ** t, 12)
      expect(p.value).toBeCloseTo(25 * 0.64 ** t, 12)
    })
  })
  it('shows what the learning rate does', async () => {
    const bowl = (x: Parameters<Parameters<typeof descend>[0]>[0]) => x.square().sum()
    expect((await descend(bowl, [1], { learningRate: 0.4, steps: 200 })).outcome).toBe('converged')
    expect((await descend(bowl, [1], { learningRate: 1e-4, steps: 100 })).outcome).toBe('descending')
    expect((await descend(bowl, [1], { learningRate: 1.05, steps: 100 })).outcome).toBe('rising')
    expect((await descend(bowl, [1], { learningRate: 3, steps: 1000 })).outcome).toBe('diverged')
  })
  it('refuses a start outside of f', async () => {
    await expect(descend((x) => x.log().sum(), [-1], { learningRate: 1 })).rejects.toThrow(/start/)
    await expect(descend((x) => x.sum(), [Number.NaN], { learningRate: 1 })).rejects.toThrow(/finite/)
  })
})
