// Every tensor function against values and gradients from PyTorch and NumPy (test/golden/ops.json), on every device.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Tolerance } from './support/compare.ts'
import { on, probeDevices } from './support/devices.ts'
import { type GoldenCase, runGolden, typesOf } from './support/golden.ts'
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

describe.each(probeDevices())('$name', ({ name, missing }) => {
  test.skipIf(missing !== null).each([...byFunction])('%s', async (fn, list) => {
    const wrong: string[] = []
    await on(name, async () => {
      for (const [n, c] of list.entries()) {
        for (const float of typesOf(c)) {
          const label = `#${n} ${float} ${JSON.stringify(c.in.map((x) => x.s))} ${JSON.stringify(c.args ?? [])}`
          try {
            wrong.push(...(await runGolden(c, float, float === 'float32' ? WIDER[fn]?.float32 : undefined)).map((w) => `${label} ${w}`))
          } catch (error) {
            wrong.push(`${label} ${(error as Error).message}`)
          }
        }
      }
    })
    expect(wrong).toEqual([])
  })
})
