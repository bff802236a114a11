// Signals, δ and gradients of the lab against backpropagation and finite differences of gradus/models, and against grad.
import { type LayeredNetwork, backpropagate, checkBackpropagation } from 'gradus/models'
import { expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { trace } from './compute.ts'
import { type Cell, DELTAS, type State, WEIGHTS, differenceDelta, differenceGradient, factors, faultOf, form, initial, isDelta, near, plainCost, product, typedIn, update, weightOf, withExample, withTyped, withWeight } from './model.ts'
import { costCheck, deltaCheck, gradientCheck } from './proofs.ts'
import { texts } from './texts.ts'

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
test.each(states)('state %#: every proof passes its number and refuses one a little off, however small', async (s) => {
  const got = await trace(s)
  await caught(costCheck(s), got.cost, 'C')
  for (const i of [0, 1, 2] as const) {
    const delta = i === 2 ? got.deltaOut : got.delta[i]!
    await caught(deltaCheck(s, i), delta, `δ${i}`, Math.max(1e-8, 1e-3 * Math.abs(delta)))
  }
  for (const name of WEIGHTS) await caught(gradientCheck(s, name), got.gradient[name], name, Math.max(1e-8, 1e-3 * Math.abs(got.gradient[name])))
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

// ---- filling a cell ----------------------------------------------------------------------------------------------------

const truthOf = (s: State, cell: Cell): number => (isDelta(cell) ? differenceDelta(s, ({ d0: 0, d1: 1, d2: 2 } as const)[cell]) : differenceGradient(s, cell))
const CELLS: readonly Cell[] = [...DELTAS, ...WEIGHTS]

test.each(states)('state %#: the factors of every cell multiply to its finite difference, and that number is accepted', async (s) => {
  const got = await trace(s)
  for (const cell of CELLS) {
    expect(product(factors(s, cell, got)), cell).toBeCloseTo(truthOf(s, cell), 8)
    expect(faultOf(s, cell, truthOf(s, cell), got), cell).toBeNull()
    // rounded to four digits, as a person would type it
    expect(faultOf(s, cell, Number(truthOf(s, cell).toPrecision(4)), got), cell).toBeNull()
    expect(faultOf(s, cell, truthOf(s, cell) + 0.5, got), cell).not.toBeNull()
  }
})
test('a wrong number is told by its mistake', async () => {
  const s: State = { ...initial, eta: 3 }
  const got = await trace(s)
  const { a, h, deltaOut, delta, gradient } = got
  const cases: readonly (readonly [Cell, number, object])[] = [
    ['d2', -deltaOut, { kind: 'sign' }],
    ['d2', a - s.y, { kind: 'without', factor: 'slope' }],
    ['d2', a * (1 - a), { kind: 'without', factor: 'error' }],
    ['d0', deltaOut * h[0]! * (1 - h[0]!), { kind: 'without', factor: 'weight' }],
    ['d0', s.v[0]! * deltaOut, { kind: 'without', factor: 'slope' }],
    ['d0', s.v[0]! * h[0]! * (1 - h[0]!), { kind: 'without', factor: 'delta' }],
    ['d0', delta[1]!, { kind: 'other', cell: 'd1' }],
    ['w10', delta[0]!, { kind: 'without', factor: 'signal' }],
    ['w10', gradient.w11, { kind: 'other', cell: 'w11' }],
    ['v0', 3 * gradient.v0, { kind: 'rate' }],
    ['v0', -gradient.v0, { kind: 'sign' }],
    ['c', 0.7, { kind: 'far' }],
  ]
  for (const [cell, typed, fault] of cases) {
    expect(faultOf(s, cell, typed, got), `${cell} = ${typed}`).toEqual(fault)
    for (const t of [texts.en, texts.ru]) expect(t.fault(cell, String(typed), faultOf(s, cell, typed, got)!, factors(s, cell, got))).not.toMatch(/undefined|NaN|\[object/)
  }
})
test('near: two hundredths of the truth, its sign, and no number near nothing', () => {
  expect([near(0.0102, 0.01), near(0.0103, 0.01), near(-0.01, 0.01), near(0, 0), near(1e-5, 0), near(1e-3, 0)]).toEqual([true, false, false, true, true, false])
})
test('what was typed belongs to its numbers: it goes with another weight, example or update, and stays with another step', async () => {
  const s = withTyped(withTyped({ ...initial, covered: true }, 'd2', 1), 'd2', 0.25)
  expect([typedIn(s, 'd2'), typedIn(s, 'd0'), s.typed.length]).toEqual([0.25, undefined, 1])
  expect(form(s)).toEqual(s)
  for (const other of [withWeight(s, 'v0', 2), withExample(s, { y: 0 }), update(s, (await trace(s)).gradient)]) expect([other.typed, other.covered]).toEqual([[], true])
  expect(typedIn({ ...s, step: 3 }, 'd2')).toBe(0.25)
})
test('a state of before cells could be covered is read; a cell that is none is refused', () => {
  const { covered: _, typed: __, ...old } = initial
  expect(form(old)).toEqual(initial)
  expect(() => form({ ...initial, typed: [{ cell: 'z0', value: 1 }] })).toThrow('typed[0].cell')
  expect(() => form(null)).toThrow('expected an object')
})
