// Metrics against scikit-learn, sacreBLEU and the definition of the edit distance (test/golden/metrics.json).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tensor } from '../../tensor/index.ts'
import * as nn from '../index.ts'

interface Golden {
  readonly f1: readonly { readonly predicted: number[]; readonly target: number[]; readonly average: 'binary'; readonly value: number }[]
  readonly auc: readonly { readonly scores: number[]; readonly target: number[]; readonly value: number }[]
  readonly bleu: readonly { readonly outputs: string[]; readonly references: string[][]; readonly smoothing: 'exp' | 'none'; readonly order: number; readonly value: number }[]
  readonly edit: readonly { readonly a: string; readonly b: string; readonly value: number }[]
}
const golden = JSON.parse(readFileSync(new URL('../../../test/golden/metrics.json', import.meta.url), 'utf8')) as Golden
const cut = (text: string): string[] => text.split(' ')

test.each(golden.f1)('F1 $average', ({ predicted, target, average, value }) => expect(nn.f1Score(predicted, target, { average })).toBeCloseTo(value, 12))
test.each(golden.auc)('AUC', ({ scores, target, value }) => expect(nn.rocAuc(scores, target)).toBeCloseTo(value, 12))
test.each(golden.bleu)('BLEU, smoothing $smoothing, order $order', ({ outputs, references, smoothing, order, value }) => {
  expect(nn.bleu(outputs.map(cut), references.map((own) => own.map(cut)), { smoothing, order })).toBeCloseTo(value, 8)
})
test.each(golden.edit)('edit distance of $a and $b', ({ a, b, value }) => {
  expect(nn.editDistance([...a], [...b])).toBe(value)
  expect(nn.editDistance([...b], [...a])).toBe(value)
})
test('error rates are over all texts together', () => {
  expect(nn.characterErrorRate(['ab', 'xyz'], ['abc', 'xyz'])).toBeCloseTo(1 / 6, 12)
  expect(nn.wordErrorRate(['a  b', ''], ['a b c', 'd'])).toBeCloseTo(2 / 4, 12)
  expect(nn.characterErrorRate(['e\u0301'], ['\u00e9'])).toBe(0)
})
test('among the k likeliest', async () => {
  const scores = tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
  const target = tensor([2, 2, 2], { dtype: 'int32' })
  const count = async (k: number): Promise<number> => nn.topKCount(scores, target, k).item()
  expect([await count(1), await count(2), await count(3)]).toEqual([1, 2, 3])
})
test('refusals', () => {
  expect(() => nn.f1Score([0, 2], [0, 1])).toThrow(/average/)
  expect(() => nn.f1Score([], [])).toThrow(/not empty/)
  expect(() => nn.rocAuc([0.1], [2])).toThrow(/0 or 1/)
  expect(nn.rocAuc([0.1, 0.2], [1, 1])).toBeNaN()
  expect(nn.rocAuc([Number.NaN, 0.2], [0, 1])).toBeNaN()
  expect(() => nn.wordErrorRate(['a'], [])).toThrow(/differ in number/)
  expect(() => nn.wordErrorRate(['a'], [' '])).toThrow(/empty/)
  expect(() => nn.bleu([['a']], [[]])).toThrow(/without a reference/)
})
