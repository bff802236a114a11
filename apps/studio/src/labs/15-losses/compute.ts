// Losses and their gradients by Gradus: curves over z, the batch, the cross-entropy of three classes.
import { type Tensor, grad, tensor } from 'gradus'
import type { State } from './model.ts'

const f64 = { dtype: 'float64' } as const
type Kind = State['loss']

/** Element by element; y is 0 or 1. LogLoss from the logit: softplus(z) − zy. */
const loss = (kind: Kind, z: Tensor, y: Tensor): Tensor => (kind === 'mse' ? z.sigmoid().sub(y).square() : z.softplus().sub(z.mul(y)))

export interface Curves {
  /** The outputs a = σ(z). */
  readonly a: readonly number[]
  readonly value: readonly number[]
  readonly slope: readonly number[]
}
export async function curves(kind: Kind, z: readonly number[], y: number): Promise<Curves> {
  const [points, target] = [tensor(z, f64), tensor(y, f64)]
  const slope = grad((x: Tensor) => loss(kind, x, target).sum())(points)
  return { a: Array.from(await points.sigmoid().data()), value: Array.from(await loss(kind, points, target).data()), slope: Array.from(await slope.data()) }
}
export interface Batch {
  readonly a: readonly number[]
  readonly losses: readonly number[]
  readonly mean: number
}
export async function batch(kind: Kind, rows: State['batch']): Promise<Batch> {
  const [z, y] = [tensor(rows.map((r) => r.z), f64), tensor(rows.map((r) => r.y), f64)]
  const all = loss(kind, z, y)
  return { a: Array.from(await z.sigmoid().data()), losses: Array.from(await all.data()), mean: await all.mean().item() }
}
export interface CrossEntropy {
  readonly p: readonly number[]
  readonly loss: number
  readonly slope: readonly number[]
}
export async function crossEntropy(logits: readonly number[], correct: number): Promise<CrossEntropy> {
  const z = tensor(logits, f64)
  const target = tensor(logits.map((_, i) => (i === correct ? 1 : 0)), f64)
  const ce = (x: Tensor): Tensor => x.logSoftmax().mul(target).sum().neg()
  return { p: Array.from(await z.softmax().data()), loss: await ce(z).item(), slope: Array.from(await grad(ce)(z).data()) }
}
