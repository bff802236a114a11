// Products of 8-bit integers by floating-point arithmetic: sums of whole numbers below 2²⁴ are exact in float32 in any order,
// and float32 products are what the devices are fast at. Long sums are cut into pieces that stay below, added in int32.
// Convolutions stay integers: Winograd's way of computing them in float32 is not exact.
import { sizeOf } from '../../../base/index.ts'
import { type Tensor, tensor } from '../../../tensor/index.ts'
import { TYPES } from '../element-type.ts'
import type { ArrayValue } from '../value.ts'

const EXACT = 2 ** 24
/** The largest size of an 8-bit integer less its zero point. */
const BYTE = 255

/** An operand as float32, and where sums over its rows must be cut. */
interface Prepared {
  readonly zero: ArrayValue | null
  readonly values: Tensor
  readonly cuts: readonly number[]
}
/** Weights of a file are prepared once; they are kept as long as their model. */
const prepared = new WeakMap<ArrayValue, Prepared>()

/** Pieces of a sum of K products, a number ≤ 255 times one ≤ `bound` each. */
function evenCuts(k: number, bound: number): number[] {
  const step = Math.max(1, Math.floor((EXACT - 1) / (BYTE * bound)))
  return Array.from({ length: Math.max(1, Math.ceil(k / step)) }, (_, i) => Math.min(k, (i + 1) * step))
}

/** B (K,N), known, less its zero points: pieces as long as the numbers that are really there allow. */
function prepare(b: ArrayValue, zero: ArrayValue | null): Prepared | null {
  const kept = prepared.get(b)
  if (kept !== undefined && kept.zero === zero) return kept
  if (b.host === null || b.shape.length !== 2 || (zero !== null && zero.host === null)) return null
  const [K, N] = b.shape as [number, number]
  const source = b.host as ArrayLike<number>
  const zeros = zero === null ? [0] : Array.from(zero.host as ArrayLike<number>)
  if (zeros.length !== 1 && zeros.length !== N) return null
  const values = new Float32Array(K * N)
  const sums = new Float64Array(N)
  const cuts: number[] = []
  for (let k = 0; k < K; k++) {
    let full = false
    for (let n = 0; n < N; n++) {
      const v = source[k * N + n]! - (zeros.length === 1 ? zeros[0]! : zeros[n]!)
      values[k * N + n] = v
      sums[n] = sums[n]! + Math.abs(v) * BYTE
      if (sums[n]! >= EXACT) full = true
    }
    if (!full) continue
    cuts.push(k)
    for (let n = 0; n < N; n++) sums[n] = Math.abs(values[k * N + n]!) * BYTE
  }
  const done: Prepared = { zero, values: tensor(values, { shape: b.shape }), cuts: [...cuts, K] }
  prepared.set(b, done)
  return done
}

const isByte = (v: ArrayValue): boolean => TYPES[v.type].kind === 'int' && TYPES[v.type].bytes <= 1

/** a (…,M,K) int32, already less its zero point, of 8-bit numbers × b (…,K,N) less `zero` → int32, exact. */
export function productOfBytes(a: Tensor, b: ArrayValue, zero: ArrayValue | null, centred: () => Tensor): Tensor {
  if (!isByte(b) || sizeOf(b.shape) === 0 || a.ndim === 0) return a.matmul(centred())
  const ready = prepare(b, zero)
  const values = ready?.values ?? centred().to('float32')
  const k = a.shape[a.ndim - 1]!
  const cuts = ready?.cuts ?? evenCuts(k, BYTE)
  const x = a.to('float32')
  if (cuts.length === 1) return x.matmul(values).to('int32')
  const rows = values.ndim === 1 ? 0 : values.ndim - 2
  const piece = (t: Tensor, axis: number, from: number, to: number): Tensor => t.at(...t.shape.map((_, i): [number, number] | null => (i === axis ? [from, to] : null)))
  let total: Tensor | null = null
  let from = 0
  for (const to of cuts) {
    const part = piece(x, x.ndim - 1, from, to).matmul(piece(values, rows, from, to)).to('int32')
    total = total === null ? part : total.add(part)
    from = to
  }
  return total!
}
