// Which point is shown when, and where the weights change: an epoch shows every training point once, in an order of its own;
// a full batch (or the end of the epoch) makes one update. All of it follows from the seed.
import { random, shuffled } from '../../core/random.ts'
import { MOST_EPOCHS, type State, samples } from './model.ts'

export interface Place {
  /** Training points. */
  readonly n: number
  readonly batch: number
  readonly epoch: number
  /** Points shown in this epoch. */
  readonly inEpoch: number
  /** Updates made so far. */
  readonly updates: number
  /** Points shown when the last update was made. */
  readonly settled: number
  /** Points that wait in the batch. */
  readonly waiting: number
  /** Points the next update waits for, in all. */
  readonly wanted: number
}
export function placeOf(s: State, n: number, seen: number = s.seen): Place {
  const batch = Math.min(s.batch, n)
  const [epoch, inEpoch] = [Math.floor(seen / n), seen % n]
  const full = Math.floor(inEpoch / batch)
  const settled = epoch * n + full * batch
  return { n, batch, epoch, inEpoch, updates: epoch * Math.ceil(n / batch) + full, settled, waiting: seen - settled, wanted: Math.min(batch, n - full * batch) }
}

export type Step = 'sample' | 'batch' | 'epoch'
/** Where a step leads: forward (+1) or back (−1). */
export function stepped(s: State, by: Step, way: 1 | -1): number {
  const n = samples(s).train.length
  const { epoch, inEpoch, settled, waiting, wanted, batch } = placeOf(s, n)
  const last = MOST_EPOCHS * n
  if (by === 'sample') return Math.max(0, Math.min(last, s.seen + way))
  if (by === 'epoch') return Math.max(0, Math.min(last, (way === 1 ? epoch + 1 : inEpoch > 0 ? epoch : epoch - 1) * n))
  if (way === 1) return Math.min(last, settled + wanted)
  if (waiting > 0) return settled
  // an epoch's last batch may be smaller
  return Math.max(0, inEpoch > 0 ? settled - batch : settled - (n % batch === 0 ? batch : n % batch))
}

const mix = (seed: number, k: number): number => (Math.imul(seed, 0x9e3779b1) ^ Math.imul(k + 1, 0x85ebca6b)) >>> 0
/** The order of an epoch. */
export const orderOf = (seed: number, epoch: number, n: number): readonly number[] => shuffled(Array.from({ length: n }, (_, i) => i), random(mix(seed, epoch)))
/** Dropout of one update: kept signals are scaled by 1/(1 − p), the others are 0; (rows, width) for every hidden layer. */
export function masksOf(s: Pick<State, 'seed' | 'hidden' | 'dropout'>, update: number, rows: number): readonly Float64Array[] {
  const next = random(mix(s.seed + 7, update))
  return s.hidden.map((width) => Float64Array.from({ length: rows * width }, () => (next() < s.dropout ? 0 : 1 / (1 - s.dropout))))
}
