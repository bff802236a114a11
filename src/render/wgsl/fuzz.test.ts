// Random kernels, loops and all, through Dawn against the interpreter: bit for bit. One invocation a unit; units of a fuzzed
// kernel write to the same places, so that the kernel has one unit.
import { describe, expect, test } from 'vitest'
import { KernelFuzzer } from '../../../test/support/fuzz-kernels.ts'
import { problem, runKernels } from '../../../test/support/run-webgpu.ts'
import { interpretKernel } from '../../ir/index.ts'

const RUNS = Number(process.env.GRADUS_FUZZ ?? 12)
describe.skipIf(problem !== null)('WGSL', () => {
  test(`${RUNS} random kernels`, async () => {
    const cases = Array.from({ length: RUNS }, (_, k) => {
      // fma may round once or twice, quotients and roots are not exact.
      const fuzzer = new KernelFuzzer(7000 + k, { width: 4, without: ['fma', 'div', 'sqrt'], double: false })
      const kernel = { ...fuzzer.kernel(), extent: 1 }
      return { kernel, buffers: kernel.params.map((p) => fuzzer.data(p.dtype)) }
    })
    const results = await runKernels(cases)
    cases.forEach(({ kernel, buffers }, k) => {
      const expected = buffers.map((b) => b.slice())
      interpretKernel(kernel, expected)
      kernel.params.forEach((p, b) => {
        const at = [...expected[b]!.keys()].find((i) => !Object.is(results[k]![b]![i], expected[b]![i]))
        if (at !== undefined) expect.fail(`kernel ${k}: buffer ${b} (${p.dtype}) at ${at}: ${results[k]![b]![at]}, not ${expected[b]![at]}`)
      })
    })
  }, 120_000)
})
