// Samples of leaves, identities, custom rules, loops and branches.
import { type DType, isFloat } from '../../src/base/index.ts'
import { type Aval, type Node, type OpName, type SubGraph, emit as e, makeGraph } from '../../src/ir/index.ts'
import { Tensor, checkpoint, customVjp, jit } from '../../src/tensor/index.ts'
import { type Float, type Input, type Sample, type View, edges, float, ints, sample, whole } from './kit.ts'

const none = {} as never
const SHAPES: readonly (readonly number[])[] = [[], [1], [0], [5], [33], [3, 4], [0, 3], [2, 1, 3]]
const VIEWS: readonly View[] = ['plain', 'permuted', 'strided', 'flipped', 'expanded']

/** The same value in every type and view; `build` where the bare op needs company. */
export function identity<K extends OpName>(differentiable: boolean, build?: Sample['build'], forward = true): () => Sample<K>[] {
  return () => {
    const options = { smooth: differentiable, forward, ...(build === undefined ? {} : { build }) }
    const out = SHAPES.map((s) => sample<K>([float(s)], none, options))
    for (const view of VIEWS) out.push(sample<K>([float([4, 3], { view })], none, options))
    out.push(sample<K>([edges([23])], none, { ...options, smooth: false }))
    for (const dtype of ['int32', 'uint8', 'bool'] as const) out.push(sample<K>([whole(dtype, [9])], none, { ...options, smooth: false }), sample<K>([whole(dtype, [3, 4], 1, 'permuted')], none, { ...options, smooth: false }), sample<K>([whole(dtype, [])], none, { ...options, smooth: false }))
    return out
  }
}
export const throughJit = ([x]: readonly Tensor[]): readonly Tensor[] => [jit((y: Tensor) => y)(x!)]

/** A rule of one's own (reverse mode) for half of them, recomputation (both modes) for the others. */
export function custom(): Sample<'custom'>[] {
  const sine = customVjp((x) => x!.sin(), (g, _y, x) => [g.mul(x!.cos())])
  const product = customVjp((x, y) => x!.mul(y!), (g, _out, x, y) => [g.mul(y!), g.mul(x!)])
  const again = checkpoint((x: Tensor) => x.sin().mul(x).tanh())
  const pair = checkpoint((x: Tensor, y: Tensor) => x.mul(y).exp())
  return SHAPES.flatMap((s, n) => [
    sample<'custom'>([float(s)], none, { build: ([x]) => [sine(x!)], forward: false }),
    sample<'custom'>([float(s, { view: s.length > 1 ? VIEWS[n % 4]! : 'plain' }), float(s)], none, { build: ([x, y]) => [product(x!, y!)], forward: false }),
    sample<'custom'>([float(s)], none, { build: ([x]) => [again(x!)] }),
    sample<'custom'>([float(s), float(s)], none, { build: ([x, y]) => [pair(x!, y!)] }),
  ])
}

export function full(): Sample<'full'>[] {
  const out: Sample<'full'>[] = []
  const values: Record<DType, readonly number[]> = { float32: [0, 1.5, -Infinity, Number.NaN], float64: [0.1, -0, 1e300, Infinity], int32: [0, -7, 2147483647, -2147483648], uint8: [0, 7, 255, 128], bool: [0, 1, 1, 0] }
  for (const dtype of Object.keys(values) as DType[]) values[dtype].forEach((value, n) => out.push(sample<'full'>([], { value, dtype, shape: SHAPES[n % SHAPES.length]! }), sample<'full'>([], { value, dtype, shape: SHAPES[(n + 4) % SHAPES.length]! })))
  return out
}
export const iota = (): Sample<'iota'>[] => (['float32', 'float64', 'int32', 'uint8'] as const).flatMap((dtype) => [0, 1, 5, 33, 255, dtype === 'uint8' ? 256 : 20_000].map((length) => sample<'iota'>([], { length, dtype })))
export const random = (): Sample<'random'>[] =>
  [1, 2, 3, 0].flatMap((B) => [0, 1, 5, 33, 200].map((length) => sample<'random'>([ints([B, 2], { range: [-2147483648, 2147483647], view: length === 5 && B > 0 ? 'permuted' : 'plain' })], { length, stream: length * 3, word: (length % 2) as 0 | 1 })))

const in_ = (f: Float, shape: readonly number[], dtype: DType | 'float' = 'float'): Aval => ({ shape, dtype: dtype === 'float' ? f : dtype })
type Step = (args: readonly Node[]) => readonly Node[]
interface Loop {
  readonly constants: readonly Input[]
  readonly carries: readonly Input[]
  /** Whole xs, the first axis included. */
  readonly xs: readonly Input[]
  readonly length: number
  readonly step: Step
}
/** Loops: constants, several carries of several types, counters, ys beside carries, nothing but carries, length 0. */
function loops(): Loop[] {
  const s = [2]
  return [
    ...[0, 1, 2, 5, 17].map((length): Loop => ({ constants: [float(s)], carries: [float(s)], xs: [float([length, ...s])], length, step: ([w, h, x]) => {
      const next = e.unary('tanh', e.add(e.mul(w!, h!), x!))
      return [next, e.mul(next, h!)]
    } })),
    { constants: [], carries: [float([])], xs: [float([4])], length: 4, step: ([c, x]) => [e.mul(c!, x!)] },
    { constants: [], carries: [float(s), ints([])], xs: [], length: 3, step: ([c, n]) => [e.unary('sin', c!), e.shift(n!, 1), e.mul(c!, e.expand(e.reshape(e.cast(n!, c!.dtype), [1]), [2]))] },
    { constants: [float([2, 2], { range: [-0.5, 0.5] })], carries: [float([1, 2, 1])], xs: [], length: 6, step: ([m, c]) => [e.dot(e.reshape(m!, [1, 2, 2]), c!)] },
    { constants: [], carries: [], xs: [float([5, 3]), float([5, 3])], length: 5, step: ([x, y]) => [e.mul(x!, y!), e.sum(x!, [0])] },
    { constants: [float(s), ints(s)], carries: [float(s), float([])], xs: [ints([3, 2])], length: 3, step: ([w, k, c, d, n]) => [e.add(e.mul(w!, c!), e.cast(e.add(k!, n!), c!.dtype)), e.add(d!, e.sum(c!, [0])), e.add(n!, k!)] },
    { constants: [], carries: [float([3]), float([3])], xs: [float([4, 3])], length: 4, step: ([a, b, x]) => [b!, e.add(e.mul(a!, x!), b!), a!] },
    { constants: [float([5])], carries: [float([])], xs: [ints([4], { range: [0, 4] })], length: 4, step: ([table, c, n]) => [e.add(c!, e.reshape(e.gather(e.reshape(table!, [1, 5, 1]), e.reshape(n!, [1, 1])), []))] },
  ]
}
function scanOf({ constants, carries, xs, length, step }: Loop, reverse: boolean): Sample<'scan'> {
  const inputs = [...constants, ...carries, ...xs]
  const body = (f: Float): SubGraph => makeGraph(e, [...constants.map((x) => in_(f, x.array.shape, x.dtype)), ...carries.map((x) => in_(f, x.array.shape, x.dtype)), ...xs.map((x) => in_(f, x.array.shape.slice(1), x.dtype))], step)
  return sample<'scan'>(inputs, (f) => ({ body: body(f), constants: constants.length, carries: carries.length, length, reverse }))
}
export const scan = (): Sample<'scan'>[] => loops().flatMap((l) => [scanOf(l, false), scanOf(l, true)])

/** One output of many, by running the loop and keeping that one. */
export const pick = (): Sample<'pick'>[] =>
  scan().map((s, n) => ({ ...s, params: () => ({ index: 0 }), build: (xs) => {
    const f = (xs.find((x) => isFloat(x.dtype))?.dtype ?? 'float32') as Float
    const outs = e.picks(e.make('scan', xs.map((x) => x.node), s.params(f)))
    return [new Tensor(outs[n % outs.length]!)]
  } }))

export function cond(): Sample<'cond'>[] {
  const out: Sample<'cond'>[] = []
  const flag = (v: number): Input => ({ dtype: 'bool', array: { dtype: 'bool', shape: [], data: Uint8Array.of(v) }, view: 'plain' })
  const both = (likes: (f: Float) => Aval[], yes: Step, no: Step) => (f: Float) => ({ then: makeGraph(e, likes(f), yes), else: makeGraph(e, likes(f), no) })
  for (const shape of SHAPES) {
    for (const v of [0, 1]) {
      out.push(sample<'cond'>([flag(v), float(shape), float(shape)], both((f) => [in_(f, shape), in_(f, shape)], ([x, y]) => [e.mul(x!, e.unary('sin', y!))], ([x, y]) => [e.add(x!, e.unary('exp', y!))])))
      out.push(sample<'cond'>([flag(v), float(shape), ints(shape)], both((f) => [in_(f, shape), in_(f, shape, 'int32')], ([x, n]) => [x!, e.shift(n!, 1)], ([x, n]) => [e.neg(x!), e.neg(n!)])))
    }
  }
  return out
}
