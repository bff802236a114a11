// The samples of the op table (test/ops) as ONNX models: an op in, its values on the reference device expected out.
import { type DType, type NDArray, isFloat } from '../../src/base/index.ts'
import type { OpName } from '../../src/ir/index.ts'
import { exportOnnx } from '../../src/formats/index.ts'
import { type Tensor, readNow, tensor } from '../../src/tensor/index.ts'
import { compareArrays } from '../support/compare.ts'
import { type Case, arraysOf, functionOf, nameOf } from '../ops/run.ts'
import { OPS, samplesOf } from '../ops/samples.ts'

/** Refused by name; export.test.ts tests that. */
const REFUSED: readonly OpName[] = ['bitcast', 'random']

export const opCases = (): (readonly [OpName, readonly Case[]])[] =>
  OPS.filter((op) => !REFUSED.includes(op)).map((op) => [op, samplesOf(op).map((sample, n): Case => ({ op, n, sample, float: 'float32' }))] as const)

/** Without the large samples and those whose types are refused (whole powers and convolutions); the odd values (infinities, NaN, numbers near the ends of the range) are of their own. */
export const usual = ({ op, sample }: Case): boolean => !sample.large && !((op === 'pow' || op === 'conv') && sample.inputs.some((x) => x.dtype !== 'float' && !isFloat(x.dtype as DType))) && sample.inputs.every(({ array: { dtype, data } }) => !isFloat(dtype) || data.every((v) => Number.isFinite(v) && Math.abs(v) < 1e4 && (v === 0 || Math.abs(v) > 1e-6)))

const plain = (t: Tensor): NDArray => ({ dtype: t.dtype, shape: t.shape, data: readNow(t) })
/** Exports a sample, runs the file, compares: what differs. */
export async function results(c: Case, run: (bytes: Uint8Array, inputs: readonly NDArray[]) => readonly NDArray[] | Promise<readonly NDArray[]>): Promise<string[]> {
  const arrays = arraysOf(c)
  const inputs = arrays.map((a) => tensor(a.data, { dtype: a.dtype, shape: a.shape }))
  try {
    const f = functionOf(c)
    const bytes = exportOnnx((...xs: Tensor[]) => f(...xs), inputs, { batch: false })
    const want = f(...inputs).map(plain)
    return (await run(bytes, arrays)).flatMap((got, i) => {
      const wrong = compareArrays(got, want[i]!, isFloat(want[i]!.dtype) ? { rtol: 2e-5, atol: 1e-5 } : undefined)
      return wrong === null ? [] : [`${nameOf(c)}: ${wrong}`]
    })
  } catch (error) {
    return [`${nameOf(c)}: ${error instanceof Error ? error.message : String(error)}`]
  }
}
