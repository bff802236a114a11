// Models in several safetensors files: model.safetensors.index.json says which tensor lies in which file.
import { nodeModule, objectOf, optionsOf } from '../../base/index.ts'
import { type Fault, faultOf, quote } from '../fault.ts'
import { checkPlainName, neighbour } from '../source/neighbour.ts'
import { type FileInput, type SourceOptions, openSource } from '../source/source.ts'
import { type Json, parseStrictJson } from '../strict-json.ts'
import { type MetadataValue, type StoredTensor, type WeightsFile, weightsFile } from '../weights-file.ts'
import { openSafetensors } from './read.ts'

const OPERATION = 'safetensors'
const MAX_INDEX = 50_000_000
const MAX_SHARDS = 4096

export interface ShardedOptions extends SourceOptions {
  /** The files by the names the index uses, where it is not a path: in a browser, say. */
  readonly shards?: Readonly<Record<string, FileInput>>
}

/**
 * Opens a model in several files by its index. Given a path, the files lie beside it; a name that leads out of that
 * folder, by `..` or as a link, is refused.
 *
 * @throws FormatError when the index is damaged, a file is missing, or index and files do not agree.
 * @example
 * ```ts
 * import { openShardedSafetensors, writeSafetensors } from 'gradus/formats'
 *
 * const one = writeSafetensors({ a: { dtype: 'uint8', shape: [1], data: Uint8Array.of(1) } })
 * const two = writeSafetensors({ b: { dtype: 'uint8', shape: [1], data: Uint8Array.of(2) } })
 * const index = new TextEncoder().encode('{"metadata":{"total_size":2},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}')
 * const file = await openShardedSafetensors(index, { shards: { 'one.safetensors': one, 'two.safetensors': two } })
 * Array.from((await file.read('b')).data) // → [2]
 * ```
 */
export async function openShardedSafetensors(index: FileInput, options: ShardedOptions = {}): Promise<WeightsFile> {
  optionsOf('openShardedSafetensors', options)
  if (options.shards !== undefined) objectOf('openShardedSafetensors', 'shards', options.shards, 'files by the names the index uses')
  const source = await openSource('openShardedSafetensors', index, { name: options.name ?? 'the index' })
  const fault = faultOf(OPERATION, source.name)
  const open: WeightsFile[] = []
  try {
    if (source.size > MAX_INDEX) throw fault('the index is too large', { expected: `at most ${MAX_INDEX} bytes`, received: String(source.size) })
    const { weightMap, metadata } = parseIndex(await source.read(0, source.size), fault)
    const names = [...new Set(weightMap.values())]
    if (names.length > MAX_SHARDS) throw fault('the index names too many files', { expected: `at most ${MAX_SHARDS}`, received: String(names.length) })
    const shards = new Map<string, WeightsFile>()
    for (const name of names) {
      const shard = await openSafetensors(await locate(index, name, options, fault), { name, map: options.map ?? false })
      open.push(shard)
      shards.set(name, shard)
    }
    const tensors = join(weightMap, shards, fault)
    const size = open.reduce((sum, shard) => sum + shard.size, source.size)
    const close = async (): Promise<void> => void (await Promise.all([source, ...open].map((one) => one.close())))
    return weightsFile({ format: 'safetensors', operation: OPERATION, source: { name: source.name, size, close }, metadata, tensors, keep: options.map ?? false })
  } catch (error) {
    await Promise.all([source, ...open].map((one) => one.close()))
    throw error
  }
}

async function locate(index: FileInput, name: string, { shards }: ShardedOptions, fault: Fault): Promise<FileInput> {
  checkPlainName(name, fault)
  if (shards !== undefined) {
    if (!Object.hasOwn(shards, name)) throw fault(`${quote(name)}, which it names, is missing`, { expected: Object.keys(shards).join(', ') })
    return shards[name]!
  }
  if (typeof index !== 'string') throw fault('its files are not to be found from bytes', { remedy: 'Give the path of the index, or the files as { shards }.' })
  return neighbour(OPERATION, nodeModule<typeof import('node:path')>('node:path', OPERATION).dirname(index), name, fault)
}

function parseIndex(bytes: Uint8Array, fault: Fault): { weightMap: ReadonlyMap<string, string>; metadata: Map<string, MetadataValue> } {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw fault('the index is not UTF-8')
  }
  const parsed = parseStrictJson(text, fault, { depth: 4 })
  const weightMap = parsed instanceof Map ? (parsed as ReadonlyMap<string, Json>).get('weight_map') : undefined
  if (!(weightMap instanceof Map) || ![...weightMap.values()].every((x) => typeof x === 'string')) throw fault('the index has no "weight_map"', { expected: 'an object of tensor names and file names' })
  const metadata = new Map<string, MetadataValue>()
  const given = (parsed as ReadonlyMap<string, Json>).get('metadata')
  if (given instanceof Map) for (const [key, value] of given as ReadonlyMap<string, Json>) if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') metadata.set(key, value)
  return { weightMap: weightMap as ReadonlyMap<string, string>, metadata }
}

function join(weightMap: ReadonlyMap<string, string>, shards: ReadonlyMap<string, WeightsFile>, fault: Fault): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>()
  for (const [name, file] of weightMap) {
    const shard = shards.get(file)!
    const info = shard.tensors.get(name)
    if (info === undefined) throw fault(`${quote(file)} does not hold ${quote(name)}`, { expected: 'every tensor in the file that weight_map names' })
    tensors.set(name, { ...info, load: async () => (await shard.readRaw(name)).bytes })
  }
  for (const [file, shard] of shards) {
    for (const name of shard.tensors.keys()) if (weightMap.get(name) !== file) throw fault(`${quote(file)} holds ${quote(name)}, which weight_map does not place there`)
  }
  return tensors
}
