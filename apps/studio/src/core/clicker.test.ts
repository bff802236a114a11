// Steps first, then the page: in the order of the page, and none that has left it.
import { expect, test } from 'vitest'
import { clicked, followClicker } from './clicker.ts'

const stepsOf = (count: number): { at: number; leave: () => void } => {
  const own = { at: 0, leave: (): void => undefined }
  own.leave = followClicker((by) => {
    if (own.at + by < 0 || own.at + by >= count) return false
    own.at += by
    return true
  })
  return own
}

test('goes through the steps on the page, forward and back, then says that there are none left', () => {
  expect(clicked(1)).toBe(false)
  const [first, second] = [stepsOf(3), stepsOf(2)]
  const walk: string[] = []
  while (clicked(1)) walk.push(`${first.at}${second.at}`)
  expect(walk).toEqual(['10', '20', '21'])
  walk.length = 0
  while (clicked(-1)) walk.push(`${first.at}${second.at}`)
  expect(walk).toEqual(['20', '10', '00'])
  first.leave()
  expect(clicked(1)).toBe(true)
  expect([first.at, second.at]).toEqual([0, 1])
  second.leave()
  expect(clicked(-1)).toBe(false)
})
