// The neuron over a grid, its MSE and gradient, least squares and a gradient step: by Gradus.
import { type Tensor, grad, jit, stack, tensor } from 'gradus'
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

/** `steps` steps of gradient descent from the state's weights: every place on the way. Numbers that are not finite end it. */
export async function descend(s: State, steps: number): Promise<readonly (readonly [number, number])[]> {
  const [x, y] = data(s)
  const rate = tensor(s.eta, f64)
  const slope = jit((q: Tensor, u: Tensor, v: Tensor) => grad((r: Tensor) => mse(s.kind, r, u, v))(q))
  let p = tensor([s.w, s.b], f64)
  const path: [number, number][] = [[s.w, s.b]]
  for (let k = 0; k < steps; k++) {
    p = p.sub(slope(p, x, y).mul(rate)).realize()
    const [w, b] = await p.data()
    path.push([w!, b!])
    if (!Number.isFinite(w!) || !Number.isFinite(b!)) break
  }
  return path
}

/** The error at places (w, b): (P,1)·x (n) + (P,1) → (P,n) → (P). */
export async function surface({ kind, points }: Pick<State, 'kind' | 'points'>, places: readonly (readonly [number, number])[]): Promise<Float64Array> {
  const [x, y] = [tensor(points.map((p) => p.x), f64), tensor(points.map((p) => p.y), f64)]
  const [w, b] = [0, 1].map((i) => tensor(places.map((p) => p[i]!), f64).reshape([-1, 1]))
  return Float64Array.from(await phi(kind, w!.mul(x).add(b!)).sub(y).square().mean(1).data())
}
