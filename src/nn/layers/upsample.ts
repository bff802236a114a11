// Resampling of positions: nearest neighbour and (bi-, tri-)linear interpolation, by PyTorch's coordinates.
import { listOf, optionsOf } from '../../base/index.ts'
import { type Tensor, ValueError, tensor } from '../../tensor/index.ts'
import { oneOf, requireRange, requireShape, requireSize } from '../checks.ts'
import { Module } from '../module.ts'

export interface InterpolateOptions {
  /** New size of the positions, one number for all axes or one for each. Either this or `scaleFactor`. */
  readonly size?: number | readonly number[]
  /** By how much the axes grow (or shrink, below 1). */
  readonly scaleFactor?: number | readonly number[]
  /** 'linear' is bilinear on two axes and trilinear on three. Default 'nearest'. */
  readonly mode?: 'nearest' | 'linear'
  /** For 'linear': the corner values keep their places (default: the corners of the corner pixels do). */
  readonly alignCorners?: boolean
}

const WANTED = 'options such as { size: 3 }'

interface Axis {
  readonly length: number
  readonly target: number
  /** Input positions an output position. */
  readonly ratio: number
}

/**
 * (N, C, …positions) resampled to other sizes: (N, C, …size), one to three axes of positions. PyTorch's
 * `torch.nn.functional.interpolate`.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { interpolate } from 'gradus/nn'
 *
 * const x = tensor([[[0, 4]]])
 * await interpolate(x, { scaleFactor: 2 }).array() // → [[[0, 0, 4, 4]]]
 * await interpolate(x, { size: 4, mode: 'linear' }).array() // → [[[0, 1, 3, 4]]]
 * ```
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = 'nearest', alignCorners = false } = optionsOf('interpolate', options, WANTED)
  requireShape('interpolate', x, () => x.ndim >= 3 && x.ndim <= 5 && x.size > 0, '[N, C, …] with one to three axes of positions, not empty')
  oneOf('interpolate', 'mode', mode, 'nearest', 'linear')
  const resample = mode === 'nearest' ? nearestAxis : alignCorners ? alignedAxis : linearAxis
  return axesOf(x, options).reduce<Tensor>((y, axis, i) => (axis.length === axis.target ? y : resample(y, i + 2, axis)), x)
}

function axesOf(x: Tensor, { size, scaleFactor }: InterpolateOptions): Axis[] {
  if ((size === undefined) === (scaleFactor === undefined)) throw new ValueError('interpolate', 'the new size is not known', { expected: 'either size or scaleFactor', received: size === undefined ? 'neither' : 'both' })
  const given = (size ?? scaleFactor)!
  const rank = x.ndim - 2
  const list = typeof given === 'number' ? new Array<number>(rank).fill(given) : [...listOf('interpolate', 'size', given)]
  if (list.length !== rank) throw new ValueError('interpolate', `bad ${size === undefined ? 'scaleFactor' : 'size'}`, { expected: `a number, or ${rank} of them`, received: JSON.stringify(given) })
  return list.map((value, i) => {
    const length = x.shape[i + 2]!
    if (size !== undefined) {
      requireSize('interpolate', 'size', value)
      return { length, target: value, ratio: length / value }
    }
    requireRange('interpolate', 'scaleFactor', value, Number.MIN_VALUE)
    const target = Math.floor(length * value)
    requireSize('interpolate', 'size', target)
    return { length, target, ratio: 1 / value }
  })
}

const positions = (values: readonly number[]): Tensor => tensor(Int32Array.from(values))
const steps = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

function nearestAxis(x: Tensor, axis: number, { length, target, ratio }: Axis): Tensor {
  const times = target / length
  if (Number.isInteger(times) && ratio * times === 1) {
    // every value repeated: a view, whose gradient is a sum
    const wide = [...x.shape.slice(0, axis + 1), times, ...x.shape.slice(axis + 1)]
    return x.unsqueeze(axis + 1).expand(wide).flatten(axis, axis + 1)
  }
  return x.take(positions(steps(target).map((i) => Math.min(length - 1, Math.floor(i * ratio)))), axis)
}
/** Output i lies at (i + ½)·ratio − ½, not left of the first value. */
const linearAxis = (x: Tensor, axis: number, a: Axis): Tensor => between(x, axis, steps(a.target).map((i) => Math.max(0, (i + 0.5) * a.ratio - 0.5)))
/** Output i lies at i·(length − 1)/(target − 1). */
const alignedAxis = (x: Tensor, axis: number, a: Axis): Tensor => between(x, axis, steps(a.target).map((i) => (a.target === 1 ? 0 : (i * (a.length - 1)) / (a.target - 1))))

/** Values at fractional places of an axis, between their two neighbours. */
function between(x: Tensor, axis: number, places: readonly number[]): Tensor {
  const last = x.shape[axis]! - 1
  const left = places.map((p) => Math.min(last, Math.floor(p)))
  const right = left.map((p) => Math.min(last, p + 1))
  const share = tensor(Float64Array.from(places, (p, i) => Math.min(1, p - left[i]!)), { dtype: x.dtype === 'float64' ? 'float64' : 'float32', shape: [places.length, ...x.shape.slice(axis + 1).map(() => 1)] })
  const from = x.take(positions(left), axis)
  return from.add(x.take(positions(right), axis).sub(from).mul(share))
}

/**
 * `interpolate` as a layer: (N, C, …) → (N, C, …size).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Upsample } from 'gradus/nn'
 *
 * new Upsample({ scaleFactor: 2, mode: 'linear' }).call(zeros([1, 3, 8, 8])).shape // → [1, 3, 16, 16]
 * ```
 */
export class Upsample extends Module {
  readonly options: InterpolateOptions
  constructor(options: InterpolateOptions) {
    super()
    this.options = { ...optionsOf('Upsample', options, WANTED) }
  }
  forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }
}
