import { describe, expect, it } from 'vitest'
import { key, normal, tensor, uniform } from '../tensor/index.ts'
import { type ActivationName, type LayeredNetwork, activationFunctions, activationNames, allInputs, applyNetwork, backpropagate, checkBackpropagation, checkNetwork, descendBatch, forwardTrace, fourTwoOne, network, networkOutput, networkSizes, steepened, withActivation, xorByFeature, xorByTwoLines } from './index.ts'

async function randomNetwork(sizes: readonly number[], activation: ActivationName | ActivationName[], seed: number): Promise<LayeredNetwork> {
  const numbers = [...(await normal([400], { key: key(seed), dtype: 'float64' }).data())]
  let at = 0
  return network(sizes, { activation, weight: () => numbers[at++]!, bias: () => numbers[at++]! })
}

describe('the 4-2-1 network', () => {
  it('shows every signal', () => {
    const trace = forwardTrace(fourTwoOne(), [1, 1, 0, 1])
    expect(trace.layers[0]).toEqual({ layer: 2, activation: 'step', products: [[1, 0], [1, 0], [0, 0], [0, 1]], z: [0.5, -0.5], a: [1, 0] })
    expect(trace.layers[1]).toEqual({ layer: 3, activation: 'step', products: [[1], [0]], z: [0.5], a: [1] })
  })
  it('is (x₁ and x₂) or (x₃ and x₄), on all 16 rows, in numbers and on tensors', async () => {
    const rows = allInputs(4)
    const wanted = rows.map(([a, b, c, d]) => (a! & b!) | (c! & d!))
    expect(rows.map((x) => networkOutput(fourTwoOne(), x)[0])).toEqual(wanted)
    expect([...(await applyNetwork(fourTwoOne(), tensor(rows)).data())]).toEqual(wanted)
  })
  it('follows z_k = Σ_j w_jk a_j + b_k with w_jk from j to k', () => {
    const net = network([2, 3], { activation: 'identity', weight: (_, j, k) => 10 * (j + 1) + (k + 1), bias: (_, k) => 0.1 * k })
    // w₁₂ = 12 leads from input 1 to neuron 2
    expect(net.layers[0]!.weights).toEqual([[11, 12, 13], [21, 22, 23]])
    expect(networkOutput(net, [1, 0])).toEqual([11, 12.1, 13.2])
  })
})

describe('a layered network', () => {
  it.each(activationNames)('gives the same on tensors as in numbers: %s', async (name) => {
    const net = await randomNetwork([5, 4, 3, 2], name, 7)
    const x = uniform([30, 5], { key: key(8), low: -2, high: 2, dtype: 'float64' })
    const rows = (await x.array()) as number[][]
    const out = (await applyNetwork(net, x).array()) as number[][]
    rows.forEach((row, i) => networkOutput(net, row).forEach((v, k) => expect(out[i]![k]).toBeCloseTo(v, 12)))
  })
  it('comes from sigmoids to steps as they get steeper', () => {
    const soft = withActivation(fourTwoOne(), 'sigmoid')
    const gap = (k: number): number => Math.max(...allInputs(4).map((x) => Math.abs(networkOutput(steepened(soft, k), x)[0]! - networkOutput(fourTwoOne(), x)[0]!)))
    expect(gap(40)).toBeLessThan(1e-8)
    expect(gap(10)).toBeLessThan(gap(5))
    expect(networkOutput(steepened(fourTwoOne(), 17), [1, 1, 0, 0])).toEqual([1])
    expect(backpropagate(soft, [1, 0, 0, 0], [1]).flat).toBe(false)
    expect(() => withActivation(soft, ['step'])).toThrow(/2/)
    expect(() => steepened(soft, 0)).toThrow(/positive/)
  })
  it('survives JSON', async () => {
    const net = await randomNetwork([3, 2, 1], 'tanh', 1)
    expect(networkOutput(checkNetwork(JSON.parse(JSON.stringify(net))), [1, 2, 3])).toEqual(networkOutput(net, [1, 2, 3]))
    expect(networkSizes(net)).toEqual([3, 2, 1])
  })
  it('takes layers of no neurons', async () => {
    const net = network([2, 0, 1], { activation: 'step', bias: () => 1 })
    expect(networkOutput(net, [5, 6])).toEqual([1])
    expect([...(await applyNetwork(net, tensor([[5, 6], [7, 8]])).data())]).toEqual([1, 1])
    expect(networkOutput(network([0, 1], { bias: () => 2, activation: 'identity' }), [])).toEqual([2])
  })
  it('refuses networks that do not fit together', () => {
    expect(() => checkNetwork({ layers: [] })).toThrow(/no layers/)
    expect(() => checkNetwork({ layers: [{ weights: [[Number.NaN]], biases: [0], activation: 'step' }] })).toThrow(/finite/)
    expect(() => checkNetwork({ layers: [{ weights: [[1, 2]], biases: [0], activation: 'step' }] })).toThrow(/length/)
    expect(() => checkNetwork({ layers: [...network([2, 2]).layers, ...network([3, 1]).layers] })).toThrow(/layer before/)
    expect(() => network([2])).toThrow(/sizes/)
    expect(() => network([2, 1], { activation: 'swish' as ActivationName })).toThrow(/sigmoid/)
    expect(() => forwardTrace(fourTwoOne(), [1, 2, 3])).toThrow(/4 numbers/)
    expect(() => forwardTrace(fourTwoOne(), [1, 2, 3, Number.NaN])).toThrow(/finite/)
    expect(() => applyNetwork(fourTwoOne(), tensor([1, 2]))).toThrow(/\(B, 4\)/)
  })
})

describe('activation functions', () => {
  it.each(activationNames)('%s has the slope of finite differences', (name) => {
    const { value, slope } = activationFunctions[name]
    for (const z of [-30, -3, -0.7, 0.2, 1, 4, 40]) expect(slope(z)).toBeCloseTo((value(z + 1e-6) - value(z - 1e-6)) / 2e-6, 6)
  })
  it('keeps the rules at 0 apart', () => {
    expect([activationFunctions.step.value(0), activationFunctions.stepInclusive.value(0), activationFunctions.sign.value(0)]).toEqual([0, 1, 0])
  })
  it('does not overflow', () => {
    for (const name of activationNames) for (const z of [-1e4, 1e4]) expect(Number.isFinite(activationFunctions[name].value(z)) && Number.isFinite(activationFunctions[name].slope(z))).toBe(true)
  })
})

describe('backpropagation in five steps', () => {
  const smooth: ActivationName[] = ['sigmoid', 'tanh', 'softplus', 'identity']
  it.each(smooth)('has the δ and gradients of finite differences: %s', async (name) => {
    for (const sizes of [[4, 2, 1], [3, 5, 4, 2], [2, 2], [1, 6, 1]]) {
      const net = await randomNetwork(sizes, name, sizes.length * 10 + 3)
      const x = sizes[0] === 1 ? [0.4] : Array.from({ length: sizes[0]! }, (_, i) => Math.sin(i + 1))
      const y = Array.from({ length: sizes.at(-1)! }, (_, i) => Math.cos(i))
      expect(checkBackpropagation(net, x, y).largestError).toBeLessThan(2e-8)
    }
  })
  it('has them for relu away from its kinks', async () => {
    const net = await randomNetwork([4, 6, 3, 1], ['relu', 'relu', 'identity'], 5)
    expect(checkBackpropagation(net, [0.3, -0.8, 1.1, 0.5], [2]).largestError).toBeLessThan(2e-8)
  })
  it('does an example worked by hand', () => {
    // 1 → 1 → 1, sigmoid, all weights 1 and biases 0, x = 0: a² = σ(0) = 1/2, a³ = σ(1/2)
    const trace = backpropagate(network([1, 1, 1], { weight: () => 1 }), [0], [1], { learningRate: 2 })
    const s = 1 / (1 + Math.exp(-0.5))
    const delta3 = (s - 1) * s * (1 - s)
    expect(trace.cost).toBeCloseTo((s - 1) ** 2 / 2, 15)
    expect(trace.outputInfluence[0]).toBeCloseTo(s - 1, 15)
    expect(trace.layers[1]!.delta[0]).toBeCloseTo(delta3, 15)
    expect(trace.layers[1]!.weightGradients[0]![0]).toBeCloseTo(delta3 / 2, 15)
    expect(trace.layers[0]!.delta[0]).toBeCloseTo(delta3 / 4, 15)
    expect(trace.layers[0]!.weightGradients[0]![0]).toBe(-0)
    expect(trace.updated.layers[1]!.biases[0]).toBeCloseTo(-2 * delta3, 15)
    expect(trace.flat).toBe(false)
  })
  it('says that steps cannot be trained', () => {
    const trace = backpropagate(fourTwoOne(), [1, 0, 0, 0], [1])
    expect(trace.flat).toBe(true)
    expect(trace.updated).toEqual(fourTwoOne())
  })
  it('learns XOR by descent', async () => {
    let net = await randomNetwork([2, 3, 1], ['tanh', 'sigmoid'], 11)
    const examples = allInputs(2).map((x) => ({ x, y: [x[0]! ^ x[1]!] }))
    for (let t = 0; t < 3000; t++) net = descendBatch(net, examples, 2).network
    for (const { x, y } of examples) expect(Math.round(networkOutput(net, x)[0]!)).toBe(y[0])
  })
  it('refuses a target of another size', () => {
    expect(() => backpropagate(fourTwoOne(), [0, 0, 0, 0], [1, 2])).toThrow(/1 numbers/)
    expect(() => backpropagate(fourTwoOne(), [0, 0, 0, 0], [1], { learningRate: -1 })).toThrow(/positive/)
  })
})

describe('XOR', () => {
  it('both ways, all rows', async () => {
    for (const way of [xorByTwoLines(), xorByFeature()]) {
      expect(way.correct).toBe(true)
      expect(way.rows.map((r) => r.got)).toEqual([0, 1, 1, 0])
      const out = await applyNetwork(way.network, tensor(allInputs(2).map((x) => [...way.features(x)]))).data()
      expect([...out]).toEqual([0, 1, 1, 0])
    }
  })
})
