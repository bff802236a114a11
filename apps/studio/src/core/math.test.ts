import { expect, test } from 'vitest'
import { setFormulas } from '../../build/formulas.mjs'
import { fill, flowing, m, math, pieces, sum } from './math.ts'

/** The tag, in pieces: the build sets formulas in this file too. */
const TEX = 'te' + 'x`'
/** A formula as the build sets it. */
function built(source: string): { html: string } {
  return new Function(`return ${setFormulas(source, 'test')}`)() as { html: string }
}

test('slots take numbers as the language writes them, brackets where negative', () => {
  const formula = built(TEX + 'z = \\v{b} + \\p{w} \\cdot x,\\ \\v{z}`')
  const { html } = fill(formula, { b: -0.5, w: -2, z: 1 }, 'ru')
  expect(html).toContain('<mn class="live" data-slot="b">−0,5</mn>')
  expect(html).toContain('(</mo><mn class="live" data-slot="w">−2</mn>')
  expect(html).not.toContain('@')
  expect(fill(formula, {}, 'ru').html).toContain('…')
})

test('text of a value cannot become markup', () => {
  expect(fill(built(TEX + '\\v{a}`'), { a: '<img onerror=x>' }, 'en').html).not.toContain('<img')
})

test('a wrong formula fails the build, with its place', () => {
  expect(() => setFormulas(TEX + '\\frac{1`', 'labs/x.ts')).toThrow('labs/x.ts')
})

test('formulas built while running', () => {
  expect(math(m.frac(m.i('a'), m.n(0.5, 'en'))).html).toBe('<math display="block"><mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mn class="live">0.5</mn></mrow></mfrac></mrow></math>')
  expect(m.i('w₁₂')).toBe('<msub><mrow><mi>w</mi></mrow><mrow><mn>12</mn></mrow></msub>')
  expect(m.i('ab') + m.i('x')).toBe('<mi>ab</mi><mi>x</mi>')
})

test('a formula flows in pieces: before signs between terms, after commas, between words; not before the sign of a number, nor in brackets around a fraction', () => {
  const read = (html: string): string[] => flowing({ html }).html.split('</math>').map((piece) => piece.replace(/<[^>]*>/g, '').trim()).filter((piece) => piece !== '')
  const row = (...signs: readonly string[]): string => math(signs.map((sign) => (/^[a-z]+$|^\d/.test(sign) ? m.i(sign) : sign.startsWith('<') ? sign : m.o(sign))).join('')).html
  expect(read(row('a', '=', 'b', '+', 'c', '·', '(', '−', 'd', ')'))).toEqual(['a', '=b', '+c', '·(−d)'])
  expect(read(row('(', 'a', ',', 'b', '+', 'c', ')'))).toEqual(['(a,', 'b', '+c)'])
  expect(read(row('n', '(', m.frac(m.i('a'), m.i('b')), '+', 'c', ')', '+', '(', 'd', '−', 'e', ')'))).toEqual(['n(ab+c)', '+(d', '−e)'])
  expect(read(math(m.text('a long name of something') + m.o('=') + m.i('x')).html)).toEqual(['a', 'long', 'name', 'of', 'something', '=x'])
  // each formula begins a line of its own; what flows already stays
  expect(flowing({ html: row('a') + row('b') }).html.match(/class="flowing"/g)).toHaveLength(2)
  expect(flowing(pieces('', ['x', 'y']))).toEqual(pieces('', ['x', 'y']))
  // every term is there, and nothing is said twice
  const long = math(sum(Array.from({ length: 40 }, (_, i) => m.p(i - 20, 'en')))).html
  expect(flowing({ html: long }).html.replace(/<[^>]*>|\s/g, '')).toBe(long.replace(/<[^>]*>/g, ''))
})
