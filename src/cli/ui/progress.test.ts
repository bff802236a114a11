import { expect, test } from 'vitest'
import type { Progress, Run } from '../../train/index.ts'
import { progressDisplay, sparkline } from './progress.ts'
import { type Terminal, terminal } from './style.ts'

function fake(isTTY: boolean, columns = 120): { out: Terminal; written: () => string } {
  let text = ''
  const stream = { isTTY, columns, write: (more: string) => {
    text += more
    return true
  } } as unknown as NodeJS.WriteStream
  return { out: terminal(stream), written: () => text }
}
const run = { epochs: 3, epoch: 0, step: 0, history: [] } as unknown as Run
const at = (batch: number, batches = 40): Progress => ({ epoch: 1, batch, batches, values: { loss: 0.5, accuracy: 0.75 }, samplesPerSecond: 12_345, secondsLeft: 65 })

test('a terminal: the bar is redrawn in place and fills', () => {
  const { out, written } = fake(true)
  const display = progressDisplay({ ...out, live: true, columns: 120 }, 64)
  void display.onStart?.(run)
  for (const batch of [0, 10, 20, 39]) void display.onProgress?.(run, at(batch))
  const bars = written().split('\r').slice(1)
  expect(bars).toHaveLength(4)
  expect(bars.map((bar) => bar.split('━').length - 1)).toEqual([0, 6, 12, 23])
  expect(bars.map((bar) => /(\d+) %/.exec(bar)![1])).toEqual(['0', '25', '50', '97'])
  for (const bar of bars) expect(bar).toMatch(/^epoch 1\/3 {2}.*loss 0\.5.*75.* %.*12.345 samples\/s {2}1:05 left[^ ]+$/)
})

test.each([20, 30, 60])('no line is longer than %i columns', (columns) => {
  const { out, written } = fake(true, columns)
  void progressDisplay({ ...out, live: true }, 64).onProgress?.(run, at(20))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals do not show
  for (const line of written().split('\r')) expect(line.replace(/\u001b\[[\d;]*[mK]/g, '').length).toBeLessThan(columns)
})

test('a stream whose end is not known: batches are counted, no share of them', () => {
  const { out, written } = fake(true)
  void progressDisplay({ ...out, live: true }, 64).onProgress?.(run, at(1234, Infinity))
  expect(written()).toMatch(/1.234 batches/)
})

test('elsewhere: nothing before it is long, lines without control codes after an epoch', () => {
  const { out, written } = fake(false)
  const display = progressDisplay(out, 64)
  void display.onStart?.(run)
  void display.onProgress?.(run, at(20))
  expect(written()).toBe('')
  void display.onEpoch?.({ ...run, epoch: 1, step: 40, history: [] } as unknown as Run, { epoch: 1, seconds: 2, learningRate: 0.1, loss: 0.25 })
  expect(written()).toMatch(/^epoch 1\/3 {2}loss 0\.25 {2}1.280 samples\/s {2}2\.0 s\n$/)
})

test('a sparkline shows the last 16 between the least and the largest', () => {
  expect(sparkline([8, 4, 1])).toBe('█▄▁')
  expect(sparkline([5, 5])).toBe('▁▁')
  expect(sparkline(Array.from({ length: 40 }, (_, i) => i))).toHaveLength(16)
})
