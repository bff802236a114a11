// Gradient descent on a function of a few variables (D3): Δx = −η∇f, the path it takes, and what η does to it.
import { ValueError, optionsOf } from '../base/index.ts'
import { type Tensor, tensor, valueAndGrad } from '../tensor/index.ts'
import { checkCount, checkPositive, checkVector } from './checks.ts'

export interface DescentPoint {
  readonly x: readonly number[]
  readonly value: number
  readonly gradient: readonly number[]
}
export interface Descent {
  /** The start and the point after every step. */
  readonly path: readonly DescentPoint[]
  readonly learningRate: number
  /**
   * `converged`: the gradient became shorter than `tolerance`. `diverged`: f grew a 10¹²-fold or overflowed (η too large).
   * `rising`: f is higher than at the start. `descending`: on its way when the steps ran out (η too small, or patience).
   */
  readonly outcome: 'converged' | 'descending' | 'rising' | 'diverged'
}

/**
 * Follows −η∇f from `start`; f maps a float64 tensor [n] to a scalar tensor, and its gradient is taken by `grad`.
 * @example
 * ```ts
 * import { descend } from 'gradus/models'
 *
 * const walk = await descend((x) => x.square().sum(), [3, 4], { learningRate: 0.25 })
 * walk.outcome // → 'converged'
 * walk.path[1]!.x // → [1.5, 2]
 * ```
 */
export async function descend(
  f: (x: Tensor) => Tensor,
  start: readonly number[],
  options: { readonly learningRate: number; readonly steps?: number; readonly tolerance?: number },
): Promise<Descent> {
  optionsOf('descend', options, 'options with learningRate')
  const { learningRate, steps = 100, tolerance = 1e-6 } = options
  checkVector('descend', 'start', start)
  checkPositive('descend', 'learningRate', learningRate)
  checkCount('descend', 'steps', steps, 0, 1e6)
  const both = valueAndGrad(f)
  const path: DescentPoint[] = []
  let x = [...start]
  for (let t = 0; ; t++) {
    const [value, gradient] = both(tensor(x, { dtype: 'float64' }))
    const point: DescentPoint = { x, value: await value.item(), gradient: [...(await gradient.data())] }
    const finite = Number.isFinite(point.value) && point.gradient.every(Number.isFinite)
    if (!finite && t === 0) throw new ValueError('descend', 'f or its gradient is not finite at the start', { expected: 'finite numbers', received: String(point.value) })
    if (!finite || point.value > 1e12 * (1 + Math.abs(path[0]?.value ?? Infinity))) return { path, learningRate, outcome: 'diverged' }
    path.push(point)
    if (Math.hypot(...point.gradient) <= tolerance) return { path, learningRate, outcome: 'converged' }
    if (t === steps) return { path, learningRate, outcome: point.value > path[0]!.value ? 'rising' : 'descending' }
    x = x.map((v, i) => v - learningRate * point.gradient[i]!)
  }
}
