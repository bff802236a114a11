// Random kernels, loops and all, against the interpreter: bit for bit.
import { expect, test } from 'vitest'
import { KernelFuzzer } from '../../../test/support/fuzz-kernels.ts'
import { runKernel } from '../../../test/support/run-wasm.ts'
import { interpretKernel } from '../../ir/index.ts'

const RUNS = Number(process.env.GRADUS_FUZZ ?? 400)
test(`${RUNS} random kernels`, () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const writer = new KernelFuzzer(seed)
    const kernel = writer.kernel()
    const buffers = kernel.params.map((p) => writer.data(p.dtype))
    const expected = buffers.map((b) => b.slice())
    interpretKernel(kernel, expected)
    const got = runKernel(kernel, buffers)
    kernel.params.forEach((p, k) => {
      for (let i = 0; i < expected[k]!.length; i++) {
        if (!Object.is(got[k]![i], expected[k]![i])) {
          expect.fail(`seed ${seed}: buffer ${k} (${p.dtype}) at ${i}: ${got[k]![i]}, not ${expected[k]![i]}`)
        }
      }
    })
  }
})
