// Resize and Upsample: every axis is a small matrix (out × in) of interpolation weights. GridSample and affine grids.
import { normalizeAxis } from '../../../base/index.ts'
import { type Tensor, linspace, ones, stack, tensor, where } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { type ArrayValue, tensorOf, tensorValue } from '../value.ts'
import { fit } from './support.ts'

/** How one axis is resized. */
interface Axis {
  readonly size: number
  readonly out: number
  readonly scale: number
  readonly roi: readonly [number, number]
}
/** The place in the input of an output position. */
function source(c: Call, mode: string, x: number, { size, out, scale, roi }: Axis): number {
  const length = size * scale
  switch (mode) {
    case 'half_pixel': return (x + 0.5) / scale - 0.5
    case 'half_pixel_symmetric': return (size / 2) * (1 - out / length) + (x + 0.5) / scale - 0.5
    case 'pytorch_half_pixel': return length > 1 ? (x + 0.5) / scale - 0.5 : -0.5
    case 'align_corners': return length === 1 ? 0 : (x * (size - 1)) / (length - 1)
    case 'asymmetric': return x / scale
    case 'tf_half_pixel_for_nn': return (x + 0.5) / scale
    case 'tf_crop_and_resize': return out > 1 ? roi[0] * (size - 1) + (x * (roi[1] - roi[0]) * (size - 1)) / (out - 1) : 0.5 * (roi[0] + roi[1]) * (size - 1)
    default: throw c.fail(`the coordinate mode "${mode}" is not known`)
  }
}
function nearest(mode: string, x: number): number {
  switch (mode) {
    case 'round_prefer_ceil': return Math.floor(x + 0.5)
    case 'floor': return Math.floor(x)
    case 'ceil': return Math.ceil(x)
    default: return Math.ceil(x - 0.5)
  }
}
/** Keys' cubic, with its free parameter a. */
export function cubic(x: number, a: number): number {
  const t = Math.abs(x)
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0
}

/** Rows of weights; `outside` marks outputs that lie beyond the input (tf_crop_and_resize). */
function weights(c: Call, axis: Axis): { rows: Float32Array; outside: boolean[] } {
  const mode = c.text('mode', 'nearest')
  const coordinates = c.op === 'Upsample' ? 'asymmetric' : c.text('coordinate_transformation_mode', c.opset === 10 ? 'asymmetric' : 'half_pixel')
  const rounding = c.op === 'Upsample' || c.opset === 10 ? 'floor' : c.text('nearest_mode', 'round_prefer_floor')
  const a = c.float('cubic_coeff_a', -0.75)
  const strict = c.flag('exclude_outside')
  // antialiasing widens the kernel when making smaller
  const stretch = c.flag('antialias') && axis.scale < 1 ? axis.scale : 1
  const rows = new Float32Array(c.room(axis.out * axis.size))
  const outside: boolean[] = []
  for (let o = 0; o < axis.out; o++) {
    const x = source(c, coordinates, o, axis)
    if (!(Math.abs(x) < 2 ** 31)) throw c.fail('a place that is no place in the input', { received: String(x) })
    outside.push(x < 0 || x > axis.size - 1)
    const add = (i: number, w: number): void => void (rows[o * axis.size + Math.min(Math.max(i, 0), axis.size - 1)]! += w)
    if (mode === 'nearest') {
      add(nearest(rounding, x), 1)
      continue
    }
    const f = mode === 'linear' ? (t: number) => Math.max(0, 1 - Math.abs(t)) : (t: number) => cubic(t, a)
    const reach = (mode === 'linear' ? 1 : 2) / stretch
    const taps: [number, number][] = []
    for (let i = Math.floor(x - reach) ; i <= Math.ceil(x + reach); i++) taps.push([i, strict && (i < 0 || i >= axis.size) ? 0 : f((i - x) * stretch)])
    const total = strict || stretch !== 1 ? taps.reduce((s, [, w]) => s + w, 0) : 1
    for (const [i, w] of taps) if (w !== 0) add(i, w / total)
  }
  return { rows, outside }
}

function resizeTo(c: Call, x: ArrayValue, axes: readonly (Axis | null)[]): ArrayValue {
  const mode = c.text('mode', 'nearest')
  let y = tensorOf(x)
  if (mode !== 'nearest' && y.dtype !== 'float64') y = y.to('float32')
  let beyond: Tensor | null = null
  axes.forEach((axis, i) => {
    if (axis === null) return
    const { rows, outside } = weights(c, axis)
    if (mode === 'nearest') {
      y = y.take(tensor(Int32Array.from({ length: axis.out }, (_, o) => rows.subarray(o * axis.size, (o + 1) * axis.size).indexOf(1))), i)
    } else {
      const w = tensor(rows, { shape: [axis.out, axis.size] }).to(y.dtype)
      y = y.moveAxis(i, -1).matmul(w.transpose()).moveAxis(-1, i)
    }
    if (c.text('coordinate_transformation_mode', '') !== 'tf_crop_and_resize') return
    const here = tensor(Uint8Array.from(outside, Number), { dtype: 'bool' }).reshape(axes.map((_, k) => (k === i ? axis.out : 1)))
    beyond = beyond === null ? here : (beyond as Tensor).logicalOr(here)
  })
  if (beyond !== null) y = where(beyond, c.float('extrapolation_value', 0), y)
  return fit(x.type, y)
}

const resize: Handler = (c) => {
  const x = c.array(0)
  const rank = x.shape.length
  const old = c.op === 'Upsample' || c.opset === 10
  const axes = (c.ints('axes') ?? x.shape.map((_, i) => i)).map((a) => normalizeAxis('onnx', a, rank))
  const given = c.floats('scales') ?? c.maybeNumbers(old ? 1 : 2)
  const scales = given !== null && given.length > 0 ? given : null
  let sizes = old ? null : c.maybeNumbers(3)
  const roi = old ? null : c.maybeNumbers(1)
  let factors = scales
  if (sizes !== null && sizes.length > 0) {
    const policy = c.text('keep_aspect_ratio_policy', 'stretch')
    const ratios = sizes.map((s, i) => s / x.shape[axes[i]!]!)
    if (policy !== 'stretch') {
      const one = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
      sizes = axes.map((a) => Math.floor(one * x.shape[a]! + 0.5))
      factors = axes.map(() => one)
    } else factors = ratios
  } else sizes = null
  if (factors === null) throw c.fail('neither scales nor sizes are given')
  const plan = x.shape.map((): Axis | null => null)
  axes.forEach((a, i) => {
    const size = x.shape[a]!
    const out = sizes?.[i] ?? Math.floor(size * factors![i]!)
    if (!Number.isInteger(out) || out < 0) throw c.fail('a bad size', { received: String(out) })
    const span: [number, number] = roi === null || roi.length === 0 ? [0, 1] : [roi[i]!, roi[axes.length + i]!]
    if (out !== size || factors![i] !== 1 || span[0] !== 0 || span[1] !== 1) plan[a] = { size, out, scale: factors![i]!, roi: span }
  })
  c.budget.expect(4 * plan.reduce((n, axis, i) => n * (axis?.out ?? x.shape[i]!), 1))
  return resizeTo(c, x, plan)
}

/** Index and weight of every tap along one axis. */
type Taps = readonly (readonly [index: Tensor, weight: Tensor])[]

const gridSample: Handler = (c) => {
  const x = c.tensor(0)
  const grid = c.tensor(1) // (N, *out, axes), the last axis of x first
  const mode = c.text('mode', 'bilinear').replace(/^bi/, '')
  const padding = c.text('padding_mode', 'zeros')
  const corners = c.flag('align_corners')
  const rank = x.ndim - 2
  const [n, channels] = x.shape as [number, number]
  const out = grid.shape.slice(1, -1)
  const p = out.reduce((a, b) => a * b, 1)
  const taps: Taps[] = []
  for (let a = 0; a < rank; a++) {
    const size = x.shape[a + 2]!
    const g = grid.at('...', rank - 1 - a).reshape(n, p)
    const at = corners ? g.add(1).mul((size - 1) / 2) : g.add(1).mul(size).sub(1).div(2)
    taps.push(axisTaps(mode, at).map(([index, weight]) => limit(padding, corners, index, weight, size)))
  }
  const flat = x.reshape(n, channels, -1)
  let total: Tensor | null = null
  const visit = (a: number, index: Tensor | null, weight: Tensor | null): void => {
    if (a === rank) {
      const part = flat.gather(index!.unsqueeze(1).expand(n, channels, p), 2).mul(weight!.unsqueeze(1))
      total = total === null ? part : (total as Tensor).add(part)
      return
    }
    for (const [i, w] of taps[a]!) visit(a + 1, index === null ? i : index.mul(x.shape[a + 2]!).add(i), weight === null ? w : weight.mul(w))
  }
  visit(0, null, null)
  return fit(c.array(0).type, (total as Tensor | null)!.reshape(n, channels, ...out))
}
function axisTaps(mode: string, at: Tensor): [Tensor, Tensor][] {
  if (mode === 'nearest') return [[at.round(), at.mul(0).add(1)]]
  const base = at.floor()
  const t = at.sub(base)
  if (mode !== 'cubic') return [[base, t.neg().add(1)], [base.add(1), t]]
  const a = -0.75
  const near = (d: Tensor): Tensor => d.mul(a + 2).sub(a + 3).mul(d).mul(d).add(1)
  const far = (d: Tensor): Tensor => d.mul(a).sub(5 * a).mul(d).add(8 * a).mul(d).sub(4 * a)
  return [[base.sub(1), far(t.add(1))], [base, near(t)], [base.add(1), near(t.neg().add(1))], [base.add(2), far(t.neg().add(2))]]
}
/** What a tap outside the input reads. */
function limit(padding: string, corners: boolean, index: Tensor, weight: Tensor, size: number): [Tensor, Tensor] {
  if (padding === 'zeros') {
    const inside = index.ge(0).logicalAnd(index.lt(size))
    return [index.clamp(0, size - 1).to('int32'), where(inside, weight, 0)]
  }
  let i = index
  if (padding === 'reflection') {
    const [low, span] = corners ? [0, size - 1] : [-0.5, size]
    if (span === 0) i = index.mul(0)
    else {
      const m = index.sub(low).abs().remainder(2 * span)
      i = where(m.gt(span), m.neg().add(2 * span), m).add(low)
    }
  }
  return [i.clamp(0, size - 1).to('int32'), weight]
}
const affineGrid: Handler = (c) => {
  const theta = c.tensor(0)
  const size = c.numbers(1)
  const corners = c.flag('align_corners')
  const spatial = size.slice(2)
  for (const d of spatial) c.room(d)
  const lines = spatial.map((d, a) => {
    const line = corners ? (d === 1 ? linspace(0, 0, 1) : linspace(-1, 1, d)) : linspace(-1 + 1 / d, 1 - 1 / d, d)
    return line.reshape(spatial.map((_, i) => (i === a ? d : 1))).expand(spatial)
  })
  const base = stack([...lines.reverse(), ones(spatial)], -1).reshape(-1, spatial.length + 1).to(theta.dtype)
  return tensorValue(c.array(0).type, base.matmul(theta.transpose()).reshape(size[0]!, ...spatial, spatial.length))
}

export const resizeTable: OpTable = { Resize: resize, Upsample: resize, GridSample: gridSample, AffineGrid: affineGrid }
