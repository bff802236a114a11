// What exportOnnx writes, computed by ONNX Runtime: every model at two batch sizes, every op of the table.
import { describe, expect, test } from 'vitest'
import type { NDArray } from '../../src/base/index.ts'
import { exportOnnx } from '../../src/formats/index.ts'
import { type Tensor, readNow, setDevice, treeLeaves } from '../../src/tensor/index.ts'
import { compareArrays } from '../support/compare.ts'
import { callOf, exportCases } from './models.ts'
import { opCases, results, usual } from './ops.ts'
import { missing, openSession } from './runtime.ts'

const array = (t: Tensor): NDArray => ({ dtype: t.dtype, shape: t.shape, data: readNow(t) })

describe.skipIf(missing !== null)(`ONNX Runtime${missing === null ? '' : ` (${missing})`}`, () => {
  test.for(exportCases().map((c) => [c.name, c] as const))('%s', async ([, c]) => {
    const run = await openSession(exportOnnx(c.f, c.args(2), c.options))
    for (const batch of [1, 3]) {
      const args = c.args(batch)
      const want = treeLeaves(callOf(c, args)).map(array)
      const got = await run(treeLeaves(args).map(array))
      expect(got.length).toBe(want.length)
      want.forEach((w, i) => expect(compareArrays(got[i]!, w, { rtol: 1e-4, atol: 2e-6 * Math.max(...Array.from(w.data, Math.abs)) })).toBeNull())
    }
  })
  test.for(opCases())('%s', async ([op, cases]) => {
    setDevice('reference')
    try {
      const problems: string[] = []
      for (const c of cases.filter(usual)) problems.push(...(await results(c, async (bytes, inputs) => (await openSession(bytes))(inputs))))
      expect(problems, op).toEqual([])
    } finally {
      setDevice('wasm')
    }
  })
})
