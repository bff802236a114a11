// Typed formulas set as formulas: no bracket too few; their derivatives against central differences.
import { expect, test } from 'vitest'
import { derivative, inLetters, inNumbers } from './expression-math.ts'
import { evaluate, parseExpression, plain } from './expression.ts'

const read = (html: string): string => html
  .replace(/<mfrac><mrow>(.*?)<\/mrow><mrow>(.*?)<\/mrow><\/mfrac>/g, '{$1}/{$2}').replace(/<msup><mrow>(.*?)<\/mrow><mrow>(.*?)<\/mrow><\/msup>/g, '$1^$2').replace(/<msqrt><mrow>(.*?)<\/mrow><\/msqrt>/g, '√{$1}').replace(/<[^>]*>/g, '')
test.each([
  ['0.1*x^2 + 2*y^2', '0.1·x^2+2·y^2', '0.1·(−4)^2+2·2.5^2'],
  ['(1 - x)^2 + 10*(y - x^2)^2', null, null],
  ['x - (y - 3)', 'x−(y−3)', '−4−(2.5−3)'],
  ['x - y*-2', 'x−y·(−2)', '−4−2.5·(−2)'],
  ['-(x + y)', '−(x+y)', '−(−4+2.5)'],
  ['2x(y + 1)', '2·x·(y+1)', '2·(−4)·(2.5+1)'],
  ['x/(y + 1)', '{x}/{y+1}', '{−4}/{2.5+1}'],
  ['sqrt(x^2) + abs(y) + ln(y)', null, null],
  ['-x*y', '−x·y', '−(−4)·2.5'],
  ['2 - 3y', '2−3·y', '2−3·2.5'],
  ['exp(-x)', 'exp(−x)', 'exp(−(−4))'],
])('%s', (source, letters, numbers) => {
  const e = parseExpression(source, ['x', 'y'])
  const [a, b] = [inLetters(e, ['x', 'y'], 'en'), inNumbers(e, { x: -4, y: 2.5 }, 'en')]
  for (const html of [a, b]) expect([...html.matchAll(/<(?!\/)/g)].length).toBe([...html.matchAll(/<\//g)].length)
  if (letters !== null) expect([read(a), read(b)]).toEqual([letters, numbers])
  expect(inNumbers(e, { x: -4, y: 2.5 }, 'ru')).not.toContain('2.5')
})
test.each(['x^2 + y^2', '0.1*x^2 + 2*y^2', '(1 - x)^2 + 10*(y - x^2)^2', '(x^2 + y - 11)^2 + (x + y^2 - 7)^2', 'x*y', 'exp(-x*y)/(1 + y^2)', 'sin(x)*cos(2y) - tanh(x + y)', 'ln(1 + x^2) + sqrt(4 + y)', 'sigmoid(x) + softplus(2y)', '2^x + (x^2 + 1)^y', '3', '-x/y'])('the slopes of %s', (source) => {
  const e = parseExpression(source, ['x', 'y'])
  const f = (x: number, y: number): number => evaluate(e, { x, y }, plain)
  for (const [x, y] of [[0.3, 0.7], [1.9, -1.2], [-0.8, 2.4]] as const) {
    const h = 1e-5
    const [dx, dy] = [derivative(e, 'x')!, derivative(e, 'y')!].map((d) => evaluate(d, { x, y }, plain))
    expect(dx).toBeCloseTo((f(x + h, y) - f(x - h, y)) / (2 * h), 4)
    expect(dy).toBeCloseTo((f(x, y + h) - f(x, y - h)) / (2 * h), 4)
  }
})
test('a number written with a power of ten stands in brackets under a power', () => {
  expect(read(inNumbers(parseExpression('x^2', ['x']), { x: 2.5e-14 }, 'en'))).toBe('(2.5·10⁻¹⁴)^2')
})
test('short where it can be; none where there is a kink', () => {
  expect(read(inLetters(derivative(parseExpression('0.1*x^2 + 2*y^2', ['x', 'y']), 'x')!, ['x', 'y'], 'en'))).toBe('0.2·x')
  expect(derivative(parseExpression('abs(x) + y', ['x', 'y']), 'x')).toBeNull()
  expect(derivative(parseExpression('relu(x) + y', ['x', 'y']), 'y')).toEqual({ op: 'number', value: 1 })
})
