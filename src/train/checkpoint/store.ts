// Checkpoints on disk. NAME.json is the manifest: the files of the checkpoint with their lengths and SHA-256. It is written
// last, in one step; new files have new names, so whatever happens before leaves the previous checkpoint whole.
import { FormatError, type NDArray, argumentOf, nodeModule, objectOf, readRegularFile, textOf } from '../../base/index.ts'
import { readSafetensors, writeSafetensors } from '../../formats/index.ts'
import type { SavedProgress, TrainingState } from '../types.ts'
import { writeFileAtomic } from './atomic-file.ts'

export interface Manifest {
  readonly version: 1
  readonly step: number
  readonly files: Readonly<Record<Part, { readonly name: string; readonly bytes: number; readonly sha256: string }>>
}
const PARTS = { weights: 'safetensors', training: 'safetensors', progress: 'json' } as const
type Part = keyof typeof PARTS
/** A manifest has three entries. */
const MAX_MANIFEST = 65536
const parts = Object.keys(PARTS) as Part[]

const node = () => ({
  fs: nodeModule<typeof import('node:fs')>('node:fs', 'checkpoint').promises,
  path: nodeModule<typeof import('node:path')>('node:path', 'checkpoint'),
  crypto: nodeModule<typeof import('node:crypto')>('node:crypto', 'checkpoint'),
})
const sha256 = (bytes: Uint8Array): string => node().crypto.createHash('sha256').update(bytes).digest('hex')
const bad = (problem: string, received?: string, remedy = 'Choose another checkpoint or begin a new run.'): FormatError => new FormatError('loadCheckpoint', problem, { ...(received === undefined ? {} : { received }), remedy })

/** Saves a state as `name` (last, best, …) in a folder, in place of the one of that name. */
export async function saveCheckpoint(folder: string, state: TrainingState, name = 'last'): Promise<void> {
  textOf('saveCheckpoint', 'folder', folder)
  objectOf('saveCheckpoint', 'progress', objectOf('saveCheckpoint', 'state', state, 'a TrainingState { weights, training, progress }').progress, 'the progress of a run', 'step')
  for (const part of [state.weights, state.training]) argumentOf('saveCheckpoint', part instanceof Map, 'state', 'maps of arrays by path', part)
  const { fs, path, crypto } = node()
  const tag = `${name}-${state.progress.step}-${crypto.randomBytes(4).toString('hex')}`
  const contents: Record<Part, Uint8Array> = {
    weights: writeSafetensors(state.weights),
    training: writeSafetensors(state.training),
    progress: new TextEncoder().encode(`${JSON.stringify(state.progress, null, 1)}\n`),
  }
  const files: Record<string, Manifest['files'][Part]> = {}
  try {
    for (const part of parts) {
      const file = `${tag}.${part}.${PARTS[part]}`
      files[part] = { name: file, bytes: contents[part].length, sha256: sha256(contents[part]) }
      await writeFileAtomic(path.join(folder, file), contents[part])
    }
    const manifest: Manifest = { version: 1, step: state.progress.step, files: files as Manifest['files'] }
    await writeFileAtomic(path.join(folder, `${name}.json`), new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`))
  } catch (error) {
    for (const { name: file } of Object.values(files)) await fs.rm(path.join(folder, file), { force: true }).catch(() => {})
    throw error
  }
  await sweep(folder, name, new Set(Object.values(files).map((f) => f.name)))
}

/** Removes what earlier or interrupted saves of this name left. */
async function sweep(folder: string, name: string, keep: ReadonlySet<string>): Promise<void> {
  const { fs, path } = node()
  const stale = new RegExp(`^\\.?${name}-\\d+-[0-9a-f]{8}\\.(${parts.join('|')})\\.|^\\.${name}\\.json\\.\\d+\\.tmp$`)
  for (const file of await fs.readdir(folder)) {
    if (stale.test(file) && !keep.has(file)) await fs.rm(path.join(folder, file), { force: true }).catch(() => {})
  }
}

/** Whether a folder holds a checkpoint of that name. */
export async function hasCheckpoint(folder: string, name = 'last'): Promise<boolean> {
  textOf('hasCheckpoint', 'folder', folder)
  const { fs, path } = node()
  return fs.access(path.join(folder, `${name}.json`)).then(() => true, () => false)
}

/**
 * Reads a checkpoint back, every file checked.
 *
 * @throws FormatError when there is none or a file is damaged.
 */
export async function loadCheckpoint(folder: string, name = 'last'): Promise<TrainingState> {
  textOf('loadCheckpoint', 'folder', folder)
  const { path } = node()
  checkName(name)
  const manifest = path.join(folder, `${name}.json`)
  const text = await readRegularFile('loadCheckpoint', manifest, { limit: MAX_MANIFEST, inside: folder, missing: bad(`no checkpoint in ${folder}`, undefined, 'A folder that `gradus train` or checkpoints() wrote has a file last.json.') })
  const { files } = readManifest(text, manifest)
  const read = async (part: Part): Promise<Uint8Array> => {
    const { name: file, bytes, sha256: wanted } = files[part]
    const where = path.join(folder, file)
    const content = await readRegularFile('loadCheckpoint', where, { inside: folder, missing: bad(`${where} is missing`) })
    if (content.length !== bytes) throw bad(`${where} is damaged: it has another length`, `${content.length} bytes instead of ${bytes}`)
    if (sha256(content) !== wanted) throw bad(`${where} is damaged: its SHA-256 is another`)
    return content
  }
  const arrays = async (part: Part): Promise<ReadonlyMap<string, NDArray>> => readSafetensors(await read(part), { name: path.join(folder, files[part].name) }).tensors
  const progress = readProgress(await read('progress'), path.join(folder, files.progress.name))
  return { weights: await arrays('weights'), training: await arrays('training'), progress }
}

function checkName(name: string): void {
  if (!/^[\w-]{1,64}$/.test(name)) throw bad('a bad name of a checkpoint', JSON.stringify(name), 'Names are letters, digits, - and _: last, best.')
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw bad(`${file} is damaged: not JSON`)
  }
}

/** The manifest, every field checked: names are plain names in the same folder. */
export function readManifest(bytes: Uint8Array, file: string): Manifest {
  const manifest = parseJson(bytes, file) as Partial<Manifest> | null
  if (typeof manifest !== 'object' || manifest?.version !== 1) throw bad(`${file} is no manifest of this version`)
  for (const part of parts) {
    const entry = manifest.files?.[part]
    if (typeof entry?.name !== 'string' || !/^[\w-][\w.-]{0,200}$/.test(entry.name) || !isCount(entry.bytes) || typeof entry.sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(entry.sha256)) {
      throw bad(`${file} is damaged: no ${part}`, undefined, 'Each of weights, training, progress has a plain name, a length and a SHA-256.')
    }
  }
  return manifest as Manifest
}

const COUNTS = ['seed', 'batchSize', 'examples', 'epochs', 'epoch', 'batch', 'step'] as const
const NUMBERS = ['seconds', 'epochSeconds', 'rateScale'] as const

/** How far a run was, every field checked. */
export function readProgress(bytes: Uint8Array, file: string): SavedProgress {
  const progress = parseJson(bytes, file) as Partial<Record<keyof SavedProgress, unknown>> | null
  if (typeof progress !== 'object' || progress?.version !== 1) throw bad(`${file} was written by another version of Gradus`, `version ${String(progress?.version).slice(0, 20)}`)
  const wrong = [
    ...COUNTS.filter((key) => !Number.isSafeInteger(progress[key])), ...NUMBERS.filter((key) => typeof progress[key] !== 'number'),
    ...(typeof progress.optimizer === 'string' ? [] : ['optimizer']), ...(progress.stopped === null || typeof progress.stopped === 'string' ? [] : ['stopped']),
    ...(Array.isArray(progress.history) ? [] : ['history']), ...(typeof progress.callbacks === 'object' && progress.callbacks !== null ? [] : ['callbacks']),
  ]
  if (wrong.length > 0) throw bad(`${file} is damaged: bad ${wrong.join(', ')}`)
  return progress as SavedProgress
}

const isCount = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0
