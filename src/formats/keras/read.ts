// A Sequential model saved by Keras 3 (.keras: a zip of config.json and model.weights.h5) or by Keras' older way (.h5) → its
// layers in order, with their arrays by name. HDF5 is read by the package jsfive, loaded on use.
// Layout: keras/src/saving/saving_lib.py (layers/NAME/vars/I, NAME by utils/naming.py) and keras/src/legacy/saving/legacy_h5_format.py.
import { DeviceError } from '../../base/index.ts'
import { type Fault, faultOf, quote } from '../fault.ts'
import { type FileInput, openSource } from '../source/source.ts'
import { type Json, parseStrictJson } from '../strict-json.ts'
import { openArchive } from '../zip/archive.ts'

export interface KerasArray {
  readonly shape: readonly number[]
  readonly data: Float32Array
}
export interface KerasLayer {
  /** Keras' class: 'Dense', 'Conv2D', … */
  readonly kind: string
  readonly name: string
  readonly config: ReadonlyMap<string, Json>
  readonly arrays: ReadonlyMap<string, KerasArray>
}
/** What is used of jsfive. */
export interface Hdf5Module {
  readonly File: new (bytes: ArrayBuffer, name: string) => Hdf5Group
}
interface Hdf5Group {
  readonly keys: readonly string[]
  readonly attrs: Readonly<Record<string, unknown>>
  get(key: string): unknown
}
interface Hdf5Dataset {
  readonly shape: readonly number[]
  readonly dtype: unknown
  readonly value: ArrayLike<number>
}

/** Larger files are refused: HDF5 is read from memory. */
const MAX_BYTES = 2 ** 31
const [MAX_DEPTH, MAX_ARRAYS] = [12, 20_000]
/** The order of a layer's variables in .keras files. */
const ORDER: Readonly<Record<string, (config: ReadonlyMap<string, Json>) => readonly string[]>> = {
  Dense: () => ['kernel', 'bias'], Conv1D: () => ['kernel', 'bias'], Conv2D: () => ['kernel', 'bias'], Conv3D: () => ['kernel', 'bias'],
  Embedding: () => ['embeddings'],
  BatchNormalization: (c) => [...scaled(c), 'moving_mean', 'moving_variance'],
  LayerNormalization: (c) => scaled(c),
}
const scaled = (c: ReadonlyMap<string, Json>): string[] => [...(c.get('scale') === false ? [] : ['gamma']), ...(c.get('center') === false ? [] : ['beta'])]

export async function readKeras(input: FileInput, hdf5: Hdf5Module | null): Promise<{ name: string; layers: KerasLayer[]; unexpected: string[] }> {
  const source = await openSource('keras', input)
  try {
    const fault = faultOf('keras', source.name)
    if (source.size > MAX_BYTES) throw fault('the file is too large', { expected: `at most ${MAX_BYTES} bytes`, received: String(source.size) })
    const start = await source.read(0, Math.min(8, source.size))
    const isZip = start[0] === 0x50 && start[1] === 0x4b
    if (!isZip && !(start[0] === 0x89 && start[1] === 0x48)) throw fault('this is no Keras file', { expected: 'a zip archive (.keras) or HDF5 (.h5)' })
    const module = hdf5 ?? (await loadReader())
    if (!isZip) {
      const file = openHdf5(module, await source.read(0, source.size), fault)
      const text = guarded(fault, () => file.attrs.model_config)
      if (typeof text !== 'string') throw fault('there is no model_config', { remedy: 'Save the whole model, not its weights alone.' })
      const layers = layersOf(text, fault)
      const found = datasets(file, fault)
      return { name: source.name, ...assign(layers, found, (layer, path) => {
        const [, of, ...rest] = path.split('/')
        return path.startsWith('model_weights/') && of === layer.name ? (rest.at(-1) ?? '').replace(/:0$/, '') : null
      }, (path) => path.startsWith('model_weights/'), fault) }
    }
    const archive = await openArchive(source, fault)
    const member = async (name: string): Promise<Uint8Array> => {
      const entry = archive.entries.get(name)
      if (entry === undefined) throw fault(`there is no ${name} in the archive`, { remedy: 'Is it a model saved by Keras 3?' })
      return archive.load(entry)
    }
    const layers = layersOf(new TextDecoder().decode(await member('config.json')), fault)
    const file = openHdf5(module, await member('model.weights.h5'), fault)
    const places = new Map<string, string>()
    const counts = new Map<string, number>()
    for (const layer of layers) {
      const base = snakeCase(layer.kind)
      const n = counts.get(base) ?? 0
      counts.set(base, n + 1)
      ;(ORDER[layer.kind]?.(layer.config) ?? []).forEach((variable, i) => places.set(`layers/${n === 0 ? base : `${base}_${n}`}/vars/${i}`, `${layer.name}\n${variable}`))
    }
    return { name: source.name, ...assign(layers, datasets(file, fault), (layer, path) => {
      const [of, variable] = (places.get(path) ?? '').split('\n')
      return of === layer.name ? variable! : null
    }, (path) => path.startsWith('layers/') && !path.includes('/seed_generator/'), fault) }
  } finally {
    await source.close()
  }
}

/** keras/src/utils/naming.py: BatchNormalization → batch_normalization, Conv2D → conv2d. */
const snakeCase = (name: string): string => name.replace(/\W+/g, '').replace(/(.)([A-Z][a-z]+)/g, '$1_$2').replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()

async function loadReader(): Promise<Hdf5Module> {
  // not a literal: bundlers must not look for a package that may not be there
  const name = 'jsfive'
  try {
    const module = (await import(/* @vite-ignore */ name)) as Hdf5Module & { readonly default?: Hdf5Module }
    return module.File === undefined ? module.default! : module
  } catch {
    throw new DeviceError('keras', 'the package jsfive, which reads HDF5, is not installed', { remedy: "Run npm install jsfive; in a bundle pass it: import * as hdf5 from 'jsfive', { hdf5 }." })
  }
}

/** Whatever the reader of HDF5 throws becomes one error with the file's name. */
function guarded<T>(fault: Fault, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw fault('its HDF5 is damaged or uses what is not supported', { received: quote(error instanceof Error ? error.message : String(error)) })
  }
}
function openHdf5(module: Hdf5Module, bytes: Uint8Array, fault: Fault): Hdf5Group {
  return guarded(fault, () => new module.File(bytes.slice().buffer as ArrayBuffer, 'model'))
}
/** All arrays of a file by path. */
function datasets(file: Hdf5Group, fault: Fault): Map<string, Hdf5Dataset> {
  const out = new Map<string, Hdf5Dataset>()
  const visit = (group: Hdf5Group, prefix: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw fault('groups nested too deeply', { expected: `at most ${MAX_DEPTH} levels` })
    for (const key of guarded(fault, () => [...group.keys])) {
      const item = guarded(fault, () => group.get(key)) as (Partial<Hdf5Group> & Partial<Hdf5Dataset>) | null
      if (item === null || typeof item !== 'object') continue
      if (Array.isArray((item as Hdf5Group).keys)) visit(item as Hdf5Group, `${prefix}${key}/`, depth + 1)
      else out.set(prefix + key, item as Hdf5Dataset)
      if (out.size > MAX_ARRAYS) throw fault('too many arrays', { expected: `at most ${MAX_ARRAYS}` })
    }
  }
  visit(file, '', 0)
  return out
}

function layersOf(text: string, fault: Fault): Omit<KerasLayer, 'arrays'>[] {
  const isMap = (x: Json | undefined): x is ReadonlyMap<string, Json> => x instanceof Map
  const top = parseStrictJson(text, fault, { depth: 64, items: 4096 })
  const config = isMap(top) ? top.get('config') : undefined
  const list = isMap(config) ? config.get('layers') : undefined
  if (!isMap(top) || top.get('class_name') !== 'Sequential' || !Array.isArray(list)) {
    throw fault('the model is no Sequential', { expected: '"class_name": "Sequential" with a list of layers', received: isMap(top) ? quote(String(top.get('class_name'))) : 'no object' })
  }
  return list.map((item: Json) => {
    const inner = isMap(item) ? item.get('config') : undefined
    const kind = isMap(item) ? item.get('class_name') : undefined
    if (!isMap(inner) || typeof kind !== 'string' || typeof inner.get('name') !== 'string') throw fault('a layer has no class_name or no name')
    return { kind, name: inner.get('name') as string, config: inner }
  })
}

type Found = ReadonlyMap<string, Hdf5Dataset>
function assign(layers: readonly Omit<KerasLayer, 'arrays'>[], found: Found, variableOf: (layer: Omit<KerasLayer, 'arrays'>, path: string) => string | null, counts: (path: string) => boolean, fault: Fault): { layers: KerasLayer[]; unexpected: string[] } {
  const used = new Set<string>()
  const full = layers.map((layer): KerasLayer => {
    const arrays = new Map<string, KerasArray>()
    for (const [path, dataset] of found) {
      const variable = variableOf(layer, path)
      if (variable === null || !(ORDER[layer.kind]?.(layer.config) ?? []).includes(variable)) continue
      used.add(path)
      arrays.set(variable, arrayOf(path, dataset, fault))
    }
    return { ...layer, arrays }
  })
  return { layers: full, unexpected: [...found.keys()].filter((path) => counts(path) && !used.has(path)) }
}

function arrayOf(path: string, dataset: Hdf5Dataset, fault: Fault): KerasArray {
  const [shape, dtype] = guarded(fault, () => [[...dataset.shape], dataset.dtype] as const)
  if (dtype !== '<f4' && dtype !== '<f8') throw fault(`${quote(path)} has a type that is not supported`, { expected: 'float32 or float64, little-endian', received: quote(String(dtype)) })
  const size = shape.reduce((n, d) => n * d, 1)
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0) || !(size <= MAX_BYTES / 4)) throw fault(`${quote(path)} has a bad shape`, { received: `[${shape}]` })
  const value = guarded(fault, () => dataset.value)
  if (value.length !== size) throw fault(`${quote(path)} is cut off`, { expected: `${size} numbers`, received: String(value.length) })
  return { shape, data: Float32Array.from(value) }
}
