// The second way to the lab's numbers: all layers by plain loops, gradients by differences.
import type { Check } from '../../core/proof.ts'
import { type Layer, type Sample, type State, plainAccuracy, plainAnswer, plainLoss, plainSignals, plainSlope } from './model.ts'

type Layers = readonly Layer[]
export const lossCheck = (s: State, layers: Layers, points: readonly Sample[]): Check => ({ check: () => plainLoss(s, layers, points), floor: 1e-3 })
/** Of the weights as they were: they are asked for. The check stays open until they come. */
export const pastLossCheck = (s: State, ask: () => Promise<Layers | null>, points: readonly Sample[]): Check => ({
  check: async () => {
    const layers = await ask()
    if (layers === null) throw new Error('another training has begun: its losses come')
    return plainLoss(s, layers, points)
  },
  floor: 1e-3,
})
/** In percent. */
export const accuracyCheck = (s: State, layers: Layers, points: readonly Sample[]): Check => ({ check: () => 100 * plainAccuracy(s, layers, points) })
export const answerCheck = (s: State, layers: Layers, { x, y }: Pick<Sample, 'x' | 'y'>): Check => ({ check: () => plainAnswer(s, layers, x, y), tolerance: 1e-5, floor: 1e-2 })
/** What neuron k of layer l says (layers counted from 0). */
export const signalCheck = (s: State, layers: Layers, { x, y }: Pick<Sample, 'x' | 'y'>, l: number, k: number): Check => ({ check: () => plainSignals(s, layers, x, y)[l]![k]!, tolerance: 1e-5, floor: 1e-2 })
/** The same as it is drawn: the answer from −1 to 1, a sigmoid from −½ to ½. */
export const drawn = (s: Pick<State, 'activation'>, last: boolean, a: number): number => (last ? 2 * a - 1 : s.activation === 'sigmoid' ? a - 0.5 : a)
export const drawnCheck = (s: State, layers: Layers, at: Pick<Sample, 'x' | 'y'>, l: number, k: number): Check => ({ check: () => drawn(s, l === layers.length - 1, plainSignals(s, layers, at.x, at.y)[l]![k]!), tolerance: 1e-5, floor: 1e-2 })
/** The length of the gradient of some points' mean loss. */
export const lengthCheck = (s: State, layers: Layers, points: readonly Sample[]): Check => ({ check: () => plainSlope(s, layers, points), tolerance: 1e-5, floor: 1e-2 })
