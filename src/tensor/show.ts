// What console.log shows of a tensor in Node: values as NumPy prints them, aligned, the middle of long axes left out.
// Bundles for browsers, which have no such hook, take show-absent.ts.
import { type NDArray, type Shape, TransformError, isFloat, sizeOf } from '../base/index.ts'
import type { Node } from '../ir/index.ts'
import { readable } from './realize.ts'
import { storageOf } from './storage.ts'

/** From this many elements on only the ends of every axis are shown. */
const LONG = 1000
/** How many at each end. */
const ENDS = 3
const DIGITS = 4

/** A name followed by the values of a node, or by why there are none. `nested`: stands inside something else, so be brief. */
export function inspected(name: string, node: Node, compute: () => void, nested: boolean): string {
  if (nested && sizeOf(node.shape) > 10) return name
  const told = (why: string): string => `${name} (${why})`
  const before = storageOf(node)
  if (before !== null && before.gone !== null) return told(before.gone)
  try {
    compute()
  } catch (error) {
    if (error instanceof TransformError) return told('a placeholder: it gets values when the function runs')
    throw error
  }
  const value = storageOf(node)!
  if (value.host === null && value.resident!.backend.readNow(value) === null) return told(`its values are on ${value.resident!.backend.name}: await x.array() reads them`)
  const values = showValues(readable(value))
  return `${name}${values.includes('\n') ? '\n' : ' '}${values}`
}

/** The elements in brackets, one line a row. */
function showValues(array: NDArray): string {
  const short = sizeOf(array.shape) > LONG
  const shown = (n: number): number[] => {
    const all = [...Array(short && n > 2 * ENDS ? ENDS : n).keys()]
    return all.length < n ? [...all, -1, ...all.map((i) => n - ENDS + i)] : all
  }
  const axes = array.shape.map(shown)
  const strides = stridesOf(array.shape)
  const offsets: number[] = []
  collect(axes, strides, 0, 0, offsets)
  const write = writer(array, offsets)
  const width = offsets.reduce((w, o) => Math.max(w, write(o).length), 0)

  const rows = (axis: number, offset: number): string => {
    if (axis === axes.length) return write(offset).padStart(array.shape.length === 0 ? 0 : width)
    const parts = axes[axis]!.map((i) => (i < 0 ? '…' : rows(axis + 1, offset + i * strides[axis]!)))
    const inner = axes.length - axis - 1
    return `[${parts.join(inner === 0 ? ', ' : `,${'\n'.repeat(inner)}${' '.repeat(axis + 1)}`)}]`
  }
  return rows(0, 0)
}

function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!
  return strides
}

function collect(axes: readonly number[][], strides: readonly number[], axis: number, offset: number, into: number[]): void {
  if (axis === axes.length) into.push(offset)
  else for (const i of axes[axis]!) if (i >= 0) collect(axes, strides, axis + 1, offset + i * strides[axis]!, into)
}

/** One way of writing for all elements: fixed point, or with exponents where sizes differ too much. */
function writer({ dtype, data }: NDArray, offsets: readonly number[]): (offset: number) => string {
  if (dtype === 'bool') return (o) => (data[o] ? 'true' : 'false')
  if (!isFloat(dtype)) return (o) => String(data[o])
  const finite = offsets.map((o) => Math.abs(data[o]!)).filter((v) => Number.isFinite(v) && v > 0)
  const largest = finite.reduce((a, b) => Math.max(a, b), 0)
  const smallest = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const other = (v: number): string | null => (Number.isNaN(v) ? 'NaN' : v === Number.POSITIVE_INFINITY ? '∞' : v === Number.NEGATIVE_INFINITY ? '-∞' : null)
  if (finite.every(Number.isInteger) && largest < 1e8) return (o) => other(data[o]!) ?? (Object.is(data[o], -0) ? '-0' : String(data[o]))
  if (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e4) return (o) => other(data[o]!) ?? data[o]!.toExponential(DIGITS)
  return (o) => other(data[o]!) ?? data[o]!.toFixed(DIGITS)
}
