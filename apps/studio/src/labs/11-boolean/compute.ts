// Networks of two layers for a truth table and for a polygon, by gradus/models; their answers on tensors.
import { GradusError, tensor } from 'gradus'
import { type LayeredNetwork, type Product, applyNetwork, booleanFormula, booleanNetwork, convexHull, convexPolygon, forwardTrace, minimiseTable, networkTensors, polyhedronNetwork, verifyBooleanOnTensors } from 'gradus/models'
import { type Face, MOST_VARIABLES } from './model.ts'

export interface Network {
  readonly network: LayeredNetwork
  readonly products: readonly Product[]
  readonly minimal: boolean
  /** Hidden potentials and outputs, the output's potential and the answer, row by row. */
  readonly hiddenZ: readonly (readonly number[])[]
  readonly hidden: readonly (readonly number[])[]
  readonly z: readonly number[]
  readonly a: readonly number[]
  /** Rows on which the network is wrong: none. */
  readonly wrong: readonly number[]
  /** Fewest products, whatever is shown. */
  readonly least: number
}
const bits = (n: number): number[][] => Array.from({ length: 2 ** n }, (_, r) => Array.from({ length: n }, (__, i) => (r >> (n - 1 - i)) & 1))

/** The network of a truth table with its signals on all rows. */
export async function build(table: readonly number[], minimise: boolean): Promise<Network> {
  const { network, products, minimal } = booleanNetwork(table, { minimise })
  const x = bits(Math.log2(table.length))
  const traces = x.map((row) => forwardTrace(network, row))
  const a = products.length === 0 ? table.map(() => 0) : Array.from(await applyNetwork(network, tensor(x, { dtype: 'float64' })).at(null, 0).data())
  const { wrong } = products.length === 0 ? { wrong: table.flatMap((y, r) => (y === 0 ? [] : [r])) } : await verifyBooleanOnTensors(network, table)
  return {
    network, products, minimal, a, wrong,
    hiddenZ: traces.map((t) => t.layers[0]!.z),
    hidden: traces.map((t) => t.layers[0]!.a),
    z: traces.map((t) => t.layers[1]!.z[0]!),
    least: minimise ? products.length : minimiseTable(table).products.length,
  }
}

export type Parsed = { readonly table: readonly number[]; readonly variables: readonly string[] } | { readonly fault: 'variables' | 'read'; readonly at: number; readonly detail: string }
/** A typed formula as a truth table; a fault says where. */
export async function parse(text: string): Promise<Parsed> {
  try {
    const found = booleanFormula(text)
    // x1, x3 leave a place for x2
    const numbers = found.variables.map((v) => /^[xх](\d)$/i.exec(v)?.[1])
    const n = numbers.every((d) => d !== undefined && Number(d) >= 1) ? Math.max(1, ...numbers.map(Number)) : Math.max(1, found.variables.length)
    if (n > MOST_VARIABLES || found.variables.length > n) return { fault: 'variables', at: 0, detail: found.variables.join(', ') }
    const letter = found.variables[0]?.slice(0, 1) ?? 'x'
    const variables = n === found.variables.length ? found.variables : found.variables.length === 0 ? ['x1'] : Array.from({ length: n }, (_, i) => `${letter}${i + 1}`)
    return { table: booleanFormula(text, { variables }).table, variables }
  } catch (error) {
    if (!(error instanceof GradusError)) throw error
    return { fault: 'read', at: Number(/at character (\d+)/.exec(error.message)?.[1] ?? 1), detail: error.message }
  }
}

export type Polygon =
  | { readonly ok: true; readonly corners: readonly (readonly [number, number])[]; readonly faces: readonly Face[]; readonly network: LayeredNetwork }
  | { readonly ok: false; readonly reason: 'twice' | 'flat' | 'crossing' | 'dent'; readonly hull: readonly (readonly [number, number])[] | null }
/** A convex polygon as a network, or why it is none. */
export async function polygon(corners: readonly (readonly number[])[]): Promise<Polygon> {
  const points = corners.map(([x, y]) => [x!, y!] as const)
  try {
    const { corners: round, faces } = convexPolygon(points)
    return { ok: true, corners: round, faces, network: polyhedronNetwork(faces) }
  } catch (error) {
    if (!(error instanceof GradusError)) throw error
    const reason = error.message.includes('twice') ? 'twice' : error.message.includes('no area') ? 'flat' : error.message.includes('cross') ? 'crossing' : 'dent'
    let hull: readonly (readonly [number, number])[] | null = null
    try {
      hull = convexHull(points)
    } catch (flat) {
      if (!(flat instanceof GradusError)) throw flat
    }
    return { ok: false, reason, hull }
  }
}

export interface Answers {
  /** Potentials of the hidden neurons, point by point. */
  readonly z: readonly (readonly number[])[]
  /** The potential of the output and its answer. */
  readonly out: readonly number[]
  readonly a: readonly number[]
}
/** The network of a polygon on many points. */
export async function answers(network: LayeredNetwork, points: readonly (readonly number[])[]): Promise<Answers> {
  const x = tensor(points, { dtype: 'float64' }) // (B,2)
  const [first, second] = networkTensors(network, 'float64')
  const z = x.matmul(first!.weight).add(first!.bias) // (B,2)·(2,F) → (B,F)
  const a = z.ge(tensor(0, { dtype: 'float64' })).to('float64')
  const out = a.matmul(second!.weight).add(second!.bias).at(null, 0) // (B)
  return { z: (await z.array()) as number[][], out: Array.from(await out.data()), a: Array.from(await applyNetwork(network, x).at(null, 0).data()) }
}
