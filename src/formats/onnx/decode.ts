// Protocol buffers → the messages of messages.ts. Strict: every length must lie inside its message, nesting is limited.
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { FormatError } from '../../base/index.ts'
import type { AttributeMessage, FunctionMessage, GraphMessage, ModelMessage, NodeMessage, OptionalMessage, SequenceMessage, TensorMessage, TypeMessage, ValueInfo } from './messages.ts'

/** Graphs inside attributes inside graphs …: deeper than any model is. */
const MAX_DEPTH = 48
/** Messages of any kind: an object each, many times larger than the two bytes that ask for it. More for larger files. */
const MAX_MESSAGES = 20_000
const BYTES_A_MESSAGE = 40
const EMPTY = new Uint8Array(0)
const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

export const bad = (problem: string, parts: { expected?: string; received?: string; remedy?: string } = {}): FormatError => new FormatError('onnx', problem, parts)

/** How many messages and listed values a file may still have. */
interface Budget {
  readonly limit: number
  left: number
}

/** One message being read: where it is, for errors, and where it ends. */
class Scope {
  readonly reader: BinaryReader
  readonly budget: Budget
  readonly end: number
  readonly depth: number
  private readonly name: string
  /** Which of several of the name; −1: there is one. */
  private readonly index: number
  private readonly outer: Scope | null
  constructor(reader: BinaryReader, end: number, name: string, index: number, outer: Scope | null, budget: Budget) {
    this.reader = reader
    this.budget = budget
    this.end = end
    this.name = name
    this.index = index
    this.outer = outer
    this.depth = outer === null ? 0 : outer.depth + 1
    if (this.depth > MAX_DEPTH) throw bad(`${this.path}: nested too deeply`, { expected: `at most ${MAX_DEPTH} levels` })
    this.spend(1)
  }
  /** Made when it is needed: there may be a million of these. */
  get path(): string {
    const own = this.index < 0 ? this.name : `${this.name}[${this.index}]`
    return this.outer === null ? own : `${this.outer.path}.${own}`
  }
  private spend(n: number): void {
    this.budget.left -= n
    if (this.budget.left < 0) throw bad(`${this.path}: too many messages for a file of this size`, { expected: `at most ${this.budget.limit}` })
  }
  fail(problem: string): FormatError {
    return bad(`${this.path}: ${problem} at byte ${this.reader.pos}`, { remedy: 'The file is cut off or damaged, or not an ONNX file.' })
  }
  private take(wire: number, expected: number, field: string): void {
    if (wire !== expected) throw this.fail(`the field ${field} has wire type ${wire} instead of ${expected}`)
  }
  private length(field: string): number {
    const n = this.reader.uint32()
    if (this.reader.pos + n > this.end) throw this.fail(`the field ${field} of ${n} bytes goes beyond the end (${this.end})`)
    return n
  }
  bytes(wire: number, field: string): Uint8Array {
    this.take(wire, BYTES, field)
    const n = this.length(field)
    const at = this.reader.pos
    this.reader.pos = at + n
    return (this.reader as unknown as { readonly buf: Uint8Array }).buf.subarray(at, at + n)
  }
  text(wire: number, field: string): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes(wire, field))
    } catch (error) {
      if (error instanceof FormatError) throw error
      throw this.fail(`the field ${field} is not UTF-8`)
    }
  }
  long(wire: number, field: string): bigint {
    this.take(wire, VARINT, field)
    return BigInt(this.reader.int64())
  }
  int(wire: number, field: string): number {
    const value = this.long(wire, field)
    if (value > 2147483647n || value < -2147483648n) throw this.fail(`the field ${field} is ${value}, not a 32-bit integer`)
    return Number(value)
  }
  float(wire: number, field: string): number {
    this.take(wire, FIXED32, field)
    return this.reader.float()
  }
  /** A repeated scalar: one value, or many packed into one field. */
  repeated<T>(wire: number, single: number, field: string, out: T[], read: () => T): void {
    if (wire === single) {
      this.spend(1)
      out.push(read())
      return
    }
    this.take(wire, BYTES, field)
    const end = this.length(field) + this.reader.pos
    while (this.reader.pos < end) {
      this.spend(1)
      out.push(read())
    }
    if (this.reader.pos !== end) throw this.fail(`the packed field ${field} ends inside a value`)
  }
  /** Numbers of a tensor. Packed ones, as every writer packs them, go straight into an array of their type. */
  numbers<A extends Numbers>(wire: number, single: number, field: string, list: ArrayLike<unknown>, { make, width, read }: NumberKind<A>): A {
    const before = list as A
    if (wire === single) {
      this.spend(1)
      const out = make(before.length + 1)
      if (before.length > 4096) throw this.fail(`the field ${field} has more than 4096 values that are not packed`)
      out.set(before as never)
      out[before.length] = read(this.reader) as never
      return out
    }
    this.take(wire, BYTES, field)
    const n = this.length(field)
    const end = this.reader.pos + n
    const bytes = (this.reader as unknown as { readonly buf: Uint8Array }).buf.subarray(this.reader.pos, end)
    const count = width === 0 ? bytes.reduce((sum, byte) => sum + (byte < 128 ? 1 : 0), 0) : Math.floor(n / width)
    const out = make(before.length + count)
    out.set(before as never)
    for (let i = before.length; i < out.length; i++) out[i] = read(this.reader) as never
    if (this.reader.pos !== end) throw this.fail(`the packed field ${field} ends inside a value`)
    return out
  }
  message<T>(wire: number, field: string, read: (scope: Scope) => T, index = -1): T {
    this.take(wire, BYTES, field)
    const n = this.length(field)
    return read(new Scope(this.reader, this.reader.pos + n, field, index, this, this.budget))
  }
  /** Calls `visit` for every field; what it does not know (false) is skipped. */
  fields(visit: (field: number, wire: number) => boolean): void {
    while (this.reader.pos < this.end) {
      const [field, wire] = this.reader.tag()
      if (!visit(field, wire)) this.skip(field, wire)
      if (this.reader.pos > this.end) throw this.fail(`field ${field} goes beyond the end of its message (${this.end})`)
    }
  }
  private skip(field: number, wire: number): void {
    if (wire === VARINT) this.reader.uint64()
    else if (wire === FIXED64) this.reader.pos += 8
    else if (wire === FIXED32) this.reader.pos += 4
    else if (wire === BYTES) {
      const n = this.length(String(field))
      this.reader.pos += n
    } else throw this.fail(`field ${field} has the unknown wire type ${wire}`)
  }
}

type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>
interface NumberKind<A extends Numbers> {
  readonly make: (length: number) => A
  /** Bytes of a value; 0: as many as it needs. */
  readonly width: number
  readonly read: (reader: BinaryReader) => number | bigint
}
const FLOATS: NumberKind<Float32Array<ArrayBuffer>> = { make: (n) => new Float32Array(n), width: 4, read: (r) => r.float() }
const DOUBLES: NumberKind<Float64Array<ArrayBuffer>> = { make: (n) => new Float64Array(n), width: 8, read: (r) => r.double() }
const INTS: NumberKind<Int32Array<ArrayBuffer>> = { make: (n) => new Int32Array(n), width: 0, read: (r) => r.int32() }
const LONGS: NumberKind<BigInt64Array<ArrayBuffer>> = { make: (n) => new BigInt64Array(n), width: 0, read: (r) => BigInt(r.int64()) }
const UNSIGNED: NumberKind<BigUint64Array<ArrayBuffer>> = { make: (n) => new BigUint64Array(n), width: 0, read: (r) => BigInt(r.uint64()) }

/** Reads a whole message; anything the wire reader refuses becomes a FormatError. */
function whole<T>(bytes: Uint8Array, name: string, read: (scope: Scope) => T): T {
  // a plain view: slices of a Node Buffer would share its memory
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  const reader = new BinaryReader(plain)
  try {
    const limit = MAX_MESSAGES + Math.floor(plain.length / BYTES_A_MESSAGE)
    return read(new Scope(reader, plain.length, name, -1, null, { limit, left: limit }))
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw bad(`${name}: ${error instanceof Error ? error.message : String(error)} at byte ${reader.pos}`, { remedy: 'The file is cut off or damaged, or not an ONNX file.' })
  }
}
export const decodeModel = (bytes: Uint8Array): ModelMessage => whole(bytes, 'model', model)
export const decodeTensor = (bytes: Uint8Array): TensorMessage => whole(bytes, 'tensor', tensor)
export const decodeSequence = (bytes: Uint8Array): SequenceMessage => whole(bytes, 'sequence', sequence)
export const decodeOptional = (bytes: Uint8Array): OptionalMessage => whole(bytes, 'optional', optional)

function model(s: Scope): ModelMessage {
  const out: ModelMessage = { irVersion: 0, producer: '', domain: '', graph: null, opsets: [], functions: [], metadata: new Map() }
  s.fields((field, wire) => {
    switch (field) {
      case 1: out.irVersion = s.int(wire, 'ir_version'); return true
      case 2: out.producer = s.text(wire, 'producer_name'); return true
      case 4: out.domain = s.text(wire, 'domain'); return true
      case 7: out.graph = s.message(wire, 'graph', graph); return true
      case 8: out.opsets.push(s.message(wire, 'opset_import', opset)); return true
      case 14: out.metadata.set(...s.message(wire, 'metadata_props', pair)); return true
      case 25: out.functions.push(s.message(wire, 'functions', functionProto)); return true
      default: return false
    }
  })
  return out
}
function opset(s: Scope): { domain: string; version: number } {
  const out = { domain: '', version: 0 }
  s.fields((field, wire) => {
    if (field === 1) out.domain = s.text(wire, 'domain')
    else if (field === 2) out.version = s.int(wire, 'version')
    return field <= 2
  })
  return out
}
function pair(s: Scope): [string, string] {
  const out: [string, string] = ['', '']
  s.fields((field, wire) => {
    if (field === 1) out[0] = s.text(wire, 'key')
    else if (field === 2) out[1] = s.text(wire, 'value')
    return field <= 2
  })
  return out
}
function graph(s: Scope): GraphMessage {
  const out: GraphMessage = { name: '', nodes: [], initializers: [], sparseInitializers: 0, inputs: [], outputs: [] }
  s.fields((field, wire) => {
    switch (field) {
      case 1: out.nodes.push(s.message(wire, 'node', node, out.nodes.length)); return true
      case 2: out.name = s.text(wire, 'name'); return true
      case 5: out.initializers.push(s.message(wire, 'initializer', tensor, out.initializers.length)); return true
      case 11: out.inputs.push(s.message(wire, 'input', valueInfo, out.inputs.length)); return true
      case 12: out.outputs.push(s.message(wire, 'output', valueInfo, out.outputs.length)); return true
      case 15: out.sparseInitializers++; return false
      default: return false
    }
  })
  return out
}
function functionProto(s: Scope): FunctionMessage {
  const out: FunctionMessage = { name: '', domain: '', inputs: [], outputs: [], attributes: [], defaults: [], nodes: [], opsets: [] }
  s.fields((field, wire) => {
    switch (field) {
      case 1: out.name = s.text(wire, 'name'); return true
      case 4: out.inputs.push(s.text(wire, 'input')); return true
      case 5: out.outputs.push(s.text(wire, 'output')); return true
      case 6: out.attributes.push(s.text(wire, 'attribute')); return true
      case 7: out.nodes.push(s.message(wire, 'node', node, out.nodes.length)); return true
      case 9: out.opsets.push(s.message(wire, 'opset_import', opset)); return true
      case 10: out.domain = s.text(wire, 'domain'); return true
      case 11: out.defaults.push(s.message(wire, 'attribute_proto', attribute)); return true
      default: return false
    }
  })
  return out
}
function node(s: Scope): NodeMessage {
  const out: NodeMessage = { inputs: [], outputs: [], name: '', opType: '', domain: '', attributes: [] }
  s.fields((field, wire) => {
    switch (field) {
      case 1: out.inputs.push(s.text(wire, 'input')); return true
      case 2: out.outputs.push(s.text(wire, 'output')); return true
      case 3: out.name = s.text(wire, 'name'); return true
      case 4: out.opType = s.text(wire, 'op_type'); return true
      case 5: out.attributes.push(s.message(wire, 'attribute', attribute, out.attributes.length)); return true
      case 7: out.domain = s.text(wire, 'domain'); return true
      default: return false
    }
  })
  return out
}
function attribute(s: Scope): AttributeMessage {
  const out: AttributeMessage = { name: '', reference: '', type: 0, f: 0, i: 0n, s: EMPTY, t: null, g: null, floats: [], ints: [], strings: [], tensors: [], graphs: [] }
  s.fields((field, wire) => {
    switch (field) {
      case 1: out.name = s.text(wire, 'name'); return true
      case 2: out.f = s.float(wire, 'f'); return true
      case 3: out.i = s.long(wire, 'i'); return true
      case 4: out.s = s.bytes(wire, 's'); return true
      case 5: out.t = s.message(wire, 't', tensor); return true
      case 6: out.g = s.message(wire, 'g', graph); return true
      case 7: s.repeated(wire, FIXED32, 'floats', out.floats, () => s.reader.float()); return true
      case 8: s.repeated(wire, VARINT, 'ints', out.ints, () => BigInt(s.reader.int64())); return true
      case 9: out.strings.push(s.bytes(wire, 'strings')); return true
      case 10: out.tensors.push(s.message(wire, 'tensors', tensor)); return true
      case 11: out.graphs.push(s.message(wire, 'graphs', graph)); return true
      case 20: out.type = s.int(wire, 'type'); return true
      case 21: out.reference = s.text(wire, 'ref_attr_name'); return true
      default: return false
    }
  })
  return out
}
function tensor(s: Scope): TensorMessage {
  const out: TensorMessage = { dims: [], dataType: 0, name: '', raw: null, floats: [], ints: [], strings: [], longs: [], doubles: [], unsigned: [], external: null }
  let external: Map<string, string> | null = null
  const entries = (): Map<string, string> => (external ??= new Map())
  s.fields((field, wire) => {
    switch (field) {
      case 1: s.repeated(wire, VARINT, 'dims', out.dims, () => BigInt(s.reader.int64())); return true
      case 2: out.dataType = s.int(wire, 'data_type'); return true
      case 4: out.floats = s.numbers(wire, FIXED32, 'float_data', out.floats, FLOATS); return true
      case 5: out.ints = s.numbers(wire, VARINT, 'int32_data', out.ints, INTS); return true
      case 6: out.strings.push(s.bytes(wire, 'string_data')); return true
      case 7: out.longs = s.numbers(wire, VARINT, 'int64_data', out.longs, LONGS); return true
      case 8: out.name = s.text(wire, 'name'); return true
      case 9: out.raw = s.bytes(wire, 'raw_data'); return true
      case 10: out.doubles = s.numbers(wire, FIXED64, 'double_data', out.doubles, DOUBLES); return true
      case 11: out.unsigned = s.numbers(wire, VARINT, 'uint64_data', out.unsigned, UNSIGNED); return true
      case 13: entries().set(...s.message(wire, 'external_data', pair)); return true
      case 14: if (s.int(wire, 'data_location') === 1) out.external = entries(); return true
      default: return false
    }
  })
  return out
}
function valueInfo(s: Scope): ValueInfo {
  const out: ValueInfo = { name: '', type: null }
  s.fields((field, wire) => {
    if (field === 1) out.name = s.text(wire, 'name')
    else if (field === 2) out.type = s.message(wire, 'type', typeProto)
    return field <= 2
  })
  return out
}
function typeProto(s: Scope): TypeMessage {
  let out: TypeMessage = { kind: 'other' }
  s.fields((field, wire) => {
    if (field === 1) out = s.message(wire, 'tensor_type', tensorType)
    else if (field === 4 || field === 9) out = { kind: field === 4 ? 'sequence' : 'optional', of: s.message(wire, 'element', elementType) }
    else return false
    return true
  })
  return out
}
function elementType(s: Scope): TypeMessage {
  let out: TypeMessage = { kind: 'other' }
  s.fields((field, wire) => {
    if (field === 1) out = s.message(wire, 'elem_type', typeProto)
    return field === 1
  })
  return out
}
function tensorType(s: Scope): TypeMessage {
  let type = 0
  let shape: (number | string | null)[] | null = null
  s.fields((field, wire) => {
    if (field === 1) type = s.int(wire, 'elem_type')
    else if (field === 2) shape = s.message(wire, 'shape', shapeProto)
    return field <= 2
  })
  return { kind: 'tensor', elementType: type, shape }
}
function shapeProto(s: Scope): (number | string | null)[] {
  const out: (number | string | null)[] = []
  s.fields((field, wire) => {
    if (field !== 1) return false
    out.push(s.message(wire, 'dim', (d) => {
      let size: number | string | null = null
      d.fields((f, w) => {
        if (f === 1) size = Number(d.long(w, 'dim_value'))
        else if (f === 2) size = d.text(w, 'dim_param')
        return f <= 2
      })
      return size
    }))
    return true
  })
  return out
}
function sequence(s: Scope): SequenceMessage {
  const out: SequenceMessage = { name: '', elementType: 0, tensors: [], sequences: [], optionals: [] }
  s.fields((field, wire) => {
    switch (field) {
      case 1: out.name = s.text(wire, 'name'); return true
      case 2: out.elementType = s.int(wire, 'elem_type'); return true
      case 3: out.tensors.push(s.message(wire, 'tensor_values', tensor)); return true
      case 5: out.sequences.push(s.message(wire, 'sequence_values', sequence)); return true
      case 7: out.optionals.push(s.message(wire, 'optional_values', optional)); return true
      default: return false
    }
  })
  return out
}
function optional(s: Scope): OptionalMessage {
  const out: OptionalMessage = { name: '', elementType: 0, tensor: null, sequence: null, optional: null }
  s.fields((field, wire) => {
    switch (field) {
      case 1: out.name = s.text(wire, 'name'); return true
      case 2: out.elementType = s.int(wire, 'elem_type'); return true
      case 3: out.tensor = s.message(wire, 'tensor_value', tensor); return true
      case 5: out.sequence = s.message(wire, 'sequence_value', sequence); return true
      case 7: out.optional = s.message(wire, 'optional_value', optional); return true
      default: return false
    }
  })
  return out
}
