// How far the functions of src/ir/math.ts are from the truth, in units of the last place: for the test that bounds it
// and for scripts/math-accuracy.mjs, which writes docs/math-accuracy.md.
import { threefry2x32 } from '../../src/base/index.ts'
import { newVar, use } from '../../src/ir/kernel.ts'
import { expandMath, type MathName, mathArity } from '../../src/ir/math.ts'
import { compileExpr, countOps, type Rounding } from './compile-expr.ts'
import { precise, real, toNumber, ulpError } from './precise.ts'

export type Format = 'f32' | 'f64'
export interface Measurement {
  readonly ulp: number
  readonly at: readonly number[]
  readonly samples: number
}
const ROUNDINGS: readonly Rounding[] = ['plain', 'fused', 'contracted']

/** What is promised, in ulp; f32 first. docs/math-accuracy.md has what is reached. */
export const BOUNDS: Readonly<Record<MathName, readonly [f32: number, f64: number]>> = {
  exp: [1.3, 1.3], exp2: [1.3, 1.3], expm1: [2, 2], log: [1, 1], log1p: [1, 1], log2: [1.6, 1.6],
  sin: [1.7, 1.7], cos: [1.7, 1.7], tan: [3, 3], asin: [2, 2], acos: [1.5, 1.5], atan: [1.7, 2], atan2: [2, 2],
  sinh: [2, 2], cosh: [2, 2], tanh: [2.5, 2.5], asinh: [2, 2], acosh: [2.5, 2.5], atanh: [2.5, 2.5],
  erf: [1.7, 1.7], erfc: [4, 4], sigmoid: [2.5, 2.5], softplus: [2, 2], rsqrt: [1.5, 1.5], pow: [1.2, 1.2],
}

interface Domain {
  readonly f32: readonly [number, number]
  readonly f64: readonly [number, number]
}
const both = (lo: number, hi: number): Domain => ({ f32: [lo, hi], f64: [lo, hi] })
const EXP: Domain = { f32: [-104, 88.7], f64: [-745, 709.7] }
const EVEN_EXP: Domain = { f32: [-88.7, 88.7], f64: [-709.7, 709.7] }
const ALL: Domain = { f32: [-3.4e38, 3.4e38], f64: [-1e300, 1e300] }
const from = (lo: number): Domain => ({ f32: [lo, 3.4e38], f64: [lo, 1e300] })
const TURNS: Domain = { f32: [-5e4, 5e4], f64: [-1e6, 1e6] }
/** Where each function is measured. */
export const DOMAINS: Readonly<Record<MathName, Domain>> = {
  exp: EXP, exp2: { f32: [-149, 127.9], f64: [-1074, 1023.9] }, expm1: { f32: [-20, 88.7], f64: [-45, 709.7] },
  log: from(0), log2: from(0), log1p: from(-1), sin: TURNS, cos: TURNS, tan: TURNS,
  asin: both(-1, 1), acos: both(-1, 1), atan: ALL, sinh: EVEN_EXP, cosh: EVEN_EXP, tanh: both(-22, 22),
  asinh: ALL, acosh: from(1), atanh: both(-1, 1), erf: both(-6.5, 6.5), erfc: { f32: [-6, 10], f64: [-6, 27.2] },
  sigmoid: { f32: [-104, 104], f64: [-745, 745] }, softplus: { f32: [-104, 104], f64: [-745, 745] }, rsqrt: from(1e-37), pow: from(0), atan2: ALL,
}

/** Uniform numbers in [0, 1) and words of random bits, the same in every run. */
class Random {
  private count = 0
  private readonly key: number
  constructor(key: number) {
    this.key = key
  }
  words(): [number, number] {
    return threefry2x32(this.key, 1, this.count++, 0)
  }
  uniform(): number {
    return (this.words()[0] >>> 0) / 2 ** 32
  }
}
const view = new DataView(new ArrayBuffer(8))
function anyFloat(format: Format, random: Random): number {
  const [a, b] = random.words()
  view.setInt32(0, a)
  view.setInt32(4, b)
  return format === 'f32' ? view.getFloat32(0) : view.getFloat64(0)
}

/** Arguments: even over the domain, even near 0, at every scale, random bits, and close to the hard places. */
function* samples(name: MathName, format: Format, count: number): Generator<readonly number[]> {
  const random = new Random(name.length * 131 + name.charCodeAt(0))
  const u = () => random.uniform()
  const signed = () => 2 * u() - 1
  const [lo, hi] = DOMAINS[name][format]
  const exponents = format === 'f32' ? 126 : 1022
  for (let i = 0; i < count; i++) {
    if (name === 'pow') {
      const x = i % 2 === 0 ? 4 * u() : 2 ** (exponents * 0.9 * signed())
      yield [x, i % 4 < 2 ? 6 * u() - 3 : (signed() * exponents) / Math.max(Math.abs(Math.log2(x)), 1e-3)]
      continue
    }
    if (name === 'atan2') {
      yield [signed(), i % 2 === 0 ? signed() : signed() * 2 ** (40 * signed())]
      continue
    }
    switch (i % 6) {
      case 0: yield [lo + (hi - lo) * u()]; break
      case 1: yield [8 * signed()]; break
      case 2: yield [1.2 * signed()]; break
      case 3: yield [signed() * 2 ** (-24 * u())]; break
      case 4: yield [anyFloat(format, random)]; break
      default:
        if (DOMAINS[name] === TURNS) yield [Math.round(signed() * 3e4) * (Math.PI / 2) * (1 + signed() * 2 ** (format === 'f32' ? -22 : -51))]
        else yield [1 + signed() * 2 ** (-20 * u())]
    }
  }
}

/** Truth for f32: the double-precision function of JavaScript, or ours where it has none (itself measured in f64). */
function doubleReference(name: MathName): (x: number, y: number) => number {
  const builtin = (Math as unknown as Record<string, ((x: number, y: number) => number) | undefined>)[name]
  return builtin ?? compile(name, 'f64', 'plain')
}

export function compile(name: MathName, format: Format, rounding: Rounding): (x: number, y: number) => number {
  const x = newVar('x', format)
  const y = newVar('y', format)
  return mathArity(name) === 1 ? compileExpr(expandMath(name, use(x)), [x], rounding) : compileExpr(expandMath(name, use(x), use(y)), [x, y], rounding)
}
export function opCount(name: MathName, format: Format): number {
  const x = use(newVar('x', format))
  return countOps(expandMath(name, x, mathArity(name) === 2 ? use(newVar('y', format)) : undefined))
}

function ulp32(y: number, truth: number): number {
  if (y === Math.fround(truth)) return 0 // well, at most ½
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(truth))))
  return Math.abs(y - truth) * 2 ** (23 - exponent)
}

/** The largest error over the samples and over the three ways of rounding. NaN where only one side is NaN. */
export function measure(name: MathName, format: Format, count: number): Measurement {
  const functions = ROUNDINGS.map((r) => compile(name, format, r))
  const double = format === 'f32' ? doubleReference(name) : null
  const [lo, hi] = DOMAINS[name][format]
  const largest = format === 'f32' ? 3.4028234e38 : Number.MAX_VALUE
  let worst = 0
  let at: readonly number[] = []
  let n = 0
  for (const raw of samples(name, format, count)) {
    const [x, y = 0] = raw.map((v) => (format === 'f32' ? Math.fround(v) : v)) as [number, number?]
    if (!(x >= lo && x <= hi) || !Number.isFinite(y)) continue
    // BigInt arithmetic at the far ends of the range would take thousands of bits.
    if (double === null && (Math.abs(x) < 1e-25 || (y !== 0 && Math.abs(y) < 1e-25))) continue
    const truth = double === null ? precise[name]!(real(x), real(y)) : double(x, y)
    const size = Math.abs(typeof truth === 'number' ? truth : toNumber(truth))
    if (!(size > 0 && size <= largest)) continue
    n++
    for (const f of functions) {
      const value = f(x, y)
      const error = typeof truth === 'number' ? ulp32(value, truth) : ulpError(value, truth, 52)
      if (!(error <= worst)) {
        worst = error
        at = raw
      }
    }
  }
  return { ulp: worst, at, samples: n }
}
