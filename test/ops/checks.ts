// What is held of every sample: its value, its derivatives, its batches, its compiled form. Each check gives what is wrong.
import { type NDArray, isFloat } from '../../src/base/index.ts'
import { type Tensor, grad, jit, jvp, vjp, vmap } from '../../src/tensor/index.ts'
import { type Case, type Fn, type Runner, along, arraysOf, compute, differ, direction, functionOf, inner, nameOf, plain, stacked, tensorsOf, variant } from './run.ts'

export async function checkValue(c: Case, runner: Runner): Promise<string[]> {
  const f = functionOf(c)
  const want = await compute('reference', () => f(...tensorsOf(c)))
  const got = await runner.run(() => f(...tensorsOf(c)))
  const problems = differ(`${nameOf(c)} result`, got, want, c)
  if (runner.device !== 'reference' || problems.length > 0) return problems
  // Through views and from plain arrays alike.
  return differ(`${nameOf(c)} view`, got, await runner.run(() => f(...arraysOf(c).map(plain))))
}

export async function checkJit(c: Case, runner: Runner): Promise<string[]> {
  const f = functionOf(c)
  const compiled = jit((...xs: Tensor[]) => f(...xs), { device: runner.device })
  const want = await runner.run(() => f(...tensorsOf(c)))
  const problems = differ(`${nameOf(c)} jit`, await runner.run(() => compiled(...tensorsOf(c))), want)
  return problems.length > 0 ? problems : differ(`${nameOf(c)} jit again`, await runner.run(() => compiled(...tensorsOf(c))), want)
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

const STEPS = [1e-4, 1e-5, 1e-3]

/** Both modes of the first or second order: on the reference by central differences in float64, elsewhere against the reference. */
export async function checkDerivatives(c: Case, runner: Runner, order: 1 | 2): Promise<string[]> {
  const { f, at, open } = smoothPart(c)
  const d = at.map((x, i) => direction(x, 200 + i))
  const g = gradients(f)
  const [of, weights] = order === 1 ? [f, 100] : [g, 300]
  const backward = (): Tensor[] => (order === 1 ? [...g(...open(at))] : (grad(scalarOf(g), { argnums: at.map((_, i) => i) })(...open(at)) as unknown as Tensor[]))
  const forward = (): Tensor[] => (c.sample.forward === false ? [] : [...jvp((...v: Tensor[]) => of(...v), open(at), d.map(plain))[1]])
  const both = (): Tensor[] => [...backward(), ...forward()]
  const got = await runner.run(both)
  const label = `${nameOf(c)} ${order === 1 ? '' : 'second '}`
  if (runner.device !== 'reference') return differ(`${label}derivatives`, got, await compute('reference', both))
  const slopes: number[] = []
  for (const h of STEPS) {
    const sides = await Promise.all([h, -h].map((t) => compute('reference', () => of(...at.map((x, i) => plain(along(x, t, d[i]!)))))))
    const [up, down] = sides.map((ys) => inner(ys, ys.map((y, i) => direction(y, weights + i)))) as [number, number]
    slopes.push((up - down) / (2 * h))
  }
  const hold = (what: string, value: number): string[] => (slopes.some((s) => Math.abs(s - value) <= 1e-6 * Math.max(1, Math.abs(s))) ? [] : [`${label}${what}: ${value}, differences give ${slopes.join(', ')}`])
  const grads = got.slice(0, at.length)
  const tangents = got.slice(at.length)
  return [...hold('gradient', inner(grads, d)), ...(c.sample.forward === false ? [] : hold('tangent', inner(tangents, tangents.map((y, i) => direction(y, weights + i)))))]
}

/** Subsets of the inputs as bit masks: all of them up to three inputs, the single ones and some pairs beyond. */
function subsets(n: number, few: boolean): number[] {
  const all = Array.from({ length: 2 ** n - 1 }, (_, i) => i + 1)
  if (few && n > 3) return [1, 2 ** (n - 1), 2 ** n - 1]
  return n <= 3 ? all : all.filter((m) => m === 2 ** n - 1 || (m & (m - 1)) === 0 || m % 5 === 3)
}
const SIZE = 3

/** vmap over every subset of the inputs against a loop; batch axes first and last; then all inputs in two nested batches. */
export async function checkVmap(c: Case, runner: Runner): Promise<string[]> {
  const f = functionOf(c)
  const base = arraysOf(c)
  const one = (b: number, mask: number): NDArray[] => base.map((x, i) => (mask & (1 << i) ? variant(x, b) : x))
  const loop = async (members: readonly NDArray[][]): Promise<NDArray[]> => {
    const rows = await Promise.all(members.map((xs) => compute('reference', () => f(...xs.map(plain)))))
    return rows[0]!.map((_, k) => stacked(rows.map((r) => r[k]!)))
  }
  const byMask = subsets(base.length, runner.device === 'webgpu').map(async (mask) => {
    const members = Array.from({ length: SIZE }, (_, b) => one(b, mask))
    const axes = base.map((x, i) => (mask & (1 << i) ? (mask % 2 === 0 ? x.shape.length : 0) : null))
    const args = base.map((x, i) => (axes[i] === null ? x : stacked(members.map((m) => m[i]!), axes[i]!)))
    const got = await runner.run(() => vmap((...xs: Tensor[]) => f(...xs), axes)(...args.map(plain)))
    return differ(`${nameOf(c)} vmap ${JSON.stringify(axes)}`, got, await loop(members))
  })
  const all = 2 ** base.length - 1
  const rows = [0, 1].map((a) => [0, 1].map((b) => one(2 * a + b, all)))
  const args = base.map((_, i) => stacked(rows.map((row) => stacked(row.map((m) => m[i]!)))))
  const nested = runner.run(() => vmap(vmap((...xs: Tensor[]) => f(...xs)))(...args.map(plain)))
  const problems = (await Promise.all(byMask)).flat()
  const parts = await Promise.all(rows.map(loop))
  return [...problems, ...differ(`${nameOf(c)} vmap of vmap`, await nested, parts[0]!.map((_, k) => stacked(parts.map((p) => p[k]!))))]
}

/** vmap of grad and grad of vmap against a loop of gradients; grad inside jit. */
export async function checkComposed(c: Case, runner: Runner): Promise<string[]> {
  const { f, at } = smoothPart(c)
  const members = Array.from({ length: SIZE }, (_, b) => at.map((x) => variant(x, b)))
  const rows = await Promise.all(members.map((xs) => compute('reference', () => gradients(f)(...xs.map(plain)))))
  const want = at.map((_, i) => stacked(rows.map((r) => r[i]!)))
  const batches = (): Tensor[] => at.map((_, i) => plain(stacked(members.map((m) => m[i]!))))
  const inVmap = runner.run(() => vmap((...xs: Tensor[]) => gradients(f)(...xs))(...batches()))
  const ofVmap = runner.run(() => {
    const [ys, back] = vjp(vmap((...xs: Tensor[]) => f(...xs)), ...batches())
    return back(ys.map((y, i) => plain(stacked(Array.from({ length: SIZE }, () => direction({ shape: y.shape.slice(1), dtype: y.dtype }, 100 + i)))))) as Tensor[]
  })
  const inJit = runner.run(() => jit((...xs: Tensor[]) => gradients(f)(...xs), { device: runner.device })(...members[1]!.map(plain)))
  return [...differ(`${nameOf(c)} vmap of grad`, await inVmap, want), ...differ(`${nameOf(c)} grad of vmap`, await ofVmap, want), ...differ(`${nameOf(c)} jit of grad`, await inJit, rows[1]!)]
}
