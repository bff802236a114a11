// f and f′ by Gradus: values by the tensor function, derivatives by `grad`; the product of derivatives along a chain.
import { type Tensor, grad, tensor } from 'gradus'
import type { Kind, State } from './model.ts'

const f64 = { dtype: 'float64' } as const
const APPLY: Readonly<Record<Kind, (z: Tensor) => Tensor>> = { sigmoid: (z) => z.sigmoid(), tanh: (z) => z.tanh(), relu: (z) => z.relu(), softplus: (z) => z.softplus() }

export interface Curve {
  readonly f: readonly number[]
  readonly slope: readonly number[]
}
export async function curve(kind: Kind, z: readonly number[]): Promise<Curve> {
  const points = tensor(z, f64)
  const slope = grad((x: Tensor) => APPLY[kind](x).sum())(points)
  return { f: Array.from(await APPLY[kind](points).data()), slope: Array.from(await slope.data()) }
}

export interface Chain {
  /** aₗ of every layer, and f′(zₗ)·w of every layer (the first without w). */
  readonly values: readonly number[]
  readonly factors: readonly number[]
  /** ∂aₗ/∂z after each layer. */
  readonly products: readonly number[]
  /** The last of them again, by `grad` through the whole chain. */
  readonly gradient: number
}
export async function chain({ kind, z, depth, w }: State): Promise<Chain> {
  const weight = tensor(w, f64)
  const f = APPLY[kind]
  const slopeAt = grad((x: Tensor) => f(x))
  let a = tensor(z, f64)
  const values: number[] = []
  const factors: number[] = []
  for (let l = 0; l < depth; l++) {
    const input: Tensor = l === 0 ? a : a.mul(weight)
    const slope = await slopeAt(input).item()
    factors.push(l === 0 ? slope : slope * w)
    a = f(input)
    values.push(await a.item())
  }
  const products = factors.map((_, l) => factors.slice(0, l + 1).reduce((p, v) => p * v, 1))
  const whole = (x: Tensor): Tensor => {
    let y = f(x)
    for (let l = 1; l < depth; l++) y = f(y.mul(weight))
    return y
  }
  return { values, factors, products, gradient: await grad(whole)(tensor(z, f64)).item() }
}
