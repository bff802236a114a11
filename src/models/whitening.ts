// First filters that whiten a picture's patches (principal components, each scaled to variance 1): what a convolution network
// would have to learn first, computed in advance (Jordan, 2024).
import { optionsOf } from '../base/index.ts'
import { type Tensor, ValueError, tensor, tensorOf } from '../tensor/index.ts'

export interface WhiteningOptions {
  /** Side of a patch; default 2. */
  readonly size?: number
  /** Added to the variances, so that the weakest directions are not blown up; default 5e-4. */
  readonly eps?: number
}

/**
 * Filters under which the k×k patches of pictures (N, C, H, W) are uncorrelated and of variance 1, strongest direction first,
 * then the same filters negated: [2·C·k·k, C, k, k].
 *
 * @example
 * ```ts
 * import { key, normal } from 'gradus'
 * import { patchWhitening } from 'gradus/models'
 *
 * const filters = await patchWhitening(normal([10, 3, 8, 8], { key: key(1) }))
 * filters.shape // → [24, 3, 2, 2]
 * ```
 */
export async function patchWhitening(pictures: Tensor, options: WhiteningOptions = {}): Promise<Tensor> {
  tensorOf('patchWhitening', pictures)
  optionsOf('patchWhitening', options)
  const { size: k = 2, eps = 5e-4 } = options
  const [count = 0, channels = 0, height = 0, width = 0] = pictures.shape
  if (pictures.ndim !== 4 || count < 1 || height < k || width < k) throw new ValueError('patchWhitening', 'these are no pictures', { expected: `(N, C, H, W) of at least ${k} × ${k} pixels`, received: `[${pictures.shape}]` })
  const data = await pictures.to('float32').data()
  const n = channels * k * k
  const offsets = Array.from({ length: n }, (_, i) => Math.floor(i / (k * k)) * height * width + (Math.floor(i / k) % k) * width + (i % k))
  const covariance = new Float64Array(n * n)
  const patch = new Float64Array(n)
  for (let picture = 0; picture < count; picture++) {
    for (let y = 0; y + k <= height; y++) {
      for (let x = 0; x + k <= width; x++) {
        const at = picture * channels * height * width + y * width + x
        for (let i = 0; i < n; i++) patch[i] = data[at + offsets[i]!]!
        for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) covariance[i * n + j]! += patch[i]! * patch[j]!
      }
    }
  }
  const patches = count * (height - k + 1) * (width - k + 1)
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) covariance[i * n + j] = covariance[j * n + i] = covariance[i * n + j]! / patches
  const { values, vectors } = symmetricEigen(covariance, n)
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!)
  const filters = new Float32Array(2 * n * n)
  order.forEach((from, to) => {
    for (let i = 0; i < n; i++) {
      const v = vectors[i * n + from]! / Math.sqrt(Math.max(0, values[from]!) + eps)
      filters[to * n + i] = v
      filters[(n + to) * n + i] = -v
    }
  })
  return tensor(filters, { shape: [2 * n, channels, k, k] })
}

/** Eigenvalues and (in columns) eigenvectors of a symmetric n×n matrix, by Jacobi's rotations (1846). */
export function symmetricEigen(matrix: Float64Array, n: number): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const a = matrix.slice()
  const vectors = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))
  const rotate = (m: Float64Array, i: number, j: number, c: number, s: number): void => {
    const [x, y] = [m[i]!, m[j]!]
    m[i] = c * x - s * y
    m[j] = s * x + c * y
  }
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!
        off += apq * apq
        if (apq === 0) continue
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq)
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(1, theta))
        const c = 1 / Math.hypot(1, t)
        for (let i = 0; i < n; i++) rotate(a, i * n + p, i * n + q, c, t * c)
        for (let i = 0; i < n; i++) rotate(a, p * n + i, q * n + i, c, t * c)
        for (let i = 0; i < n; i++) rotate(vectors, i * n + p, i * n + q, c, t * c)
      }
    }
    if (off < 1e-24) break
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors }
}
