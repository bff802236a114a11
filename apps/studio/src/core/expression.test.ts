import { expect, test } from 'vitest'
import { FormulaFault, evaluate, parseExpression, plain } from './expression.ts'

const value = (source: string, values: Record<string, number> = {}): number => evaluate(parseExpression(source, Object.keys(values)), values, plain)

test('precedence, powers from the right, signs, hidden products', () => {
  expect(value('1 + 2*3^2')).toBe(19)
  expect(value('2^3^2')).toBe(512)
  expect(value('-2^2')).toBe(-4)
  expect(value('2^-1')).toBe(0.5)
  expect(value('8/4/2')).toBe(1)
  expect(value('3(x + 1) − 2x', { x: 4 })).toBe(7)
  expect(value('1,5·x', { x: 2 })).toBe(3)
  expect(value('sin(x)^2 + cos(x)^2', { x: 0.7 })).toBeCloseTo(1, 15)
  expect(value('ln(exp(x)) + sigmoid(0)', { x: 2 })).toBe(2.5)
})

test('a fault names its kind and its place', () => {
  const fault = (source: string): string => {
    try {
      parseExpression(source, ['x'])
    } catch (error) {
      if (error instanceof FormulaFault) return `${error.kind} ${error.at} ${error.found}`.trim()
    }
    return 'none'
  }
  expect(fault('')).toBe('empty 0')
  expect(fault('x + ')).toBe('unfinished 4')
  expect(fault('(x + 1')).toBe('bracket 0 (')
  expect(fault('x + 1)')).toBe('unexpected 5 )')
  expect(fault('2 + y')).toBe('unknown 4 y')
  expect(fault('alert(1)')).toBe('unknown 0 alert')
  expect(fault('x % 2')).toBe('unexpected 2 %')
  expect(fault('constructor(x)')).toBe('unknown 0 constructor')
  expect(fault('sin x')).toBe('unexpected 4 x')
  expect(fault('1'.repeat(300))).toBe('long 200 300')
})
