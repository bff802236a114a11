// Winograd's minimal filtering F(4×4, 3×3): 36 products for 16 results where a direct convolution takes 144
// (Lavin & Gray, 2015). Interpolation at 0, ±11/16, ±11/8 and ∞: sums of errors twice those of direct summation, where
// the usual 0, ±1, ±2 have five times as much (Barabasz et al., 2020, on the choice of points).
import type { Node } from '../../ir/index.ts'
import { type Expr, constant, op } from '../../ir/index.ts'

const A = 11 / 16
const B = 11 / 8
const [AA, BB] = [A * A, B * B]
/** Products of the differences of the points: what the rows for ±A and ±B of the filter's transform are divided by. */
const [NA, NB] = [2 * AA * (AA - BB), 2 * BB * (BB - AA)]

const like = (x: Expr, value: number): Expr => constant('f32', Math.fround(value), x.type.lanes)
const add = (a: Expr, b: Expr): Expr => op('add', a, b)
const sub = (a: Expr, b: Expr): Expr => op('sub', a, b)
const mul = (x: Expr, by: number): Expr => op('mul', x, like(x, by))
/** a + by·x */
const plus = (a: Expr, x: Expr, by: number): Expr => op('fma', x, like(x, by), a)

type Transform = (x: readonly Expr[]) => Expr[]
/** Six inputs → Bᵀ·d. */
export const ofInput: Transform = ([d0, d1, d2, d3, d4, d5]) => {
  const [u, v] = [plus(d4!, d2!, -BB), mul(plus(d3!, d1!, -BB), A)]
  const [s, t] = [plus(d4!, d2!, -AA), mul(plus(d3!, d1!, -AA), B)]
  return [plus(plus(d4!, d0!, AA * BB), d2!, -(AA + BB)), add(u, v), sub(u, v), add(s, t), sub(s, t), plus(plus(d5!, d1!, AA * BB), d3!, -(AA + BB))]
}
/** Six products → Aᵀ·m: four results. */
export const ofProduct: Transform = ([m0, m1, m2, m3, m4, m5]) => {
  const [p, q, r, s] = [add(m1!, m2!), sub(m1!, m2!), add(m3!, m4!), sub(m3!, m4!)]
  return [add(add(m0!, p), r), plus(mul(q, A), s, B), plus(mul(p, AA), r, BB), plus(plus(m5!, q, A * AA), s, B * BB)]
}
/** The transpose of `ofProduct`: four gradients → A·y. */
export const ofGradient: Transform = ([y0, y1, y2, y3]) => {
  const at = (p: number): [Expr, Expr] => [plus(y0!, y2!, p * p), plus(mul(y1!, p), y3!, p * p * p)]
  const [[e, f], [g, h]] = [at(A), at(B)]
  return [y0!, add(e, f), sub(e, f), add(g, h), sub(g, h), y3!]
}
/** Three weights → G·w. */
export const ofFilter: Transform = ([w0, w1, w2]) => {
  const at = (p: number, n: number): [Expr, Expr] => [plus(mul(w0!, 1 / n), w2!, (p * p) / n), mul(w1!, p / n)]
  const [[e, f], [g, h]] = [at(A, NA), at(B, NB)]
  return [mul(w0!, 1 / (AA * BB)), add(e, f), sub(e, f), add(g, h), sub(g, h), w2!]
}
/** The transpose of `ofFilter`: six sums → Gᵀ·m, three gradients. */
export const toFilter: Transform = ([m0, m1, m2, m3, m4, m5]) => {
  const [p, q, r, s] = [add(m1!, m2!), sub(m1!, m2!), add(m3!, m4!), sub(m3!, m4!)]
  return [plus(plus(mul(m0!, 1 / (AA * BB)), p, 1 / NA), r, 1 / NB), plus(mul(q, A / NA), s, B / NB), plus(plus(m5!, p, AA / NA), r, BB / NB)]
}

/** The two convolutions with 3×3 weights that have kernels of this kind; null: neither. */
export function winogradKind(node: Node): 'filter' | 'weights' | null {
  if (node.op !== 'conv' || node.dtype !== 'float32' || node.shape.length !== 4) return null
  const { stride, padding, inputDilation, dilation, groups } = (node as Node<'conv'>).params
  if (groups !== 1 || ![...stride, ...inputDilation, ...dilation].every((d) => d === 1) || !padding.flat().every((p) => p >= 0)) return null
  const [x, w] = node.inputs as [Node, Node]
  const [, , P, Q] = node.shape as [number, number, number, number]
  if (w.shape[2] === 3 && w.shape[3] === 3) return pays(x.shape[0]!, x.shape[1]!, w.shape[0]!, P, Q) ? 'filter' : null
  // The gradient of the weights: input [C,N,H,W] ⋆ gradient [O,N,P,Q] → [C,O,3,3]
  if (P !== 3 || Q !== 3) return null
  return pays(x.shape[1]!, x.shape[0]!, w.shape[0]!, w.shape[2]!, w.shape[3]!) && x.shape[0]! * w.shape[0]! <= 2 ** 15 ? 'weights' : null
}

/** Enough channels to pay for the transforms, and tiles of 4×4 that are mostly full. */
function pays(N: number, C: number, O: number, P: number, Q: number): boolean {
  const tiles = Math.ceil(P / 4) * Math.ceil(Q / 4)
  return C >= 16 && O >= 16 && N * tiles >= 32 && P * Q >= 0.5 * tiles * 16
}
