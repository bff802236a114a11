// Can one neuron do it? Decided exactly: either weights that separate the two classes, or a proof that none exist:
// multipliers λ ≥ 0 under which the wanted inequalities add up to 0 > 0. (Gordan's theorem; Minsky and Papert, 1969.)
import { ValueError, listOf, objectOf } from '../base/index.ts'
import { type Bit, checkBits, checkExamples } from './checks.ts'
import { strictInequalities, toDoubles, toWhole } from './exact.ts'
import { allInputs } from './mcculloch-pitts.ts'

export type Separation =
  | {
      readonly separable: true
      /** Label 1 where b + Σ wᵢxᵢ > 0, label 0 where it is < 0. Whole numbers where they fit a double. */
      readonly weights: readonly number[]
      readonly bias: number
      /** The same as decimal strings, [b, w₁ … wₙ], exact however long. */
      readonly exact: readonly string[]
    }
  | {
      readonly separable: false
      /**
       * Rows and how often to take each (λ > 0). Rows of label 1 should give z > 0, rows of label 0 z ≤ 0; but the sum of
       * λx, and the sum of λ, are the same over both, so the sum of λz is too: it would be above 0 and not above 0.
       */
      readonly contradiction: readonly { readonly row: number; readonly label: Bit; readonly multiplier: number }[]
      readonly exact: readonly string[]
    }

/** Largest tables the exact method takes: rows × (dimensions + 2). */
const LIMIT = 200_000

/**
 * Separates points labelled 0 and 1 by one linear neuron, or proves that it cannot be done. Exact for any finite doubles.
 * @example
 * ```ts
 * import { separate } from 'gradus/models'
 *
 * const square = [[0, 0], [0, 1], [1, 0], [1, 1]]
 * separate(square, [0, 0, 0, 1]).separable // → true
 * separate(square, [0, 1, 1, 0]).separable // → false
 * ```
 */
export function separate(points: readonly (readonly number[])[], labels: readonly number[]): Separation {
  checkExamples('separate', points, labels)
  const dimension = points[0]!.length
  if (points.length * (dimension + 2) > LIMIT) {
    throw new ValueError('separate', 'too much data for the exact method', { expected: `at most ${LIMIT} numbers`, received: `${points.length} × ${dimension + 2}`, remedy: 'Train a perceptron with `pocket` instead.' })
  }
  const whole = toWhole(points)
  const one = 1n << BigInt(whole.exponent)
  const rows = whole.rows.map((p, i) => [one, ...p].map((v) => (labels[i] === 1 ? v : -v)))
  const answer = strictInequalities(rows, dimension + 1)
  if (answer.kind === 'solution') {
    // The bias multiplies the true 1, the rows hold it times 2^exponent as they hold the points: one scale for both.
    const [bias, ...weights] = toDoubles(answer.solution)
    return { separable: true, weights, bias: bias!, exact: answer.solution.map(String) }
  }
  const used = answer.multipliers.map((m, row) => ({ m, row })).filter(({ m }) => m > 0n)
  const doubles = toDoubles(used.map(({ m }) => m))
  return {
    separable: false,
    contradiction: used.map(({ row }, i) => ({ row, label: labels[row] as Bit, multiplier: doubles[i]! })),
    exact: used.map(({ m }) => String(m)),
  }
}

/** Variables of a truth table of 2ⁿ bits (n ≤ 20); other lengths are refused. */
export function tableVariables(operation: string, table: readonly number[]): number {
  checkBits(operation, 'table', table)
  const n = Math.log2(table.length)
  if (!Number.isInteger(n) || n > 20) throw new ValueError(operation, 'not a truth table', { expected: '2ⁿ bits, n ≤ 20', received: String(table.length) })
  return n
}

/**
 * A Boolean function, given as the last column of its truth table (2ⁿ bits, rows 00…0 to 11…1), as one
 * McCulloch–Pitts neuron with whole weights, or the proof that it is not linearly separable.
 */
export function separateBoolean(table: readonly number[]): Separation {
  const n = tableVariables('separateBoolean', table)
  return separate(allInputs(n), table)
}

/** Checks a proof without trusting who made it: adds up the rows. True if they contradict each other. */
export function verifyContradiction(points: readonly (readonly number[])[], separation: Separation): boolean {
  objectOf('verifyContradiction', 'separation', separation, 'what separate(points, labels) gives', 'separable')
  listOf('verifyContradiction', 'points', points)
  if (separation.separable) return false
  const { rows } = toWhole(points.map((p) => [1, ...p]))
  const total = Array.from({ length: rows[0]!.length }, () => 0n)
  separation.contradiction.forEach(({ row, label }, i) => {
    const times = BigInt(separation.exact[i]!)
    rows[row]!.forEach((v, at) => (total[at]! += label === 1 ? v * times : -v * times))
  })
  return separation.exact.length > 0 && separation.exact.every((m) => BigInt(m) > 0n) && total.every((v) => v === 0n)
}
