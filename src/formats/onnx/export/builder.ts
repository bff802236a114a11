// Writes ONNX graphs: nodes with fresh names, constants once each, sizes that depend on the batch, broadcasting by need.
import type { DType, TypedArray } from '../../../base/index.ts'
import { ATTRIBUTE } from '../encode.ts'
import { TYPES } from '../element-type.ts'
import type { AttributeMessage, GraphMessage, NodeMessage, TensorMessage } from '../messages.ts'
import { type Dim, broadcastDims, isFixed, isOne, sameDims } from './dim.ts'

/** A value of the graph being written. */
export interface Value {
  readonly name: string
  readonly dtype: DType
  /** The sizes that `name` has; they broadcast to `shape`. */
  readonly own: readonly Dim[]
  readonly shape: readonly Dim[]
}
export type Attribute = number | string | readonly number[] | { readonly float: number } | { readonly graph: GraphMessage } | { readonly tensor: TensorMessage }
export type Attributes = Readonly<Record<string, Attribute>>

/** Names and constants of the whole model. */
export class Names {
  readonly initializers: TensorMessage[] = []
  private readonly taken = new Set<string>()
  private readonly constants = new Map<string, string>()
  private readonly counts = new Map<string, number>()

  /** `wanted`, or with a number behind it if there is such a name. */
  own(wanted: string): string {
    if (!this.taken.has(wanted)) {
      this.taken.add(wanted)
      return wanted
    }
    return this.fresh(wanted)
  }
  fresh(stem: string): string {
    for (;;) {
      const n = this.counts.get(stem) ?? 0
      this.counts.set(stem, n + 1)
      const name = `${stem}_${n}`
      if (this.taken.has(name)) continue
      this.taken.add(name)
      return name
    }
  }
  /** A tensor stored in the model. Equal small ones are stored once. */
  constant(dims: readonly number[], code: number, bytes: Uint8Array, name?: string): string {
    const key = name === undefined && bytes.length <= 1024 ? `${code}|${dims}|${bytes}` : null
    const known = key === null ? undefined : this.constants.get(key)
    if (known !== undefined) return known
    const own = name === undefined ? this.fresh('constant') : this.own(name)
    this.initializers.push({ ...emptyTensor, name: own, dims: dims.map(BigInt), dataType: code, raw: bytes })
    if (key !== null) this.constants.set(key, own)
    return own
  }
}

const emptyTensor: TensorMessage = { dims: [], dataType: 0, name: '', raw: null, floats: [], ints: [], strings: [], longs: [], doubles: [], unsigned: [], external: null }
const emptyAttribute: AttributeMessage = { name: '', reference: '', type: 0, f: 0, i: 0n, s: new Uint8Array(0), t: null, g: null, floats: [], ints: [], strings: [], tensors: [], graphs: [] }

/** The largest whole number ONNX's Slice takes for "to the end". */
export const END = 2 ** 31 - 1

export class Builder {
  readonly nodes: NodeMessage[] = []
  readonly names: Names
  /** The builder of the whole model's graph: constants and sizes are written there. */
  readonly root: Builder
  /** Where the batch is read: an input and an axis. */
  private readonly batch: { readonly input: string; readonly axis: number } | null
  private readonly sizes = new Map<string, string>()
  private readonly forced = new Map<Value, Value>()

  constructor(names: Names, root: Builder | null, batch: { readonly input: string; readonly axis: number } | null) {
    this.names = names
    this.root = root ?? this
    this.batch = batch
  }
  /** A builder for a graph inside this one. */
  inner(): Builder {
    return new Builder(this.names, this.root, null)
  }

  // ---- nodes -----------------------------------------------------------------------------------------------

  /** Adds a node; gives the names of its outputs. */
  nodeOf(op: string, inputs: readonly string[], attributes: Attributes, outputs: readonly string[]): void {
    this.nodes.push({ inputs: [...inputs], outputs: [...outputs], name: this.names.fresh(op), opType: op, domain: '', attributes: Object.entries(attributes).map(attributeOf) })
  }
  node(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const out = this.names.fresh(`${op.toLowerCase()}_out`)
    this.nodeOf(op, inputs, attributes, [out])
    return out
  }
  /** A node whose output has this type and shape. */
  value(op: string, inputs: readonly (Value | string)[], like: { readonly dtype: DType; readonly shape: readonly Dim[] }, attributes: Attributes = {}): Value {
    const name = this.node(op, inputs.map((x) => (typeof x === 'string' ? x : this.force(x).name)), attributes)
    return this.named(name, like.dtype, like.shape)
  }
  named(name: string, dtype: DType, shape: readonly Dim[]): Value {
    return { name, dtype, own: shape, shape }
  }
  /** An elementwise operator: inputs broadcast, so none is expanded first. */
  pointwise(op: string, inputs: readonly Value[], dtype: DType, attributes: Attributes = {}): Value {
    const name = this.node(op, inputs.map((x) => x.name), attributes)
    return { name, dtype, own: broadcastDims(inputs.map((x) => x.own)), shape: broadcastDims(inputs.map((x) => x.shape)) }
  }
  /** The value with all its elements there. */
  force(x: Value): Value {
    if (sameDims(x.own, x.shape)) return x
    const known = this.forced.get(x)
    if (known !== undefined) return known
    const ones = x.shape.length - x.own.length
    const onlyOnes = x.shape.every((d, i) => (i < ones ? isOne(d) : sameDims([d], [x.own[i - ones]!])))
    const whole = this.named(this.node(onlyOnes ? 'Reshape' : 'Expand', [x.name, onlyOnes ? this.target(x.shape, x.own) : this.sizesOf(x.shape)]), x.dtype, x.shape)
    this.forced.set(x, whole)
    return whole
  }

  // ---- constants and sizes ---------------------------------------------------------------------------------

  int64(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.names.constant(dims, TYPES.int64.code, new Uint8Array(BigInt64Array.from(values, BigInt).buffer))
  }
  stored(dtype: DType, dims: readonly number[], data: TypedArray, name?: string): string {
    return this.names.constant(dims, TYPES[dtype].code, new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(), name)
  }
  /** One number for all elements of a shape. */
  scalar(dtype: DType, value: number, shape: readonly Dim[] = []): Value {
    const data = dtype === 'float32' ? Float32Array.of(value) : dtype === 'float64' ? Float64Array.of(value) : dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value)
    return { name: this.stored(dtype, [], data), dtype, own: [], shape }
  }
  /** A size as int64 [1]. */
  size(d: Dim): string {
    if (isFixed(d)) return this.int64([d.c])
    if (this.root !== this) return this.root.size(d)
    const key = `${d.k}|${d.c}`
    const known = this.sizes.get(key)
    if (known !== undefined) return known
    let name: string
    if (d.k === 1 && d.c === 0) name = this.node('Shape', [this.batch!.input], { start: this.batch!.axis, end: this.batch!.axis + 1 })
    else {
      name = this.size({ k: 1, c: 0 })
      if (d.k !== 1) name = this.node('Mul', [name, this.int64([d.k])])
      if (d.c !== 0) name = this.node('Add', [name, this.int64([d.c])])
    }
    this.sizes.set(key, name)
    return name
  }
  /** Sizes as an int64 vector. */
  sizesOf(dims: readonly Dim[]): string {
    if (dims.every(isFixed)) return this.int64(dims.map((d) => d.c))
    if (dims.length === 1) return this.size(dims[0]!)
    if (this.root !== this) return this.root.sizesOf(dims)
    const key = dims.map((d) => `${d.k}|${d.c}`).join(',')
    const known = this.sizes.get(key)
    if (known !== undefined) return known
    const name = this.node('Concat', dims.map((d) => this.size(d)), { axis: 0 })
    this.sizes.set(key, name)
    return name
  }
  /** Sizes for Reshape: a constant where at most one size has to be found and others are taken over. */
  target(dims: readonly Dim[], from: readonly Dim[]): string {
    const moving = dims.flatMap((d, i) => (isFixed(d) ? [] : [i]))
    const empty = [...dims, ...from].some((d) => isFixed(d) && d.c === 0)
    const kept = new Set(moving.filter((i) => i < from.length && sameDims([dims[i]!], [from[i]!])))
    const open = moving.filter((i) => !kept.has(i))
    if (empty || open.length > 1) return this.sizesOf(dims)
    return this.int64(dims.map((d, i) => (isFixed(d) ? d.c : kept.has(i) ? 0 : -1)))
  }
  reshape(x: Value, shape: readonly Dim[]): Value {
    const whole = this.force(x)
    if (sameDims(whole.shape, shape)) return whole
    const empty = shape.some((d) => isFixed(d) && d.c === 0)
    return this.value('Reshape', [whole, this.target(shape, whole.shape)], { dtype: x.dtype, shape }, empty ? { allowzero: 1 } : {})
  }
  transpose(x: Value, axes: readonly number[]): Value {
    return this.value('Transpose', [x], { dtype: x.dtype, shape: axes.map((a) => x.shape[a]!) }, { perm: axes })
  }
  cast(x: Value, dtype: DType): Value {
    if (x.dtype === dtype) return x
    return { ...x, name: this.node('Cast', [x.name], { to: TYPES[dtype].code }), dtype }
  }
  /** The name of x as int64. */
  int64Of(x: Value): string {
    return this.node('Cast', [this.force(x).name], { to: TYPES.int64.code })
  }
}

function attributeOf([name, value]: readonly [string, Attribute]): AttributeMessage {
  const a = { ...emptyAttribute, name }
  if (typeof value === 'number') return { ...a, type: ATTRIBUTE.int, i: BigInt(value) }
  if (typeof value === 'string') return { ...a, type: ATTRIBUTE.string, s: new TextEncoder().encode(value) }
  if ('float' in value) return { ...a, type: ATTRIBUTE.float, f: value.float }
  if ('graph' in value) return { ...a, type: ATTRIBUTE.graph, g: value.graph }
  if ('tensor' in value) return { ...a, type: ATTRIBUTE.tensor, t: value.tensor }
  return { ...a, type: ATTRIBUTE.ints, ints: value.map(BigInt) }
}
