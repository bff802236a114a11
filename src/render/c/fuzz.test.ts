// Random kernels, loops and all, through the system's compiler against the interpreter: bit for bit.
import { describe, expect, test } from 'vitest'
import { KernelFuzzer } from '../../../test/support/fuzz-kernels.ts'
import { problem, runKernels } from '../../../test/support/run-native.ts'
import { interpretKernel } from '../../ir/index.ts'

const RUNS = Number(process.env.GRADUS_FUZZ ?? 8)
describe.skipIf(problem !== null)('C', () => {
  test.each([4, 16])(`${RUNS} random kernels with vectors of %i`, (width) => {
    const cases = Array.from({ length: RUNS }, (_, k) => {
      // fma may round once or twice.
      const fuzzer = new KernelFuzzer(1000 * width + k, { width, without: ['fma'] })
      const kernel = fuzzer.kernel()
      return { kernel, buffers: kernel.params.map((p) => fuzzer.data(p.dtype)) }
    })
    const results = runKernels(cases)
    cases.forEach(({ kernel, buffers }, k) => {
      const expected = buffers.map((b) => b.slice())
      interpretKernel(kernel, expected)
      kernel.params.forEach((p, b) => {
        const at = [...expected[b]!.keys()].find((i) => !Object.is(results[k]![b]![i], expected[b]![i]))
        if (at !== undefined) expect.fail(`kernel ${k}: buffer ${b} (${p.dtype}) at ${at}: ${results[k]![b]![at]}, not ${expected[b]![at]}`)
      })
    })
  })
})
