// ONNX Runtime, where scripts/onnx-runtime.mjs has installed it: a file and its inputs → its outputs.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { NDArray, TypedArray } from '../../src/base/index.ts'

interface Ort {
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => OrtTensor
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<Session> }
}
interface OrtTensor {
  readonly type: string
  readonly data: TypedArray
  readonly dims: readonly number[]
}
interface Session {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>
  release(): Promise<void>
}

const name = 'onnxruntime-node'
const folder = new URL(`./node_modules/${name}/`, import.meta.url)
export const missing = existsSync(folder) ? null : 'left out: node scripts/onnx-runtime.mjs installs ONNX Runtime'
let loaded: Ort | null = null
const ort = (): Ort => (loaded ??= createRequire(import.meta.url)(folder.pathname) as Ort)

export async function openSession(bytes: Uint8Array): Promise<(inputs: readonly NDArray[]) => Promise<NDArray[]>> {
  const { InferenceSession, Tensor } = ort()
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1, interOpNumThreads: 1 })
  return async (inputs) => {
    const feeds = Object.fromEntries(session.inputNames.map((name, i) => [name, new Tensor(inputs[i]!.dtype, inputs[i]!.data, inputs[i]!.shape)]))
    const out = await session.run(feeds)
    return session.outputNames.map((name) => {
      const { type, data, dims } = out[name]!
      return { dtype: type as NDArray['dtype'], shape: [...dims], data }
    })
  }
}
