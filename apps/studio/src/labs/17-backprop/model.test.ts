// Signals, δ and gradients of the lab against backpropagation and finite differences of gradus/models, and against grad.
import { type LayeredNetwork, backpropagate, checkBackpropagation } from 'gradus/models'
import { expect, test } from 'vitest'
import { trace } from './compute.ts'
import { type State, WEIGHTS, differenceDelta, differenceGradient, form, initial, plainCost, update, weightOf, withWeight } from './model.ts'

const network = (s: State): LayeredNetwork => ({
  layers: [
    { weights: s.w, biases: s.b, activation: 'sigmoid' },
    { weights: s.v.map((v) => [v]), biases: [s.c], activation: 'sigmoid' },
  ],
})
const states: readonly State[] = [
  initial,
  { ...initial, x: [-2, 0], y: 0, c: -1 },
  { ...initial, w: [[3, -3], [-2, 5]], v: [-4, 2], y: 0.3 },
  { ...initial, w: [[20, 0], [0, 20]], x: [3, 3] },
]

test.each(states)('state %#: every number of the lab, by hand and by differences', async (s) => {
  const got = await trace(s)
  const hand = backpropagate(network(s), s.x, [s.y])
  const [hidden, output] = hand.layers
  expect(got.cost).toBeCloseTo(hand.cost, 12)
  expect(plainCost(s)).toBeCloseTo(hand.cost, 12)
  hand.forward.layers[0]!.a.forEach((a, k) => expect(got.h[k]).toBeCloseTo(a, 12))
  expect(got.deltaOut).toBeCloseTo(output!.delta[0]!, 12)
  hidden!.delta.forEach((d, k) => expect(got.delta[k]).toBeCloseTo(d, 12))
  ;([0, 1, 2] as const).forEach((i) => expect(differenceDelta(s, i)).toBeCloseTo(i === 2 ? got.deltaOut : got.delta[i]!, 8))
  for (const name of WEIGHTS) {
    const [j, k] = [Number(name[1]), Number(name[2])]
    const want = name === 'c' ? output!.biasGradients[0]! : name[0] === 'w' ? hidden!.weightGradients[j]![k]! : name[0] === 'b' ? hidden!.biasGradients[j]! : output!.weightGradients[j]![0]!
    expect(got.gradient[name]).toBeCloseTo(want, 12)
    expect(got.automatic[name]).toBeCloseTo(want, 12)
    expect(differenceGradient(s, name)).toBeCloseTo(want, 8)
  }
  expect(checkBackpropagation(network(s), s.x, [s.y]).largestError).toBeLessThan(1e-8)
})
test('an update is the step of gradient descent of gradus/models', async () => {
  const next = update(initial, (await trace(initial)).gradient)
  const { updated } = backpropagate(network(initial), initial.x, [initial.y], { learningRate: initial.eta })
  const want = network(next)
  updated.layers.forEach((layer, i) => {
    layer.weights.flat().forEach((w, at) => expect(want.layers[i]!.weights.flat()[at]).toBeCloseTo(w, 12))
    layer.biases.forEach((b, at) => expect(want.layers[i]!.biases[at]).toBeCloseTo(b, 12))
  })
  expect(plainCost(next)).toBeLessThan(plainCost(initial))
  expect([next.step, next.updates]).toEqual([0, 1])
  expect(form(next)).toEqual(next)
})
test('a weight by its name', () => {
  for (const name of WEIGHTS) expect(weightOf(withWeight(initial, name, 7), name)).toBe(7)
})
