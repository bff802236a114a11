// Signal processing: DFT, STFT, windows, mel weights. Fourier transforms are products with a matrix of cosines and sines.
import { normalizeAxis } from '../../../base/index.ts'
import { type Tensor, concat, stack, tensor } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { type ElementType, elementTypeOf } from '../element-type.ts'
import { store, tensorOf } from '../value.ts'
import { fit } from './support.ts'

/** cos and sin of 2π·k·t/n, (n, bins). */
function fourier(c: Call, n: number, bins: number, sign: number, dtype: 'float32' | 'float64'): { cos: Tensor; sin: Tensor } {
  const cos = new Float64Array(c.room(n * bins))
  const sin = new Float64Array(n * bins)
  for (let t = 0; t < n; t++) {
    for (let k = 0; k < bins; k++) {
      const angle = (2 * Math.PI * ((t * k) % n)) / n
      cos[t * bins + k] = Math.cos(angle)
      sin[t * bins + k] = sign * Math.sin(angle)
    }
  }
  const make = (data: Float64Array): Tensor => tensor(data, { shape: [n, bins] }).to(dtype)
  return { cos: make(cos), sin: make(sin) }
}
/** (…, n, 1|2) → (…, bins, 2) */
function transform(c: Call, x: Tensor, bins: number, inverse: boolean): Tensor {
  const n = x.shape[x.ndim - 2]!
  const { cos, sin } = fourier(c, n, bins, inverse ? 1 : -1, x.dtype === 'float64' ? 'float64' : 'float32')
  const re = x.at('...', 0)
  const [a, b] = [re.matmul(cos), re.matmul(sin)]
  if (x.shape[x.ndim - 1] === 1) return scaled(stack([a, b], -1), inverse, n)
  const im = x.at('...', 1)
  return scaled(stack([a.sub(im.matmul(sin)), b.add(im.matmul(cos))], -1), inverse, n)
}
const scaled = (y: Tensor, inverse: boolean, n: number): Tensor => (inverse ? y.div(n) : y)
const fitLength = (x: Tensor, n: number): Tensor => {
  const have = x.shape[x.ndim - 2]!
  return have === n ? x : x.pad([...new Array<[number, number]>(x.ndim - 2).fill([0, 0]), [0, n - have], [0, 0]])
}
const dft: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const axis = normalizeAxis('onnx', c.opset >= 20 ? c.number(2, -2) : c.int('axis', 1), t.ndim)
  const [inverse, onesided] = [c.flag('inverse'), c.flag('onesided')]
  const moved = t.moveAxis(axis, t.ndim - 2)
  const have = moved.shape[t.ndim - 2]!
  if (inverse && onesided) {
    // half of a spectrum: the other half mirrored, the result real
    const n = c.maybe(1) === null ? 2 * (have - 1) : c.number(1)
    const half = fitLength(moved, Math.floor(n / 2) + 1)
    const tail = half.at('...', [1, Math.ceil(n / 2)], null).flip(t.ndim - 2).mul(tensor([1, -1]))
    return fit(x.type, transform(c, concat([half, tail], t.ndim - 2), n, true).at('...', [0, 1]).moveAxis(t.ndim - 2, axis))
  }
  const n = c.maybe(1) === null ? have : c.number(1)
  return fit(x.type, transform(c, fitLength(moved, n), onesided ? Math.floor(n / 2) + 1 : n, inverse).moveAxis(t.ndim - 2, axis))
}
const stft: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x) // (B, L, 1|2)
  const step = c.number(1)
  const window = c.maybe(2)
  const n = c.maybe(3) === null ? (window === null ? 0 : window.shape[0]!) : c.number(3)
  if (n < 1 || step < 1) throw c.fail('neither a window nor a frame length is given')
  const frames = Math.floor((t.shape[1]! - n) / step) + 1
  const index = tensor(Int32Array.from({ length: c.room(Math.max(0, frames * n)) }, (_, i) => Math.floor(i / n) * step + (i % n)), { shape: [frames, n] })
  let y = t.take(index, 1) // (B, F, n, 1|2)
  if (window !== null) y = y.mul(tensorOf(window).reshape(-1, 1))
  return fit(x.type, transform(c, y, c.flag('onesided', true) ? Math.floor(n / 2) + 1 : n, false))
}

const windowOf = (f: (angle: number) => number): Handler => (c) => {
  const n = c.room(c.number(0))
  const type: ElementType = elementTypeOf(c.int('output_datatype', 1))!
  const span = c.flag('periodic', true) ? n : n - 1
  return store(type, [n], Array.from({ length: n }, (_, i) => f((2 * Math.PI * i) / span)))
}
const melWeights = (c: Call): ReturnType<Handler> => {
  const [bins, length, rate, low, high] = [0, 1, 2, 3, 4].map((i) => c.number(i)) as [number, number, number, number, number]
  const type = elementTypeOf(c.int('output_datatype', 1))!
  const spectrum = Math.floor(length / 2) + 1
  c.room(bins)
  c.room(spectrum * bins)
  const mel = (hz: number): number => 2595 * Math.log10(1 + hz / 700)
  const [from, to] = [mel(low), mel(high)]
  const edges = Array.from({ length: bins + 2 }, (_, i) => Math.floor(((length + 1) * (700 * (10 ** ((i * (to - from)) / (bins + 2) / 2595 + from / 2595) - 1))) / rate))
  const out = new Float32Array(spectrum * bins)
  for (let b = 0; b < bins; b++) {
    const [left, centre, right] = [edges[b]!, edges[b + 1]!, edges[b + 2]!]
    const put = (j: number, w: number): void => {
      if (j >= 0 && j < spectrum) out[j * bins + b] = w
    }
    if (centre === left) put(centre, 1)
    else for (let j = left; j <= centre; j++) put(j, (j - left) / (centre - left))
    if (right > centre) for (let j = centre; j < right; j++) put(j, (right - j) / (right - centre))
  }
  return store(type, [spectrum, bins], out)
}

export const signal: OpTable = {
  DFT: dft, STFT: stft, MelWeightMatrix: melWeights,
  HannWindow: windowOf((a) => 0.5 - 0.5 * Math.cos(a)),
  HammingWindow: windowOf((a) => 25 / 46 - (21 / 46) * Math.cos(a)),
  BlackmanWindow: windowOf((a) => 0.42 - 0.5 * Math.cos(a) + 0.08 * Math.cos(2 * a)),
}
