// Colours brought to mean 0 and deviation 1: the numbers of a set of pictures, and the step that uses them.
import { type NDArray, ShapeError, ValueError, arrayOf, listOf, objectOf, showShape } from '../base/index.ts'
import { type Tensor, tensor } from '../tensor/index.ts'

/** Of each channel, on the scale 0 … 1. */
export interface ChannelStatistics {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/**
 * Bytes (B, C, H, W) → (x/255 − mean)/deviation of each channel as float32: for `prepare`, as torchvision's Normalize.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { normalize } from 'gradus/data'
 *
 * const pixels = tensor([[[[51]], [[255]]]], { dtype: 'uint8' })
 * await normalize({ mean: [0.2, 0.5], deviation: [1, 0.25] })(pixels).array() // → [[[[0]], [[2]]]]
 * ```
 */
export function normalize(statistics: ChannelStatistics): (pixels: Tensor) => Tensor {
  const { mean, deviation } = objectOf('normalize', 'statistics', statistics, 'an object { mean, deviation }')
  listOf('normalize', 'mean', mean)
  listOf('normalize', 'deviation', deviation)
  if (mean.length !== deviation.length || mean.length === 0 || deviation.some((d) => !(d > 0))) throw new ValueError('normalize', 'bad statistics', { expected: 'a mean and a deviation above 0 for each channel', received: `${mean.length} means, deviations ${deviation.join(', ')}` })
  const shape = [mean.length, 1, 1]
  return (pixels) => {
    if (pixels.ndim !== 4 || pixels.shape[1] !== mean.length) throw new ShapeError('normalize', 'other pictures', { expected: `(B, ${mean.length}, H, W)`, received: showShape(pixels.shape) })
    return pixels.to('float32').div(255).sub(tensor([...mean], { shape })).div(tensor([...deviation], { shape }))
  }
}

/** Mean and deviation of each channel of bytes (N, C, H, W), on the scale 0 … 1. */
export function channelStatistics(images: NDArray): ChannelStatistics {
  const { dtype, shape, data } = arrayOf('channelStatistics', 'images', images)
  if (dtype !== 'uint8' || shape.length !== 4 || data.length === 0) throw new ShapeError('channelStatistics', 'these are no pictures', { expected: 'uint8 (N, C, H, W)', received: `${dtype} ${showShape(shape)}` })
  const [, channels, height, width] = shape as [number, number, number, number]
  const size = height * width
  const [sums, squares] = [new Array<number>(channels).fill(0), new Array<number>(channels).fill(0)]
  for (let at = 0; at < data.length; at += size) {
    const c = (at / size) % channels
    let [sum, square] = [0, 0]
    for (let i = at; i < at + size; i++) {
      sum += data[i]!
      square += data[i]! * data[i]!
    }
    sums[c]! += sum
    squares[c]! += square
  }
  const count = data.length / channels
  const mean = sums.map((s) => s / count)
  return { mean: mean.map((m) => m / 255), deviation: squares.map((s, c) => Math.sqrt(Math.max(0, s / count - mean[c]! ** 2)) / 255) }
}
