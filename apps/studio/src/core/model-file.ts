// A trained model of digits from files a person drops in (for compute.ts): the weights file of a `gradus train digits` run, its
// whole folder, or the JSON that Studio saves. What does not fit is reported with file, place, expected and received.
import { readSafetensors } from 'gradus/formats'
import type { Weights } from './trainer.ts'

export interface DroppedFile {
  readonly name: string
  readonly bytes: Uint8Array
}
export type ModelKind = 'mlp' | 'lecture' | 'lenet'
export interface ModelFile {
  readonly file: string
  readonly kind: ModelKind
  /** The numbers of neurons, inputs first; of LeNet: none. */
  readonly sizes: readonly number[]
  readonly activation: 'relu' | 'sigmoid'
  readonly weights: Weights
}
export type FileProblem = 'none' | 'unreadable' | 'missing' | 'damaged' | 'optimiser' | 'recipe' | 'unknown' | 'shape' | 'number'
/** What is wrong, where. The words are the lab's. */
export class FileFault extends Error {
  readonly problem: FileProblem
  readonly file: string
  readonly expected: string
  readonly received: string
  constructor(problem: FileProblem, file: string, expected = '', received = '') {
    super(`${file}: ${problem}${expected === '' ? '' : `: expected ${expected}, received ${received}`}`)
    this.problem = problem
    this.file = file
    this.expected = expected
    this.received = received
  }
}

const ext = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase()
const base = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)

function json(file: DroppedFile): Record<string, unknown> {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.bytes)) as unknown
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // below
  }
  throw new FileFault('unreadable', base(file.name), 'JSON', `${file.bytes.length} bytes`)
}

/** The weights file that the manifest of a run's folder names, checked against its length and SHA-256. */
async function ofRun(files: readonly DroppedFile[], manifest: DroppedFile): Promise<DroppedFile> {
  const entry = (json(manifest).files as Record<string, { name?: unknown; bytes?: unknown; sha256?: unknown }> | undefined)?.weights
  if (typeof entry?.name !== 'string') throw new FileFault('damaged', base(manifest.name), 'files.weights', 'nothing')
  const weights = files.find((f) => base(f.name) === entry.name)
  if (weights === undefined) throw new FileFault('missing', entry.name)
  if (weights.bytes.length !== entry.bytes) throw new FileFault('damaged', entry.name, `${String(entry.bytes)} bytes`, `${weights.bytes.length}`)
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle // only there in secure contexts
  if (subtle !== undefined) {
    const sum = [...new Uint8Array(await subtle.digest('SHA-256', new Uint8Array(weights.bytes)))].map((b) => b.toString(16).padStart(2, '0')).join('')
    if (sum !== entry.sha256) throw new FileFault('damaged', entry.name, `SHA-256 ${String(entry.sha256).slice(0, 12)}…`, `${sum.slice(0, 12)}…`)
  }
  return weights
}

function ofSafetensors({ name, bytes }: DroppedFile): Weights {
  let tensors: ReturnType<typeof readSafetensors>['tensors']
  try {
    tensors = readSafetensors(bytes).tensors
  } catch (error) {
    throw new FileFault('unreadable', base(name), 'safetensors', error instanceof Error ? error.message : String(error))
  }
  return Object.fromEntries([...tensors].map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]))
}
function ofJson(file: DroppedFile): Weights {
  const { tensors } = json(file)
  if (typeof tensors !== 'object' || tensors === null) throw new FileFault('unknown', base(file.name), 'tensors', Object.keys(json(file)).slice(0, 4).join(', '))
  return Object.fromEntries(
    Object.entries(tensors as Record<string, { shape?: unknown; data?: unknown }>).map(([name, { shape, data }]) => {
      const good = Array.isArray(shape) && Array.isArray(data) && shape.every((n) => Number.isInteger(n)) && data.length === (shape as number[]).reduce((a, b) => a * b, 1)
      if (!good) throw new FileFault('damaged', base(file.name), `${name}: shape and data`, Array.isArray(data) ? `${data.length}` : typeof data)
      return [name, { shape: shape as number[], data: Float32Array.from(data as number[]) }]
    }),
  )
}

const LENET: Readonly<Record<string, readonly number[]>> = {
  'conv1.weight': [6, 1, 5, 5], 'conv1.bias': [6], 'conv2.weight': [16, 6, 5, 5], 'conv2.bias': [16],
  'full1.weight': [120, 400], 'full1.bias': [120], 'full2.weight': [84, 120], 'full2.bias': [84], 'out.weight': [10, 84], 'out.bias': [10],
}
const list = (shape: readonly number[] | undefined): string => (shape === undefined ? '—' : `[${shape.join(', ')}]`)

/** Which model these weights are, every shape checked. */
export function recognise(file: string, weights: Weights): ModelFile {
  const names = Object.keys(weights)
  const need = (name: string, shape: readonly (number | null)[]): readonly number[] => {
    const got = weights[name]?.shape
    const fits = got !== undefined && got.length === shape.length && shape.every((n, i) => n === null || n === got[i])
    if (!fits) throw new FileFault('shape', file, `${name} [${shape.map((n) => n ?? 'n').join(', ')}]`, list(got))
    return got
  }
  for (const name of names) {
    const at = weights[name]!.data.findIndex((v) => !Number.isFinite(v))
    if (at !== -1) throw new FileFault('number', file, name, String(weights[name]!.data[at]))
  }
  if ('conv1.weight' in weights) {
    for (const [name, shape] of Object.entries(LENET)) need(name, shape)
    return { file, kind: 'lenet', sizes: [], activation: 'relu', weights: pick(weights, Object.keys(LENET)) }
  }
  const prefix = names.some((n) => n.startsWith('layers.')) ? 'layers' : names.some((n) => n.startsWith('hidden.')) ? 'hidden' : null
  if (prefix === null) throw new FileFault('unknown', file, 'hidden.0.weight, layers.0.weight, conv1.weight', names.slice(0, 4).join(', ') || '—')
  const order: string[] = []
  for (let l = 0; `${prefix}.${l}.weight` in weights; l++) order.push(`${prefix}.${l}`)
  if (prefix === 'hidden') order.push('out')
  const sizes = [784]
  for (const [l, name] of order.entries()) {
    const [out] = need(`${name}.weight`, [l === order.length - 1 ? 10 : null, sizes.at(-1)!])
    need(`${name}.bias`, [out!])
    sizes.push(out!)
  }
  const kind = prefix === 'layers' ? 'lecture' : 'mlp'
  return { file, kind, sizes, activation: kind === 'lecture' ? 'sigmoid' : 'relu', weights: pick(weights, order.flatMap((n) => [`${n}.weight`, `${n}.bias`])) }
}
const pick = (weights: Weights, names: readonly string[]): Weights => Object.fromEntries(names.map((name) => [name, weights[name]!]))

/** The model in what was dropped. @throws FileFault */
export async function readModel(files: readonly DroppedFile[]): Promise<ModelFile> {
  const named = (name: string): DroppedFile | undefined => files.find((f) => base(f.name) === name)
  const run = named('run.json')
  if (run !== undefined) {
    const { recipe } = json(run)
    if (recipe !== 'digits') throw new FileFault('recipe', 'run.json', 'digits', String(recipe))
  }
  const manifest = named('last.json') ?? named('best.json')
  const weights = files.filter((f) => ext(f.name) === 'safetensors' && !f.name.includes('.training.'))
  if (manifest !== undefined) {
    const file = await ofRun(files, manifest)
    return recognise(base(file.name), ofSafetensors(file))
  }
  if (weights.length > 0) return recognise(base(weights[0]!.name), ofSafetensors(weights[0]!))
  const optimiser = files.find((f) => ext(f.name) === 'safetensors')
  if (optimiser !== undefined) throw new FileFault('optimiser', base(optimiser.name))
  const text = files.find((f) => ext(f.name) === 'json' && f !== run)
  if (text === undefined) throw new FileFault('none', files.slice(0, 3).map((f) => base(f.name)).join(', ') || '—')
  const own = json(text)
  const model = recognise(base(text.name), ofJson(text))
  return own.activation === 'sigmoid' && model.kind === 'mlp' ? { ...model, activation: 'sigmoid' } : model
}
