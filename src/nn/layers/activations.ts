// Activation functions as layers, for Sequential. They hold no tensors.
import { optionsOf } from '../../base/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import * as f from '../activations.ts'
import { Module } from '../module.ts'

/** 0 where x ≤ 0, else 1: the threshold neuron. Not trainable by gradients. */
export class Step extends Module {
  forward(x: Tensor): Tensor {
    return f.step(x)
  }
}
/** −1, 0 or 1. Not trainable by gradients. */
export class Sign extends Module {
  forward(x: Tensor): Tensor {
    return f.sign(x)
  }
}
/** 1/(1 + e^−x) */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return f.sigmoid(x)
  }
}
/** tanh x */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return f.tanh(x)
  }
}
/** max(0, x) */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return f.relu(x)
  }
}
/** ln(1 + eˣ) */
export class Softplus extends Module {
  forward(x: Tensor): Tensor {
    return f.softplus(x)
  }
}
/** x where x > 0, else slope·x */
export class LeakyReLU extends Module {
  readonly slope: number
  constructor(slope = 0.01) {
    super()
    this.slope = f.requireFinite('LeakyReLU', 'slope', slope)
  }
  forward(x: Tensor): Tensor {
    return f.leakyRelu(x, this.slope)
  }
}
/** x where x > 0, else α(eˣ − 1) */
export class ELU extends Module {
  readonly alpha: number
  constructor(alpha = 1) {
    super()
    this.alpha = f.requireFinite('ELU', 'alpha', alpha)
  }
  forward(x: Tensor): Tensor {
    return f.elu(x, this.alpha)
  }
}
/** x·Φ(x), exact or by the tanh formula */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'
  constructor(options: { readonly approximate?: 'none' | 'tanh' } = {}) {
    super()
    this.approximate = optionsOf('GELU', options).approximate ?? 'none'
  }
  forward(x: Tensor): Tensor {
    return f.gelu(x, { approximate: this.approximate })
  }
}
/** x·σ(x) */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return f.silu(x)
  }
}
/** Probabilities along an axis (default the last). */
export class Softmax extends Module {
  readonly axis: number
  constructor(axis = -1) {
    super()
    this.axis = axis
  }
  forward(x: Tensor): Tensor {
    return f.softmax(x, this.axis)
  }
}
/** Logarithms of probabilities along an axis (default the last). */
export class LogSoftmax extends Module {
  readonly axis: number
  constructor(axis = -1) {
    super()
    this.axis = axis
  }
  forward(x: Tensor): Tensor {
    return f.logSoftmax(x, this.axis)
  }
}
