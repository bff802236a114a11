// Lion, LAMB, Muon, Adafactor against PyTorch and their papers' formulas (test/golden/optimizers.json), on every device.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/nn/index.ts'
import { type Tensor, jit, tensor, valueAndGrad } from '../src/tensor/index.ts'
import { differences } from './support/compare.ts'
import { isCostly, on, probeDevices } from './support/devices.ts'
import { uniformOf } from './support/formula.ts'

interface Run {
  readonly name: 'Lion' | 'LAMB' | 'Muon' | 'Adafactor'
  readonly rate: number
  readonly options: Record<string, never>
  readonly seen: readonly { readonly step: number; readonly params: readonly number[][] }[]
}
const golden = JSON.parse(readFileSync(new URL('golden/optimizers.json', import.meta.url), 'utf8')) as readonly Run[]

describe.each((await probeDevices()).filter(({ name }) => !isCostly(name)))('$name', ({ name: device, missing }) => {
  test.skipIf(missing !== null).each(golden)('$name $options', async ({ name, rate, options, seen }) => {
    const dtype = device === 'reference' ? 'float64' : 'float32'
    await on(device, async () => {
      const given = (key: string, ...shape: number[]): Tensor => tensor(uniformOf(key, shape.reduce((p, d) => p * d, 1)), { dtype, shape })
      const [x, y] = [given('x', 6, 3), given('y', 6, 2)]
      const optimizer: nn.Optimizer = new nn[name](rate, options)
      const error = valueAndGrad((params: readonly Tensor[]) => nn.mse(x.matmul(params[0]!).add(params[1]!), y))
      const step = jit((params: readonly Tensor[], state: nn.OptimizerState, lr: Tensor) => optimizer.update(params, error(params)[1], state, lr))
      let now = { params: [given('w', 3, 2), given('b', 2)], state: optimizer.init([given('w', 3, 2), given('b', 2)]) }
      for (let n = 1; n <= seen.at(-1)!.step; n++) {
        now = step(now.params, now.state, tensor(optimizer.rate(n - 1), { dtype }))
        const want = seen.find((s) => s.step === n)
        for (const [i, values] of (want?.params ?? []).entries()) {
          const problem = differences(await now.params[i]!.data(), values, dtype === 'float32' ? { rtol: 1e-4, atol: 2e-5 } : { rtol: 1e-7, atol: 1e-8 })
          expect(problem, `step ${n}, parameter ${i}`).toBeNull()
        }
      }
      expect(step.programs().length).toBe(1)
    })
  })
})
