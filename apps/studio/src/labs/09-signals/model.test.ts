// Signals on tensors, by hand and from the lecture agree; typed numbers are kept per neuron.
import { fourTwoOne } from 'gradus/models'
import { expect, test } from 'vitest'
import { sizesOf } from '../../core/layered.ts'
import { caught } from '../../../test/caught.ts'
import { activate, outputs, signals, trace } from './compute.ts'
import { bits, close, form, initial, potential, typedOf, withActivation, withInput, withSizes, withTyped } from './model.ts'
import { answerCheck, potentialCheck } from './proofs.ts'

test('the first state is the lecture’s network', () => {
  expect(initial.net).toEqual(fourTwoOne())
})
test('z and a on tensors, by the trace and term by term', async () => {
  for (const s of [initial, withActivation(withSizes(initial, [3, 4, 2, 2]), 'tanh'), withActivation(withInput(initial, 0, -2.5), 'sigmoid'), withActivation(initial, 'relu')]) {
    const got = await signals(s.net, s.x)
    const hand = await trace(s.net, s.x)
    let before = s.x
    for (const [i, layer] of hand.layers.entries()) {
      for (const [k, z] of layer.z.entries()) {
        expect(got.z[i]![k]).toBeCloseTo(z, 12)
        expect(got.a[i]![k]).toBeCloseTo(layer.a[k]!, 12)
        expect(potential(s.net.layers[i]!.weights, s.net.layers[i]!.biases, before, k)).toBeCloseTo(z, 12)
        expect(await activate(layer.activation, z)).toBeCloseTo(layer.a[k]!, 12)
        // the proofs pass them and refuse what is a little off
        await caught(potentialCheck(s.net.layers[i]!, before, k), got.z[i]![k]!, 'z')
        await caught(answerCheck(s.net.layers[i]!, before, k, (v) => activate(layer.activation, v)), got.a[i]![k]!, 'a')
      }
      before = layer.a
    }
  }
})
test('the lecture’s network is (x₁ and x₂) or (x₃ and x₄)', async () => {
  const rows = bits(4)
  expect(await outputs(initial.net, rows)).toEqual(rows.map(([a, b, c, d]) => (a! & b!) | (c! & d!)))
})
test('other sizes make a state of the right form, and forget what was typed', () => {
  const s = withSizes(withTyped(initial, { layer: 1, k: 0, z: 0.5, a: 1 }), [2, 3, 1])
  expect(sizesOf(s.net)).toEqual([2, 3, 1])
  expect(form(s)).toEqual(s)
  expect(s.typed).toEqual([])
})
test('typed numbers', () => {
  const s = withTyped(withTyped(initial, { layer: 1, k: 0, z: 1, a: 1 }), { layer: 1, k: 0, z: 0.5, a: 1 })
  expect(s.typed.length).toBe(1)
  expect(typedOf(s, 1, 0)?.z).toBe(0.5)
  expect(typedOf(s, 1, 1)).toBeUndefined()
  expect([close(0.51, 0.5), close(0.52, 0.5)]).toEqual([true, false])
})
test('a state whose parts do not fit is refused', () => {
  expect(() => form({ ...initial, x: [1] })).toThrow('x')
  expect(() => form({ ...initial, picked: [2, 1] })).toThrow('picked')
})
