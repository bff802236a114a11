// A network from files a person drops in (in the Worker, loaded on use): a run of `gradus train` (its folder, or its weights
// alone), a safetensors file of a Sequential or an MLP, ONNX, or the JSON that Studio saves. Out: its weights, and its layers where they are
// fully connected. What does not fit is reported with file, place, expected and received.
import { readSafetensors } from 'gradus/formats'
import { layersOfWeights } from './network-layers.ts'
import { FileFault, type NetworkFile, finite } from './network-fault.ts'
import { jsonPlace } from './state-file.ts'
import type { Weights } from './trainer.ts'

export { FileFault, type FileProblem, type NetworkFile, type ToldFault, toldOf } from './network-fault.ts'

export interface DroppedFile {
  readonly name: string
  readonly bytes: Uint8Array
}
const ext = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase()
const base = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
const short = (value: unknown): string => (value === undefined ? '—' : JSON.stringify(value).slice(0, 40))

function json(file: DroppedFile): Record<string, unknown> {
  const name = base(file.name)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file.bytes)
  } catch {
    throw new FileFault('text', name)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const { place, received } = jsonPlace(text)
    throw new FileFault('json', name, place, received)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FileFault('object', name, '{…}', short(value))
  return value as Record<string, unknown>
}

/** The weights file that the manifest of a run's folder names, checked against its length and SHA-256. */
async function listed(files: readonly DroppedFile[], manifest: DroppedFile): Promise<DroppedFile> {
  const entry = (json(manifest).files as Record<string, { name?: unknown; bytes?: unknown; sha256?: unknown }> | undefined)?.weights
  if (typeof entry?.name !== 'string') throw new FileFault('field', base(manifest.name), 'files.weights.name', short(entry?.name))
  const weights = files.find((f) => base(f.name) === entry.name)
  if (weights === undefined) throw new FileFault('missing', entry.name)
  if (weights.bytes.length !== entry.bytes) throw new FileFault('length', entry.name, short(entry.bytes), String(weights.bytes.length))
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle // only there in secure contexts
  if (subtle !== undefined) {
    const sum = [...new Uint8Array(await subtle.digest('SHA-256', new Uint8Array(weights.bytes)))].map((b) => b.toString(16).padStart(2, '0')).join('')
    if (sum !== entry.sha256) throw new FileFault('sum', entry.name, `${String(entry.sha256).slice(0, 12)}…`, `${sum.slice(0, 12)}…`)
  }
  return weights
}

async function ofSafetensors({ name, bytes }: DroppedFile): Promise<Weights> {
  let tensors: ReturnType<typeof readSafetensors>['tensors']
  try {
    tensors = readSafetensors(bytes).tensors
  } catch (error) {
    throw new FileFault('unreadable', base(name), 'safetensors', '', (await import('./unreadable.ts')).whyNotSafetensors(bytes, error))
  }
  return Object.fromEntries([...tensors].map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]))
}
function ofJson(file: DroppedFile): Weights {
  const whole = json(file)
  const { tensors } = whole
  if (typeof tensors !== 'object' || tensors === null) throw new FileFault('keys', base(file.name), 'tensors', Object.keys(whole).slice(0, 4).join(', ') || '{}')
  return Object.fromEntries(
    Object.entries(tensors as Record<string, { shape?: unknown; data?: unknown } | null>).map(([name, entry]) => {
      const { shape, data } = entry ?? {}
      const good = Array.isArray(shape) && Array.isArray(data) && shape.every((n) => Number.isInteger(n)) && data.length === (shape as number[]).reduce((a, b) => a * b, 1)
      if (!good) throw new FileFault('tensor', base(file.name), name, `shape: ${short(shape)}, data: ${Array.isArray(data) ? `[${data.length}]` : short(data)}`)
      return [name, { shape: shape as number[], data: Float32Array.from(data as number[]) }]
    }),
  )
}
/** A network of named weights. */
function named(file: string, source: NetworkFile['source'], weights: Weights, run: NetworkFile['run'] = null): NetworkFile {
  if (Object.keys(weights).length === 0) throw new FileFault('unknown', file, 'hidden.0.weight, layers.0.weight, 0.weight', '—')
  const found = layersOfWeights(finite(file, weights))
  const assumed = found?.assumed === true && run?.model !== 'mlp' // the model of that name has ReLU
  return { file, source, run, weights, layers: found?.layers ?? null, assumed, onnx: null }
}

/** Large enough for every network that a lab can show. */
const NETWORK_LIMIT = 300e6

/** The network in what was dropped. @throws FileFault */
export async function readNetwork(files: readonly DroppedFile[]): Promise<NetworkFile> {
  for (const { name, bytes } of files) if (bytes.length > NETWORK_LIMIT) throw new FileFault('large', base(name), String(NETWORK_LIMIT / 1e6), (bytes.length / 1e6).toFixed(0))
  const called = (name: string): DroppedFile | undefined => files.find((f) => base(f.name) === name)
  const settings = called('run.json')
  const manifest = called('last.json') ?? called('best.json')
  const weights = files.filter((f) => ext(f.name) === 'safetensors' && !f.name.includes('.training.'))
  if (manifest !== undefined) {
    const file = await listed(files, manifest)
    return named(base(file.name), 'run', await ofSafetensors(file), settings === undefined ? null : runOf(settings, files))
  }
  const onnx = files.find((f) => ext(f.name) === 'onnx')
  if (onnx !== undefined) return (await import('./network-onnx.ts')).networkOfOnnx(base(onnx.name), onnx.bytes)
  if (weights.length > 0) return named(base(weights[0]!.name), settings === undefined ? 'safetensors' : 'run', await ofSafetensors(weights[0]!), settings === undefined ? null : runOf(settings, files))
  const optimiser = files.find((f) => ext(f.name) === 'safetensors')
  if (optimiser !== undefined) throw new FileFault('optimiser', base(optimiser.name))
  const text = files.find((f) => ext(f.name) === 'json' && f !== settings)
  if (text === undefined) throw new FileFault('none', files.slice(0, 3).map((f) => base(f.name)).join(', ') || '—')
  const own = json(text)
  const network = named(base(text.name), 'json', ofJson(text))
  if (network.layers === null || !network.assumed || (own.activation !== 'sigmoid' && own.activation !== 'relu')) return network
  const { activation } = own
  return { ...network, assumed: false, layers: network.layers.map((layer, l) => (l < network.layers!.length - 1 ? { ...layer, activation } : layer)) }
}

/** What a run was started with, and what it kept besides the weights: its other JSON files. */
function runOf(settings: DroppedFile, files: readonly DroppedFile[]): NonNullable<NetworkFile['run']> {
  const { recipe, model } = json(settings)
  if (typeof model !== 'string') throw new FileFault('field', 'run.json', 'model', short(model))
  const assets = files.filter((f) => ext(f.name) === 'json' && !/^(run|last|best)\b|^trace\.json$/.test(base(f.name)))
  return { recipe: String(recipe), model, assets: Object.fromEntries(assets.map((f) => [base(f.name).slice(0, -5), json(f)])) }
}
