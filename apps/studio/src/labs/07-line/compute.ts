// The neuron at many points, and the geometry of its line, computed by Gradus.
import { stack, tensor } from 'gradus'

export interface Line {
  readonly z: readonly number[]
  /** ‖w‖ */
  readonly norm: number
  /** −w₁/w₂ */
  readonly slope: number
  /** −b/w₂: where the line crosses the x₂ axis. */
  readonly intercept: number
  /** |b|/‖w‖: from the origin. */
  readonly distance: number
}

const f64 = { dtype: 'float64' } as const

/** z at points (B,2) and what the weights say about the line. */
export async function line(points: readonly (readonly [number, number])[], w: readonly [number, number], b: number): Promise<Line> {
  const weights = tensor(w, f64)
  const bias = tensor(b, f64)
  const norm = weights.norm()
  const slope = weights.at(0).div(weights.at(1)).neg()
  const intercept = bias.div(weights.at(1)).neg()
  const numbers = await stack([norm, slope, intercept, bias.abs().div(norm)]).data()
  const z = points.length === 0 ? [] : Array.from(await tensor(points, f64).matmul(weights).add(bias).data()) // (B,2)·(2) → (B)
  return { z, norm: numbers[0]!, slope: numbers[1]!, intercept: numbers[2]!, distance: numbers[3]! }
}
