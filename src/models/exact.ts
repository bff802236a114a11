// Exact linear inequalities over whole numbers of any size: Farkas' lemma made constructive by the simplex method with
// Bland's rule and integer pivoting (Edmonds). No rounding, so an answer is a proof: a solution, or multipliers that
// show that there is none.

/** Either λ ≥ 0 with Σ λⱼ columnⱼ = target (up to the common factor `scale`), or u with u·columnⱼ ≥ 0 and u·target < 0. */
export type FarkasAnswer =
  | { readonly kind: 'combination'; readonly multipliers: readonly bigint[]; readonly scale: bigint }
  | { readonly kind: 'separator'; readonly direction: readonly bigint[] }

const abs = (x: bigint): bigint => (x < 0n ? -x : x)
function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return abs(a)
}
/** The same direction in the smallest whole numbers. */
export function reduced(values: readonly bigint[]): bigint[] {
  const common = values.reduce(gcd, 0n)
  return common > 1n ? values.map((v) => v / common) : [...values]
}

/**
 * Every number times one power of two that makes all of them whole. Doubles are binary fractions: nothing is lost.
 * The numbers must be finite.
 */
export function toWhole(rows: readonly (readonly number[])[]): { readonly rows: bigint[][]; readonly exponent: number } {
  const parts = rows.map((row) => row.map(decompose))
  let least = 0
  for (const row of parts) for (const { mantissa, exponent } of row) if (mantissa !== 0n && exponent < least) least = exponent
  return { rows: parts.map((row) => row.map(({ mantissa, exponent }) => mantissa << BigInt(mantissa === 0n ? 0 : exponent - least))), exponent: -least }
}

/** x = mantissa · 2^exponent, the mantissa odd (or zero). */
function decompose(x: number): { mantissa: bigint; exponent: number } {
  if (x === 0 || Number.isSafeInteger(x)) return { mantissa: BigInt(x), exponent: 0 }
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const field = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  let mantissa = field === 0 ? fraction : fraction | 0x10000000000000n
  let exponent = (field === 0 ? 1 : field) - 1075
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n
    exponent++
  }
  return { mantissa: bits >> 63n === 1n ? -mantissa : mantissa, exponent }
}

/** Decides whether `target` is a combination of the columns with weights ≥ 0. All vectors have target's length. */
export function farkas(columns: readonly (readonly bigint[])[], target: readonly bigint[]): FarkasAnswer {
  const m = target.length
  const n = columns.length
  const flip = target.map((b) => (b < 0n ? -1n : 1n))
  // Row i: the columns, an artificial variable of its own, the right side; last row: reduced costs of Σ artificials.
  const rows = target.map((b, i) => [...columns.map((c) => c[i]! * flip[i]!), ...target.map((_, k) => (k === i ? 1n : 0n)), b * flip[i]!])
  const cost = Array.from({ length: n + m + 1 }, (_, j) => (j >= n && j < n + m ? 0n : -rows.reduce((sum, row) => sum + row[j]!, 0n)))
  const basis = target.map((_, i) => n + i)
  let denominator = 1n
  for (;;) {
    let entering = -1
    for (let j = 0; j < n; j++) {
      if (cost[j]! < 0n) {
        entering = j
        break
      }
    }
    if (entering < 0) break
    let leaving = -1
    for (let i = 0; i < m; i++) {
      if (rows[i]![entering]! <= 0n) continue
      if (leaving < 0) {
        leaving = i
        continue
      }
      const less = rows[i]![n + m]! * rows[leaving]![entering]! - rows[leaving]![n + m]! * rows[i]![entering]!
      if (less < 0n || (less === 0n && basis[i]! < basis[leaving]!)) leaving = i
    }
    // The sum of the artificial variables is bounded below by 0, so there always is a leaving row.
    const pivotRow = rows[leaving]!
    const pivot = pivotRow[entering]!
    for (const row of [...rows, cost]) {
      if (row === pivotRow) continue
      const factor = row[entering]!
      for (let j = 0; j < row.length; j++) row[j] = (row[j]! * pivot - factor * pivotRow[j]!) / denominator
    }
    denominator = pivot
    basis[leaving] = entering
  }
  if (cost[n + m] === 0n) {
    const multipliers = columns.map(() => 0n)
    basis.forEach((j, i) => j < n && (multipliers[j] = rows[i]![n + m]!))
    const [scale, ...rest] = reduced([denominator, ...multipliers])
    return { kind: 'combination', multipliers: rest, scale: scale! }
  }
  // The reduced cost of artificial i is 1 − yᵢ; −y separates.
  return { kind: 'separator', direction: reduced(target.map((_, i) => (cost[n + i]! - denominator) * flip[i]!)) }
}

/** Either u with p·u > 0 for every row p, or λ ≥ 0, not all zero, with Σ λᵢ pᵢ = 0 (Gordan's theorem). */
export type StrictAnswer =
  | { readonly kind: 'solution'; readonly solution: readonly bigint[] }
  | { readonly kind: 'contradiction'; readonly multipliers: readonly bigint[] }

/** Decides a system of strict homogeneous inequalities in `dimension` unknowns. */
export function strictInequalities(rows: readonly (readonly bigint[])[], dimension: number): StrictAnswer {
  const target = [...Array.from({ length: dimension }, () => 0n), 1n]
  const answer = farkas(rows.map((row) => [...row, 1n]), target)
  if (answer.kind === 'combination') return { kind: 'contradiction', multipliers: reduced(answer.multipliers) }
  return { kind: 'solution', solution: reduced(answer.direction.slice(0, dimension)) }
}

/** The nearest doubles of whole numbers divided by one power of two, which is chosen so that they fit. */
export function toDoubles(values: readonly bigint[]): number[] {
  const bits = values.reduce((most, v) => Math.max(most, abs(v).toString(2).length), 0)
  if (bits <= 1000) return values.map(Number)
  const shift = BigInt(bits - 1000)
  return values.map((v) => Number(v >> shift))
}
