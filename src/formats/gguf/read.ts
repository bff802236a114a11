// Reading GGUF, the files of llama.cpp: the header at once, tensors when asked for, quantised ones as float32.
import { FormatError, type NDArray } from '../../base/index.ts'
import { type Fault, faultOf, quote } from '../fault.ts'
import { type ByteSource, type FileInput, type SourceOptions, openWith, tensorBytes } from '../source/source.ts'
import { type StoredTensor, type WeightsFile, weightsFile } from '../weights-file.ts'
import { type GgufHeader, type GgufTensor, NeedMore, parseGguf } from './header.ts'
import { GGML_TYPES } from './types.ts'

const OPERATION = 'gguf'
const FIRST_READ = 2 ** 20
const MAX_HEADER = 2 ** 28

/** An open GGUF file over any source. */
export async function ggufOf(source: ByteSource): Promise<WeightsFile> {
  const fault = faultOf(OPERATION, source.name)
  const { version, metadata, tensors } = await readHeader(source, fault)
  const stored = tensors.map((t): [string, StoredTensor] => {
    const { name, type, shape, bytes, begin } = t
    const load = (): Promise<Uint8Array> => tensorBytes(source, begin, bytes)
    return [name, { type: type.name, shape, bytes, load, ...(type.plain === undefined ? { decode: (b: Uint8Array) => decode(b, t, fault) } : {}) }]
  })
  return weightsFile({ format: `gguf ${version}`, operation: OPERATION, source, metadata, tensors: new Map(stored), keep: source.map !== undefined })
}

/** Reads as much as the header turns out to need. */
async function readHeader(source: ByteSource, fault: Fault): Promise<GgufHeader> {
  for (let length = Math.min(source.size, FIRST_READ); ; length = Math.min(source.size, 4 * length)) {
    try {
      return parseGguf(await source.read(0, length), source.size, fault)
    } catch (error) {
      if (!(error instanceof NeedMore)) throw error
      if (length >= MAX_HEADER) throw fault('the header is too long', { expected: `at most ${MAX_HEADER} bytes` })
    }
  }
}

function decode(bytes: Uint8Array, { name, type, shape }: GgufTensor, fault: Fault): NDArray {
  if (type.decode === undefined) {
    throw fault(`${quote(name)} has a type that cannot be read yet`, { expected: [...GGML_TYPES.values()].flatMap((t) => (t.plain !== undefined || t.decode !== undefined ? [t.name] : [])).join(', '), received: type.name })
  }
  const blocks = bytes.length / type.bytes
  if (blocks * type.elements > 2 ** 31 - 1) throw new FormatError(OPERATION, `${quote(name)} has too many elements`, { expected: `at most ${2 ** 31 - 1}` })
  const data = new Float32Array(blocks * type.elements)
  for (let i = 0; i < blocks; i++) type.decode(bytes, i * type.bytes, data, i * type.elements)
  return { dtype: 'float32', shape, data }
}

/**
 * Opens a GGUF file (versions 2 and 3): bytes, a Blob, or a path (Node). Tensors of F32, F16, BF16, Q8_0, Q4_0, Q4_K and
 * Q6_K are read, the quantised ones as float32; shapes are in NumPy's order.
 *
 * @throws FormatError when the header is damaged, tensors overlap or leave holes, or a type is not supported.
 * @example
 * ```ts no-run
 * import { openGguf } from 'gradus/formats'
 *
 * const file = await openGguf('model.gguf')
 * console.log(file.metadata.get('general.architecture'), file.tensors.size)
 * const embedding = await file.read('token_embd.weight')
 * ```
 */
export function openGguf(input: FileInput, options: SourceOptions = {}): Promise<WeightsFile> {
  return openWith('openGguf', input, options, ggufOf)
}
