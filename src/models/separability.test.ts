import { describe, expect, it } from 'vitest'
import { ValueError } from '../base/index.ts'
import { allInputs, fire, separate, separateBoolean, verifyContradiction } from './index.ts'

const tableOfNumber = (code: number, n: number): number[] => Array.from({ length: 2 ** n }, (_, row) => (code >> row) & 1)

describe('separateBoolean', () => {
  // Muroga: the numbers of threshold functions of n variables are 2, 4, 14, 104, 1882, 94572, …
  it.each([[0, 2], [1, 4], [2, 14], [3, 104]])('finds the known number of separable functions of %i variables', (n, known) => {
    const inputs = allInputs(n)
    let separable = 0
    for (let code = 0; code < 2 ** 2 ** n; code++) {
      const table = tableOfNumber(code, n)
      const answer = separateBoolean(table)
      if (answer.separable) {
        separable++
        for (const [row, x] of inputs.entries()) expect(fire(answer, x).a).toBe(table[row])
      } else expect(verifyContradiction(inputs, answer)).toBe(true)
    }
    expect(separable).toBe(known)
  })

  it('proves that XOR is not separable with all four rows, once each', () => {
    const answer = separateBoolean([0, 1, 1, 0])
    expect(answer).toEqual({
      separable: false,
      contradiction: [{ row: 0, label: 0, multiplier: 1 }, { row: 1, label: 1, multiplier: 1 }, { row: 2, label: 1, multiplier: 1 }, { row: 3, label: 0, multiplier: 1 }],
      exact: ['1', '1', '1', '1'],
    })
  })

  it('decides random functions of 4 and 5 variables, with weights or a proof that holds', () => {
    let state = 12345
    const next = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32
    for (const n of [4, 5]) {
      const inputs = allInputs(n)
      for (let trial = 0; trial < 150; trial++) {
        // half of them made by a neuron, so that both answers occur
        const weights = inputs[0]!.map(() => Math.round(next() * 14 - 7))
        const table = trial % 2 === 0 ? inputs.map(() => Math.round(next())) : inputs.map((x) => fire({ weights, bias: Math.round(next() * 8 - 4) }, x).a)
        const answer = separateBoolean(table)
        if (answer.separable) expect(inputs.map((x) => fire(answer, x).a)).toEqual(table)
        else expect(verifyContradiction(inputs, answer)).toBe(true)
      }
    }
  })
})

describe('separate', () => {
  it('is exact for doubles that differ in the last bit', () => {
    const eps = Number.EPSILON
    const near = [[1, 1], [1 + eps, 1], [2, 2]]
    expect(separate(near, [0, 1, 0]).separable).toBe(true)
    // three points on a line, the middle one of another class
    const line = [[0.1, 0.1], [0.3, 0.3], [0.7, 0.7]]
    const answer = separate(line, [0, 1, 0])
    expect(answer.separable).toBe(false)
    expect(verifyContradiction(line, answer)).toBe(true)
  })
  it('takes very large and very small numbers', () => {
    const answer = separate([[1e-300, 1e300], [2e-300, -1e300]], [1, 0])
    expect(answer.separable).toBe(true)
  })
  it('does not believe a false proof', () => {
    const points = [[0, 0], [1, 1]]
    expect(verifyContradiction(points, { separable: false, contradiction: [{ row: 0, label: 0, multiplier: 1 }, { row: 1, label: 1, multiplier: 1 }], exact: ['1', '1'] })).toBe(false)
    expect(verifyContradiction(points, { separable: false, contradiction: [], exact: [] })).toBe(false)
  })
  it('refuses what is no data', () => {
    expect(() => separate([], [])).toThrow(ValueError)
    expect(() => separate([[Number.NaN]], [1])).toThrow(/finite/)
    expect(() => separate([[1]], [2])).toThrow(/bit/)
    expect(() => separate([[1], [1, 2]], [1, 0])).toThrow(/length/)
    expect(() => separateBoolean([0, 1, 1])).toThrow(/truth table/)
  })
})
