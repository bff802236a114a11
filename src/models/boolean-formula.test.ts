import { describe, expect, it } from 'vitest'
import { allInputs, booleanFormula, booleanNetwork, separateBoolean, showProducts, verifyBoolean } from './index.ts'

/** The table by JavaScript's own operators. */
const byJavaScript = (names: string[], code: string): number[] => {
  const f = new Function(...names, `return (${code}) ? 1 : 0`) as (...x: boolean[]) => number
  return allInputs(names.length).map((x) => f(...x.map((v) => v === 1)))
}

describe('booleanFormula', () => {
  it.each([
    ['a & b | c', '(a && b) || c'],
    ['a | b & c', 'a || (b && c)'],
    ['a ^ b & c', 'a !== (b && c)'],
    ['a | b ^ c', 'a || (b !== c)'],
    ['!a & b', '!a && b'],
    ['!(a & b) -> c', '!(!(a && b)) || c'],
    ['a -> b -> c', '!a || (!b || c)'],
    ['a <-> b <-> c', '(a === b) === c'],
    ['a & 1 | c & 0 | b & 0', 'a'],
    ['¬a ∧ (b ∨ c)', '!a && (b || c)'],
    ['not a and b or c xor a', '(!a && b) || (c !== a)'],
    ['не a и b или c', '(!a && b) || c'],
    ['!!a == b != c', 'a === (b !== c)'],
    ['~a·b + c', '(!a && b) || c'],
  ])('reads %s', (text, code) => {
    expect(booleanFormula(text, { variables: ['a', 'b', 'c'] }).table).toEqual(byJavaScript(['a', 'b', 'c'], code))
  })
  it('orders variables by number, and takes an order of its own', () => {
    expect(booleanFormula('x10 | x2 | x1').variables).toEqual(['x1', 'x2', 'x10'])
    expect(booleanFormula('b -> a').table).toEqual([1, 0, 1, 1])
    expect(booleanFormula('b -> a', { variables: ['b', 'a'] }).table).toEqual([1, 1, 0, 1])
    expect(booleanFormula('1')).toEqual({ variables: [], table: [1] })
  })
  it('leads to networks', () => {
    const { table } = booleanFormula('x1 & x2 | x3 & !x4')
    const { network, products } = booleanNetwork(table)
    expect(verifyBoolean(network, table).wrong).toEqual([])
    expect(showProducts(products).split(' ∨ ').length).toBe(2)
    expect(separateBoolean(table).separable).toBe(false)
    expect(separateBoolean(booleanFormula('a & (b | c)').table).separable).toBe(true)
  })
  it('says where a formula is wrong', () => {
    expect(() => booleanFormula('a & ')).toThrow(/character 5.*the end/)
    expect(() => booleanFormula('a b')).toThrow(/character 3.*operator.*"b"/)
    expect(() => booleanFormula('(a | b')).toThrow(/closing parenthesis/)
    expect(() => booleanFormula('a # b')).toThrow(/character 3.*"#"/)
    expect(() => booleanFormula('')).toThrow(/the end/)
    expect(() => booleanFormula('2 & a')).toThrow(/"2"/)
    expect(() => booleanFormula('a', { variables: ['b'] })).toThrow(/a among them/)
    expect(() => booleanFormula('a', { variables: ['a', 'a'] })).toThrow(/different/)
  })
})
