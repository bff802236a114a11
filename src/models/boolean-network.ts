// Any Boolean function of n variables as a network of two layers of steps (B6): one hidden neuron per product of the
// function's sum of products, and an OR. Checked on all 2ⁿ rows.
import { ValueError, functionOf, optionsOf } from '../base/index.ts'
import { tensor } from '../tensor/index.ts'
import { type Bit, checkCount } from './checks.ts'
import { type LayeredNetwork, applyNetwork, forwardTrace, networkSizes } from './layered-network.ts'
import { allInputs } from './mcculloch-pitts.ts'
import { type Product, minimiseTable } from './quine-mccluskey.ts'
import { tableVariables } from './separability.ts'

export interface BooleanNetwork {
  readonly network: LayeredNetwork
  /** What each hidden neuron stands for. */
  readonly products: readonly Product[]
  readonly hidden: number
  /** True if the products are known to be as few as possible (always false for `minimise: false`). */
  readonly minimal: boolean
}

/** The truth table of a function of n bits, n ≤ 20. */
export function tableOf(n: number, f: (x: readonly Bit[]) => boolean | number): Bit[] {
  functionOf('tableOf', f)
  checkCount('tableOf', 'n', n, 0, 20)
  return allInputs(n).map((x) => {
    const y = f(x)
    if (y !== true && y !== false && y !== 0 && y !== 1) throw new ValueError('tableOf', 'the function gave no bit', { expected: 'true, false, 0 or 1', received: String(y) })
    return y ? 1 : 0
  })
}

/**
 * Builds the network from a truth table (2ⁿ bits, row 00…0 first). Without `minimise` there is one hidden neuron per
 * true row (the perfect disjunctive normal form); with it (the default for n ≤ 12) one per product of a shortest form.
 * Weights are −1, 0 and 1, biases whole: a hidden neuron's z is 1 on its rows and 0 or less on all others.
 * @example
 * ```ts
 * import { booleanNetwork, showProducts } from 'gradus/models'
 *
 * const { hidden, products } = booleanNetwork([0, 1, 1, 1])
 * hidden // → 2
 * showProducts(products) // → 'x₁ ∨ x₂'
 * ```
 */
export function booleanNetwork(table: readonly number[], options: { readonly minimise?: boolean } = {}): BooleanNetwork {
  optionsOf('booleanNetwork', options)
  const n = tableVariables('booleanNetwork', table)
  const { minimise = n <= 12 } = options
  const form = minimise ? minimiseTable(table) : { products: fullProducts(table, n), minimal: false }
  return { network: networkOf(form.products, n), products: form.products, hidden: form.products.length, minimal: form.minimal }
}

const fullProducts = (table: readonly number[], n: number): Product[] => allInputs(n).filter((_, row) => table[row] === 1)

function networkOf(products: readonly Product[], n: number): LayeredNetwork {
  const weights = Array.from({ length: n }, (_, j) => products.map((p) => (p[j] === null ? 0 : p[j] === 1 ? 1 : -1)))
  const biases = products.map((p) => 1 - p.filter((v) => v === 1).length)
  return {
    layers: [
      { weights, biases, activation: 'step' },
      { weights: products.map(() => [1]), biases: [0], activation: 'step' },
    ],
  }
}

export interface Verification {
  readonly rows: number
  /** Rows on which the network and the function differ; empty if all is well. */
  readonly wrong: readonly number[]
}

/** Runs the network on every row, in plain numbers, and compares. */
export function verifyBoolean(network: LayeredNetwork, table: readonly number[]): Verification {
  const n = tableVariables('verifyBoolean', table)
  const wrong: number[] = []
  allInputs(n).forEach((x, row) => forwardTrace(network, x).output[0] !== table[row] && wrong.push(row))
  return { rows: table.length, wrong }
}

/** The same on tensors, all rows as one batch. */
export async function verifyBooleanOnTensors(network: LayeredNetwork, table: readonly number[]): Promise<Verification> {
  const n = tableVariables('verifyBoolean', table)
  if (networkSizes(network)[0] !== n) throw new ValueError('verifyBoolean', 'the network has other inputs', { expected: String(n), received: String(networkSizes(network)[0]) })
  const x = tensor(allInputs(n).flat(), { shape: [table.length, n], dtype: 'float32' })
  const out = await applyNetwork(network, x).data()
  return { rows: table.length, wrong: table.flatMap((y, row) => (out[row] === y ? [] : [row])) }
}
