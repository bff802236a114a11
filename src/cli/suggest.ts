// "Did you mean …?": the nearest of the names there are.
import { UsageError } from './errors.ts'

/** Insertions, deletions, replacements and swaps of neighbours from one word to the other (Damerau, optimal alignment). */
export function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)])
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      rows[i]![j] = best
    }
  }
  return rows[a.length]![b.length]!
}

/** The nearest name, if it is near enough to be meant. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names.map((n) => ({ n, d: distance(name.toLowerCase(), n.toLowerCase()) })).sort((a, b) => a.d - b.d)
  const [first] = ranked
  return first !== undefined && first.d <= Math.max(2, Math.floor(name.length / 3)) ? first.n : undefined
}

/** The error for a name that does not exist. */
export function unknownName(kind: string, name: string, names: readonly string[]): UsageError {
  const near = nearest(name, names)
  return new UsageError(`unknown ${kind} "${name}".${near === undefined ? '' : ` Did you mean ${near}?`} There ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ')}.`)
}
