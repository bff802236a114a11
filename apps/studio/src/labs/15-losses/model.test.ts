// Losses and gradients of the lab against the hand losses of gradus/models and against finite differences.
import { handCrossEntropy, handLogLoss, handMse, handSoftmaxCrossEntropy } from 'gradus/models'
import { expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { batch, crossEntropy, curves } from './compute.ts'
import { LIMIT, chosen, grid, initial, plainCrossEntropy, plainCrossSlope, plainLoss, plainShares, plainSlope } from './model.ts'
import { crossCheck, crossSlopeCheck, lossCheck, meanCheck, outputCheck, shareCheck, slopeCheck } from './proofs.ts'

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
const hand = { mse: handMse, logloss: handLogLoss }

test.each(['mse', 'logloss'] as const)('%s over z: value and slope', async (kind) => {
  const points = grid()
  expect([points[0], points.at(-1)]).toEqual([-LIMIT, LIMIT])
  for (const y of [0, 1]) {
    const got = await curves(kind, points, y)
    points.forEach((z, i) => {
      const a = sigmoid(z)
      const { loss, gradient } = hand[kind]([a], [y])
      expect(got.a[i]).toBeCloseTo(a, 12)
      expect(got.value[i]).toBeCloseTo(loss, 9)
      expect(plainLoss(kind, z, y)).toBeCloseTo(loss, 9)
      expect(got.slope[i]).toBeCloseTo(gradient[0]! * a * (1 - a), 9) // the chain rule through the sigmoid
      expect(plainSlope(kind, z, y)).toBeCloseTo(got.slope[i]!, 6)
    })
  }
})
test('confidently wrong: the slope of MSE is nearly 0, that of LogLoss nearly 1', async () => {
  const [mse, log] = [await curves('mse', [-LIMIT], 1), await curves('logloss', [-LIMIT], 1)]
  expect(Math.abs(mse.slope[0]!)).toBeLessThan(1e-3)
  expect(Math.abs(log.slope[0]!)).toBeGreaterThan(0.999)
})
test.each(['mse', 'logloss'] as const)('a batch: its %s is the mean of its rows', async (kind) => {
  const got = await batch(kind, initial.batch)
  const a = initial.batch.map(({ z }) => sigmoid(z))
  for (const [i, output] of a.entries()) expect(got.a[i]).toBeCloseTo(output, 12)
  const { loss, terms } = hand[kind](a, initial.batch.map(({ y }) => y))
  expect(got.mean).toBeCloseTo(loss, 12)
  terms.forEach((term, i) => expect(got.losses[i]! / a.length).toBeCloseTo(term, 12))
})
test('cross-entropy of three classes: loss, probabilities, gradient p − y', async () => {
  for (const logits of [initial.logits, [0, 0, 0], [8, -8, 3]]) {
    for (const correct of [0, 1, 2]) {
      const wanted = [0, 1, 2].map((i) => (i === correct ? 1 : 0))
      const got = await crossEntropy(logits, correct)
      const { loss, probabilities, gradient } = handSoftmaxCrossEntropy(logits, wanted)
      expect(got.loss).toBeCloseTo(loss, 12)
      expect(handCrossEntropy(got.p, wanted).loss).toBeCloseTo(loss, 9)
      expect(plainCrossEntropy(logits, correct)).toBeCloseTo(loss, 12)
      expect(plainShares(logits)).toEqual(probabilities.map((p) => expect.closeTo(p, 12)))
      gradient.forEach((g, i) => expect(plainCrossSlope(logits, correct, i)).toBeCloseTo(g, 7))
      probabilities.forEach((p, i) => expect(got.p[i]).toBeCloseTo(p, 12))
      gradient.forEach((g, i) => expect(got.slope[i]).toBeCloseTo(g, 12))
    }
  }
})

test('every proof passes its number and refuses one a little off, also where the loss or its slope is small', async () => {
  for (const kind of ['mse', 'logloss'] as const) {
    for (const z of [-8, -3, 0, 0.7, 6]) {
      for (const y of [0, 1]) {
        const { a, value, slope } = await curves(kind, [z], y)
        await caught(outputCheck(z), a[0]!, `a(${z})`)
        await caught(lossCheck(kind, z, y), value[0]!, `${kind}(${z}, ${y})`)
        await caught(slopeCheck(kind, z, y), slope[0]!, `slope of ${kind} at ${z}, ${y}`, Math.max(1e-8, 1e-3 * Math.abs(slope[0]!)))
      }
    }
    await caught(meanCheck({ ...initial, loss: kind }), (await batch(kind, initial.batch)).mean, `mean of ${kind}`)
  }
  for (const logits of [initial.logits, [0, 0, 0], [8, -8, 3]]) {
    const got = await crossEntropy(logits, 1)
    await caught(crossCheck(logits, 1), got.loss, 'cross-entropy')
    for (const i of [0, 1, 2]) {
      await caught(shareCheck(logits, i), got.p[i]!, `share ${i}`)
      await caught(crossSlopeCheck(logits, 1, i), got.slope[i]!, `slope ${i}`, Math.max(1e-7, 1e-3 * Math.abs(got.slope[i]!)))
    }
  }
})
test('of three classes one is true: another one once that is said of it, the next once it is denied', () => {
  expect([chosen(0, 2, true), chosen(2, 2, true), chosen(2, 2, false), chosen(1, 2, false)]).toEqual([2, 2, 0, 1])
})
