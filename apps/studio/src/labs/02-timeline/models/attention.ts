// The block that the models since 2017 are made of: attention, then a small network at every place, each added to what was.
import { type Tensor, where } from 'gradus'
import { type Draw, type Params, flat, weights } from './machine.ts'

/** Every place to mean 0 and spread 1: (…, d) → (…, d) */
export const level = (x: Tensor): Tensor => {
  const centred = x.sub(x.mean(-1, { keepdims: true }))
  return centred.mul(centred.square().mean(-1, { keepdims: true }).add(1e-5).rsqrt())
}
export const blockParams = (name: string, d: number, draw: Draw): Params => ({
  [`${name}q`]: weights([d, d], draw), [`${name}k`]: weights([d, d], draw), [`${name}v`]: weights([d, d], draw), [`${name}o`]: weights([d, d], draw, 0.5),
  [`${name}1`]: weights([d, 2 * d], draw, 1.4), [`${name}b1`]: flat(2 * d), [`${name}2`]: weights([2 * d, d], draw, 0.5), [`${name}b2`]: flat(d),
})

/** Who looks where: softmax(q kᵀ/√d) over the allowed places. `allowed` is bool, broadcast to (B, heads, T, S). */
export interface Attended {
  readonly out: Tensor
  readonly weights: Tensor
}
/** (B,T,d) looks at (B,S,d). */
export function attend(p: Params, name: string, x: Tensor, at: Tensor, heads: number, allowed: Tensor | null = null): Attended {
  const [B, T, d] = x.shape as [number, number, number]
  const S = at.shape[1]!
  const split = (h: Tensor, length: number): Tensor => h.reshape(B, length, heads, d / heads).permute(0, 2, 1, 3) // (B,heads,·,d/heads)
  const [q, k, v] = [split(x.matmul(p[`${name}q`]!), T), split(at.matmul(p[`${name}k`]!), S), split(at.matmul(p[`${name}v`]!), S)]
  const scores = q.matmul(k.transpose(-1, -2)).mul(1 / Math.sqrt(d / heads)) // (B,heads,T,S)
  const seen = (allowed === null ? scores : where(allowed, scores, -1e9)).softmax(-1)
  return { out: seen.matmul(v).permute(0, 2, 1, 3).reshape(B, T, d).matmul(p[`${name}o`]!), weights: seen }
}
/** x + attention(x), then + the small network: (B,T,d) → (B,T,d) */
export function block(p: Params, name: string, x: Tensor, heads: number, allowed: Tensor | null = null): Tensor {
  const from = level(x)
  return think(p, name, x.add(attend(p, name, from, from, heads, allowed).out))
}
/** The small network at every place. */
export const think = (p: Params, name: string, x: Tensor): Tensor =>
  x.add(level(x).matmul(p[`${name}1`]!).add(p[`${name}b1`]!).relu().matmul(p[`${name}2`]!).add(p[`${name}b2`]!))
