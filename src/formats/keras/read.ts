// A Sequential model saved by Keras 3 (.keras: a zip of config.json and model.weights.h5) or by Keras' older way (.h5) → its
// layers in order, with their arrays by name.
// Layout: keras/src/saving/saving_lib.py (layers/NAME/vars/I, NAME by utils/naming.py) and keras/src/legacy/saving/legacy_h5_format.py.
import { type Fault, faultOf, quote } from '../fault.ts'
import { type Hdf5File, openHdf5 } from '../hdf5/open.ts'
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
/** Larger files are refused: HDF5 is read from memory. */
const MAX_BYTES = 2 ** 31
/** The order of a layer's variables in .keras files. */
// a map: what a file says must not find the names every object has
const ORDER = new Map(Object.entries<(config: ReadonlyMap<string, Json>) => readonly string[]>({
  Dense: () => ['kernel', 'bias'], Conv1D: () => ['kernel', 'bias'], Conv2D: () => ['kernel', 'bias'], Conv3D: () => ['kernel', 'bias'],
  Embedding: () => ['embeddings'],
  BatchNormalization: (c) => [...scaled(c), 'moving_mean', 'moving_variance'],
  LayerNormalization: (c) => scaled(c),
}))
const scaled = (c: ReadonlyMap<string, Json>): string[] => [...(c.get('scale') === false ? [] : ['gamma']), ...(c.get('center') === false ? [] : ['beta'])]

export async function readKeras(input: FileInput): Promise<{ name: string; layers: KerasLayer[]; unexpected: string[] }> {
  const source = await openSource('loadKeras', input)
  try {
    const fault = faultOf('keras', source.name)
    if (source.size > MAX_BYTES) throw fault('the file is too large', { expected: `at most ${MAX_BYTES} bytes`, received: String(source.size) })
    const start = await source.read(0, Math.min(8, source.size))
    const isZip = start[0] === 0x50 && start[1] === 0x4b
    if (!isZip && !(start[0] === 0x89 && start[1] === 0x48)) throw fault('this is no Keras file', { expected: 'a zip archive (.keras) or HDF5 (.h5)' })
    if (!isZip) return { name: source.name, ...older(openHdf5(await source.read(0, source.size), fault), fault) }
    const archive = await openArchive(source, fault)
    const member = async (path: string): Promise<Uint8Array> => {
      const entry = archive.entries.get(path)
      if (entry === undefined) throw fault(`there is no ${path} in the archive`, { remedy: 'Is it a model saved by Keras 3?' })
      return archive.load(entry)
    }
    const layers = layersOf(decoded(await member('config.json'), fault), fault)
    return { name: source.name, ...newer(layers, openHdf5(await member('model.weights.h5'), fault)) }
  } finally {
    await source.close()
  }
}

/** .keras: layers/NAME/vars/I, NAME by the layer's class and how often it came before. */
function newer(layers: readonly Layer[], file: Hdf5File): Assigned {
  const places = new Map<string, Place>()
  const counts = new Map<string, number>()
  for (const layer of layers) {
    const base = snakeCase(layer.kind)
    const n = counts.get(base) ?? 0
    counts.set(base, n + 1)
    variablesOf(layer).forEach((variable, i) => places.set(`layers/${n === 0 ? base : `${base}_${n}`}/vars/${i}`, { layer, variable }))
  }
  return assign(layers, file, (path) => places.get(path) ?? null, (path) => path.startsWith('layers/') && !path.includes('/seed_generator/'))
}

/** .h5: model_weights/LAYER/…/VARIABLE, and the layers in an attribute. */
function older(file: Hdf5File, fault: Fault): Assigned {
  const text = file.text('model_config')
  if (text === null) throw fault('there is no model_config', { remedy: 'Save the whole model, not its weights alone.' })
  const layers = layersOf(text, fault)
  const byName = new Map(layers.map((layer) => [layer.name, layer]))
  return assign(layers, file, (path) => {
    const [top, of, ...rest] = path.split('/')
    const layer = top === 'model_weights' ? byName.get(of ?? '') : undefined
    const variable = (rest.at(-1) ?? '').replace(/:0$/, '')
    return layer !== undefined && variablesOf(layer).includes(variable) ? { layer, variable } : null
  }, (path) => path.startsWith('model_weights/'))
}

function decoded(bytes: Uint8Array, fault: Fault): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw fault('config.json is not UTF-8')
  }
}

/** keras/src/utils/naming.py: BatchNormalization → batch_normalization, Conv2D → conv2d. */
const snakeCase = (name: string): string => name.replace(/\W+/g, '').replace(/(.)([A-Z][a-z]+)/g, '$1_$2').replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()

type Layer = Omit<KerasLayer, 'arrays'>
const variablesOf = (layer: Layer): readonly string[] => ORDER.get(layer.kind)?.(layer.config) ?? []

function layersOf(text: string, fault: Fault): Layer[] {
  const isMap = (x: Json | undefined): x is ReadonlyMap<string, Json> => x instanceof Map
  const inConfig: Fault = (problem, parts) => fault(problem.replace('in the header', 'in the configuration of the model'), parts)
  const top = parseStrictJson(text, inConfig, { depth: 64, items: 4096 })
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

interface Place {
  readonly layer: Layer
  readonly variable: string
}
interface Assigned {
  readonly layers: KerasLayer[]
  readonly unexpected: string[]
}
/** Arrays to the layers that `placeOf` finds for their paths; of the others those that `counts` are unexpected. */
function assign(layers: readonly Layer[], file: Hdf5File, placeOf: (path: string) => Place | null, counts: (path: string) => boolean): Assigned {
  const arrays = new Map(layers.map((layer) => [layer, new Map<string, KerasArray>()]))
  const unexpected: string[] = []
  for (const [path, entry] of file.arrays) {
    const place = placeOf(path)
    if (place !== null) {
      const data = entry.read()
      arrays.get(place.layer)!.set(place.variable, { shape: entry.shape!, data })
    } else if (counts(path)) unexpected.push(path)
  }
  return { layers: layers.map((layer) => ({ ...layer, arrays: arrays.get(layer)! })), unexpected }
}
