// Medians, ranges, and whether two lists of numbers say the same.

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

export interface Summary {
  readonly median: number
  readonly low: number
  readonly high: number
}
export const summarize = (values: readonly number[]): Summary => ({ median: median(values), low: Math.min(...values), high: Math.max(...values) })

/**
 * The first place at which two lists differ by more than `tolerance` of the larger of: the values there, and
 * `scale` × the largest value. null: they agree.
 */
export function firstDifference(a: readonly number[], b: readonly number[], tolerance = 1e-3, scale = 0): number | null {
  if (a.length !== b.length) return Math.min(a.length, b.length)
  const largest = a.reduce((m, x) => (Math.abs(x) > m ? Math.abs(x) : m), 0)
  const at = a.findIndex((x, i) => {
    const y = b[i]!
    return !(Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y), scale * largest))
  })
  return at < 0 ? null : at
}

/** Who has the turn: A B C, A B C, … with every round begun by another one. */
export function turns(count: number, rounds: number): number[] {
  return Array.from({ length: count * rounds }, (_, i) => {
    const round = Math.floor(i / count)
    return (i + round) % count
  })
}
