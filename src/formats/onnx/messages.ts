// The messages of onnx.proto that Gradus reads (field numbers of the ONNX IR, version 11). Types only.

export interface ModelMessage {
  irVersion: number
  producer: string
  domain: string
  graph: GraphMessage | null
  opsets: { domain: string; version: number }[]
  functions: FunctionMessage[]
  metadata: Map<string, string>
}
export interface GraphMessage {
  name: string
  nodes: NodeMessage[]
  initializers: TensorMessage[]
  sparseInitializers: number
  inputs: ValueInfo[]
  outputs: ValueInfo[]
}
export interface FunctionMessage {
  name: string
  domain: string
  inputs: string[]
  outputs: string[]
  /** Names of attributes without a default, then those with one. */
  attributes: string[]
  defaults: AttributeMessage[]
  nodes: NodeMessage[]
  opsets: { domain: string; version: number }[]
}
export interface NodeMessage {
  inputs: string[]
  outputs: string[]
  name: string
  opType: string
  domain: string
  attributes: AttributeMessage[]
}
export interface AttributeMessage {
  name: string
  /** In a function body: the name of the function's attribute that gives the value. */
  reference: string
  type: number
  f: number
  i: bigint
  s: Uint8Array
  t: TensorMessage | null
  g: GraphMessage | null
  floats: number[]
  ints: bigint[]
  strings: Uint8Array[]
  tensors: TensorMessage[]
  graphs: GraphMessage[]
}
export interface TensorMessage {
  dims: bigint[]
  dataType: number
  name: string
  raw: Uint8Array | null
  floats: ArrayLike<number>
  ints: ArrayLike<number>
  strings: Uint8Array[]
  longs: ArrayLike<bigint>
  doubles: ArrayLike<number>
  unsigned: ArrayLike<bigint>
  external: Map<string, string> | null
}
export type TypeMessage =
  | { readonly kind: 'tensor'; readonly elementType: number; readonly shape: readonly (number | string | null)[] | null }
  | { readonly kind: 'sequence' | 'optional'; readonly of: TypeMessage }
  | { readonly kind: 'other' }
export interface ValueInfo {
  name: string
  type: TypeMessage | null
}
export interface SequenceMessage {
  name: string
  elementType: number
  tensors: TensorMessage[]
  sequences: SequenceMessage[]
  optionals: OptionalMessage[]
}
export interface OptionalMessage {
  name: string
  elementType: number
  tensor: TensorMessage | null
  sequence: SequenceMessage | null
  optional: OptionalMessage | null
}
