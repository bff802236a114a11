// Random programs agree: between devices, eager and compiled, values and gradients, and bit for bit between thread counts.
// `npm run fuzz:programs -- --runs N [--seed S]` runs more of them; a failure prints the seed and path that replay it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFloat, ndarray } from '../src/base/index.ts'
import { type DeviceName, type Tensor, grad, jit, readNow, realize, setDevice, tensor } from '../src/tensor/index.ts'
import { type Tolerance, compareArrays } from './support/compare.ts'
import { computesWith, isCostly, probeDevices } from './support/devices.ts'
import { type ProgramSpec, inputsOf, programs, runProgram } from './support/programs.ts'

const runs = Number(process.env.GRADUS_FUZZ_RUNS ?? 200)
const seed = Number(process.env.GRADUS_FUZZ_SEED ?? 20240607)
/** Up to 25 roundings on top of one another, some through quotients and exponentials. */
const BOUNDS: Readonly<Record<'float32' | 'float64', Tolerance>> = { float32: { rtol: 1e-4, atol: 2e-4 }, float64: { rtol: 1e-9, atol: 1e-9 } }
const others = (await probeDevices()).filter((d) => d.name !== 'reference')

async function arrays(device: DeviceName, body: () => readonly Tensor[]): Promise<ReturnType<typeof ndarray>[]> {
  void setDevice(device)
  try {
    const tensors = body()
    realize(tensors)
    return await Promise.all(tensors.map(async (t) => ndarray(t.dtype, t.shape, await t.data())))
  } finally {
    setDevice('reference')
  }
}
/** The gradient of the mean of all floating results, by the two floating inputs. */
const gradient = (spec: ProgramSpec) => (xs: readonly Tensor[]): Tensor[] => {
  const loss = (a: Tensor, b: Tensor): Tensor =>
    runProgram(spec, [a, b, xs[2]!]).filter((t) => isFloat(t.dtype) && t.size > 0).map((t) => t.mean()).reduce((s, t) => s.add(t.to(s.dtype)), a.sum().mul(0))
  return grad(loss, { argnums: [0, 1] })(xs[0]!, xs[1]!) as unknown as Tensor[]
}

describe.each(others)('$name', ({ name, missing }) => {
  const count = isCostly(name) ? Math.ceil(runs / 10) : runs
  test.skipIf(missing !== null)(`${count} programs agree with the reference, eager and compiled`, async () => {
    await fc.assert(
      fc.asyncProperty(programs(), async (any) => {
        const spec: ProgramSpec = computesWith(name, any.float) ? any : { ...any, float: 'float32' }
        const bounds = BOUNDS[spec.float]
        const same = (what: string, got: Awaited<ReturnType<typeof arrays>>, want: Awaited<ReturnType<typeof arrays>>): void => {
          got.forEach((g, i) => expect(compareArrays(g, want[i]!, isFloat(g.dtype) ? bounds : { rtol: 0, atol: 0 }), `${what} ${i}`).toBeNull())
        }
        const want = await arrays('reference', () => runProgram(spec, inputsOf(spec)))
        same('eager', await arrays(name, () => runProgram(spec, inputsOf(spec))), want)
        same('jit', await arrays(name, () => jit((xs: readonly Tensor[]) => runProgram(spec, xs), { device: name })(inputsOf(spec))), want)
        if (spec.seed % 3 === 0) same('gradient', await arrays(name, () => gradient(spec)(inputsOf(spec))), await arrays('reference', () => gradient(spec)(inputsOf(spec))))
      }),
      { numRuns: count, seed },
    )
  }, 600_000)
})

const wasm = others.find((d) => d.name === 'wasm')
test.skipIf(wasm?.missing !== null)('one and two threads give the same bits', async () => {
  const specs = [...fc.sample(programs(true), { numRuns: Math.ceil(runs / 5), seed }), ...fc.sample(programs(), { numRuns: Math.ceil(runs / 10), seed: seed + 1 })]
  const results: string[][] = []
  for (const threads of [1, 2]) {
    setDevice('wasm', { threads })
    const bits: string[] = []
    for (const spec of specs) {
      const tensors = runProgram(spec, inputsOf(spec))
      realize(tensors)
      for (const t of tensors) {
        const data = await t.data()
        bits.push(`${t} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`)
      }
    }
    results.push(bits)
  }
  setDevice('reference')
  const differing = results[0]!.flatMap((b, i) => (b === results[1]![i] ? [] : [i]))
  expect(differing).toEqual([])
}, 300_000)

test('a value that is read twice at every step is walked through once: 2⁶⁰ paths lead to it', () => {
  setDevice('wasm')
  const f = jit((x: Tensor) => {
    let y = x
    for (let i = 0; i < 60; i++) y = y.bitwiseXor(y.shiftRight(1))
    return y.reshape(2, 2).bitwiseOr(1)
  })
  let want = 12345
  for (let i = 0; i < 60; i++) want ^= want >> 1
  expect([...readNow(f(tensor([12345, 0, 12345, 0], { dtype: 'int32' })))]).toEqual([want | 1, 1, want | 1, 1])
})
