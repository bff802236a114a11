// ONNX Runtime on the CPU: operations only (it does not train). Models of one node are written as ONNX bytes here.
import { type Value, readInputs, sampled } from '../inputs.ts'
import type { OpTask } from '../tasks.ts'
import type { Loaded, Peer } from './peer.ts'

interface OrtTensor {
  readonly data: Float32Array
}
interface Session {
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>
  release(): Promise<void>
}
interface Ort {
  readonly env: { readonly versions: { readonly common: string; readonly node?: string } }
  readonly Tensor: new (type: string, data: Float32Array | Int32Array, shape: readonly number[]) => OrtTensor
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> }
}

export async function ortPeer(threads: number): Promise<Peer> {
  const name = 'onnxruntime-node'
  const ort = ((m: { default?: Ort }) => m.default ?? m)(await import(name)) as Ort
  return {
    versions: async () => ({ 'onnxruntime-node': ort.env.versions.node ?? ort.env.versions.common }),
    load: async (task, path): Promise<Loaded> => {
      if (task.kind === 'step' || task.kind === 'generate') throw new Error('ONNX Runtime for Node does not train')
      const entries = [...readInputs(path).values]
      const session = await ort.InferenceSession.create(model(task, entries), { intraOpNumThreads: threads, interOpNumThreads: 1 })
      const feeds = Object.fromEntries(entries.map(([key, { shape, data }]) => [key, new ort.Tensor('float32', data, shape)]))
      const { data } = (await session.run(feeds)).out!
      return { check: sampled(data.length).map((i) => data[i]!), run: async () => void (await session.run(feeds)), dispose: () => void session.release() }
    },
  }
}

// ---- ONNX: protocol buffers by hand (field numbers of onnx.proto)

type Bytes = readonly number[]
function varint(n: number): number[] {
  const out: number[] = []
  for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128)
  return [...out, n]
}
const whole = (field: number, n: number): Bytes => [...varint(field * 8), ...varint(n)]
const message = (field: number, content: Bytes): Bytes => [...varint(field * 8 + 2), ...varint(content.length), ...content]
const text = (field: number, s: string): Bytes => message(field, [...new TextEncoder().encode(s)])
/** AttributeProto: name 1, f 2, i 3, ints 8, type 20. */
const int = (name: string, value: number): Bytes => message(5, [...text(1, name), ...whole(3, value), ...whole(20, 2)])
const ints = (name: string, values: readonly number[]): Bytes => message(5, [...text(1, name), ...values.flatMap((v) => whole(8, v)), ...whole(20, 7)])
/** NodeProto: input 1, output 2, op_type 4, attribute 5. */
const node = (op: string, inputs: readonly string[], output: string, attributes: readonly Bytes[] = []): Bytes =>
  message(1, [...inputs.flatMap((name) => text(1, name)), ...text(2, output), ...text(4, op), ...attributes.flat()])
/** ValueInfoProto of float32: name 1, type 2 → tensor 1 → element type 1, shape 2 → dimension 1 → value 1. */
const value = (field: number, name: string, shape: readonly number[] | null): Bytes => {
  const dims = shape === null ? [] : message(2, shape.flatMap((d) => message(1, whole(1, d))))
  return message(field, [...text(1, name), ...message(2, message(1, [...whole(1, 1), ...dims]))])
}

function nodes(task: OpTask): readonly Bytes[] {
  switch (task.kind) {
    case 'gemm': return [node('Gemm', ['a', 'b'], 'out', [int('transB', task.transposed ? 1 : 0)])]
    case 'conv': return [node('Conv', ['x', 'w'], 'out', [ints('pads', new Array<number>(4).fill((task.window - 1) / 2))])]
    case 'softmax': return [node('Softmax', ['x'], 'out', [int('axis', 1)])]
    case 'layernorm': return [node('LayerNormalization', ['x', 'weight', 'bias'], 'out', [int('axis', 1)])]
    case 'elementwise': return [node('Mul', ['x', 'y'], 'product'), node('Add', ['product', 'x'], 'out')]
  }
}

/** ModelProto: ir_version 1, graph 7 (node 1, name 2, input 11, output 12), opset_import 8 (version 2). */
function model(task: OpTask, inputs: readonly (readonly [string, Value])[]): Uint8Array {
  const graph = [...nodes(task).flat(), ...text(2, 'bench'), ...inputs.flatMap(([name, { shape }]) => value(11, name, shape)), ...value(12, 'out', null)]
  return Uint8Array.from([...whole(1, 8), ...message(7, graph), ...message(8, whole(2, 17))])
}
