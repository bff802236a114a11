// Universal approximation by construction (B5): steep sigmoids make steps, pairs of steps make bumps, bumps added up with
// the function's values make the function. The theorem holds on a compact set: here the closed interval [a, b].
// G. Cybenko. Approximation by superpositions of a sigmoidal function. Math. Control Signals Systems 2, 1989.
import { ValueError } from '../base/index.ts'
import { activationFunction } from './activation-functions.ts'
import { checkCount, checkNumber, checkPositive } from './checks.ts'
import { type LayeredNetwork, networkOutput } from './layered-network.ts'

export type Interval = readonly [number, number]

export interface Bump {
  /** The bump is σ(k(x − from)) − σ(k(x − to)): about 1 between the two, about 0 elsewhere. */
  readonly from: number
  readonly to: number
  /** f in the middle */
  readonly height: number
}
export interface BumpApproximation {
  readonly interval: Interval
  readonly bumps: readonly Bump[]
  /** k, the weight of every hidden neuron */
  readonly steepness: number
  /** `pairs`: 2N hidden neurons, a pair per bump. `shared`: N − 1, neighbours share the step between them. */
  readonly form: 'pairs' | 'shared'
  /** One input, sigmoid hidden layer, linear output. */
  readonly network: LayeredNetwork
}

/** Closed, bounded, not empty: the theorem says nothing about anything else. */
export function checkInterval(operation: string, interval: Interval): void {
  if (!Array.isArray(interval) || interval.length !== 2 || !interval.every(Number.isFinite) || !(interval[0] < interval[1])) {
    throw new ValueError(operation, 'the interval is not compact', { expected: '[a, b], two finite numbers, a < b', received: JSON.stringify(interval)?.replaceAll('null', '∞ or NaN') ?? 'none', remedy: 'The theorem of universal approximation holds on a closed bounded interval only.' })
  }
}

/** f at x; refuses what a continuous function does not have. */
export function checkedValue(operation: string, f: (x: number) => number, x: number): number {
  const y = f(x)
  if (!Number.isFinite(y)) throw new ValueError(operation, `f(${x}) is not a finite number`, { expected: 'a function that is continuous on the whole interval', received: String(y) })
  return y
}

/**
 * f on [a, b] by N bumps of one width h = (b − a)/N. `sharpness` is k·h, the steepness in widths of a bump (default 30:
 * a step takes about a fifth of a bump). The error falls like h for a smooth f: see `measureConvergence`.
 * @example
 * ```ts
 * import { approximateByBumps, networkOutput } from 'gradus/models'
 *
 * const { network } = approximateByBumps(Math.sin, [0, 2 * Math.PI], 50)
 * Math.abs(networkOutput(network, [1])[0]! - Math.sin(1)) < 0.05 // → true
 * ```
 */
export function approximateByBumps(
  f: (x: number) => number,
  interval: Interval,
  count: number,
  options: { readonly sharpness?: number; readonly form?: 'pairs' | 'shared' } = {},
): BumpApproximation {
  checkInterval('approximateByBumps', interval)
  checkCount('approximateByBumps', 'count', count, 1, 100_000)
  const { sharpness = 30, form = 'pairs' } = options
  checkPositive('approximateByBumps', 'sharpness', sharpness)
  if (form !== 'pairs' && form !== 'shared') throw new ValueError('approximateByBumps', 'bad form', { expected: 'pairs or shared', received: String(form) })
  const [a, b] = interval
  const width = (b - a) / count
  const steepness = sharpness / width
  const edge = (i: number): number => a + (b - a) * (i / count)
  const bumps = Array.from({ length: count }, (_, i): Bump => {
    const height = checkedValue('approximateByBumps', f, (edge(i) + edge(i + 1)) / 2)
    // The outer steps are moved out by a width, so that the bumps add up to 1 at a and b as well.
    return { from: i === 0 ? a - width : edge(i), to: i === count - 1 ? b + width : edge(i + 1), height }
  })
  const network = form === 'pairs' ? pairedNetwork(bumps, steepness) : sharedNetwork(bumps, steepness)
  return { interval: [a, b], bumps, steepness, form, network }
}

/** σ(k(x − e)) is a hidden neuron of weight k and bias −ke; a bump is one with output weight +height and one with −height. */
function pairedNetwork(bumps: readonly Bump[], k: number): LayeredNetwork {
  const edges = bumps.flatMap(({ from, to }) => [from, to])
  return {
    layers: [
      { weights: [edges.map(() => k)], biases: edges.map((e) => -k * e), activation: 'sigmoid' },
      { weights: bumps.flatMap(({ height }) => [[height], [-height]]), biases: [0], activation: 'identity' },
    ],
  }
}
/** The same sum with neighbours' steps joined: f₁ + Σ (fᵢ₊₁ − fᵢ) σ(k(x − eᵢ)). */
function sharedNetwork(bumps: readonly Bump[], k: number): LayeredNetwork {
  const inner = bumps.slice(1)
  return {
    layers: [
      { weights: [inner.map(() => k)], biases: inner.map((bump) => -k * bump.from), activation: 'sigmoid' },
      { weights: inner.map((bump, i) => [bump.height - bumps[i]!.height]), biases: [bumps[0]!.height], activation: 'identity' },
    ],
  }
}

export interface SupError {
  /** The largest |f − network| found. */
  readonly error: number
  /** Where. */
  readonly at: number
}

/** sup |f(x) − network(x)| over `samples` even points of [a, b], refined around the worst of them. */
export function supError(network: LayeredNetwork, f: (x: number) => number, interval: Interval, samples = 2001): SupError {
  checkInterval('supError', interval)
  checkCount('supError', 'samples', samples, 2, 1e7)
  const [a, b] = interval
  const output = scalarFunction(network)
  const error = (x: number): number => Math.abs(checkedValue('supError', f, x) - output(x))
  let at = a
  let worst = -1
  const look = (from: number, to: number, n: number): void => {
    for (let i = 0; i < n; i++) {
      const x = from + (to - from) * (i / (n - 1))
      const e = error(x)
      if (e > worst) [worst, at] = [e, x]
    }
  }
  look(a, b, samples)
  const gap = (b - a) / (samples - 1)
  look(Math.max(a, at - gap), Math.min(b, at + gap), 101)
  return { error: worst, at }
}

/** The network as a plain function of one number, fast: a two-layer network without its trace. */
export function scalarFunction(network: LayeredNetwork): (x: number) => number {
  const first = networkOutput(network, [0]) // checks the network
  if (first.length !== 1 || network.layers[0]!.weights.length !== 1) throw new ValueError('scalarFunction', 'not one input and one output', { expected: '1 → 1', received: `${network.layers[0]!.weights.length} → ${first.length}` })
  return (x) => {
    let a: number[] = [x]
    for (const { weights, biases, activation } of network.layers) {
      const { value } = activationFunction(activation)
      const z = [...biases]
      weights.forEach((row, j) => {
        for (let k = 0; k < row.length; k++) z[k]! += row[k]! * a[j]!
      })
      a = z.map(value)
    }
    return a[0]!
  }
}

export interface Convergence {
  readonly rows: readonly { readonly count: number; readonly hidden: number; readonly error: number }[]
  /** p in error ≈ C·N^−p, by least squares on the logarithms. */
  readonly order: number
}

/** The error against the number of bumps, and how fast it falls. */
export function measureConvergence(
  f: (x: number) => number,
  interval: Interval,
  counts: readonly number[] = [8, 16, 32, 64, 128],
  options: { readonly sharpness?: number } = {},
): Convergence {
  if (!Array.isArray(counts) || counts.length < 2) throw new ValueError('measureConvergence', 'too few counts', { expected: 'at least two', received: String(counts?.length ?? 0) })
  for (const n of counts) checkNumber('measureConvergence', 'count', n)
  const rows = counts.map((count) => {
    const { network } = approximateByBumps(f, interval, count, { ...options, form: 'shared' })
    return { count, hidden: 2 * count, error: supError(network, f, interval, Math.max(2001, 20 * count + 1)).error }
  })
  const x = rows.map((r) => Math.log(r.count))
  const y = rows.map((r) => Math.log(r.error))
  const mean = (v: readonly number[]): number => v.reduce((s, e) => s + e, 0) / v.length
  const slope = x.reduce((s, v, i) => s + (v - mean(x)) * (y[i]! - mean(y)), 0) / x.reduce((s, v) => s + (v - mean(x)) ** 2, 0)
  return { rows, order: -slope }
}
