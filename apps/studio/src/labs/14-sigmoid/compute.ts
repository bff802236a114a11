// The two neurons around a nudged weight, computed by Gradus: outputs, the derivative by `grad`, the true change.
import { type Tensor, grad, tensor } from 'gradus'

const f64 = { dtype: 'float64' } as const

export interface Nudge {
  readonly z: number
  /** σ(kz) before and after, and the step before and after. */
  readonly soft: readonly [number, number]
  readonly hard: readonly [number, number]
  /** ∂a/∂w of the sigmoid neuron. */
  readonly slope: number
  /** For each Δw: the true change of a. */
  readonly changes: readonly number[]
}
interface Input {
  readonly w: number
  readonly b: number
  readonly x: number
  readonly k: number
}

const output = (w: Tensor, { b, x, k }: Input): Tensor => w.mul(tensor(x, f64)).add(tensor(b, f64)).mul(tensor(k, f64)).sigmoid()

/** Outputs for many weights: the curve of the plot. */
export async function curve(s: Input, weights: readonly number[]): Promise<readonly number[]> {
  return Array.from(await output(tensor(weights, f64), s).data())
}

/** What a nudge does; `steps` are the Δw to try, the first one is the nudge itself. */
export async function nudge(s: Input, steps: readonly number[]): Promise<Nudge> {
  const w = tensor(s.w, f64)
  const all = tensor([0, ...steps], f64).add(w)
  const soft = await output(all, s).data()
  const hard = await all.mul(tensor(s.x, f64)).add(tensor(s.b, f64)).gt(tensor(0, f64)).data()
  const slope = await grad((weight: Tensor) => output(weight, s))(w).item()
  const z = await w.mul(tensor(s.x, f64)).add(tensor(s.b, f64)).item()
  return { z, soft: [soft[0]!, soft[1]!], hard: [hard[0]!, hard[1]!], slope, changes: steps.map((_, i) => soft[i + 1]! - soft[0]!) }
}
