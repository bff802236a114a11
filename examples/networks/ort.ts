// The networks run by ONNX Runtime: the processor's (onnxruntime-node) or WebAssembly's (onnxruntime-web).
import { load } from './files.ts'
import type { Runner, Value } from './models.ts'

export interface OrtTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array | Int8Array
}
interface Session {
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>
}
interface Module {
  readonly env: { readonly versions: Readonly<Record<string, string | undefined>>; readonly wasm: { numThreads?: number } }
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => OrtTensor
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> }
}
export interface Ort {
  readonly version: string
  readonly open: (model: Uint8Array, options?: object) => Promise<Runner<OrtTensor>>
}

const PATHS = { node: 'onnxruntime-node/dist/index.js', web: 'onnxruntime-web/dist/ort.node.min.mjs' }

export async function ort(kind: keyof typeof PATHS, threads: number): Promise<Ort> {
  const module = await load<Module & { default?: Module }>(PATHS[kind])
  const { env, Tensor, InferenceSession } = module.default?.InferenceSession === undefined ? module : module.default
  if (kind === 'web') env.wasm.numThreads = threads
  const own = kind === 'node' ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : { executionProviders: ['wasm'] }
  const isValue = (x: Value | OrtTensor): x is Value => 'shape' in x
  const enter = (x: Value | OrtTensor): OrtTensor => {
    if (!isValue(x)) return x
    const data = x.type === 'int64' ? BigInt64Array.from(x.data, BigInt) : x.type === 'bool' ? Uint8Array.from(x.data) : x.data
    return new Tensor(x.type, data, x.shape)
  }
  return {
    version: env.versions[kind] ?? env.versions.common ?? 'not told',
    open: async (model, options = {}) => {
      const session = await InferenceSession.create(model, { ...own, ...options })
      return {
        run: (inputs) => session.run(Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, enter(x)]))),
        read: async (x) => x.data as Float32Array,
      }
    },
  }
}
