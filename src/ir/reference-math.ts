// Plain-number mathematics of the reference device that JavaScript's Math does not have.

/** Nearest integer, halves to even. */
export function roundEven(x: number): number {
  const r = Math.round(x)
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : Object.is(r, 0) && (x < 0 || Object.is(x, -0)) ? -0 : r
}
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** Power as C99 has it: 1^y = 1 and (−1)^±∞ = 1 even for NaN and infinities, where JavaScript gives NaN. */
export function pow(a: number, b: number): number {
  if (a === 1 || b === 0) return 1
  if (a === -1 && (b === Infinity || b === -Infinity)) return 1
  return a ** b
}
export function intPow(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0
  let result = 1
  let base = a | 0
  for (let n = b; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = Math.imul(result, base)
    base = Math.imul(base, base)
  }
  return result
}
export function floorDiv(a: number, b: number, dtype: string): number {
  if (dtype.startsWith('float')) return Math.floor(dtype === 'float32' ? Math.fround(a / b) : a / b)
  return b === 0 ? 0 : Math.floor(a / b)
}
export function remainder(a: number, b: number, dtype: string): number {
  if (!dtype.startsWith('float')) return b === 0 ? 0 : a - b * Math.floor(a / b)
  const r = a % b
  return r !== 0 && r < 0 !== b < 0 ? r + b : r
}
/** Truncated and clamped to 32 bits; NaN is 0. */
export const saturate = (v: number): number => (Number.isNaN(v) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(v))))

/**
 * The error function in double precision: Taylor series of e^{x²}·erf(x) up to 3, a continued fraction for erfc beyond
 * (Abramowitz & Stegun 7.1.6, 7.1.14).
 */
export function erf(x: number): number {
  const a = Math.abs(x)
  if (Number.isNaN(x)) return x
  if (a > 6) return Math.sign(x)
  if (a < 3) {
    let term = x
    let sum = x
    for (let n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  let f = 0
  for (let n = 60; n > 0; n--) f = n / 2 / (a + f)
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + f))
}
