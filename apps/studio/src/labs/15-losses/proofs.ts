// The second way to the lab's numbers: plain arithmetic, and central differences instead of gradients.
import type { Check } from '../../core/proof.ts'
import { type State, plainCrossEntropy, plainCrossSlope, plainLoss, plainShares, plainSlope, sigmoid } from './model.ts'

type Kind = State['loss']
export const outputCheck = (z: number): Check => ({ check: () => sigmoid(z), tolerance: 1e-12 })
export const lossCheck = (kind: Kind, z: number, y: number): Check => ({ check: () => plainLoss(kind, z, y), tolerance: 1e-9, floor: 1e-5 })
export const slopeCheck = (kind: Kind, z: number, y: number): Check => ({ check: () => plainSlope(kind, z, y), floor: 1e-3 })
export const meanCheck = ({ loss, batch }: Pick<State, 'loss' | 'batch'>): Check => ({ check: () => batch.reduce((sum, { z, y }) => sum + plainLoss(loss, z, y), 0) / batch.length, tolerance: 1e-9 })
/** Of three classes. */
export const shareCheck = (logits: readonly number[], i: number): Check => ({ check: () => plainShares(logits)[i]!, tolerance: 1e-12 })
export const crossCheck = (logits: readonly number[], correct: number): Check => ({ check: () => plainCrossEntropy(logits, correct), tolerance: 1e-9, floor: 1e-5 })
export const crossSlopeCheck = (logits: readonly number[], correct: number, i: number): Check => ({ check: () => plainCrossSlope(logits, correct, i), floor: 1e-3 })
