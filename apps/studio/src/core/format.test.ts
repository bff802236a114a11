import { expect, test } from 'vitest'
import { allBound, bound } from './bound.ts'
import { formatCount, formatFixed, formatNumber, parseNumber, plural } from './format.ts'

test('numbers as each language writes them', () => {
  expect(formatNumber(-0.5, 'ru')).toBe('−0,5')
  expect(formatNumber(-0.5, 'en')).toBe('−0.5')
  expect(formatNumber(100, 'ru')).toBe('100')
  expect(formatNumber(2.0004, 'ru')).toBe('2')
  expect(formatNumber(-0, 'en')).toBe('0')
  expect(formatNumber(0.0000123, 'en')).toBe('1.23·10⁻⁵')
  expect(formatNumber(-123456789, 'ru')).toBe('−1,23·10⁸')
  expect(formatNumber(Number.NaN, 'ru')).toBe('NaN')
  expect(formatNumber(-Infinity, 'ru')).toBe('−∞')
  expect(formatFixed(1.5, 'ru', 2)).toBe('1,50')
  expect([1234567, 10000, 5000, -1234, 0].map(formatCount)).toEqual(['1\u202f234\u202f567', '10\u202f000', '5000', '-1234', '0'])
})

test('typed numbers: comma or point, any minus; nothing else', () => {
  expect(parseNumber(' −0,25 ')).toBe(-0.25)
  expect(parseNumber('1e-3')).toBe(0.001)
  expect(parseNumber('.5')).toBe(0.5)
  for (const wrong of ['', '-', '1,2,3', '0x10', 'abc', 'Infinity', '1e999']) expect(parseNumber(wrong), wrong).toBeUndefined()
})

test('plural forms', () => {
  const forms = { one: 'шаг', few: 'шага', many: 'шагов', other: 'шага' }
  expect([1, 2, 5, 11, 21].map((n) => plural(n, 'ru', forms).split('\u00a0')[1])).toEqual(['шаг', 'шага', 'шагов', 'шагов', 'шаг'])
  expect(plural(1, 'en', { one: 'step', other: 'steps' })).toBe('1\u00a0step')
})

test('a sign between two values stays with both', () => {
  expect(bound('x = (1; 0,5) and 20 % of a < b')).toBe('x\u00a0=\u00a0(1;\u00a00,5) and 20\u00a0% of a\u00a0<\u00a0b')
  expect(bound('beat it on 10 000 images, 784–128–10; 1943–2025, 5 1000')).toBe('beat it on 10\u202f000 images, 784\u2060–\u2060128\u2060–\u206010; 1943\u2060–\u20602025, 5 1000')
  expect(bound('прямая — в плоскости, и с ней «я»; a — b')).toBe('прямая\u00a0— в\u00a0плоскости, и\u00a0с\u00a0ней «я»; a\u00a0— b')
  expect(bound('∂f/∂x = σ′(z), and/or')).toBe('∂f\u2060/\u2060∂x\u00a0=\u00a0σ′\u2060(z), and/or')
  expect(bound('no sign here - at all')).toBe('no sign here - at all')
  expect(bound('Кружки — класс 0, слой 2; in row 3, subclass 4')).toBe('Кружки\u00a0— класс\u00a00, слой\u00a02; in row\u00a03, subclass 4')
})

test('every text of a catalogue is bound, formulas are left alone', () => {
  const formula = { html: 'a — b' }
  const words = allBound({ one: 'a — b', many: (n: number) => `в ${n} %`, list: ['x = 1', { deep: 'о нём' }], formula, told: () => formula, count: 3 })
  expect([words.one, words.many(5), words.list, words.formula, words.told(), words.count]).toEqual(['a\u00a0— b', 'в\u00a05\u00a0%', ['x\u00a0=\u00a01', { deep: 'о\u00a0нём' }], formula, formula, 3])
})
