import { expect, test } from 'vitest'
import { setFormulas } from '../../build/formulas.mjs'
import { fill, m, math } from './math.ts'

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
})
