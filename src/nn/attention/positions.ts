// Where a token stands: sinusoids (Vaswani et al., 2017), a learned table, and rotations (RoPE: Su et al., 2021).
import { optionsOf } from '../../base/index.ts'
import { type Tensor, ValueError, arange, concat, stack } from '../../tensor/index.ts'
import { requireRange, requireShape, requireSize } from '../checks.ts'
import { Embedding } from '../layers/index.ts'
import type { Initializer } from '../init.ts'
import { Module } from '../module.ts'

/** Angles position·base^(−2i/width) for i < width/2: positions (…) → (…, width/2). */
function angles(positions: Tensor, width: number, base: number, dtype: 'float32' | 'float64'): Tensor {
  const rates = arange(width / 2).to(dtype).mul((-2 * Math.log(base)) / width).exp()
  return positions.to(dtype).unsqueeze(-1).mul(rates)
}
function requireEven(operation: string, width: number): void {
  requireSize(operation, 'width', width)
  if (width % 2 !== 0) throw new ValueError(operation, 'an odd width', { expected: 'an even number: sines and cosines come in pairs', received: String(width) })
}

/**
 * (length, width): sin(t/10000^(2i/width)) in column 2i, the cosine beside it. Added to embeddings.
 *
 * @example
 * ```ts
 * import { sinusoidalPositions } from 'gradus/nn'
 *
 * await sinusoidalPositions(2, 2).array() // → [[0, 1], [0.8414710, 0.5403023]]
 * ```
 */
export function sinusoidalPositions(length: number, width: number, options: { readonly base?: number; readonly dtype?: 'float32' | 'float64' } = {}): Tensor {
  const { base = 10000, dtype = 'float32' } = optionsOf('sinusoidalPositions', options)
  requireSize('sinusoidalPositions', 'length', length)
  requireEven('sinusoidalPositions', width)
  requireRange('sinusoidalPositions', 'base', base, 1)
  const a = angles(arange(length), width, base, dtype)
  return stack([a.sin(), a.cos()], -1).flatten(-2) // (T,W/2,2) → (T,W)
}

/**
 * A learned vector for every position: (B, T, …) gives (T, width), to be added to embeddings. weight [maxLength, width].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { LearnedPositions } from 'gradus/nn'
 *
 * new LearnedPositions(16, 4).call(zeros([2, 5, 4])).shape // → [5, 4]
 * ```
 */
export class LearnedPositions extends Module {
  readonly maxLength: number
  readonly width: number
  readonly table: Embedding
  constructor(maxLength: number, width: number, options: { readonly weight?: Initializer } = {}) {
    super()
    this.table = new Embedding(maxLength, width, options)
    this.maxLength = maxLength
    this.width = width
  }
  /** @param start the position of the first row, where a cache holds those before it; an int32 scalar. */
  forward(x: Tensor, start?: Tensor): Tensor {
    requireShape('LearnedPositions', x, () => x.ndim >= 2 && x.shape[1]! <= this.maxLength, `[B, T, …], T ≤ ${this.maxLength}`, 'Cut the sequence, or build the model with a larger maxLength.')
    const T = x.shape[1]!
    return start === undefined ? this.table.weight.at([0, T]) : this.table.call(arange(T).add(start))
  }
}

export interface RotaryOptions {
  /** Positions (T), or (B, 1, T) where they differ; 0 … T − 1 if left out. */
  readonly positions?: Tensor | undefined
  /** Default 10000. */
  readonly base?: number
  /** Pairs are neighbours (2i, 2i + 1), as in the paper, instead of (i, i + D/2), as Llama has them. */
  readonly interleaved?: boolean
}

/**
 * Turns pairs of features by angles that grow with the position: (…, T, D) → the same shape. Inner products of turned
 * queries and keys depend on the distance of their positions alone.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { rotary } from 'gradus/nn'
 *
 * await rotary(tensor([[1, 0], [1, 0]])).array() // → [[1, 0], [0.5403023, 0.8414710]]
 * ```
 */
export function rotary(x: Tensor, options: RotaryOptions = {}): Tensor {
  const { base = 10000, interleaved = false } = optionsOf('rotary', options)
  requireShape('rotary', x, () => x.ndim >= 2, '[…, T, D]')
  const [T, D] = x.shape.slice(-2) as [number, number]
  requireEven('rotary', D)
  requireRange('rotary', 'base', base, 1)
  const positions = options.positions ?? arange(T)
  requireShape('rotary', positions, () => positions.shape.at(-1) === T, `positions […, ${T}]`)
  const a = angles(positions, D, base, x.dtype === 'float64' ? 'float64' : 'float32') // (…,T,D/2)
  const [sin, cos] = [a.sin(), a.cos()]
  const pairs = interleaved ? x.reshape(...x.shape.slice(0, -1), D / 2, 2) : null
  const [u, v] = pairs === null ? (x.split(D / 2, -1) as [Tensor, Tensor]) : [pairs.at('...', 0), pairs.at('...', 1)]
  const turned = [u.mul(cos).sub(v.mul(sin)), u.mul(sin).add(v.mul(cos))]
  return pairs === null ? concat(turned, -1) : stack(turned, -1).reshape(x.shape)
}
