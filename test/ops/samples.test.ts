// The samples themselves: enough of them, every op of the table, the same numbers every time.
import { expect, test } from 'vitest'
import { wholeTable } from '../../src/ir/index.ts'
import { OPS, samplesOf } from './samples.ts'

test('at least 20 samples of every op', () => {
  expect([...OPS].sort()).toEqual(Object.keys(wholeTable()).sort())
  expect(OPS.filter((op) => samplesOf(op).length < 20)).toEqual([])
})
