// The formulas of the cards once more, in plain arithmetic: what the engine's numbers are compared with.
import type { CardId } from './model.ts'

const step = (z: number): number => (z > 0 ? 1 : 0)
const sigma = (z: number): number => 1 / (1 + Math.exp(-z))
const softplus = (z: number): number => Math.log(1 + Math.exp(z))
/** −ln of the softmax at one place */
const surprise = (z: readonly number[], at: number): number => Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - z[at]!

export const plainHeart: Readonly<Record<CardId, () => number>> = {
  mcculloch: () => step(-1.5 + 1 * 1 + 1 * 0 + 1 * 1),
  rosenblatt: () => 0.5 + (0 - step(0.5 * 2 - 1 * 1 + 0.2 * 1)) * 2,
  minsky: () => 0 + 1 + 1 + 0 - 0 - 0 - 1 - 1,
  werbos: () => (sigma(0.5) - 1) * sigma(0.5) * (1 - sigma(0.5)),
  rumelhart: () => 1.5 * sigma(2 - 1) - 2 * sigma(-3 + 0.5),
  lenet: () => 3 * 2,
  belief: () => sigma(0.8 + 0.4 - 0.2),
  alexnet: () => 1.1 ** 8,
  gan: () => softplus(-1.2) + softplus(-0.4),
  seq2seq: () => sigma(0.3) * 0.8 + (1 - sigma(0.3)) * Math.tanh(-0.5),
  resnet: () => {
    let [h, slope] = [0.2, 1]
    for (let l = 0; l < 10; l++) [h, slope] = [h + Math.tanh(0.1 * h), slope * (1 + 0.1 * (1 - Math.tanh(0.1 * h) ** 2))]
    return slope
  },
  transformer: () => {
    const [a, b] = [Math.exp(2 / Math.SQRT2), 1]
    return (10 * a + 20 * b) / (a + b)
  },
  bert: () => surprise([0.2, 2, -1], 1),
  gpt: () => (surprise([1, 0, 0], 0) + surprise([0, 3, 0], 1)) / 2,
  clip: () => (surprise([7.2, 0.8], 0) + surprise([2.4, 6.4], 1) + surprise([7.2, 2.4], 0) + surprise([0.8, 6.4], 1)) / 4,
  diffusion: () => 0.8 * 2 + 0.6 * -0.5,
  continual: () => (0.05 + 0.9) / 2,
}
