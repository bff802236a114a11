// What can go wrong while a classifier of digits is trained, told from its loss and the signals of its hidden layers.
/** The loss of guessing among ten digits: ln 10. */
export const GUESSING = Math.log(10)
export type Trouble = 'broken' | 'diverged' | 'dead' | 'saturated'
interface Seen {
  readonly loss: number
  readonly dead?: readonly number[]
  readonly saturated?: readonly number[]
}
/** Numbers that are none; a loss far above guessing; layers of `widths` neurons that mostly lie dead or saturated. */
export function troubleOf(widths: readonly number[], activation: 'relu' | 'sigmoid', { loss, dead = [], saturated = [] }: Seen): Trouble | null {
  if (!Number.isFinite(loss)) return 'broken'
  const share = (counts: readonly number[]): number => Math.max(0, ...counts.map((n, l) => n / (widths[l] ?? Number.POSITIVE_INFINITY)))
  if (activation === 'relu' && share(dead) > 0.3) return 'dead'
  if (loss > 3 * GUESSING) return 'diverged'
  if (activation === 'sigmoid' && share(saturated) > 0.3) return 'saturated'
  return null
}
