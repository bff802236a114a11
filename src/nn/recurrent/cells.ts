// One time step of the three recurrent cells, as pure functions. The input's part of the gates comes in computed: a layer
// makes it for all steps in one product.
import type { Tensor } from '../../tensor/index.ts'
import { affine } from '../affine.ts'

/** The weights of one layer in one direction. G = 1 (RNN), 4 (LSTM) or 3 (GRU) gates, stacked as PyTorch stacks them. */
export interface CellWeights {
  /** [G·H, I] */
  weightIh: Tensor
  /** [G·H, H] */
  weightHh: Tensor
  /** [G·H] */
  biasIh: Tensor | null
  /** [G·H] */
  biasHh: Tensor | null
}
/** (input's part of the gates (B, G·H), state: one or two tensors (B, H), weights) → the next state; its first is the output. */
export type CellStep = (gates: Tensor, state: readonly Tensor[], weights: CellWeights) => Tensor[]

/** Elman's network (1990): h′ = φ(Wᵢx + bᵢ + Wₕh + bₕ). */
export const elmanStep = (activation: (x: Tensor) => Tensor): CellStep => (gates, [h], w) => [activation(gates.add(affine(h!, w.weightHh, w.biasHh)))]

/**
 * Hochreiter & Schmidhuber (1997) with forget gates (Gers et al., 2000): i, f, g, o from W x + U h + b;
 * c′ = σ(f)·c + σ(i)·tanh g, h′ = σ(o)·tanh c′.
 */
export const lstmStep: CellStep = (gates, [h, c], w) => {
  const [i, f, g, o] = gates.add(affine(h!, w.weightHh, w.biasHh)).split(h!.shape[1]!, 1) // (B,4H) → 4 × (B,H)
  const cell = f!.sigmoid().mul(c!).add(i!.sigmoid().mul(g!.tanh()))
  return [o!.sigmoid().mul(cell.tanh()), cell]
}

/**
 * Cho et al. (2014), with PyTorch's (and cuDNN's) place of the reset gate: r, z = σ(…), n = tanh(Wₙx + bₙ + r·(Uₙh + cₙ)),
 * h′ = (1 − z)·n + z·h.
 */
export const gruStep: CellStep = (gates, [h], w) => {
  const size = h!.shape[1]!
  const [xr, xz, xn] = gates.split(size, 1) // (B,3H) → 3 × (B,H)
  const [hr, hz, hn] = affine(h!, w.weightHh, w.biasHh).split(size, 1)
  const r = xr!.add(hr!).sigmoid()
  const z = xz!.add(hz!).sigmoid()
  const n = xn!.add(r.mul(hn!)).tanh()
  return [n.add(z.mul(h!.sub(n)))]
}
