// Attention against values and gradients from PyTorch (test/golden/attention.json), on every device.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type AttentionOptions, scaledDotProductAttention } from '../src/tensor/index.ts'
import { isCostly, on, probeDevices, spread } from './support/devices.ts'
import { type GoldenCase, runGolden } from './support/golden.ts'
import type { Call } from './support/golden-calls.ts'

const cases = JSON.parse(readFileSync(new URL('golden/attention.json', import.meta.url), 'utf8')) as GoldenCase[]
const calls: Record<string, Call> = {
  attention: ([q, k, v, mask], [options]) => scaledDotProductAttention(q!, k!, v!, { ...(options as AttentionOptions), ...(mask === undefined ? {} : { mask }) }),
}

describe.each(await probeDevices())('$name', ({ name, missing }) => {
  test.skipIf(missing !== null)('scaledDotProductAttention', async () => {
    expect(cases.length).toBeGreaterThan(60)
    const some = isCostly(name) ? spread(cases, name === 'webgpu' ? 4 : 8) : cases
    expect(await on(name, () => runGolden(some, { together: isCostly(name), calls }))).toEqual([])
  })
})
