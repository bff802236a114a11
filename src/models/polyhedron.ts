// Any convex polyhedron in ℝⁿ as a network of two layers (B7): one neuron per face, and an AND. The faces are checked
// exactly: an empty or flat polyhedron is refused with a proof, faces that cut nothing off are left out.
import { ShapeError, ValueError, objectOf, optionsOf } from '../base/index.ts'
import { checkMatrix, checkVector } from './checks.ts'
import { farkas, strictInequalities, toDoubles, toWhole } from './exact.ts'
import { type LayeredNetwork, forwardTrace } from './layered-network.ts'

/** The half-space b + w·x ≥ 0. */
export interface HalfSpace {
  readonly weights: readonly number[]
  readonly bias: number
}
export interface Polyhedron {
  readonly dimension: number
  /** The faces that matter. */
  readonly faces: readonly HalfSpace[]
  /** Positions, in the list given, of the half-spaces that cut nothing off. */
  readonly redundant: readonly number[]
  /** A point strictly inside. */
  readonly interior: readonly number[]
  /** False if it reaches to infinity. */
  readonly bounded: boolean
}

/**
 * The polyhedron b + w·x ≥ 0 for all half-spaces. Refused: none at all, w = 0, an empty or flat intersection. Decided in
 * exact arithmetic for any finite doubles.
 * @example
 * ```ts
 * import { polyhedron } from 'gradus/models'
 *
 * const triangle = polyhedron([{ weights: [1, 0], bias: 0 }, { weights: [0, 1], bias: 0 }, { weights: [-1, -1], bias: 1 }])
 * triangle.bounded // → true
 * triangle.faces.length // → 3
 * ```
 */
export function polyhedron(halfSpaces: readonly HalfSpace[]): Polyhedron {
  if (!Array.isArray(halfSpaces) || halfSpaces.length === 0) throw new ValueError('polyhedron', 'no faces', { expected: 'at least one half-space', received: '0' })
  halfSpaces.forEach((h, i) => checkVector('polyhedron', `weights of face ${i}`, h?.weights))
  const dimension = halfSpaces[0]!.weights.length
  if (dimension === 0) throw new ShapeError('polyhedron', 'no dimensions', { expected: 'at least one weight a face', received: '0' })
  checkMatrix('polyhedron', 'weights', halfSpaces.map((h) => h.weights), dimension)
  checkVector('polyhedron', 'biases', halfSpaces.map((h) => h.bias))
  const flat = halfSpaces.findIndex((h) => h.weights.every((w: number) => w === 0))
  if (flat >= 0) throw new ValueError('polyhedron', `face ${flat} is no plane`, { expected: 'a weight other than 0', received: 'zeros' })
  const { rows } = toWhole(halfSpaces.map((h) => [h.bias, ...h.weights]))
  const ahead = [1n, ...Array.from({ length: dimension }, () => 0n)]
  const inside = (faces: readonly (readonly bigint[])[]) => strictInequalities([...faces, ahead], dimension + 1)
  const answer = inside(rows)
  if (answer.kind === 'contradiction') {
    const used = answer.multipliers.slice(0, -1).flatMap((m, i) => (m > 0n ? [`${m} × face ${i}`] : []))
    throw new ValueError('polyhedron', 'no point lies strictly inside all faces', { expected: 'a polyhedron with an interior', received: `faces that contradict each other: ${used.join(' + ')} is never above 0`, remedy: 'Check the signs: inside is b + w·x ≥ 0.' })
  }
  const kept = rows.map((_, i) => i)
  const redundant: number[] = []
  for (let i = 0; i < rows.length; i++) {
    const others = kept.filter((k) => k !== i).map((k) => rows[k]!)
    if (inside([...others, rows[i]!.map((v) => -v)]).kind === 'solution') continue
    redundant.push(i)
    kept.splice(kept.indexOf(i), 1)
  }
  const [one, ...point] = toDoubles(answer.solution)
  return {
    dimension,
    faces: kept.map((i) => ({ weights: [...halfSpaces[i]!.weights], bias: halfSpaces[i]!.bias })),
    redundant,
    interior: point.map((v) => v / one!),
    bounded: isBounded(kept.map((i) => rows[i]!.slice(1)), dimension),
  }
}

/** Bounded if the normals span every direction with weights ≥ 0: then no ray stays inside. */
function isBounded(normals: readonly (readonly bigint[])[], dimension: number): boolean {
  for (let axis = 0; axis < dimension; axis++) {
    for (const sign of [1n, -1n]) {
      const target = Array.from({ length: dimension }, (_, d) => (d === axis ? sign : 0n))
      if (farkas(normals, target).kind === 'separator') return false
    }
  }
  return true
}

/**
 * The network: hidden neuron k fires on the inner side of face k, the output fires if all F of them do (z = Σ a − F + 1).
 * `closed` (the default) counts the boundary as inside, with the rule a = 1 if z ≥ 0 in the hidden layer; `open` does not,
 * with the rule a = 1 if z > 0.
 */
export function polyhedronNetwork(shape: Polyhedron | readonly HalfSpace[], options: { readonly boundary?: 'closed' | 'open' } = {}): LayeredNetwork {
  objectOf('polyhedronNetwork', 'shape', shape, 'half-spaces, or what polyhedron(…) gives')
  optionsOf('polyhedronNetwork', options)
  const { faces, dimension } = 'faces' in shape ? shape : polyhedron(shape)
  const { boundary = 'closed' } = options
  if (boundary !== 'closed' && boundary !== 'open') throw new ValueError('polyhedronNetwork', 'bad boundary', { expected: 'closed or open', received: String(boundary) })
  return {
    layers: [
      { weights: Array.from({ length: dimension }, (_, j) => faces.map((f) => f.weights[j]!)), biases: faces.map((f) => f.bias), activation: boundary === 'closed' ? 'stepInclusive' : 'step' },
      { weights: faces.map(() => [1]), biases: [1 - faces.length], activation: 'step' },
    ],
  }
}

/** True if the network says that the point is inside. */
export const contains = (network: LayeredNetwork, x: readonly number[]): boolean => forwardTrace(network, x).output[0] === 1
