// What is held of every sample: its value, its derivatives, its batches, its compiled form. Each check gives what is wrong.
import { type NDArray, isFloat } from '../../src/base/index.ts'
import { type DeviceName, type Tensor, grad, jit, jvp, vjp, vmap } from '../../src/tensor/index.ts'
import { type Case, type Fn, along, arraysOf, compute, differ, direction, functionOf, inner, nameOf, plain, stacked, tensorsOf, variant } from './run.ts'

export async function checkValue(c: Case, device: DeviceName): Promise<string[]> {
  const f = functionOf(c)
  const want = await compute('reference', () => f(...tensorsOf(c)))
  const got = await compute(device, () => f(...tensorsOf(c)))
  const problems = differ(`${nameOf(c)} result`, got, want, c)
  if (device !== 'reference' || problems.length > 0) return problems
  // Through views and from plain arrays alike.
  return differ(`${nameOf(c)} view`, got, await compute(device, () => f(...arraysOf(c).map(plain))))
}

export async function checkJit(c: Case, device: DeviceName): Promise<string[]> {
  const f = functionOf(c)
  const compiled = jit((...xs: Tensor[]) => f(...xs), { device })
  const want = await compute(device, () => f(...tensorsOf(c)))
  const problems = differ(`${nameOf(c)} jit`, await compute(device, () => compiled(...tensorsOf(c))), want)
  return problems.length > 0 ? problems : differ(`${nameOf(c)} jit again`, await compute(device, () => compiled(...tensorsOf(c))), want)
}

/** The op as a function of its floating inputs alone, with the others at their values. */
interface Smooth {
  readonly f: (...xs: Tensor[]) => readonly Tensor[]
  readonly at: NDArray[]
  readonly open: (values: readonly NDArray[]) => Tensor[]
}
function smoothPart(c: Case): Smooth {
  const all = arraysOf(c)
  const which = all.map((a, i) => (isFloat(a.dtype) ? i : -1)).filter((i) => i >= 0)
  const f = functionOf(c)
  const fixed = (): Tensor[] => tensorsOf(c)
  return {
    f: (...xs) => {
      const args = fixed()
      which.forEach((i, j) => (args[i] = xs[j]!))
      return f(...args).filter((y) => isFloat(y.dtype))
    },
    at: which.map((i) => all[i]!),
    open: (values) => tensorsOf({ ...c, sample: { ...c.sample, inputs: which.map((i) => c.sample.inputs[i]!) } }, values),
  }
}
/** Gradients by the floating inputs of Σ ⟨output, fixed numbers⟩, as a function that can be differentiated again. */
const gradients = (f: Fn): Fn => (...xs) => {
  const [ys, back] = vjp((...v: Tensor[]) => f(...v), ...xs)
  return back(ys.map((y, i) => plain(direction(y, 100 + i)))) as Tensor[]
}
/** Σ ⟨G(x), fixed numbers⟩, of first gradients G: its gradient is the second one. */
const scalarOf = (f: Fn) => (...xs: Tensor[]): Tensor =>
  f(...xs).map((g, i) => g.mul(plain(direction(g, 300 + i))).sum()).reduce((a, b) => a.add(b))

export interface DerivativeProblems {
  readonly first: string[]
  readonly second: string[]
}
const STEPS = [1e-4, 1e-5, 1e-3]

/** Both modes, first and second order: on the reference by central differences in float64, elsewhere against the reference. */
export async function checkDerivatives(c: Case, device: DeviceName): Promise<DerivativeProblems> {
  const { f, at, open } = smoothPart(c)
  const forward = c.sample.forward !== false
  const d = at.map((x, i) => direction(x, 200 + i))
  const first = (): Tensor[][] => [[...gradients(f)(...open(at))], forward ? [...jvp((...v: Tensor[]) => f(...v), open(at), d.map(plain))[1]] : []]
  const g = gradients(f)
  const second = (): Tensor[][] => [
    grad(scalarOf(g), { argnums: at.map((_, i) => i) })(...open(at)) as unknown as Tensor[],
    forward ? [...jvp((...v: Tensor[]) => g(...v), open(at), d.map(plain))[1]] : [],
  ]
  const run = async (on: DeviceName): Promise<NDArray[][]> => {
    let sizes: number[] = []
    const flat = await compute(on, () => {
      const parts = [...first(), ...second()]
      sizes = parts.map((p) => p.length)
      return parts.flat()
    })
    let from = 0
    return sizes.map((n) => flat.slice(from, (from += n)))
  }
  const [grads, tangents, grads2, tangents2] = (await run(device)) as [NDArray[], NDArray[], NDArray[], NDArray[]]
  const label = nameOf(c)
  if (device !== 'reference') {
    const want = (await run('reference')) as [NDArray[], NDArray[], NDArray[], NDArray[]]
    return {
      first: [...differ(`${label} gradient`, grads, want[0]), ...differ(`${label} tangent`, tangents, want[1])],
      second: [...differ(`${label} second gradient`, grads2, want[2]), ...differ(`${label} tangent of gradient`, tangents2, want[3])],
    }
  }
  const out: DerivativeProblems = { first: [], second: [] }
  if (c.float !== 'float64') return out
  const slope = async (of: Fn, weights: number): Promise<number[]> => {
    const all: number[] = []
    for (const h of STEPS) {
      const sides = await Promise.all([h, -h].map(async (t) => compute('reference', () => of(...at.map((x, i) => plain(along(x, t, d[i]!)))))))
      const [up, down] = sides.map((ys) => inner(ys, ys.map((y, i) => direction(y, weights + i)))) as [number, number]
      all.push((up - down) / (2 * h))
    }
    return all
  }
  const hold = (list: string[], what: string, got: number, slopes: readonly number[]): void => {
    if (!slopes.some((s) => Math.abs(s - got) <= 1e-6 * Math.max(1, Math.abs(s)))) list.push(`${label} ${what}: ${got}, differences give ${slopes.join(', ')}`)
  }
  const slopes1 = await slope(f, 100)
  hold(out.first, 'gradient', inner(grads, d), slopes1)
  if (forward) hold(out.first, 'tangent', inner(tangents, tangents.map((y, i) => direction(y, 100 + i))), slopes1)
  const slopes2 = await slope(g, 300)
  hold(out.second, 'second gradient', inner(grads2, d), slopes2)
  if (forward) hold(out.second, 'tangent of gradient', inner(tangents2, tangents2.map((y, i) => direction(y, 300 + i))), slopes2)
  return out
}

/** Subsets of the inputs as bit masks: all of them up to three inputs, the single ones and some pairs beyond. */
function subsets(n: number): number[] {
  const all = Array.from({ length: 2 ** n - 1 }, (_, i) => i + 1)
  return n <= 3 ? all : all.filter((m) => m === 2 ** n - 1 || (m & (m - 1)) === 0 || m % 5 === 3)
}
const SIZE = 3

/** vmap over every subset of the inputs against a loop; batch axes first and last; then all inputs in two nested batches. */
export async function checkVmap(c: Case, device: DeviceName): Promise<string[]> {
  const f = functionOf(c)
  const base = arraysOf(c)
  const one = (b: number, mask: number): NDArray[] => base.map((x, i) => (mask & (1 << i) ? variant(x, b) : x))
  const loop = async (members: readonly NDArray[][]): Promise<NDArray[]> => {
    const rows = await Promise.all(members.map((xs) => compute('reference', () => f(...xs.map(plain)))))
    return rows[0]!.map((_, k) => stacked(rows.map((r) => r[k]!)))
  }
  for (const mask of subsets(base.length)) {
    const members = Array.from({ length: SIZE }, (_, b) => one(b, mask))
    const axes = base.map((x, i) => (mask & (1 << i) ? (mask % 2 === 0 ? x.shape.length : 0) : null))
    const args = base.map((x, i) => (axes[i] === null ? x : stacked(members.map((m) => m[i]!), axes[i]!)))
    const got = await compute(device, () => vmap((...xs: Tensor[]) => f(...xs), axes)(...args.map(plain)))
    const problems = differ(`${nameOf(c)} vmap ${JSON.stringify(axes)}`, got, await loop(members))
    if (problems.length > 0) return problems
  }
  const all = 2 ** base.length - 1
  const rows = [0, 1].map((a) => [0, 1].map((b) => one(2 * a + b, all)))
  const args = base.map((_, i) => stacked(rows.map((row) => stacked(row.map((m) => m[i]!)))))
  const got = await compute(device, () => vmap(vmap((...xs: Tensor[]) => f(...xs)))(...args.map(plain)))
  const parts = await Promise.all(rows.map(loop))
  return differ(`${nameOf(c)} vmap of vmap`, got, parts[0]!.map((_, k) => stacked(parts.map((p) => p[k]!))))
}

/** vmap of grad and grad of vmap against a loop of gradients; grad inside jit. */
export async function checkComposed(c: Case, device: DeviceName): Promise<string[]> {
  const { f, at } = smoothPart(c)
  const members = Array.from({ length: SIZE }, (_, b) => at.map((x) => variant(x, b)))
  const rows = await Promise.all(members.map((xs) => compute('reference', () => gradients(f)(...xs.map(plain)))))
  const want = at.map((_, i) => stacked(rows.map((r) => r[i]!)))
  const batches = (): Tensor[] => at.map((_, i) => plain(stacked(members.map((m) => m[i]!))))
  const inVmap = await compute(device, () => vmap((...xs: Tensor[]) => gradients(f)(...xs))(...batches()))
  const ofVmap = await compute(device, () => {
    const [ys, back] = vjp(vmap((...xs: Tensor[]) => f(...xs)), ...batches())
    return back(ys.map((y, i) => plain(stacked(Array.from({ length: SIZE }, () => direction({ shape: y.shape.slice(1), dtype: y.dtype }, 100 + i)))))) as Tensor[]
  })
  const inJit = await compute(device, () => jit((...xs: Tensor[]) => gradients(f)(...xs), { device })(...members[1]!.map(plain)))
  return [...differ(`${nameOf(c)} vmap of grad`, inVmap, want), ...differ(`${nameOf(c)} grad of vmap`, ofVmap, want), ...differ(`${nameOf(c)} jit of grad`, inJit, rows[1]!)]
}
