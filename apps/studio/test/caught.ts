// A check of a number is worth something when it passes the number and refuses one that is a little off.
import { expect } from 'vitest'
import { type Check, agrees } from '../src/core/proof.ts'

/** `off`: how much is a little; a thousandth of the number, if nothing else is said. */
export async function caught(check: Check, value: number, name = '', off = value === 0 ? 1e-3 : 1e-3 * Math.abs(value)): Promise<void> {
  const second = await check.check()
  expect(agrees(value, second, check), `${name}: ${value}, checked: ${second}`).toBe(true)
  for (const wrong of [value + off, value - off]) expect(agrees(wrong, second, check), `${name}: ${wrong} instead of ${value}`).toBe(false)
}
