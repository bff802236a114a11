// What samples are made of: arrays filled by a counter-based generator, and the views they are handed over through.
import { type DType, type NDArray, allocate, coerce, isFloat, ndarray, sizeOf, stridesOf, tabulate, threefry2x32 } from '../../src/base/index.ts'
import { type Node, type OpName, type OpParams, emit as e } from '../../src/ir/index.ts'
import { Tensor, tensor } from '../../src/tensor/index.ts'

export type Float = 'float32' | 'float64'
/** How an input's elements lie in the tensor it is a view of. */
export type View = 'plain' | 'permuted' | 'strided' | 'flipped' | 'expanded'
export interface Input {
  /** 'float' stands for the floating type of the run. */
  readonly dtype: DType | 'float'
  /** The values as the op sees them. */
  readonly array: NDArray
  readonly view: View
}
export interface Sample<K extends OpName = OpName> {
  readonly inputs: readonly Input[]
  readonly params: (float: Float) => OpParams[K]
  /** The floating types of the run; ['float32'] alone where no input is floating. */
  readonly floats: readonly Float[]
  /** Differentiable at these values: finite differences make sense. */
  readonly smooth: boolean
  /** Too large to be run more than once, for its value. */
  readonly large: boolean
  /** Instead of the bare op. */
  readonly build?: (xs: readonly Tensor[]) => readonly Tensor[]
  /** false: the op has no forward mode here. */
  readonly forward?: boolean
}

/** Uniform in [0, 1), by seed and position. */
export const unit = (seed: number, i: number): number => (threefry2x32(seed, 77, i, 5)[0] >>> 0) / 2 ** 32

const EDGES = [0, -0, Infinity, -Infinity, Number.NaN, 1, -1, 0.5, -0.5, 1e-40, -1e-40, 1e-30, 3e38, -3e38, 88.7, -87.4, 1e-8, 2147483648, 3.4e38, -103.5, 1e20, 7.25, -7.25]
const WHOLE: Record<'int32' | 'uint8' | 'bool', readonly number[]> = {
  int32: [-2147483648, 2147483647, 0, -1, 1, 46341, -46341, 65536, 7, -7, 31, 32, 255, 256, -2147483647],
  uint8: [0, 255, 1, 127, 128, 7, 200, 16, 254],
  bool: [1, 0, 0, 1, 1, 0, 1],
}

export interface Fill {
  readonly range?: readonly [number, number]
  /** |x| at least this. */
  readonly away?: number
  readonly values?: readonly number[]
  readonly view?: View
  readonly seed?: number
}
let nextSeed = 1
export function restartSeeds(): void {
  nextSeed = 1
}

function input(dtype: DType | 'float', shape: readonly number[], fill: Fill, at: (i: number, seed: number) => number): Input {
  const seed = fill.seed ?? nextSeed++
  const stored: DType = dtype === 'float' ? 'float64' : dtype
  const { values } = fill
  const data = allocate(stored, sizeOf(shape))
  // A repeated first axis has equal rows.
  const period = fill.view === 'expanded' && shape[0]! > 0 ? data.length / shape[0]! : data.length
  for (let i = 0; i < data.length; i++) {
    const v = values === undefined ? at(i % period, seed) : values[(i % period) % values.length]!
    data[i] = isFloat(stored) ? v : coerce(stored, v)
  }
  return { dtype, array: ndarray(stored, shape, data), view: fill.view ?? 'plain' }
}
/** Floats, uniform in a range (default −2 … 2), held to 1/1024 so that float32 has them exactly. */
export const float = (shape: readonly number[], fill: Fill = {}): Input =>
  input('float', shape, fill, (i, seed) => {
    const [lo, hi] = fill.range ?? [-2, 2]
    const v = Math.round((lo + (hi - lo) * unit(seed, i)) * 1024) / 1024
    return fill.away !== undefined && Math.abs(v) < fill.away ? v + (v < 0 ? -1 : 1) * fill.away : v
  })
/** The special values; `limit` leaves out finite ones beyond it and numbers smaller than its inverse. */
export function edges(shape: readonly number[], shift = 0, view: View = 'plain', limit = Infinity): Input {
  const list = EDGES.filter((v) => !Number.isFinite(v) || v === 0 || (Math.abs(v) <= limit && Math.abs(v) >= 1 / limit))
  return input('float', shape, { view, seed: 0 }, (i) => list[(i * (shift === 0 ? 1 : 5) + shift) % list.length]!)
}
/** int32 from −9 to 9 (or a range). */
export const ints = (shape: readonly number[], fill: Fill = {}): Input => input('int32', shape, fill, (i, seed) => Math.floor((fill.range?.[0] ?? -9) + unit(seed, i) * ((fill.range?.[1] ?? 9) - (fill.range?.[0] ?? -9) + 1)))
/** The extreme and odd values of an integer type, or truth values. */
export const whole = (dtype: 'int32' | 'uint8' | 'bool', shape: readonly number[], shift = 0, view: View = 'plain'): Input =>
  input(dtype, shape, { view, seed: 0 }, (i) => WHOLE[dtype][(i * (shift === 0 ? 1 : 4) + shift) % WHOLE[dtype].length]!)
export const bools = (shape: readonly number[], fill: Fill = {}): Input => input('bool', shape, fill, (i, seed) => (unit(seed, i) < 0.5 ? 1 : 0))

interface Options {
  readonly smooth?: boolean
  readonly large?: boolean
  readonly build?: Sample['build']
  readonly forward?: boolean
}
export function sample<K extends OpName>(inputs: readonly Input[], params: OpParams[K] | ((f: Float) => OpParams[K]), options: Options = {}): Sample<K> {
  const floating = inputs.some((x) => x.dtype === 'float')
  return {
    inputs,
    params: typeof params === 'function' ? (params as (f: Float) => OpParams[K]) : () => params,
    floats: floating ? ['float32', 'float64'] : ['float32'],
    smooth: options.smooth ?? floating,
    large: options.large ?? false,
    ...(options.build === undefined ? {} : { build: options.build }),
    ...(options.forward === undefined ? {} : { forward: options.forward }),
  }
}

/** The typed values of an input in one floating type. */
export function typed({ dtype, array }: Input, run: Float): NDArray {
  return dtype !== 'float' || run === 'float64' ? array : tabulate(run, array.shape, (i) => array.data[i]!)
}

/** A tensor of these values, seen through the view. */
export function throughView(array: NDArray, view: View): Tensor {
  const { dtype, shape, data } = array
  const r = shape.length
  const leaf = (s: readonly number[], at: (i: number) => number): Node => {
    const values = allocate(dtype, sizeOf(s))
    for (let i = 0; i < values.length; i++) values[i] = at(i)
    return tensor(values, { dtype, shape: s }).node
  }
  if (r === 0 || data.length === 0) return tensor(data, { dtype, shape })
  switch (view) {
    case 'plain': return tensor(data, { dtype, shape })
    case 'permuted': {
      const back = shape.map((_, i) => r - 1 - i)
      const turned = back.map((i) => shape[i]!)
      const strides = stridesOf(shape)
      const from = stridesOf(turned)
      const node = leaf(turned, (flat) => data[from.reduce((sum, s, i) => sum + (Math.floor(flat / s) % turned[i]!) * strides[r - 1 - i]!, 0)]!)
      return new Tensor(e.permute(node, back))
    }
    case 'strided': {
      const n = shape[r - 1]!
      const node = leaf([...shape.slice(0, -1), 2 * n + 1], (flat) => {
        const row = Math.floor(flat / (2 * n + 1))
        const at = flat % (2 * n + 1)
        return at % 2 === 1 ? data[row * n + (at - 1) / 2]! : 99
      })
      return new Tensor(e.slice(node, [...shape.slice(0, -1).map(() => 0), 1], shape, [...shape.slice(0, -1).map(() => 1), 2]))
    }
    case 'flipped': return new Tensor(e.flip(leaf(shape, (flat) => data[data.length - 1 - flat]!), shape.map((_, i) => i)))
    case 'expanded': return new Tensor(e.expand(leaf([1, ...shape.slice(1)], (flat) => data[flat]!), shape))
  }
}
