// State of the lab: the open card, how its model is run, and the answers of the matching task.
import { type Formed, integer, list, oneOf, record } from '../../core/shape.ts'

export const CARDS = ['mcculloch', 'rosenblatt', 'minsky', 'werbos', 'rumelhart', 'lenet', 'belief', 'alexnet', 'gan', 'seq2seq', 'resnet', 'transformer', 'bert', 'gpt', 'clip', 'diffusion', 'continual'] as const
export type CardId = (typeof CARDS)[number]
/** Length of a whole run, as in machines.ts (the tests compare them); and whether there are two ways to run it. */
export const RUNS: Readonly<Record<CardId, { readonly steps: number; readonly variants: 1 | 2; readonly lab: string | null }>> = {
  mcculloch: { steps: 8, variants: 1, lab: 'neuron' },
  rosenblatt: { steps: 160, variants: 1, lab: 'perceptron' },
  minsky: { steps: 16, variants: 1, lab: 'xor' },
  werbos: { steps: 6, variants: 1, lab: 'backprop' },
  rumelhart: { steps: 1200, variants: 1, lab: 'playground' },
  lenet: { steps: 300, variants: 1, lab: 'cnn' },
  belief: { steps: 600, variants: 1, lab: null },
  alexnet: { steps: 120, variants: 1, lab: 'activations' },
  gan: { steps: 1500, variants: 1, lab: null },
  seq2seq: { steps: 300, variants: 1, lab: null },
  resnet: { steps: 240, variants: 2, lab: null },
  transformer: { steps: 300, variants: 1, lab: null },
  bert: { steps: 300, variants: 1, lab: null },
  gpt: { steps: 400, variants: 1, lab: null },
  clip: { steps: 300, variants: 1, lab: null },
  diffusion: { steps: 1600, variants: 2, lab: null },
  continual: { steps: 300, variants: 2, lab: null },
}
export const LONGEST = 3200
/** Limits of the matching task, and the cards whose idea lifted each of them. */
export const LIMITS = ['oneLine', 'credit', 'position', 'manyLayers', 'bottleneck', 'degradation', 'leftOnly', 'forgets'] as const
export type LimitId = (typeof LIMITS)[number]
/** More than one may be right: hidden layers that can be taught came in 1974, and were shown to find features in 1986. */
export const LIFTED: Readonly<Record<LimitId, readonly [CardId, ...CardId[]]>> = {
  oneLine: ['rumelhart', 'werbos'], credit: ['werbos'], position: ['lenet'], manyLayers: ['belief'], bottleneck: ['transformer'], degradation: ['resnet'], leftOnly: ['bert'], forgets: ['continual'],
}
export const form = record({ card: oneOf(...CARDS), seed: integer(1, 999), steps: integer(0, LONGEST), variant: integer(0, 1), match: list(integer(-1, CARDS.length - 1), LIMITS.length) })
export type State = Formed<typeof form>
export const initial: State = { card: 'mcculloch', seed: 1, steps: 0, variant: 0, match: LIMITS.map(() => -1) }
export const solved: readonly number[] = LIMITS.map((limit) => CARDS.indexOf(LIFTED[limit][0]))
