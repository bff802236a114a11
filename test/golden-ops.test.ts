// Every tensor function against values and gradients from PyTorch and NumPy (test/golden/ops.json), on every device.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type {} from './ops/define.ts'
import { GOLDEN_OF } from './ops/golden-of.ts'
import type { Tolerance } from './support/compare.ts'
import { isCostly, on, probeDevices, spread } from './support/devices.ts'
import { type GoldenCase, runGolden } from './support/golden.ts'
import { CALLS } from './support/golden-calls.ts'

const cases = JSON.parse(readFileSync(new URL('golden/ops.json', import.meta.url), 'utf8')) as GoldenCase[]
const byFunction = new Map<string, GoldenCase[]>()
for (const c of cases) byFunction.set(c.fn, [...(byFunction.get(c.fn) ?? []), c])

/** Wider bounds than float32's 1.3e-6 / 1e-5, each with its reason. */
const WIDER: Readonly<Record<string, { readonly float32: Tolerance; readonly reason: string }>> = {}

test('every function has at least 20 samples', () => {
  expect([...byFunction.keys()].sort()).toEqual(Object.keys(CALLS).sort())
  expect([...byFunction].filter(([, list]) => list.length < 20).map(([fn]) => fn)).toEqual([])
})

describe('golden', () => {
  test.for(Object.entries(GOLDEN_OF))('%s', ([op, source], { task }) => {
    const ran = 'reason' in source ? 0 : source.reduce((sum, fn) => sum + byFunction.get(fn)!.length, 0)
    task.meta.matrix = { op, aspect: 'golden', device: 'reference', ran, reason: 'reason' in source ? source.reason : null }
    expect('reason' in source || ran >= 20).toBe(true)
  })
})

describe.each(await probeDevices())('$name', ({ name, missing }) => {
  test.skipIf(missing !== null).each([...byFunction])('%s', async (fn, list) => {
    const cases = isCostly(name) ? spread(list, 6) : list
    expect(await on(name, () => runGolden(cases, { together: isCostly(name), bounds: WIDER[fn]?.float32 }))).toEqual([])
  })
})
