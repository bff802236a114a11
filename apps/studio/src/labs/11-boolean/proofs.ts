// The second way to the lab's numbers: the products and the truth table themselves, the corners of the polygon; what stands at
// the edges of a network is asked of the network: by how much a signal changes with an input.
import type { Check } from '../../core/proof.ts'
import { type Face, edgePotential, fewestProducts, holds, insidePolygon, mismatches } from './model.ts'

type Product = readonly (number | null)[]
type Row = readonly number[]
type Corners = readonly (readonly [number, number])[]

// ---- a truth table ---------------------------------------------------------------------------------------------------

/** z of the output: how many products are true of a row. */
export const outputCheck = (products: readonly Product[], x: Row): Check => ({ check: () => products.filter((p) => holds(p, x)).length, tolerance: 1e-9 })
/** `hiddenZ`: signals of the hidden neurons, row by row; the weight of input i of n into neuron k. */
export const weightCheck = (hiddenZ: readonly Row[], row: number, i: number, n: number, k: number): Check => {
  const bit = 1 << (n - 1 - i)
  return { check: () => hiddenZ[row | bit]![k]! - hiddenZ[row & ~bit]![k]!, tolerance: 0 }
}
export const biasCheck = (hiddenZ: readonly Row[], k: number): Check => ({ check: () => hiddenZ[0]![k]!, tolerance: 0 })
export const firesCheck = (product: Product, x: Row): Check => ({ check: () => (holds(product, x) ? 1 : 0), tolerance: 0 })
export const hiddenCheck = (product: Product, x: Row): Check => ({ check: () => 1 - mismatches(product, x), tolerance: 0 })
/** Rows of which the products say what the table says (`right`), or do not. */
export const rowsCheck = (products: readonly Product[], all: readonly Row[], table: Row, right: boolean): Check => ({
  check: () => all.filter((x, r) => (Number(products.some((p) => holds(p, x))) === table[r]) === right).length, tolerance: 0,
})
export const countCheck = (table: Row, least: boolean): Check => ({ check: () => (least ? fewestProducts(table) : table.filter((y) => y === 1).length), tolerance: 0 })

// ---- a polygon -------------------------------------------------------------------------------------------------------

export const potentialCheck = (edge: Corners, face: Face, point: Row): Check => ({ check: () => edgePotential(edge, face, point), tolerance: 1e-9 })
const within = (edge: Corners, face: Face, point: Row): boolean => edgePotential(edge, face, point) >= -1e-12
export const sideCheck = (edge: Corners, face: Face, point: Row): Check => ({ check: () => (within(edge, face, point) ? 1 : 0), tolerance: 0 })
export const edgeOf = (corners: Corners, k: number): Corners => [corners[k]!, corners[(k + 1) % corners.length]!]
/** A number at edge k, asked of the network at three points. */
export const numberCheck = (signals: (points: readonly (readonly [number, number])[]) => Promise<readonly Row[]>, k: number, of: 'w1' | 'w2' | 'b'): Check => ({
  check: async () => {
    const z = await signals([[0, 0], [1, 0], [0, 1]])
    return of === 'b' ? z[0]![k]! : z[of === 'w1' ? 1 : 2]![k]! - z[0]![k]!
  },
  tolerance: 1e-9,
})
/** Points at which the network says what the edges say (`right`), or does not. */
export const gridCheck = (corners: Corners, faces: readonly Face[], points: readonly Row[], said: Row, right: boolean): Check => ({
  check: () => points.filter((p, i) => (faces.every((face, k) => within(edgeOf(corners, k), face, p)) === (said[i] === 1)) === right).length, tolerance: 0,
})
export const insideCheck = (corners: readonly Row[], point: Row): Check => ({ check: () => (insidePolygon(corners, point) ? 1 : 0), tolerance: 0 })
