// Restricted Boltzmann machine (Smolensky, 1986; Hinton, 2002): binary visible and hidden units, no links inside a layer.
// Learns the distribution of its inputs without labels, by contrastive divergence.
import { optionsOf } from '../base/index.ts'
import { type Tensor, bernoulli, nextKey, split } from '../tensor/index.ts'
import { requireShape, requireSize } from './checks.ts'
import { normal, zeros } from './init.ts'
import { Module } from './module.ts'

export interface ContrastiveOptions {
  /** Steps of Gibbs sampling between data and model; default 1. */
  readonly steps?: number
  /** Where the random numbers come from; default the default generator. */
  readonly key?: Tensor
  /** Where the chain begins instead of the data, (N, visible): the last chain of the step before (Tieleman, 2008). */
  readonly chain?: Tensor
}
/** The gradient of the mean negative log-likelihood, as contrastive divergence estimates it: subtract it to learn. */
export interface ContrastiveGradient {
  readonly weight: Tensor
  readonly visibleBias: Tensor
  readonly hiddenBias: Tensor
  /** Mean squared difference between the data and its reconstruction: falls as the machine learns, but is not what it learns. */
  readonly error: Tensor
  /** The visible end of the chain, (N, visible). */
  readonly chain: Tensor
}

/**
 * E(v, h) = −aᵀv − bᵀh − hᵀWv over v ∈ {0,1}^visible, h ∈ {0,1}^hidden; p(v, h) ∝ e^−E. As a layer it gives p(h = 1 | v):
 * (B, visible) → (B, hidden). weight [hidden, visible].
 *
 * @example
 * ```ts
 * import { key, tensor } from 'gradus'
 * import { RBM } from 'gradus/nn'
 *
 * const rbm = new RBM(4, 2)
 * const { weight, error } = rbm.contrastiveDivergence(tensor([[1, 1, 0, 0], [0, 0, 1, 1]]), { key: key(1) })
 * weight.shape // → [2, 4]
 * ```
 */
export class RBM extends Module {
  readonly visible: number
  readonly hidden: number
  weight: Tensor
  visibleBias: Tensor
  hiddenBias: Tensor

  constructor(visible: number, hidden: number) {
    super()
    requireSize('RBM', 'visible', visible)
    requireSize('RBM', 'hidden', hidden)
    this.visible = visible
    this.hidden = hidden
    this.weight = normal([hidden, visible], { std: 0.01 })
    this.visibleBias = zeros([visible])
    this.hiddenBias = zeros([hidden])
  }
  forward(v: Tensor): Tensor {
    return this.hiddenGiven(v)
  }
  /** p(hⱼ = 1 | v) = σ(Wv + b): (B, visible) → (B, hidden). */
  hiddenGiven(v: Tensor): Tensor {
    requireShape('RBM', v, () => v.shape.at(-1) === this.visible, `[…, ${this.visible}]`)
    return v.matmul(this.weight.T).add(this.hiddenBias).sigmoid()
  }
  /** p(vᵢ = 1 | h) = σ(Wᵀh + a): (B, hidden) → (B, visible). */
  visibleGiven(h: Tensor): Tensor {
    requireShape('RBM', h, () => h.shape.at(-1) === this.hidden, `[…, ${this.hidden}]`)
    return h.matmul(this.weight).add(this.visibleBias).sigmoid()
  }
  /** F(v) = −aᵀv − Σⱼ ln(1 + e^(Wv + b)ⱼ), so that p(v) ∝ e^−F: (B, visible) → (B). */
  freeEnergy(v: Tensor): Tensor {
    requireShape('RBM', v, () => v.shape.at(-1) === this.visible, `[…, ${this.visible}]`)
    return v.matmul(this.weight.T).add(this.hiddenBias).softplus().sum(-1).add(v.mul(this.visibleBias).sum(-1)).neg()
  }
  /** `steps` of Gibbs sampling from visible units: h from v, v from h, in turns. (B, visible) → (B, visible), of 0 and 1. */
  gibbs(v: Tensor, steps = 1, key: Tensor = nextKey()): Tensor {
    requireSize('RBM', 'steps', steps)
    const draw = (p: Tensor, k: Tensor): Tensor => bernoulli(p, p.shape, { key: k }).to(p.dtype)
    const keys = split(key, 2 * steps)
    let now = v
    for (let i = 0; i < steps; i++) now = draw(this.visibleGiven(draw(this.hiddenGiven(now), keys[2 * i]!)), keys[2 * i + 1]!)
    return now
  }
  /** CD-k: the statistics ⟨hv⟩ of the model, after k steps from the data (or from `chain`), less those of the data. */
  contrastiveDivergence(data: Tensor, options: ContrastiveOptions = {}): ContrastiveGradient {
    const { steps = 1, key = nextKey(), chain: begin = data } = optionsOf('RBM', options)
    const chain = this.gibbs(begin, steps, key)
    const statistics = (v: Tensor): [Tensor, Tensor, Tensor] => {
      const h = this.hiddenGiven(v)
      return [h.T.matmul(v).div(v.shape[0]!), v.mean(0), h.mean(0)] // ⟨h vᵀ⟩ [hidden,visible], ⟨v⟩, ⟨h⟩
    }
    const [w, a, b] = statistics(data)
    const [w1, a1, b1] = statistics(chain)
    const error = data.sub(this.visibleGiven(this.hiddenGiven(data))).square().mean()
    return { weight: w1.sub(w), visibleBias: a1.sub(a), hiddenBias: b1.sub(b), error, chain }
  }
}
