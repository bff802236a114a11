// Reads golden cases (scripts/golden/ops.py) and runs one of them: values, and gradients where the case has some.
import { type DType, type NDArray, allocate, coerce, isFloat, ndarray, sizeOf } from '../../src/base/index.ts'
import { Tensor, realize, tensor, vjp } from '../../src/tensor/index.ts'
import { type Tolerance, compareArrays, toleranceOf } from './compare.ts'
import { CALLS } from './golden-calls.ts'

type Plain = number | 'nan' | 'inf' | '-inf' | '-0'
export interface GoldenCase {
  readonly fn: string
  readonly in: readonly { readonly d: DType | 'f'; readonly s: readonly number[]; readonly v?: readonly Plain[]; readonly q?: readonly number[]; readonly w?: string }[]
  readonly args?: readonly unknown[]
  readonly out: readonly { readonly d: DType | 'f'; readonly s: readonly number[]; readonly v: readonly Plain[] }[]
  readonly grad?: readonly (readonly Plain[] | null)[]
}

const SPECIAL: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 }
const plain = (v: Plain): number => (typeof v === 'number' ? v : SPECIAL[v]!)
function array(dtype: DType, shape: readonly number[], values: readonly Plain[], scale = 1): NDArray {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = isFloat(dtype) ? plain(values[i]!) * scale : coerce(dtype, plain(values[i]!))
  return ndarray(dtype, shape, data)
}
/** The cotangent of the generator: ((7 i + 3) mod 11 − 5) / 4. */
const cotangent = (like: Tensor): Tensor => tensor(Float64Array.from({ length: like.size }, (_, i) => (((7 * i + 3) % 11) - 5) / 4), { dtype: like.dtype, shape: like.shape })

function look(x: Tensor, view: string | undefined): Tensor {
  switch (view) {
    case 'T': return x.T
    case 'flip': return x.flip()
    case 'half': return x.at([null, null, 2])
    case 'exp': return x.expand(2, ...x.shape)
    default: return x
  }
}

/** The floating types a case is meant for. */
export function typesOf(c: GoldenCase): readonly ('float32' | 'float64')[] {
  const fixed = c.in.map((x) => x.d).filter((d) => d === 'float32' || d === 'float64')
  return fixed.length > 0 ? [fixed[0] as 'float32'] : c.fn !== 'uniform' && c.in.some((x) => x.d === 'f') ? ['float32', 'float64'] : ['float32']
}

/** What is wrong with value or gradient of one case in one floating type; empty when nothing is. */
export async function runGolden(c: GoldenCase, float: 'float32' | 'float64', bounds?: Tolerance, calls: typeof CALLS = CALLS): Promise<string[]> {
  const wrong: string[] = []
  const typed = (d: DType | 'f'): DType => (d === 'f' ? float : d)
  const inputs = c.in.map((x) => {
    const a = array(typed(x.d), x.s, x.q ?? x.v!, x.q === undefined ? 1 : 1 / 32)
    return tensor(a.data, { dtype: a.dtype, shape: a.shape })
  })
  const call = calls[c.fn]!
  const run = (...xs: Tensor[]): readonly Tensor[] => {
    const y = call(xs.map((x, i) => look(x, c.in[i]!.w)), (c.args ?? []) as never[])
    return y instanceof Tensor ? [y] : y
  }
  const widen = (t: Tolerance, dtype: DType): Tolerance => (bounds !== undefined && isFloat(dtype) ? bounds : t)
  const check = async (what: string, got: Tensor, want: NDArray): Promise<void> => {
    const dtype = got.dtype
    const found = ndarray(dtype, got.shape, await got.data())
    // A result type the golden side computed wider (float64) is compared in the type Gradus gives.
    const expected = isFloat(want.dtype) && isFloat(dtype) ? array(dtype, want.shape, [...want.data]) : want
    const problem = compareArrays(found, expected, widen(toleranceOf(dtype), dtype))
    if (problem !== null) wrong.push(`${what}: ${problem}`)
  }
  const wants = c.out.map((o) => array(o.d === 'f' ? 'float64' : o.d, o.s, o.v))
  if (c.grad === undefined) {
    const outs = run(...inputs)
    realize(outs)
    if (outs.length !== wants.length) wrong.push(`${outs.length} results instead of ${wants.length}`)
    for (const [i, want] of wants.entries()) await check('value', outs[i]!, want)
    return wrong
  }
  const [outs, pullback] = vjp(run, ...inputs)
  const grads = pullback(outs.map(cotangent)) as readonly Tensor[]
  realize(outs, grads)
  for (const [i, want] of wants.entries()) await check('value', outs[i]!, want)
  for (const [i, want] of c.grad.entries()) if (want !== null) await check(`gradient ${i}`, grads[i]!, array('float64', c.in[i]!.s, want))
  return wrong
}
