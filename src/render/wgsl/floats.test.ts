// The texts that stand where compilers fold what WGSL lets them fold: no bare minimum, difference of equals or quotient.
import { expect, test } from 'vitest'
import { type Expr, constant, op } from '../../ir/index.ts'
import { mapKernel } from '../../../test/support/op-kernels.ts'
import { programOf } from '../../../test/support/run-webgpu.ts'
import { renderWgsl } from './index.ts'

const f32 = (x: number): Expr => constant('f32', x)
/** The lines that compute: what is loaded is called x and y, what is computed a, b, c. */
function linesOf(body: (x: Expr, y: Expr) => Expr): readonly string[] {
  const kernel = mapKernel(['f32', 'f32'], 1, 4, (x, y) => body(x!, y!))
  const { code } = renderWgsl(programOf([{ kernel, buffers: [4, 4, 4].map(() => new Float32Array(4)) }]), { chunk: 2 ** 20, buffers: 8 }).shaders[0]!
  const names = new Map<string, string>()
  return [...code.matchAll(/^ {4}let (t\d+) = (.*);$/gm)].flatMap(([, name, text]) => {
    const loaded = /^b([01])\[/.exec(text!)
    if (/\* 1i$/.test(text!)) return []
    names.set(name!, loaded === null ? 'abc'[[...names.values()].filter((n) => n < 'x').length]! : 'xy'[Number(loaded[1])]!)
    return loaded === null ? [text!.replace(/\bt\d+\b/g, (t) => names.get(t)!)] : []
  })
}

test.each<[string, (x: Expr, y: Expr) => Expr, readonly string[]]>([
  ['max with a constant', (x) => op('max', x, f32(0)), ['select(x, 0f, (x <= 0f) & !is_nan_f32(x))']],
  ['a comparison that picks one of the compared', (x) => op('select', op('lt', f32(89), x), f32(89), x), ['89f < x', 'select(x, 89f, a & !is_nan_f32(x))']],
  ['the same of two', (x, y) => op('select', op('le', x, y), y, x), ['x <= y', 'select(x, y, a & !is_nan_f32(y) & !is_nan_f32(x))']],
  ['a comparison that picks another', (x, y) => op('select', op('lt', x, f32(1)), y, f32(1)), ['x < 1f', 'select(1f, y, a)']],
  ['x − x', (x) => op('sub', x, x), ['nothing_of_f32(x)']],
  ['x + −x', (x) => op('add', x, op('neg', x)), ['-x', 'nothing_of_f32(x)']],
  ['x/x', (x) => op('div', x, x), ['ratio_of_f32(x)']],
  ['0 + x', (x) => op('add', f32(0), x), ['bitcast<f32>(opaque + 0x0u) + x']],
  ['x/y', (x, y) => op('div', x, y), ['div_f32(x, y)']],
  ['1/x', (x) => op('div', f32(1), x), ['1f / x']],
  ['2/x', (x) => op('div', f32(2), x), ['div_f32(2f, x)']],
  ['by a usual constant', (x) => op('div', x, f32(3)), ['x / 3f']],
  ['the whole part of x/y', (x, y) => op('floor', op('div', x, y)), ['div_f32(x, y)', 'floor(exact_f32(a, x, y))']],
  ['by a huge constant', (x) => op('div', x, f32(-(2 ** 127))), ['(x * bitcast<f32>(opaque + 0x3d800000u)) / (-1.0633823966279327e+37f)']],
])('%s', (_, body, lines) => {
  expect(linesOf(body)).toEqual(lines)
})
