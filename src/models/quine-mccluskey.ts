// The shortest sum of products of a Boolean function: all prime implicants, then a least cover of the true rows.
// W. V. Quine, 1952; E. J. McCluskey. Minimization of Boolean functions. Bell System Technical Journal 35, 1956.
import { ValueError } from '../base/index.ts'
import { tableVariables } from './separability.ts'

/** A product of literals: one entry per variable, 1 (xᵢ), 0 (not xᵢ), or null (xᵢ does not matter). */
export type Product = readonly (0 | 1 | null)[]
export interface MinimalForm {
  readonly products: readonly Product[]
  /** True if no sum of fewer prime products exists; false if the search was cut short and the cover is only a good one. */
  readonly minimal: boolean
  /** How many prime implicants there are. */
  readonly primes: number
}
/** A product as bits: `free` marks the variables that do not matter, `value` holds the others. */
interface Cube {
  readonly free: number
  readonly value: number
}

const MOST_VARIABLES = 12
/** Branches of the exact cover search before it settles for a good cover. */
const BUDGET = 20_000

/**
 * Minimises a truth table of 2ⁿ bits, n ≤ 12, row 00…0 first.
 * @example
 * ```ts
 * import { minimiseTable } from 'gradus/models'
 *
 * minimiseTable([0, 0, 1, 1]).products // → [[1, null]]
 * ```
 */
export function minimiseTable(table: readonly number[]): MinimalForm {
  const n = tableVariables('minimiseTable', table)
  if (n > MOST_VARIABLES) throw new ValueError('minimiseTable', 'too many variables', { expected: `at most ${MOST_VARIABLES}`, received: String(n) })
  const primes = primeImplicants(table, n)
  const { chosen, minimal } = leastCover(table, primes)
  return { products: chosen.map((c) => product(c, n)), minimal, primes: primes.length }
}

/** A cube is implied if both halves are; it is prime if no wider cube around it is implied. */
function primeImplicants(table: readonly number[], n: number): Cube[] {
  const size = 2 ** n
  const implied = new Uint8Array(size * size)
  for (let free = 0; free < size; free++) {
    const bit = free & -free
    for (let value = 0; value < size; value++) {
      if ((value & free) !== 0) continue
      const rest = (free ^ bit) * size
      implied[free * size + value] = free === 0 ? table[value]! : implied[rest + value]! & implied[rest + (value | bit)]!
    }
  }
  const primes: Cube[] = []
  for (let free = 0; free < size; free++) {
    for (let value = 0; value < size; value++) {
      if (implied[free * size + value] === 0) continue
      let prime = true
      for (let bit = 1; bit < size && prime; bit <<= 1) {
        if ((free & bit) === 0 && implied[(free | bit) * size + (value & ~bit)] === 1) prime = false
      }
      if (prime) primes.push({ free, value })
    }
  }
  return primes
}

function leastCover(table: readonly number[], primes: readonly Cube[]): { chosen: Cube[]; minimal: boolean } {
  const covers = primes.map((c) => rowsOf(c))
  const coveredBy = new Map<number, number[]>()
  table.forEach((v, row) => v === 1 && coveredBy.set(row, []))
  covers.forEach((rows, p) => {
    for (const row of rows) coveredBy.get(row)!.push(p)
  })
  // essential primes: the only cover of some row
  const essential = new Set<number>()
  for (const list of coveredBy.values()) if (list.length === 1) essential.add(list[0]!)
  const open = new Set(coveredBy.keys())
  for (const p of essential) for (const row of covers[p]!) open.delete(row)
  const greedy = greedyCover(open, covers)
  let best = greedy
  let budget = BUDGET
  const search = (left: ReadonlySet<number>, taken: readonly number[]): void => {
    if (left.size === 0) {
      if (taken.length < best.length) best = [...taken]
      return
    }
    if (budget-- <= 0) return
    // every open row needs a prime, and no prime covers more than `widest` of them
    let widest = 1
    let hardest = -1
    for (const row of left) if (hardest < 0 || coveredBy.get(row)!.length < coveredBy.get(hardest)!.length) hardest = row
    const tried = new Set<number>()
    for (const row of left) for (const p of coveredBy.get(row)!) if (!tried.has(p)) {
      tried.add(p)
      widest = Math.max(widest, covers[p]!.reduce((s, r) => s + (left.has(r) ? 1 : 0), 0))
    }
    if (taken.length + Math.ceil(left.size / widest) >= best.length) return
    for (const p of coveredBy.get(hardest)!) {
      const next = new Set(left)
      for (const row of covers[p]!) next.delete(row)
      search(next, [...taken, p])
    }
  }
  search(open, [])
  return { chosen: [...essential, ...best].map((p) => primes[p]!), minimal: budget > 0 }
}

function greedyCover(open: ReadonlySet<number>, covers: readonly (readonly number[])[]): number[] {
  const left = new Set(open)
  const taken: number[] = []
  while (left.size > 0) {
    let best = 0
    let most = -1
    covers.forEach((rows, p) => {
      const gain = rows.reduce((s, r) => s + (left.has(r) ? 1 : 0), 0)
      if (gain > most) [best, most] = [p, gain]
    })
    taken.push(best)
    for (const row of covers[best]!) left.delete(row)
  }
  return taken
}

/** Rows of the truth table a cube covers: its value with every setting of the free bits. */
function rowsOf({ free, value }: Cube): number[] {
  const rows: number[] = []
  for (let sub = free; ; sub = (sub - 1) & free) {
    rows.push(value | sub)
    if (sub === 0) return rows
  }
}

function product({ free, value }: Cube, n: number): Product {
  return Array.from({ length: n }, (_, i) => {
    const bit = 1 << (n - 1 - i)
    return (free & bit) !== 0 ? null : (value & bit) !== 0 ? 1 : 0
  })
}

/** A sum of products as text: x₁x̄₂ ∨ x₃. */
export function showProducts(products: readonly Product[]): string {
  const digits = '₀₁₂₃₄₅₆₇₈₉'
  const name = (i: number): string => [...String(i + 1)].map((d) => digits[Number(d)]).join('')
  if (products.length === 0) return '0'
  return products.map((p) => p.map((v, i) => (v === null ? '' : `x${v === 0 ? '\u0304' : ''}${name(i)}`)).join('') || '1').join(' ∨ ')
}
