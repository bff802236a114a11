import { expect, test } from 'vitest'
import { LINK_LIMIT, codeFor, LinkFault, decodeState, encodeState } from './permalink.ts'
import { boolean, list, number, oneOf, record } from './shape.ts'

const form = record({ w: list(number(-10, 10), 2, 8), kind: oneOf('step', 'sigmoid'), open: boolean })
const state = { w: [0.1, -2.5, 1 / 3], kind: 'step', open: true }

test('a state comes back bit for bit', async () => {
  expect(await decodeState(await encodeState(state), form)).toEqual(state)
})

test('every damaged link is noticed', async () => {
  const code = await encodeState(state)
  for (let i = 0; i < code.length; i++) {
    const other = code[i] === 'A' ? 'B' : 'A'
    const changed = code.slice(0, i) + other + code.slice(i + 1)
    const result = await decodeState(changed, form).catch((error: unknown) => error)
    // the last character carries unused bits; everything else must be refused
    if (!(result instanceof LinkFault)) expect(result).toEqual(state)
  }
  for (const cut of [0, 1, 5, code.length - 3]) await expect(decodeState(code.slice(0, cut), form)).rejects.toThrow(LinkFault)
})

test('a state of another form: the fault names the place', async () => {
  const wrong = { ...state, w: [1, 99] }
  await expect(decodeState(await encodeState(wrong), form)).rejects.toThrow('w[1]: expected a number from −10 to 10, received 99')
  await expect(decodeState(await encodeState({ ...state, kind: 'x' }), form)).rejects.toThrow('kind: expected one of step, sigmoid')
  await expect(decodeState(await encodeState([]), form)).rejects.toThrow('state: expected an object')
})

test('one’s own points are left out of a link that would be too long, and only then', async () => {
  const points = (n: number) => Array.from({ length: n }, (_, i) => [Math.sin(i * 12.9) * 43758.5 % 1, Math.cos(i * 78.2) * 43758.5 % 1])
  const light = (s: { points: number[][] }) => ({ ...s, points: [] as number[][] })
  const small = { points: points(40) }
  expect(await codeFor(small, light)).toEqual({ code: await encodeState(small), left: 0 })
  const large = { points: points(400) }
  const { code, left } = await codeFor(large, light)
  expect([code, left > LINK_LIMIT]).toEqual([await encodeState({ points: [] }), true])
  expect((await codeFor(large, undefined)).left).toBe(0)
})
