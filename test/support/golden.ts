// Reads golden cases (scripts/golden/ops.py) and runs one of them: values, and gradients where the case has some.
import { type DType, type NDArray, allocate, coerce, isFloat, ndarray, sizeOf } from '../../src/base/index.ts'
import { Tensor, currentDevice, realize, tensor, vjp } from '../../src/tensor/index.ts'
import { type Tolerance, compareArrays, toleranceOf } from './compare.ts'
import { isDenormal } from './denormals.ts'
import { computesWith, flushes } from './devices.ts'
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
function typesOf(c: GoldenCase): readonly ('float32' | 'float64')[] {
  const fixed = c.in.map((x) => x.d).filter((d) => d === 'float32' || d === 'float64')
  return fixed.length > 0 ? [fixed[0] as 'float32'] : c.fn !== 'uniform' && c.in.some((x) => x.d === 'f') ? ['float32', 'float64'] : ['float32']
}

/** Whether the current device has the types of a case, and the numbers it starts from. */
function fits(c: GoldenCase, float: 'float32' | 'float64'): boolean {
  if (float === 'float32' && flushes(currentDevice()) && c.in.some((x) => x.v?.some((v) => isDenormal(plain(v))) === true)) return false
  return computesWith(currentDevice(), 'float64') || (float === 'float32' && !JSON.stringify([c.args ?? [], c.out.map((o) => o.d), c.in.map((x) => x.d)]).includes('float64'))
}

interface Results {
  readonly outs: readonly Tensor[]
  readonly grads: readonly Tensor[]
}
function compute(c: GoldenCase, float: 'float32' | 'float64', calls: typeof CALLS): Results {
  const inputs = c.in.map((x) => {
    const a = array(x.d === 'f' ? float : x.d, x.s, x.q ?? x.v!, x.q === undefined ? 1 : 1 / 32)
    return tensor(a.data, { dtype: a.dtype, shape: a.shape })
  })
  const run = (...xs: Tensor[]): readonly Tensor[] => {
    const y = calls[c.fn]!(xs.map((x, i) => look(x, c.in[i]!.w)), (c.args ?? []) as never[])
    return y instanceof Tensor ? [y] : y
  }
  if (c.grad === undefined) return { outs: run(...inputs), grads: [] }
  const [outs, pullback] = vjp(run, ...inputs)
  return { outs, grads: pullback(outs.map(cotangent)) as readonly Tensor[] }
}

async function judge(c: GoldenCase, { outs, grads }: Results, bounds: Tolerance | undefined): Promise<string[]> {
  const wrong: string[] = []
  const check = async (what: string, t: Tensor, want: NDArray): Promise<void> => {
    const got = ndarray(t.dtype, t.shape, await t.data())
    // A result type the golden side computed wider (float64) is compared in the type Gradus gives.
    const expected = isFloat(want.dtype) && isFloat(t.dtype) ? array(t.dtype, want.shape, [...want.data]) : want
    const problem = compareArrays(got, expected, bounds !== undefined && isFloat(t.dtype) ? bounds : toleranceOf(t.dtype))
    if (problem !== null) wrong.push(`${what}: ${problem}`)
  }
  if (outs.length !== c.out.length) wrong.push(`${outs.length} results instead of ${c.out.length}`)
  for (const [i, o] of c.out.entries()) await check('value', outs[i]!, array(o.d === 'f' ? 'float64' : o.d, o.s, o.v))
  for (const [i, want] of (c.grad ?? []).entries()) if (want !== null) await check(`gradient ${i}`, grads[i]!, array('float64', c.in[i]!.s, want))
  return wrong
}

/**
 * What is wrong with values or gradients of cases, each in its floating types; nothing when the list is empty. Each
 * case is a program of its own, or all together are one.
 */
export async function runGolden(cases: readonly GoldenCase[], { together, bounds, calls = CALLS }: { readonly together: boolean; readonly bounds?: Tolerance | undefined; readonly calls?: typeof CALLS }): Promise<string[]> {
  const wrong: string[] = []
  const pending: { label: string; c: GoldenCase; float: string; results: Results }[] = []
  const settle = async (): Promise<void> => {
    realize(pending.map(({ results }) => [results.outs, results.grads]))
    for (const { label, c, float, results } of pending.splice(0)) wrong.push(...(await judge(c, results, float === 'float32' ? bounds : undefined)).map((w) => `${label} ${w}`))
  }
  for (const [n, c] of cases.entries()) {
    for (const float of typesOf(c).filter((t) => fits(c, t))) {
      const label = `#${n} ${float} ${JSON.stringify(c.in.map((x) => x.s))} ${JSON.stringify(c.args ?? [])}`
      try {
        pending.push({ label, c, float, results: compute(c, float, calls) })
        if (!together) await settle()
      } catch (error) {
        wrong.push(`${label} ${(error as Error).message}`)
        pending.length = 0
      }
    }
  }
  await settle()
  return wrong
}
