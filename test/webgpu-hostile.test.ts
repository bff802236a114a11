// What a compiler makes of shaders that takes NaN, infinities and denormals for impossible, as NVIDIA's does where WGSL lets it
// (seen on an H200, driver 580): done to the text, so that SwiftShader shows what that card would. Samples of PyTorch hold.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebgpuRuntime } from '../src/runtime/webgpu/index.ts'
import { tensor } from '../src/tensor/index.ts'
import { on, probeDevices } from './support/devices.ts'
import { type GoldenCase, runGolden } from './support/golden.ts'

const missing = (await probeDevices()).find((d) => d.name === 'webgpu')!.missing

const HELPERS = `
fn card_min(a: f32, b: f32) -> f32 { if ((bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u) { return b; } if (b < a) { return b; } return a; }
fn card_max(a: f32, b: f32) -> f32 { if ((bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u) { return b; } if (a < b) { return b; } return a; }
fn card_div(a: f32, b: f32) -> f32 { let r = 1f / b; return a * select(r, 0f, abs(r) < 1.1754943508222875e-38f); }
`
const term = String.raw`(\w+|\([^()]*\)|-?[\d.e+-]+f|\(-[\d.e+-]+f\)|bitcast<f32>\(opaque \+ \w+\))`
const compared = new RegExp(`^${term} (<=?|>=?) ${term}$`)

/** Scalar floats alone: that is what the samples are computed in. */
function hostile(code: string): string {
  const known = new Map([...code.matchAll(/let (\w+) = (.+);/g)].map((m) => [m[1]!, m[2]!]))
  const starts = new Map([...code.matchAll(/var (\w+): f32 = (.+);/g)].map((m) => [m[1]!, m[2]!]))
  const first = (name: string): string => {
    const sum = /^(\w+) \+ (\w+)$/.exec(known.get(name) ?? '')
    return sum !== null && (sum[1] === '0f' || starts.get(sum[1]!) === '0f') ? sum[2]! : name
  }
  const lines = code.split('\n').map((line) => line
    // 0 + x is x, x − x is 0
    .replace(/= (\w+) - (\w+);/, (all, a: string, b: string) => {
      const set = new RegExp(`^ *${b} = (\\w+);$`, 'm').exec(code)
      return a === b || (starts.has(b) && set !== null && first(set[1]!) === a) || first(b) === a ? '= 0f;' : all
    })
    .replace(new RegExp(`= ${term} / ${term};`), (all, a: string, b: string) => (b.endsWith('i') ? all : `= card_div(${a}, ${b});`))
    .replace(new RegExp(`return ${term} / ${term};`), (_, a: string, b: string) => `return card_div(${a}, ${b});`)
    .replace(new RegExp(`select\\(${term}, ${term}, ([^&]*)\\);$`), (all, no: string, yes: string, condition: string) => {
      const [, x, sign, y] = compared.exec(known.get(condition) ?? condition) ?? []
      if (x === undefined || !((x === no && y === yes) || (x === yes && y === no))) return all
      return `${(sign!.startsWith('<')) === (x === yes) ? 'card_min' : 'card_max'}(${no}, ${yes});`
    }))
  const at = lines.findIndex((l) => !l.startsWith('enable'))
  return [...lines.slice(0, at), HELPERS, ...lines.slice(at)].join('\n')
}

const samples = ['ops', 'nn'].flatMap((name) => {
  const all = JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8')) as GoldenCase[] | { cases: GoldenCase[] }
  return Array.isArray(all) ? all : all.cases
})
const special = (c: GoldenCase): boolean => (JSON.stringify([c.in, c.out]).match(/nan|inf/) !== null)

test('what is made of the text', () => {
  const body = ['let t1 = t0 < 0f;', 'let t2 = select(t0, 0f, t1);', 'let t3 = select(t2, 1f, 1f <= t2);', 'let t4 = t2 - t2;', 'var acc: f32 = 0f;', 'let t5 = acc + t2;', 'acc = t5;', 'let t6 = t2 - acc;', 'let t7 = t6 / t5;', 'let t8 = i0 / 2i;']
  expect(hostile(body.join('\n')).slice(HELPERS.length).trim().split('\n')).toEqual([
    body[0], 'let t2 = card_max(t0, 0f);', 'let t3 = card_min(t2, 1f);', 'let t4 = 0f;', ...body.slice(4, 7), 'let t6 = 0f;', 'let t7 = card_div(t6, t5);', body[9],
  ])
})

describe.skipIf(missing !== null)(`webgpu${missing === null ? '' : ` (${missing})`}`, () => {
  beforeAll(() => {
    const { load } = WebgpuRuntime.prototype
    vi.spyOn(WebgpuRuntime.prototype, 'load').mockImplementation(function (this: WebgpuRuntime, image) {
      return load.call(this, { ...image, shaders: image.shaders.map((s) => ({ ...s, code: hostile(s.code) })) })
    })
  })
  afterAll(() => vi.restoreAllMocks())

  test.each(['exp', 'expm1', 'tanh', 'erf', 'sin', 'tan', 'relu', 'clamp', 'var', 'softmax', 'logSoftmax', 'logsumexp'])('%s', async (fn) => {
    const some = samples.filter((c) => c.fn === fn && special(c))
    expect(some.length).toBeGreaterThan(0)
    expect(await on('webgpu', () => runGolden(some, { together: true }))).toEqual([])
  })

  test('extremes, quotients and differences of special numbers', async () => {
    const x = [0, 1, -1, 3.4e38, -3.4e38, 1e38, Infinity, -Infinity, NaN].map(Math.fround)
    await on('webgpu', async () => {
      const t = tensor(x, { dtype: 'float32' })
      const [rows, columns] = [t.reshape(9, 1), t.reshape(1, 9)]
      const got = await Promise.all([t.maximum(0), t.minimum(1), t.sub(t), t.div(t), t.div(3.4e38), rows.div(columns)].map((y) => y.data()))
      const max = x.map((v) => Math.max(v, 0))
      const ratios = x.flatMap((a) => x.map((b) => Math.fround(a / b)))
      const want = [max, x.map((v) => Math.min(v, 1)), x.map((v) => v - v), x.map((v) => v / v), x.map((v) => Math.fround(v / Math.fround(3.4e38))), ratios]
      want.forEach((list, k) => expect(list.flatMap((w, i) => (Object.is(got[k]![i]! + 0, w + 0) || Math.abs(got[k]![i]! - w) <= 3e-7 * Math.abs(w) || Math.abs(w) < 2 ** -126 && Math.abs(got[k]![i]!) < 2 ** -126 ? [] : [`${k}[${i}]: ${got[k]![i]} instead of ${w}`]))).toEqual([]))
    })
  })
})
