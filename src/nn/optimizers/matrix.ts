// Optimisers that treat a matrix as a matrix: Muon (Jordan et al., 2024) makes its update orthogonal, Adafactor (Shazeer &
// Stern, 2018) keeps mean squares of its rows and columns only.
import { listOf, optionsOf } from '../../base/index.ts'
import { type Tensor, matmul, zeros } from '../../tensor/index.ts'
import { requireRange, requireShape, requireSize } from '../checks.ts'
import type { Schedule } from '../schedules.ts'
import { type Moment, type Rule, SlotOptimizer, average } from './optimizer.ts'

export interface MuonOptions {
  /** Share of the old mean of the gradients. Default 0.95. */
  readonly momentum?: number
  /** Look ahead: the direction is (1 − momentum)·g + momentum·mean. Default true. */
  readonly nesterov?: boolean
  /** Direct shrinking of the weights. Default 0.1. */
  readonly weightDecay?: number
  /** Newton–Schulz steps. Default 5. */
  readonly steps?: number
  /** The rate of what is no matrix, as a share of lr: biases and norms, by AdamW. Default 0.1. */
  readonly vectorRate?: number
}
/** Keller Jordan's quintic: its slope at 0 makes small singular values grow fast; they end in about [0.7, 1.2], not at 1. */
const QUINTIC = [3.4445, -4.775, 2.0315] as const
const BETAS = [0.9, 0.95] as const
const EPS = 1e-8

/**
 * The nearest matrix with orthonormal rows (or columns), roughly: UVᵀ of the singular value decomposition USVᵀ, by
 * Newton–Schulz steps x ← ax + b(xxᵀ)x + c(xxᵀ)²x.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { orthogonalized } from 'gradus/nn'
 *
 * const y = orthogonalized(tensor([[1, 0], [0, 100]]), { steps: 10 })
 * await y.at(0, 1).item() // → 0
 * ```
 */
export function orthogonalized(x: Tensor, options: { readonly steps?: number } = {}): Tensor {
  const { steps = 5 } = optionsOf('orthogonalized', options)
  requireShape('orthogonalized', x, () => x.ndim === 2, '[M, N]')
  const [a, b, c] = QUINTIC
  const tall = x.shape[0]! > x.shape[1]!
  const wide = tall ? x.T : x
  let y = wide.div(wide.square().sum().sqrt().maximum(1e-7)) // spectral norm at most 1
  for (let i = 0; i < steps; i++) {
    const gram = matmul(y, y.T)
    y = y.mul(a).add(matmul(gram.mul(b).add(matmul(gram, gram).mul(c)), y))
  }
  return tall ? y.T : y
}

/**
 * For weights with two axes or more (kernels count as rows): w ← w·(1 − lr·decay) − lr·√max(1, rows/columns)·UVᵀ of the
 * gradients' mean. The rest is trained by AdamW at `vectorRate`·lr. Keep embeddings and output layers to another optimiser
 * where their size matters.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { Muon } from 'gradus/nn'
 *
 * const muon = new Muon(0.02)
 * const w = [tensor([[1, 0], [0, 1]]), tensor([0, 0])]
 * muon.update(w, [tensor([[1, 2], [3, 4]]), tensor([1, 1])], muon.init(w), tensor(0.02)).params.length // → 2
 * ```
 */
export class Muon extends SlotOptimizer {
  readonly momentum: number
  readonly nesterov: boolean
  readonly weightDecay: number
  readonly steps: number
  readonly vectorRate: number
  constructor(lr: number | Schedule = 0.02, options: MuonOptions = {}) {
    super(lr, options)
    const { momentum = 0.95, nesterov = true, weightDecay = 0.1, steps = 5, vectorRate = 0.1 } = options
    requireRange('Muon', 'momentum', momentum, 0, 1, true)
    requireRange('Muon', 'weightDecay', weightDecay, 0)
    requireSize('Muon', 'steps', steps)
    requireRange('Muon', 'vectorRate', vectorRate, 0)
    this.momentum = momentum
    this.nesterov = nesterov
    this.weightDecay = weightDecay
    this.steps = steps
    this.vectorRate = vectorRate
  }
  protected slots(): Record<string, number> {
    return { mean: 0, square: 0 }
  }
  /** Matrices need no mean square. */
  protected override start(slot: string, param: Tensor, value: number): Tensor {
    return slot === 'square' && param.ndim >= 2 ? zeros([], param.dtype) : super.start(slot, param, value)
  }
  protected rule(moment: Moment): Rule {
    const shrunk = (p: Tensor, rate: Tensor): Tensor => (this.weightDecay === 0 ? p : p.mul(rate.mul(this.weightDecay).neg().add(1)))
    return (p, g, slots) => {
      if (p.ndim < 2) {
        const rate = moment.lr.mul(this.vectorRate)
        const mean = average(slots[0]!, g, BETAS[0])
        const square = average(slots[1]!, g.square(), BETAS[1])
        const denominator = square.div(moment.correction(BETAS[1], p)).sqrt().add(EPS)
        return [shrunk(p, rate).sub(mean.mul(rate.div(moment.correction(BETAS[0], p))).div(denominator)), mean, square]
      }
      const mean = average(slots[0]!, g, this.momentum)
      const direction = this.nesterov ? average(mean, g, this.momentum) : mean
      const rows = direction.reshape(p.shape[0]!, -1) // [out, in, …kernel] → [out, in·kernel]
      const update = orthogonalized(rows, { steps: this.steps }).reshape(p.shape)
      const scale = Math.sqrt(Math.max(1, rows.shape[0]! / rows.shape[1]!))
      return [shrunk(p, moment.lr).sub(update.mul(moment.lr.mul(scale))), mean, slots[1]!]
    }
  }
  protected settings(): Record<string, unknown> {
    return { momentum: this.momentum, nesterov: this.nesterov, weightDecay: this.weightDecay, steps: this.steps, vectorRate: this.vectorRate }
  }
}

export interface AdafactorOptions {
  /** The share of new squares at step t is t^beta2Decay. Default −0.8. */
  readonly beta2Decay?: number
  /** Added inside: to squares (its own square), and the least size of a parameter. Default [2⁻²³, 1e-3]. */
  readonly eps?: readonly [number, number]
  /** The largest root mean square of an update. Default 1. */
  readonly clip?: number
  /** Direct shrinking of the weights. Default 0. */
  readonly weightDecay?: number
}
/**
 * Adam without memory: of a matrix's squared gradients only the means of rows r and columns c are kept, v = r·c/mean(r); no
 * mean of gradients. The step is in proportion to the parameter's own size, and the rate at most 1/√t. PyTorch's formulas.
 *
 * @example
 * ```ts
 * import { type Tensor, zeros } from 'gradus'
 * import { Adafactor } from 'gradus/nn'
 *
 * const { row } = new Adafactor(0.01).init([zeros([300, 200])])
 * ;(row as Tensor[])[0]!.shape // → [300, 1]
 * ```
 */
export class Adafactor extends SlotOptimizer {
  readonly beta2Decay: number
  readonly eps: readonly [number, number]
  readonly clip: number
  readonly weightDecay: number
  constructor(lr: number | Schedule = 1e-2, options: AdafactorOptions = {}) {
    super(lr, options)
    const { beta2Decay = -0.8, eps = [2 ** -23, 1e-3], clip = 1, weightDecay = 0 } = options
    requireRange('Adafactor', 'beta2Decay', beta2Decay, -Number.MAX_VALUE, 0)
    for (const e of listOf('Adafactor', 'eps', eps)) requireRange('Adafactor', 'eps', e, 0)
    requireRange('Adafactor', 'clip', clip, Number.MIN_VALUE)
    requireRange('Adafactor', 'weightDecay', weightDecay, 0)
    this.beta2Decay = beta2Decay
    this.eps = [eps[0], eps[1]]
    this.clip = clip
    this.weightDecay = weightDecay
  }
  /** Vectors keep their squares in `row`. */
  protected slots(): Record<string, number> {
    return { row: 0, column: 0 }
  }
  protected override start(slot: string, param: Tensor, value: number): Tensor {
    if (param.ndim < 2) return slot === 'row' ? super.start(slot, param, value) : zeros([], param.dtype)
    const lead = param.shape.slice(0, -2)
    return zeros(slot === 'row' ? [...lead, param.shape.at(-2)!, 1] : [...lead, 1, param.shape.at(-1)!], param.dtype)
  }
  protected rule({ step, lr }: Moment): Rule {
    return (p, g, [row, column]) => {
      const t = step.to(p.dtype)
      const share = t.log().mul(this.beta2Decay).exp() // t^beta2Decay
      const move = (old: Tensor, now: Tensor): Tensor => old.add(now.sub(old).mul(share))
      const squares = g.square()
      const size = p.square().mean().sqrt().maximum(this.eps[1])
      const alpha = size.mul(lr.to(p.dtype).minimum(t.rsqrt()))
      const matrix = p.ndim >= 2
      const r = move(row!, matrix ? squares.mean(-1, { keepdims: true }) : squares)
      const c = matrix ? move(column!, squares.mean(-2, { keepdims: true })) : column!
      const variance = matrix ? r.mul(c).div(r.mean(-2, { keepdims: true }).maximum(this.eps[0])) : r
      const update = g.mul(variance.maximum(this.eps[0] ** 2).rsqrt())
      const tamed = update.div(update.square().mean().sqrt().div(this.clip).maximum(1))
      const shrunk = this.weightDecay === 0 ? p : p.mul(lr.mul(this.weightDecay).neg().add(1))
      return [shrunk.sub(tamed.mul(alpha)), r, c]
    }
  }
  protected settings(): Record<string, unknown> {
    return { beta2Decay: this.beta2Decay, eps: [...this.eps], clip: this.clip, weightDecay: this.weightDecay }
  }
}
