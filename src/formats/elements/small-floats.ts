// Floating numbers of 4 to 16 bits: one table of their forms, and every bit pattern's value as a float32 (always exact).

/** What the largest exponent means: IEEE infinities and NaNs; only all ones is NaN; only −0 is NaN; nothing special. */
type Special = 'ieee' | 'all-ones' | 'minus-zero' | 'none'

interface Form {
  readonly bits: number
  readonly exponent: number
  readonly mantissa: number
  readonly bias: number
  readonly special: Special
}

/** IEEE 754 half; bfloat16; FP8 of arXiv:2209.05433 and its FNUZ variants; FP6 and FP4 of the OCP MX specification. */
const FORMS = {
  F16: { bits: 16, exponent: 5, mantissa: 10, bias: 15, special: 'ieee' },
  BF16: { bits: 16, exponent: 8, mantissa: 7, bias: 127, special: 'ieee' },
  F8_E5M2: { bits: 8, exponent: 5, mantissa: 2, bias: 15, special: 'ieee' },
  F8_E4M3: { bits: 8, exponent: 4, mantissa: 3, bias: 7, special: 'all-ones' },
  F8_E5M2FNUZ: { bits: 8, exponent: 5, mantissa: 2, bias: 16, special: 'minus-zero' },
  F8_E4M3FNUZ: { bits: 8, exponent: 4, mantissa: 3, bias: 8, special: 'minus-zero' },
  F6_E3M2: { bits: 6, exponent: 3, mantissa: 2, bias: 3, special: 'none' },
  F6_E2M3: { bits: 6, exponent: 2, mantissa: 3, bias: 1, special: 'none' },
  F4: { bits: 4, exponent: 2, mantissa: 1, bias: 1, special: 'none' },
} satisfies Record<string, Form>

export type SmallFloat = keyof typeof FORMS

/** The value of one bit pattern. */
export function smallFloat(type: SmallFloat, pattern: number): number {
  const { bits, exponent, mantissa, bias, special }: Form = FORMS[type]
  const sign = (pattern >> (bits - 1)) & 1 ? -1 : 1
  const e = (pattern >> mantissa) & (2 ** exponent - 1)
  const m = pattern & (2 ** mantissa - 1)
  const topExponent = e === 2 ** exponent - 1
  if (special === 'ieee' && topExponent) return m === 0 ? sign * Infinity : Number.NaN
  if (special === 'all-ones' && topExponent && m === 2 ** mantissa - 1) return Number.NaN
  if (special === 'minus-zero' && pattern === 1 << (bits - 1)) return Number.NaN
  return sign * (e === 0 ? m * 2 ** (1 - bias - mantissa) : (2 ** mantissa + m) * 2 ** (e - bias - mantissa))
}

const tables = new Map<SmallFloat, Float32Array>()

/** The values of all bit patterns, in order; made on first use. */
export function smallFloats(type: SmallFloat): Float32Array {
  let table = tables.get(type)
  if (table === undefined) tables.set(type, (table = Float32Array.from({ length: 2 ** FORMS[type].bits }, (_, i) => smallFloat(type, i))))
  return table
}
