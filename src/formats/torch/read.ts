// PyTorch's files (torch.save since 1.6): a zip archive with data.pkl and the storages. Read without running anything.
import { rawSize } from '../elements/element-types.ts'
import { type Fault, faultOf, quote } from '../fault.ts'
import { type ByteSource, type FileInput, type SourceOptions, openWith } from '../source/source.ts'
import { type MetadataValue, type StoredTensor, type WeightsFile, weightsFile } from '../weights-file.ts'
import { type Archive, openArchive } from '../zip/archive.ts'
import { type Value, unpickle } from './pickle.ts'
import { type TorchTensor, isTensor, torchRules, typeName } from './rebuild.ts'
import { contiguous } from './strides.ts'

const OPERATION = 'torch'
const MAX_PICKLE = 64 * 2 ** 20
const MAX_DEPTH = 32

/** Whether a file begins as the formats before PyTorch 1.6 do: a pickle of the magic number 0x1950a86a20f9469cfc6c. */
const isLegacy = (start: Uint8Array): boolean => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20].every((b, i) => start[2 + i] === b)
const isTar = (start: Uint8Array): boolean => [0x75, 0x73, 0x74, 0x61, 0x72].every((b, i) => start[257 + i] === b)

/** An open PyTorch file over any source. */
export async function torchOf(source: ByteSource): Promise<WeightsFile> {
  const fault = faultOf(OPERATION, source.name)
  const start = await source.read(0, Math.min(512, source.size))
  if (isLegacy(start) || isTar(start)) throw fault(`the ${isTar(start) ? 'tar' : 'legacy'} format of PyTorch before 1.6`, { expected: 'a zip archive', remedy: 'Load it in PyTorch and save it again: torch.save(torch.load(file), file).' })
  if (start[0] === 0x80) throw fault('a bare pickle', { expected: 'a zip archive as torch.save writes', remedy: 'Save with torch.save.' })
  const archive = await openArchive(source, fault)
  const { pickle, folder } = await findPickle(archive, fault)
  const storages = new Map([...archive.entries].flatMap(([name, entry]) => (name.startsWith(`${folder}data/`) ? [[name.slice(folder.length + 5), entry] as const] : [])))
  const found = collect(unpickle(pickle, torchRules(fault), fault), pickle.length, fault)
  const tensors = new Map<string, StoredTensor>()
  let total = 0
  for (const [name, tensor] of found.tensors) {
    const entry = storages.get(tensor.storage.key)
    const label = quote(name)
    if (entry === undefined) throw fault(`${label} lies in a storage that is missing`, { expected: `a member ${folder}data/${tensor.storage.key}` })
    const width = rawSize(tensor.type, [])
    const size = tensor.storage.length * (tensor.storage.type === null ? 1 : width)
    if (entry.size !== size) throw fault(`the storage of ${label} has another length than declared`, { expected: `${size} bytes`, received: String(entry.size) })
    const bytes = width * tensor.shape.reduce((n, d) => n * d, 1)
    total += bytes
    tensors.set(name, { type: tensor.type, shape: tensor.shape, bytes, load: async () => contiguous(await archive.load(entry), tensor, width) })
  }
  // a storage may be shared by tied weights, not without end
  if (total > 16 * source.size) throw fault('its tensors share their storages too often', { expected: `at most ${16 * source.size} bytes in all`, received: String(total) })
  return weightsFile({ format: 'torch', operation: OPERATION, source, metadata: found.metadata, tensors, keep: source.map !== undefined })
}

async function findPickle(archive: Archive, fault: Fault): Promise<{ pickle: Uint8Array; folder: string }> {
  const names = [...archive.entries.keys()]
  const pickles = names.filter((name) => /^([^/]+\/)?data\.pkl$/.test(name))
  if (pickles.length !== 1) throw fault('this is no file of torch.save', { expected: 'one member NAME/data.pkl', received: pickles.length === 0 ? 'none' : pickles.map(quote).join(', ') })
  const folder = pickles[0]!.slice(0, -'data.pkl'.length)
  if (names.some((name) => name === `${folder}constants.pkl` || name.startsWith(`${folder}code/`))) throw fault('a TorchScript program', { expected: 'a state dict', remedy: 'Save model.state_dict().' })
  const order = archive.entries.get(`${folder}byteorder`)
  const text = order === undefined ? 'little' : new TextDecoder().decode(await archive.start(order, 16))
  if (text !== 'little') throw fault('another byte order', { expected: 'little', received: quote(text) })
  const entry = archive.entries.get(pickles[0]!)!
  if (entry.size > MAX_PICKLE) throw fault(`${quote(entry.name)} is too large`, { expected: `at most ${MAX_PICKLE} bytes`, received: String(entry.size) })
  return { pickle: await archive.load(entry), folder }
}

interface Found {
  readonly tensors: Map<string, TorchTensor>
  readonly metadata: Map<string, MetadataValue>
}

/** Tensors by path (`model.layer.weight`), and the numbers and texts beside them. */
function collect(root: Value, size: number, fault: Fault): Found {
  const found: Found = { tensors: new Map(), metadata: new Map() }
  // containers may stand in several places; a file that makes many out of few is no model
  let left = 2 * size
  const visit = (value: Value, path: string, depth: number): void => {
    left -= 1 + path.length / 64
    if (depth > MAX_DEPTH) throw fault(`${quote(path)} is nested too deeply`, { expected: `at most ${MAX_DEPTH} levels` })
    if (left < 0) throw fault('its containers share their contents too often', { expected: `at most ${2 * size} places` })
    const inside = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`)
    if (isTensor(value)) {
      if (found.tensors.has(path)) throw fault(`the name ${quote(path)} is given twice`)
      found.tensors.set(path === '' ? 'tensor' : path, value)
    } else if (value instanceof Map) for (const [key, item] of value) visit(item, inside(key), depth + 1)
    else if (Array.isArray(value)) value.forEach((item, i) => visit(item, inside(i), depth + 1))
    else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') found.metadata.set(path, value)
    else if (value !== null && typeName(value) !== undefined) found.metadata.set(path, typeName(value)!)
  }
  visit(root, '', 0)
  return found
}

/**
 * Opens a file of `torch.save` (`.pt`, `.pth`, `.bin`): a state dict, or dicts and lists of tensors, whose names are their
 * paths. Nothing in the file is run: a closed interpreter knows tensors and plain containers and refuses the rest by name.
 *
 * @throws FormatError for the formats before PyTorch 1.6, TorchScript, any other Python object, a damaged archive.
 * @example
 * ```ts no-run
 * import { openTorch } from 'gradus/formats'
 *
 * const file = await openTorch('resnet18.pth')
 * console.log(file.tensors.get('fc.weight')?.shape)
 * const weights = await file.readAll()
 * ```
 */
export function openTorch(input: FileInput, options: SourceOptions = {}): Promise<WeightsFile> {
  return openWith('openTorch', input, options, torchOf)
}
