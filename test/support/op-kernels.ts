// Kernels that apply one scalar op to all its arguments of interest, for tests of renderers.
import { type DType, type TypedArray, allocate } from '../../src/base/index.ts'
import { type Expr, type Kernel, type RegType, SIGNATURES, type ScalarOp, i32, load, newVar, op, use } from '../../src/ir/index.ts'

const F = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, 1e-45, 3.4e38, -3.4e38, 2147483520, 2147483648, -2147483648, 1e10, Infinity, -Infinity, NaN]
export const VALUES: Record<RegType, readonly number[]> = {
  f32: F.map(Math.fround),
  f64: [...F, 1e300, -1e300, 5e-324, 4503599627370496.5],
  i32: [0, 1, -1, 2, 7, -7, 31, 32, 33, 1000003, 2147483647, -2147483648, -2147483647, 65535, 256],
  bool: [0, 1],
}
export const STORAGE: Record<RegType, DType> = { f32: 'float32', f64: 'float64', i32: 'int32', bool: 'bool' }

/** out[i] = body(a[i], b[i], c[i]) for buffers of the given types. */
export function mapKernel(types: readonly RegType[], lanes: number, length: number, body: (...args: Expr[]) => Expr): Kernel {
  const [lo, hi, i] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('i', 'i32')]
  const index = op('mul', use(i), i32(lanes))
  const value = body(...types.map((t, k) => load(k, index, t, lanes)))
  return {
    name: 'map', lo, hi, extent: length / lanes, flops: 0, bytes: 0,
    params: [...types, value.type.t].map((t, k) => ({ dtype: STORAGE[t], length, access: k < types.length ? 'read' : 'write', scope: 'global' })),
    body: [{ s: 'for', v: i, lo: use(lo), hi: use(hi), step: 1, body: [{ s: 'store', buf: types.length, index, value }] }],
  }
}

/** All combinations of the values of the types, padded to a multiple of `lanes`. */
export function combinations(types: readonly RegType[], lanes = 4): TypedArray[] {
  let rows: number[][] = [[]]
  for (const t of types) rows = rows.flatMap((r) => VALUES[t].map((v) => [...r, v]))
  while (rows.length % lanes !== 0) rows.push(rows[0]!)
  return types.map((t, k) => {
    const data = allocate(STORAGE[t], rows.length)
    rows.forEach((r, i) => { data[i] = r[k]! })
    return data
  })
}

export const argumentTypes = (name: ScalarOp, t: RegType): RegType[] => {
  if (name === 'select') return ['bool', t, t]
  if (name === 'setHi32') return ['f64', 'i32']
  return new Array<RegType>(SIGNATURES[name].arity).fill(t)
}
