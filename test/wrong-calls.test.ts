// Wrong calls are refused with a typed error that says operation, expected and received. All messages stand in
// test/golden/wrong-calls.txt, to be read by people.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GradusError, setDevice } from '../src/tensor/index.ts'
import { WRONG_CALLS } from './support/wrong-calls.ts'

const messages: string[] = []
beforeAll(() => void setDevice('reference'))
afterAll(() => void setDevice('reference'))

test('there are at least 120 of them', () => expect(WRONG_CALLS.length).toBeGreaterThanOrEqual(120))

test.each(WRONG_CALLS.map((c) => [`${c.operation}, ${c.label}`, c] as const))('%s', async (_, { call, type, operation, label }) => {
  let error: unknown = null
  try {
    await call()
  } catch (caught) {
    error = caught
  }
  expect(error, 'nothing was thrown').not.toBeNull()
  expect(error).toBeInstanceOf(GradusError)
  const e = error as GradusError
  messages.push(`${operation} (${label})\n  ${e.name}: ${e.message}`)
  expect([e.constructor.name, e.operation, e.message]).toEqual([type.name, operation, expect.any(String)])
  expect(e.received ?? e.remedy, 'neither what was received nor what to do').toBeDefined()
  expect(e.message.startsWith(`${operation}: `)).toBe(true)
  if (!label.includes('undefined') && label !== 'nothing' && label !== 'no weight') expect(e.message).not.toContain('undefined')
  expect(e.message).not.toMatch(/\[object|NaN elements|Infinity elements/)
})

test('the messages read well', async () => {
  await expect(`${messages.join('\n')}\n`).toMatchFileSnapshot('golden/wrong-calls.txt')
})
