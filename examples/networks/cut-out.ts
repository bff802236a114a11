// Pieces of an ONNX file: the nodes of some operators as a model of their own, and intermediate values as outputs, so that
// each operator can be held against ONNX Runtime's with equal inputs. Field numbers of onnx.proto.
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire'

interface Field {
  readonly no: number
  readonly wire: number
  readonly bytes: Uint8Array
}
function fields(bytes: Uint8Array): Field[] {
  const reader = new BinaryReader(bytes)
  const out: Field[] = []
  while (reader.pos < reader.len) {
    const [no, wire] = reader.tag()
    if (wire === 2) out.push({ no, wire, bytes: reader.bytes() })
    else out.push({ no, wire, bytes: reader.skip(wire, no) })
  }
  return out
}
const texts = (list: readonly Field[], no: number): string[] => list.filter((f) => f.no === no).map((f) => new TextDecoder().decode(f.bytes))
const put = (w: BinaryWriter, no: number, bytes: Uint8Array): BinaryWriter => w.tag(no, 2).bytes(bytes)
/** A value of a graph by name, with its element type (0: not said). */
function port(name: string, type: number): Uint8Array {
  const w = new BinaryWriter().tag(1, 2).string(name)
  return type === 0 ? w.finish() : put(w, 2, put(new BinaryWriter(), 1, new BinaryWriter().tag(1, 0).int32(type).finish()).finish()).finish()
}

export interface Piece {
  /** The nodes alone. */
  readonly model: Uint8Array
  /** The whole model, which also gives the piece's inputs and outputs. */
  readonly whole: Uint8Array
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}
/** All nodes of an operator; `inputTypes` are the ONNX codes of its inputs' element types, `outputTypes` those of its outputs. */
export function cutOut(bytes: Uint8Array, operator: string, inputTypes: readonly number[], outputTypes: readonly number[]): Piece {
  const model = fields(bytes)
  const graph = fields(model.find((f) => f.no === 7)!.bytes)
  const stored = new Map(graph.filter((f) => f.no === 5).map((f) => [texts(fields(f.bytes), 8)[0]!, f.bytes]))
  const nodes = graph.filter((f) => f.no === 1 && texts(fields(f.bytes), 4)[0] === operator)
  const [inputs, outputs, weights] = [new Map<string, number>(), new Map<string, number>(), new Set<string>()]
  for (const node of nodes) {
    const list = fields(node.bytes)
    texts(list, 1).forEach((name, i) => {
      if (stored.has(name)) weights.add(name)
      else if (name !== '') inputs.set(name, inputTypes[i]!)
    })
    texts(list, 2).forEach((name, i) => outputs.set(name, outputTypes[i]!))
  }
  const small = new BinaryWriter()
  for (const node of nodes) put(small, 1, node.bytes)
  for (const name of weights) put(small, 5, stored.get(name)!)
  for (const [name, type] of inputs) put(small, 11, port(name, type))
  for (const [name, type] of outputs) put(small, 12, port(name, type))
  const write = (content: Uint8Array): Uint8Array => {
    const w = new BinaryWriter().tag(1, 0).int32(8)
    for (const f of model) if (f.no === 8) put(w, 8, f.bytes)
    return put(w, 7, content).finish()
  }
  const large = new BinaryWriter()
  for (const f of graph) if (f.wire === 2 && f.no !== 12) put(large, f.no, f.bytes)
  for (const name of new Set([...inputs.keys(), ...outputs.keys()])) put(large, 12, port(name, inputs.get(name) ?? outputs.get(name)!))
  return { model: write(small.finish()), whole: write(large.finish()), inputs: [...inputs.keys()], outputs: [...outputs.keys()] }
}
