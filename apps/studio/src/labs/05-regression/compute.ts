// The neuron over a grid, its MSE and gradient, least squares and a gradient step: by Gradus.
import { type Tensor, grad, stack, tensor } from 'gradus'
import type { Kind, State } from './model.ts'

const f64 = { dtype: 'float64' } as const
const phi = (kind: Kind, z: Tensor): Tensor => (kind === 'linear' ? z : kind === 'threshold' ? z.gt(tensor(0, f64)).to('float64') : z.sigmoid())
/** p = [w, b] */
const mse = (kind: Kind, p: Tensor, x: Tensor, y: Tensor): Tensor => phi(kind, x.mul(p.at(0)).add(p.at(1))).sub(y).square().mean()
const data = (s: State): [Tensor, Tensor] => [tensor(s.points.map((p) => p.x), f64), tensor(s.points.map((p) => p.y), f64)]

export interface Fit {
  readonly curve: readonly number[]
  readonly mse: number
  readonly gradient: readonly [number, number]
}
export async function fit(s: State, grid: readonly number[]): Promise<Fit> {
  const [x, y] = data(s)
  const p = tensor([s.w, s.b], f64)
  const g = s.kind === 'threshold' ? [0, 0] : Array.from(await grad((q: Tensor) => mse(s.kind, q, x, y))(p).data())
  const curve = phi(s.kind, tensor(grid, f64).mul(p.at(0)).add(p.at(1)))
  return { curve: Array.from(await curve.data()), mse: await mse(s.kind, p, x, y).item(), gradient: [g[0]!, g[1]!] }
}

/** The normal equations of a line, solved: w = cov(x, y) / var(x), b = ȳ − w x̄. Null where all x are the same. */
export async function leastSquares(s: State): Promise<readonly [number, number] | null> {
  const [x, y] = data(s)
  const dx = x.sub(x.mean())
  const spread = dx.square().sum()
  if ((await spread.item()) < 1e-12) return null
  const w = dx.mul(y).sum().div(spread)
  const [slope, shift] = await stack([w, y.mean().sub(w.mul(x.mean()))]).data()
  return [slope!, shift!]
}

/** `steps` steps of gradient descent from the state's weights. */
export async function descend(s: State, eta: number, steps: number): Promise<readonly [number, number]> {
  const [x, y] = data(s)
  const rate = tensor(eta, f64)
  const slope = grad((q: Tensor) => mse(s.kind, q, x, y))
  let p = tensor([s.w, s.b], f64)
  for (let k = 0; k < steps; k++) p = p.sub(slope(p).mul(rate)).realize()
  const [w, b] = await p.data()
  return [w!, b!]
}
