// The surface on a grid, the walk by `valueAndGrad`, the curvature by `hessian`: all by Gradus.
import { type Tensor, hessian, tensor, valueAndGrad } from 'gradus'
import { type Arithmetic, type Expression, evaluate } from '../../core/expression.ts'
import { type Outcome, type State, axis, bendsOf, parse } from './model.ts'

const f64 = { dtype: 'float64' } as const
const tensors: Arithmetic<Tensor> = {
  number: (v) => tensor(v, f64),
  unary: (op, x) => x[op](),
  // whole powers stay defined (and differentiable) for negative bases
  binary: (op, a, b) => (op === 'pow' ? a.pow(b) : a[op](b)),
}
/** Powers with a plain number above the line become products. */
function apply(e: Expression, x: Tensor, y: Tensor): Tensor {
  if (e.op === 'pow' && e.right.op === 'number') return apply(e.left, x, y).pow(e.right.value)
  if (e.op === 'number' || e.op === 'variable') return evaluate(e, { x, y }, tensors)
  if ('of' in e) return tensors.unary(e.op, apply(e.of, x, y))
  return tensors.binary(e.op, apply(e.left, x, y), apply(e.right, x, y))
}
const at = (e: Expression) => (p: Tensor): Tensor => apply(e, p.at(0), p.at(1)).reshape()

/** f on the grid, row by row from the lowest y. */
export async function surface(formula: string): Promise<Float64Array> {
  const side = tensor(axis(), f64)
  const n = side.size
  const z = apply(parse(formula), side.reshape(1, n).expand(n, n), side.reshape(n, 1).expand(n, n))
  return Float64Array.from(await z.expand(n, n).data())
}

export interface Walk {
  readonly path: readonly { readonly x: number; readonly y: number; readonly f: number; readonly g: readonly [number, number] }[]
  readonly outcome: Outcome
  /** λmax of the second derivatives at the last point, and the safe band 2/λmax (null: not curved upwards). */
  readonly curvature: number
  /** ∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y² there. */
  readonly bends: readonly [number, number, number]
  readonly safe: number | null
}
export async function walk({ formula, start, method, eta, steps }: State): Promise<Walk> {
  const f = at(parse(formula))
  const both = valueAndGrad(f)
  const path: { x: number; y: number; f: number; g: readonly [number, number] }[] = []
  let p = [...start]
  let m = [0, 0]
  let v = [0, 0]
  let outcome: Walk['outcome'] = 'descending'
  for (let k = 0; ; k++) {
    const [value, gradient] = both(tensor(p, f64))
    const height = await value.item()
    const g = Array.from(await gradient.data()) as [number, number]
    if (!Number.isFinite(height) || !g.every(Number.isFinite) || Math.abs(height) > 1e12) {
      // without a value: at the start, or where a step led
      outcome = path.length === 0 || Number.isNaN(height) ? 'undefined' : 'diverged'
      break
    }
    path.push({ x: p[0]!, y: p[1]!, f: height, g })
    if (Math.hypot(...g) < 1e-6) {
      outcome = 'converged'
      break
    }
    if (k === steps) {
      if (height > path[0]!.f) outcome = 'rising'
      break
    }
    if (method === 'adam') {
      m = m.map((old, i) => 0.9 * old + 0.1 * g[i]!)
      v = v.map((old, i) => 0.999 * old + 0.001 * g[i]! ** 2)
      p = p.map((c, i) => c - (eta * (m[i]! / (1 - 0.9 ** (k + 1)))) / (Math.sqrt(v[i]! / (1 - 0.999 ** (k + 1))) + 1e-8))
    } else {
      m = m.map((old, i) => (method === 'momentum' ? 0.9 * old : 0) + g[i]!)
      p = p.map((c, i) => c - eta * m[i]!)
    }
  }
  const last = path.at(-1) ?? { x: start[0]!, y: start[1]! }
  const h = await hessian(f)(tensor([last.x, last.y], f64)).data()
  const [least, curvature] = bendsOf(h[0]!, h[1]!, h[3]!)
  if (outcome === 'converged' && least < -1e-6) outcome = 'saddle'
  return { path, outcome, curvature, bends: [h[0]!, h[1]!, h[3]!], safe: curvature > 0 ? 2 / curvature : null }
}
