// The messages of messages.ts → protocol buffers: the inverse of decode.ts.
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { AttributeMessage, GraphMessage, ModelMessage, NodeMessage, TensorMessage, TypeMessage, ValueInfo } from './messages.ts'

const VARINT = 0
const BYTES = 2
const FIXED32 = 5

type Write = (w: BinaryWriter) => void

function nested(w: BinaryWriter, field: number, write: Write): void {
  w.tag(field, BYTES).fork()
  write(w)
  w.join()
}
function text(w: BinaryWriter, field: number, value: string): void {
  if (value !== '') w.tag(field, BYTES).string(value)
}
const long = (w: BinaryWriter, field: number, value: bigint | number): BinaryWriter => w.tag(field, VARINT).int64(value.toString())

/** A model as the bytes of an .onnx file. Functions and sparse or external tensors are not written. */
export function encodeModel(m: ModelMessage): Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter()
  long(w, 1, m.irVersion)
  text(w, 2, m.producer)
  text(w, 4, m.domain)
  if (m.graph !== null) nested(w, 7, (x) => graph(x, m.graph!))
  for (const { domain, version } of m.opsets) {
    nested(w, 8, (x) => {
      text(x, 1, domain)
      long(x, 2, version)
    })
  }
  for (const [key, value] of m.metadata) {
    nested(w, 14, (x) => {
      text(x, 1, key)
      text(x, 2, value)
    })
  }
  return w.finish()
}

function graph(w: BinaryWriter, g: GraphMessage): void {
  for (const n of g.nodes) nested(w, 1, (x) => node(x, n))
  text(w, 2, g.name)
  for (const t of g.initializers) nested(w, 5, (x) => tensor(x, t))
  for (const v of g.inputs) nested(w, 11, (x) => valueInfo(x, v))
  for (const v of g.outputs) nested(w, 12, (x) => valueInfo(x, v))
}

function node(w: BinaryWriter, n: NodeMessage): void {
  // an empty name stands for an input that is left out
  for (const x of n.inputs) w.tag(1, BYTES).string(x)
  for (const x of n.outputs) w.tag(2, BYTES).string(x)
  text(w, 3, n.name)
  text(w, 4, n.opType)
  for (const a of n.attributes) nested(w, 5, (x) => attribute(x, a))
  text(w, 7, n.domain)
}

/** Which number `AttributeMessage.type` takes for what the attribute holds. */
export const ATTRIBUTE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const

function attribute(w: BinaryWriter, a: AttributeMessage): void {
  text(w, 1, a.name)
  if (a.type === ATTRIBUTE.float) w.tag(2, FIXED32).float(a.f)
  if (a.type === ATTRIBUTE.int) long(w, 3, a.i)
  if (a.type === ATTRIBUTE.string) w.tag(4, BYTES).bytes(a.s)
  if (a.t !== null) nested(w, 5, (x) => tensor(x, a.t!))
  if (a.g !== null) nested(w, 6, (x) => graph(x, a.g!))
  for (const v of a.floats) w.tag(7, FIXED32).float(v)
  for (const v of a.ints) long(w, 8, v)
  for (const v of a.strings) w.tag(9, BYTES).bytes(v)
  w.tag(20, VARINT).int32(a.type)
}

function tensor(w: BinaryWriter, t: TensorMessage): void {
  for (const d of t.dims) long(w, 1, d)
  w.tag(2, VARINT).int32(t.dataType)
  text(w, 8, t.name)
  if (t.raw !== null) w.tag(9, BYTES).bytes(t.raw)
}

function valueInfo(w: BinaryWriter, v: ValueInfo): void {
  text(w, 1, v.name)
  if (v.type !== null) nested(w, 2, (x) => type(x, v.type!))
}

function type(w: BinaryWriter, t: TypeMessage): void {
  if (t.kind !== 'tensor') return
  nested(w, 1, (x) => {
    x.tag(1, VARINT).int32(t.elementType)
    if (t.shape === null) return
    nested(x, 2, (s) => {
      for (const d of t.shape!) {
        nested(s, 1, (one) => {
          if (typeof d === 'number') long(one, 1, d)
          else if (d !== null) text(one, 2, d)
        })
      }
    })
  })
}
