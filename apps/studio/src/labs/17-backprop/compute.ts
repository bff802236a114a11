// The five steps by Gradus: signals and δ by the formulas on tensors, the gradients once more by `grad`.
import { type Tensor, grad, tensor } from 'gradus'
import type { State, Weight } from './model.ts'

const f64 = { dtype: 'float64' } as const

export interface Trace {
  readonly z: readonly number[]
  readonly h: readonly number[]
  readonly zOut: number
  readonly a: number
  readonly cost: number
  readonly deltaOut: number
  readonly delta: readonly number[]
  /** ∂C/∂… by the formulas, and by automatic differentiation. */
  readonly gradient: Readonly<Record<Weight, number>>
  readonly automatic: Readonly<Record<Weight, number>>
}
interface Parameters {
  readonly w: Tensor
  readonly b: Tensor
  readonly v: Tensor
  readonly c: Tensor
}

export async function trace(s: State): Promise<Trace> {
  const [x, y] = [tensor(s.x, f64), tensor(s.y, f64)]
  const p: Parameters = { w: tensor(s.w, f64), b: tensor(s.b, f64), v: tensor(s.v, f64), c: tensor(s.c, f64) }
  const one = tensor(1, f64)
  // steps 1 and 2: the signals
  const z = x.matmul(p.w).add(p.b) // (2)·(2,2) + (2) → (2)
  const h = z.sigmoid()
  const zOut = h.dot(p.v).add(p.c)
  const a = zOut.sigmoid()
  // step 3: δ of the output; step 4: δ of the hidden layer
  const deltaOut = a.sub(y).mul(a.mul(one.sub(a)))
  const delta = p.v.mul(deltaOut).mul(h.mul(one.sub(h)))
  // step 5: ∂C/∂w_jk = a_j δ_k
  const byHand = { w: x.outer(delta), b: delta, v: h.mul(deltaOut), c: deltaOut }
  const cost = (q: Parameters): Tensor => {
    const out = x.matmul(q.w).add(q.b).sigmoid().dot(q.v).add(q.c).sigmoid()
    return out.sub(y).square().mul(tensor(0.5, f64))
  }
  const automatic = grad(cost)(p)
  return {
    z: Array.from(await z.data()), h: Array.from(await h.data()), zOut: await zOut.item(), a: await a.item(), cost: await cost(p).item(),
    deltaOut: await deltaOut.item(), delta: Array.from(await delta.data()), gradient: await read(byHand), automatic: await read(automatic),
  }
}

async function read({ w, b, v, c }: Parameters): Promise<Readonly<Record<Weight, number>>> {
  const [ws, bs, vs, cs] = await Promise.all([w.data(), b.data(), v.data(), c.item()])
  return { w00: ws[0]!, w01: ws[1]!, w10: ws[2]!, w11: ws[3]!, b0: bs[0]!, b1: bs[1]!, v0: vs[0]!, v1: vs[1]!, c: cs }
}
