// The shortest sum of products of a Boolean function: all prime implicants, then a least cover of the true rows.
// W. V. Quine, 1952; E. J. McCluskey. Minimization of Boolean functions. Bell System Technical Journal 35, 1956.
import { ValueError, listOf } from '../base/index.ts'
import { tableVariables } from './separability.ts'
import { leastCover } from './set-cover.ts'

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
  const { chosen, minimal } = leastCover(primes.map(rowsOf))
  return { products: chosen.map((i) => product(primes[i]!, n)).sort(byVariables), minimal, primes: primes.length }
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

/** x₁ before x̄₁ before products without the variable, then the same by x₂, … */
function byVariables(a: Product, b: Product): number {
  const rank = (v: 0 | 1 | null): number => (v === 1 ? 0 : v === 0 ? 1 : 2)
  const at = a.findIndex((v, i) => v !== b[i])
  return at < 0 ? 0 : rank(a[at]!) - rank(b[at]!)
}

/** A sum of products as text: x₁x̄₂ ∨ x₃. */
export function showProducts(products: readonly Product[]): string {
  for (const product of listOf('showProducts', 'products', products)) listOf('showProducts', 'product', product)
  const digits = '₀₁₂₃₄₅₆₇₈₉'
  const name = (i: number): string => [...String(i + 1)].map((d) => digits[Number(d)]).join('')
  if (products.length === 0) return '0'
  return products.map((p) => p.map((v, i) => (v === null ? '' : `x${v === 0 ? '\u0304' : ''}${name(i)}`)).join('') || '1').join(' ∨ ')
}
