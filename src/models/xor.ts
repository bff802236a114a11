// XOR, which no single neuron can compute, in the lecture's two ways (B3), checked on all four rows.
import type { Bit } from './checks.ts'
import { type LayeredNetwork, forwardTrace } from './layered-network.ts'
import { allInputs } from './mcculloch-pitts.ts'

export interface XorRow {
  readonly x: readonly Bit[]
  readonly wanted: Bit
  /** Every potential and output of the network, layer by layer. */
  readonly trace: ReturnType<typeof forwardTrace>
  readonly got: number
}
export interface XorSolution {
  readonly network: LayeredNetwork
  /** What the network is fed for the point (x₁, x₂). */
  readonly features: (x: readonly number[]) => readonly number[]
  readonly rows: readonly XorRow[]
  readonly correct: boolean
}

/**
 * Way 1: two lines, each a neuron of its own, and a neuron that joins them. x₁ + x₂ = ½ has 00 below it, x₁ + x₂ = 1½ has
 * 11 above it; the second layer fires between the lines.
 *
 * @example
 * ```ts
 * import { xorByTwoLines } from 'gradus/models'
 *
 * xorByTwoLines().rows.map((row) => row.got) // → [0, 1, 1, 0]
 * ```
 */
export const xorByTwoLines = (): XorSolution =>
  solved(
    {
      layers: [
        { weights: [[1, -1], [1, -1]], biases: [-0.5, 1.5], activation: 'step' },
        { weights: [[1], [1]], biases: [-1.5], activation: 'step' },
      ],
    },
    (x) => x,
  )

/** Way 2: one neuron and one more input, the product x₁x₂: z = x₁ + x₂ − 2x₁x₂ − ½. */
export const xorByFeature = (): XorSolution =>
  solved({ layers: [{ weights: [[1], [1], [-2]], biases: [-0.5], activation: 'step' }] }, (x) => [x[0]!, x[1]!, x[0]! * x[1]!])

function solved(network: LayeredNetwork, features: XorSolution['features']): XorSolution {
  const rows = allInputs(2).map((x): XorRow => {
    const trace = forwardTrace(network, features(x))
    return { x, wanted: (x[0]! ^ x[1]!) as Bit, trace, got: trace.output[0]! }
  })
  return { network, features, rows, correct: rows.every((r) => r.got === r.wanted) }
}
