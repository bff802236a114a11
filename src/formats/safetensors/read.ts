// Reading safetensors: all of it from bytes at once, or a file at random places, with only the wanted tensors.
import { type NDArray, bytesOf, optionsOf } from '../../base/index.ts'
import { fromRaw } from '../elements/element-types.ts'
import { faultOf } from '../fault.ts'
import { type ByteSource, type FileInput, type SourceOptions, openWith, tensorBytes } from '../source/source.ts'
import { type StoredTensor, type WeightsFile, weightsFile } from '../weights-file.ts'
import { headerEnd, parseHeader } from './header.ts'

const OPERATION = 'safetensors'

/** What a file holds: arrays by name, and free text by key. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NDArray>
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Reads a whole safetensors file from bytes. `openSafetensors` reads single tensors, and from disk.
 *
 * @throws FormatError for a wrong header length, bad JSON, a name given twice, an unknown type, offsets that overlap,
 * leave holes or do not match the shape; for integers that int32 does not hold.
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from 'gradus/formats'
 *
 * const bytes = writeSafetensors({ 'hidden.bias': { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } })
 * const { tensors } = readSafetensors(bytes)
 * tensors.get('hidden.bias')!.shape // → [2]
 * ```
 */
export function readSafetensors(bytes: Uint8Array, options: { readonly name?: string } = {}): SafetensorsFile {
  bytesOf('readSafetensors', bytes)
  const file = optionsOf('readSafetensors', options).name ?? 'the file'
  const fault = faultOf(OPERATION, file)
  const start = headerEnd(bytes, bytes.length, fault)
  const { entries, metadata } = parseHeader(bytes.subarray(8, start), bytes.length, fault)
  const tensors = new Map<string, NDArray>()
  for (const { name, type, shape, begin, end } of entries) {
    tensors.set(name, fromRaw({ type, shape, bytes: bytes.subarray(begin, end) }, { operation: OPERATION, file, tensor: name }))
  }
  return { tensors, metadata }
}

/** An open safetensors file over any source. */
export async function safetensorsOf(source: ByteSource): Promise<WeightsFile> {
  const fault = faultOf(OPERATION, source.name)
  const start = headerEnd(await source.read(0, Math.min(8, source.size)), source.size, fault)
  const { entries, metadata } = parseHeader(await source.read(8, start - 8), source.size, fault)
  const tensors = new Map(entries.map(({ name, type, shape, begin, end }): [string, StoredTensor] => [name, { type, shape, bytes: end - begin, load: () => tensorBytes(source, begin, end - begin) }]))
  return weightsFile({ format: 'safetensors', operation: OPERATION, source, metadata, tensors, keep: source.map !== undefined })
}

/**
 * Opens a safetensors file: bytes, a Blob of the browser, or a path (Node). Only its header is read; each tensor
 * when it is asked for.
 *
 * @throws FormatError as `readSafetensors`.
 * @example
 * ```ts
 * import { openSafetensors, writeSafetensors } from 'gradus/formats'
 *
 * const bytes = writeSafetensors({ w: { type: 'BF16', shape: [1], bytes: Uint8Array.of(0xc0, 0x3f) } }, { format: 'pt' })
 * const file = await openSafetensors(new Blob([bytes]))
 * file.tensors.get('w') // → { type: 'BF16', shape: [1], bytes: 2 }
 * Array.from((await file.read('w')).data) // → [1.5]
 * ```
 */
export function openSafetensors(input: FileInput, options: SourceOptions = {}): Promise<WeightsFile> {
  return openWith('openSafetensors', input, options, safetensorsOf)
}
