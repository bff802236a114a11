// Schedules beyond PyTorch's curves (test/golden-nn.test.ts): ends, warm-up in front of another, records, refusals.
import { expect, test } from 'vitest'
import { ValueError } from '../tensor/index.ts'
import * as nn from './index.ts'

test('warm-up rises to the first rate of what follows, then that begins', () => {
  const after = nn.cosine(0.8, 20, { min: 0.1 })
  const lr = nn.warmup(after, 4)
  expect([0, 1, 2, 3, 4].map(lr)).toEqual([0.25, 0.4375, 0.625, 0.8125, 1].map((f) => expect.closeTo(0.8 * f, 12)))
  for (const step of [0, 7, 20, 50]) expect(lr(4 + step)).toBe(after(step))
  expect(nn.warmup(0.1, 1)(0)).toBe(0.1)
})
test('after their last step they stay', () => {
  expect(nn.cosine(1, 10, { min: 0.2 })(99)).toBeCloseTo(0.2)
  expect(nn.polynomial(1, 10, { end: 0.3 })(99)).toBe(0.3)
  expect(nn.oneCycle(1, 10)(99)).toBe(nn.oneCycle(1, 10)(9))
})
test('one cycle of any length stays within its bounds', () => {
  for (const steps of [1, 2, 3, 4, 10, 1000]) {
    for (const rise of [0, 0.3, 1]) {
      const lr = nn.oneCycle(1, steps, { rise })
      for (let i = 0; i < steps; i++) {
        expect(lr(i)).toBeGreaterThanOrEqual((1 - 1e-9) / 25 / 1e4)
        expect(lr(i)).toBeLessThanOrEqual(1)
      }
    }
  }
})
test('settings for a record', () => {
  expect(nn.warmup(nn.stepDecay(0.1, { at: [3] }), 5).config).toEqual({
    name: 'warmup', steps: 5, from: 0.2, schedule: { name: 'stepDecay', lr: 0.1, factor: 0.1, at: [3] },
  })
})
test.each<[string, () => unknown]>([
  ['a negative rate', () => nn.constant(-0.1)],
  ['an infinite rate', () => nn.exponential(Infinity, 0.9)],
  ['no steps', () => nn.cosine(1, 0)],
  ['a period that is no whole number', () => nn.stepDecay(1, { every: 1.5 })],
  ['a rise of more than all', () => nn.oneCycle(1, 10, { rise: 1.1 })],
  ['an unknown shape', () => nn.oneCycle(1, 10, { shape: 'square' as never })],
  ['a start above the end of the warm-up', () => nn.warmup(1, 10, { from: 2 })],
])('refused: %s', (_, run) => {
  expect(run).toThrow(ValueError)
})
