// Runs samples: an op as a function of tensors, its inputs on a device, its results as plain arrays.
import { type NDArray, isFloat, ndarray, sizeOf, tabulate } from '../../src/base/index.ts'
import { type OpName, emit as e } from '../../src/ir/index.ts'
import { type DeviceName, Tensor, realize, setDevice, tensor } from '../../src/tensor/index.ts'
import { type Tolerance, compareArrays, toleranceOf } from '../support/compare.ts'
import { withAttention, withControl, withConvolution } from '../../src/tensor/families.ts'
import { type Float, type Sample, throughView, typed, unit } from './kit.ts'

// nodes are made here without the functions that bring their ops along
for (const bring of [withAttention, withControl, withConvolution]) bring()

export interface Case {
  readonly op: OpName
  readonly n: number
  readonly sample: Sample
  readonly float: Float
}
export const nameOf = ({ n, float, sample }: Case): string => `#${n} ${float} ${sample.inputs.map((x) => `${x.dtype}[${x.array.shape}]${x.view === 'plain' ? '' : ` ${x.view}`}`).join(', ')}`

export type Fn = (...xs: Tensor[]) => readonly Tensor[]
export function functionOf({ op, sample, float }: Case): Fn {
  const params = sample.build === undefined ? sample.params(float) : null
  return (...xs) => (params === null ? sample.build!(xs) : e.picks(e.make(op, xs.map((x) => x.node), params)).map((n) => new Tensor(n)))
}

export const arraysOf = ({ sample, float }: Case): NDArray[] => sample.inputs.map((x) => typed(x, float))
/** Fresh tensors of the sample's inputs (or of other values), seen through its views. */
export const tensorsOf = (c: Case, arrays: readonly NDArray[] = arraysOf(c)): Tensor[] => arrays.map((a, i) => throughView(a, c.sample.inputs[i]!.view))
export const plain = (a: NDArray): Tensor => tensor(a.data, { dtype: a.dtype, shape: a.shape })

/** Runs a body with a device chosen and reads its tensors, all computed in one program. */
export async function compute(device: DeviceName, body: () => readonly Tensor[]): Promise<NDArray[]> {
  void setDevice(device)
  try {
    const tensors = body()
    realize(tensors)
    return await Promise.all(tensors.map(async (t) => ndarray(t.dtype, t.shape, await t.data())))
  } finally {
    setDevice('reference')
  }
}

/** Computes on one device: every body by itself, or all that are asked for at about the same time in one program. */
export interface Runner {
  readonly device: DeviceName
  readonly run: (body: () => readonly Tensor[]) => Promise<NDArray[]>
}
export const alone = (device: DeviceName): Runner => ({ device, run: (body) => compute(device, body) })
export function together(device: DeviceName): Runner {
  let waiting: { body: () => readonly Tensor[]; resolve: (value: NDArray[]) => void; reject: (error: unknown) => void }[] = []
  const flush = async (): Promise<void> => {
    const now = waiting
    waiting = []
    const counts: number[] = []
    try {
      const flat = await compute(device, () =>
        now.flatMap((w, i) => {
          try {
            const tensors = w.body()
            counts[i] = tensors.length
            return tensors
          } catch (error) {
            counts[i] = 0
            w.reject(error)
            return []
          }
        }),
      )
      let from = 0
      now.forEach((w, i) => w.resolve(flat.slice(from, (from += counts[i]!))))
    } catch (error) {
      for (const w of now) w.reject(error)
    }
  }
  return {
    device,
    run: (body) =>
      new Promise((resolve, reject) => {
        // a macrotask: by then everybody else has asked as well
        if (waiting.length === 0) setTimeout(() => void flush(), 0)
        waiting.push({ body, resolve, reject })
      }),
  }
}

/** Wider bounds for float32, for large samples only, each with its reason. */
const WIDER: { readonly [K in OpName]?: Tolerance & { readonly reason: string } } = {
  prod: { rtol: 3e-5, atol: 1e-5, reason: '9000 factors: √9000 roundings of 2^-24 each, where the reference multiplies in double' },
}

/** What differs between two lists of results, in words. */
export function differ(label: string, got: readonly NDArray[], want: readonly NDArray[], c?: Case): string[] {
  const wider = c?.sample.large === true && c.float === 'float32' ? WIDER[c.op] : undefined
  if (got.length !== want.length) return [`${label}: ${got.length} results instead of ${want.length}`]
  return got.flatMap((g, i) => {
    const problem = compareArrays(g, want[i]!, wider ?? toleranceOf(want[i]!.dtype))
    return problem === null ? [] : [`${label} ${i}: ${problem}`]
  })
}

/** Fixed multiples of 1/64 in −1 … 1, as directions and cotangents. */
export const direction = (like: { readonly shape: readonly number[]; readonly dtype: NDArray['dtype'] }, seed: number): NDArray => tabulate(like.dtype, like.shape, (i) => (isFloat(like.dtype) ? (Math.round(unit(seed, i) * 128) - 64) / 64 : 0))
export const inner = (a: readonly NDArray[], b: readonly NDArray[]): number => a.reduce((sum, x, i) => sum + (x.data as Float64Array).reduce((s: number, v: number, j: number) => s + v * b[i]!.data[j]!, 0), 0)
export const along = (x: NDArray, t: number, d: NDArray): NDArray => tabulate(x.dtype, x.shape, (i) => x.data[i]! + t * d.data[i]!)

/** Another value of the same kind for position b of a batch: the elements in another order, truth values negated. */
export function variant(x: NDArray, b: number): NDArray {
  const n = x.data.length
  if (b === 0 || n === 0) return x
  if (x.dtype === 'bool') return tabulate('bool', x.shape, (i) => (b % 2 === 1 ? 1 - x.data[i]! : x.data[n - 1 - i]!))
  return tabulate(x.dtype, x.shape, (i) => x.data[b % 2 === 1 ? n - 1 - i : (i + b) % n]!)
}
/** Arrays of one shape along a new axis. */
export function stacked(list: readonly NDArray[], axis = 0): NDArray {
  const first = list[0]!
  const shape = [...first.shape.slice(0, axis), list.length, ...first.shape.slice(axis)]
  const block = sizeOf(first.shape.slice(axis))
  return tabulate(first.dtype, shape, (i) => {
    const outer = Math.floor(i / (block * list.length))
    return list[Math.floor(i / block) % list.length]!.data[outer * block + (i % block)]!
  })
}
