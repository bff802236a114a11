// 64-bit integers as two words: every operation against BigInt, on every device, in one program each. float32 is what a GPU
// has; it is tried on all of them.
import { describe, expect, test } from 'vitest'
import * as w from '../../src/formats/onnx/words.ts'
import { type Tensor, jit, tensor } from '../../src/tensor/index.ts'
import { on, probeDevices } from '../support/devices.ts'

const wrap = (x: bigint): bigint => BigInt.asIntN(64, x)
/** Telling numbers and random ones of every length. */
function numbers(seed: bigint): bigint[] {
  const out = [0n, 1n, -1n, 2n, -2n, 3n, 2n ** 31n - 1n, -(2n ** 31n), 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, -(2n ** 32n), 2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)]
  for (let i = 0n, x = seed; i < 32n; i++) {
    x = BigInt.asUintN(64, x * 6364136223846793005n + 1442695040888963407n)
    out.push(wrap(BigInt.asIntN(64, x) >> (2n * i)))
  }
  return out
}
const A = numbers(1n).flatMap((x) => numbers(2n).slice(0, 16).map(() => x)).concat(numbers(3n))
const B = numbers(1n).flatMap(() => numbers(2n).slice(0, 16)).concat(numbers(4n))
const shape = [A.length]
const bigs = (list: readonly bigint[]): BigInt64Array => BigInt64Array.from(list)
const joined = async ({ low, high }: w.Words): Promise<bigint[]> => {
  const [l, h] = [await low.data(), await high.data()]
  return Array.from(l as Int32Array, (x, i) => (BigInt(h[i]!) << 32n) | BigInt(x >>> 0))
}
const each = (f: (a: bigint, b: bigint) => bigint): bigint[] => A.map((a, i) => wrap(f(a, B[i]!)))
/** Runs it compiled, on words that come in as int32 tensors. */
const run = <T>(f: (a: w.Words, b: w.Words) => T): T => {
  const [a, b] = [w.fromBigs(bigs(A), shape), w.fromBigs(bigs(B), shape)]
  return (jit((al: Tensor, ah: Tensor, bl: Tensor, bh: Tensor) => f({ low: al, high: ah }, { low: bl, high: bh }) as never) as (...xs: Tensor[]) => T)(a.low, a.high, b.low, b.high)
}
const quotient = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a / b)
const rest = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a % b)
/** Where something was divided by zero, nothing is right or wrong. */
const known = (got: bigint[]): bigint[] => got.map((x, i) => (B[i] === 0n ? 0n : x))

describe.each(await probeDevices())('$name', ({ name, missing }) => {
  test.skipIf(missing !== null)(`arithmetic, order, quotients${missing === null ? '' : ` (${missing})`}`, () => on(name, async () => {
    const got = run((a, b) => {
      const { quotient: q, rest: r } = w.divide(a, b)
      return { sum: w.add(a, b), difference: w.sub(a, b), product: w.mul(a, b), negative: w.neg(a), size: w.abs(a), sign: w.sign(a), least: w.choose(w.less(a, b), a, b), cube: w.power(a, 3), one: w.power(a, 0), q, r, modulo: w.modulo(a, b), less: w.less(a, b), equal: w.equal(a, b), index: w.toIndex(a) }
    })
    expect(await joined(got.sum)).toEqual(each((a, b) => a + b))
    expect(await joined(got.difference)).toEqual(each((a, b) => a - b))
    expect(await joined(got.product)).toEqual(each((a, b) => a * b))
    expect(await joined(got.negative)).toEqual(each((a) => -a))
    expect(await joined(got.size)).toEqual(each((a) => (a < 0n ? -a : a)))
    expect(await joined(got.sign)).toEqual(each((a) => (a < 0n ? -1n : a > 0n ? 1n : 0n)))
    expect(await joined(got.least)).toEqual(each((a, b) => (a < b ? a : b)))
    expect(await joined(got.cube)).toEqual(each((a) => a * a * a))
    expect(await joined(got.one)).toEqual(each(() => 1n))
    expect(known(await joined(got.q))).toEqual(each(quotient))
    expect(known(await joined(got.r))).toEqual(each(rest))
    expect(known(await joined(got.modulo))).toEqual(each((a, b) => (b === 0n ? 0n : ((a % b) + b) % b)))
    expect([...(await got.less.data())].map(Number)).toEqual(A.map((a, i) => (a < B[i]! ? 1 : 0)))
    expect([...(await got.equal.data())].map(Number)).toEqual(A.map((a, i) => (a === B[i]! ? 1 : 0)))
    expect([...(await got.index.data())]).toEqual(A.map((a) => Number(a > 2n ** 31n - 1n ? 2n ** 31n - 1n : a < -(2n ** 31n) ? -(2n ** 31n) : a)))
  }))
  test.skipIf(missing !== null)('floats and back', () => on(name, async () => {
    const wide = w.wideFloat()
    const got = run((a, b) => ({ single: w.toFloat(a, 'float32'), wide: w.toFloat(a, wide), exact: w.toExactFloat(a), back: w.fromFloat(w.toFloat(b, 'float32')) }))
    const large = (x: bigint): boolean => x >= 2n ** 32n || x <= -(2n ** 32n)
    const singles = await got.single.data()
    A.forEach((a, i) => {
      // beyond 2³² one of the two nearest
      if (large(a)) expect(Math.abs(singles[i]! - Number(a))).toBeLessThanOrEqual(Math.abs(Number(a)) * 2 ** -23)
      else expect(singles[i]).toBe(Math.fround(Number(a)))
    })
    if (wide === 'float64') expect([...(await got.wide.data())]).toEqual(A.map(Number))
    const most = wide === 'float64' ? 2n ** 53n - 1n : 2n ** 24n
    expect([...(await got.exact.data())]).toEqual(A.map((a) => (a > most || a < -most ? Number.NaN : Number(a))))
    // a float32 is a whole number here, or 2⁶³, which there is none of
    const back = await joined(got.back)
    B.forEach((b, i) => {
      const f = BigInt(Math.fround(Number(b)))
      if (!large(b)) expect(back[i]).toBe(f === 2n ** 63n ? -(2n ** 63n) : f)
    })
  }))
  test.skipIf(missing !== null)('along axes', () => on(name, async () => {
    const over0 = (f: (list: bigint[]) => bigint): bigint[] => Array.from({ length: 20 }, (_, i) => wrap(f([0, 1, 2].map((k) => A[k * 20 + i]!))))
    const part = (x: w.Words, n: number, ...to: number[]): w.Words => w.each(x, (t) => t.at([0, n]).reshape(to))
    const got = run((a, b) => {
      const x = part(a, 60, 3, 4, 5)
      return {
        sum: w.sumOf(x, [0]), all: w.sumOf(x, [0, 1, 2]), product: w.productOf(x, [0]), most: w.largest(x, [0], false), least: w.largest(x, [0], true),
        running: w.summed(part(a, 40, 40), 40_000, (t) => t.cumsum(0)), matmul: w.matmul(part(a, 6, 2, 3), part(b, 12, 3, 4)),
      }
    })
    expect(await joined(got.sum)).toEqual(over0((l) => l.reduce((a, b) => a + b)))
    expect(await joined(got.product)).toEqual(over0((l) => l.reduce((a, b) => a * b)))
    expect(await joined(got.most)).toEqual(over0((l) => l.reduce((a, b) => (a > b ? a : b))))
    expect(await joined(got.least)).toEqual(over0((l) => l.reduce((a, b) => (a < b ? a : b))))
    expect(await joined(got.all)).toEqual([wrap(A.slice(0, 60).reduce((a, b) => a + b))])
    expect(await joined(got.running)).toEqual(A.slice(0, 40).map((_, i) => wrap(A.slice(0, i + 1).reduce((a, b) => a + b))))
    expect(await joined(got.matmul)).toEqual(Array.from({ length: 8 }, (_, i) => wrap([0, 1, 2].reduce((s, k) => s + A[Math.floor(i / 4) * 3 + k]! * B[k * 4 + (i % 4)]!, 0n))))
    expect(() => w.sumOf(w.fromInt(tensor(new Int32Array(4)).expand(2 ** 22, 4)), [0, 1])).toThrow(/too many 64-bit integers: expected at most 8388608 at a time, received 16777216/)
  }))
})
