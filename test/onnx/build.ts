// Small ONNX models for tests: one node, or a few.
import { encodeModel } from '../../src/formats/onnx/encode.ts'
import { TYPES, type ElementType } from '../../src/formats/onnx/element-type.ts'
import type { NodeMessage, TensorMessage } from '../../src/formats/onnx/messages.ts'
import { type Attributes, Builder, Names } from '../../src/formats/onnx/export/builder.ts'

export interface ModelPart {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs?: readonly string[]
  readonly attributes?: Attributes
}
export interface Described {
  readonly opset?: number
  /** Types and shapes by name. */
  readonly inputs: Readonly<Record<string, readonly [type: ElementType, shape: readonly number[]]>>
  readonly nodes: readonly ModelPart[]
  /** Default: float32 'y'. */
  readonly outputs?: Readonly<Record<string, ElementType>>
  readonly stored?: Readonly<Record<string, readonly [type: ElementType, shape: readonly number[], values: readonly (number | bigint)[]]>>
}
export function buildModel({ opset = 18, inputs, nodes, outputs = { y: 'float32' }, stored = {} }: Described): Uint8Array<ArrayBuffer> {
  const b = new Builder(new Names(), null, null)
  for (const { op, inputs: from, outputs: to = ['y'], attributes = {} } of nodes) b.nodeOf(op, from, attributes, to)
  const port = (name: string, type: ElementType, shape: readonly (number | null)[] | null) => ({ name, type: { kind: 'tensor' as const, elementType: TYPES[type].code, shape } })
  return encodeModel({
    irVersion: opset > 20 ? 10 : 8, producer: 'test', domain: '', opsets: [{ domain: '', version: opset }], functions: [], metadata: new Map(),
    graph: {
      name: 'g', sparseInitializers: 0, nodes: b.nodes as NodeMessage[],
      initializers: Object.entries(stored).map(([name, [type, shape, values]]): TensorMessage => ({ name, dims: shape.map(BigInt), dataType: TYPES[type].code, raw: rawOf(type, values), floats: [], ints: [], strings: [], longs: [], doubles: [], unsigned: [], external: null })),
      inputs: Object.entries(inputs).map(([name, [type, shape]]) => port(name, type, shape)), outputs: Object.entries(outputs).map(([name, type]) => port(name, type, null)),
    },
  })
}
export function rawOf(type: ElementType, values: readonly (number | bigint)[]): Uint8Array {
  const { allocate, big } = TYPES[type]
  const data = allocate(values.length) as Uint8Array
  values.forEach((v, i) => ((data as unknown as (number | bigint)[])[i] = big ? BigInt(v) : Number(v)))
  return new Uint8Array(data.buffer)
}
