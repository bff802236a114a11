// Opening any file of weights: the format is told from its first bytes, not from its name.
import { latin1 } from '../base/index.ts'
import { faultOf } from './fault.ts'
import { ggufOf } from './gguf/read.ts'
import { npyOf } from './numpy/npy.ts'
import { npzOf } from './numpy/npz.ts'
import { safetensorsOf } from './safetensors/read.ts'
import { type ShardedOptions, openShardedSafetensors } from './safetensors/sharded.ts'
import { type ByteSource, type FileInput, openWith } from './source/source.ts'
import { torchOf } from './torch/read.ts'
import type { WeightsFile } from './weights-file.ts'
import { type ArchiveOptions, openArchive } from './zip/archive.ts'

const OPERATION = 'openWeights'

export interface OpenOptions extends ShardedOptions, ArchiveOptions {}

/**
 * Opens a file of weights of any format: safetensors (one file, or the index of several), npy, npz, PyTorch's `.pt`,
 * GGUF. Takes bytes, a Blob of the browser, or a path (Node). Only its table is read; each tensor when it is asked for.
 *
 * @throws FormatError when it is none of these, or damaged.
 * @example
 * ```ts
 * import { openWeights, writeNpz } from 'gradus/formats'
 *
 * const file = await openWeights(writeNpz({ x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } }))
 * file.format // → 'npz'
 * file.tensors.get('x') // → { type: 'F32', shape: [2], bytes: 8 }
 * ```
 */
export function openWeights(input: FileInput, options: OpenOptions = {}): Promise<WeightsFile> {
  return openWith(OPERATION, input, options, async (source) => {
    const start = await source.read(0, Math.min(512, source.size))
    const format = tell(start)
    if (format === 'index') {
      await source.close()
      return openShardedSafetensors(input, options)
    }
    return READERS[format ?? (await tellLess(source))](source, options)
  })
}

type Format = 'safetensors' | 'npy' | 'npz' | 'torch' | 'gguf' | 'zip'
const READERS: Readonly<Record<Format, (source: ByteSource, options: OpenOptions) => Promise<WeightsFile>>> = {
  safetensors: safetensorsOf,
  npy: npyOf,
  npz: npzOf,
  torch: torchOf,
  gguf: ggufOf,
  zip: async (source, options) => {
    const { entries } = await openArchive(source, faultOf(OPERATION, source.name), options)
    return [...entries.keys()].some((name) => name.endsWith('.npy')) ? npzOf(source, options) : torchOf(source)
  },
}


function tell(start: Uint8Array): Format | 'index' | undefined {
  if (latin1(start.subarray(0, 4)) === 'GGUF') return 'gguf'
  if (latin1(start.subarray(1, 6)) === 'NUMPY') return 'npy'
  if (latin1(start.subarray(0, 2)) === 'PK') return 'zip'
  // before the old files: a header of 128 bytes begins like a pickle
  if (start[8] === 0x7b && start[7] === 0) return 'safetensors'
  // old PyTorch files, which are refused by name
  if (start[0] === 0x80 || latin1(start.subarray(257, 262)) === 'ustar') return 'torch'
  if (/^\s*\{\s*"/.test(latin1(start.subarray(0, 64)))) return 'index'
  return undefined
}

async function tellLess(source: ByteSource): Promise<never> {
  const start = await source.read(0, Math.min(8, source.size))
  throw faultOf(OPERATION, source.name)('a file of no known format', { expected: 'safetensors, npy, npz, PyTorch or GGUF', received: source.size === 0 ? 'an empty file' : `first bytes ${[...start].map((b) => b.toString(16).padStart(2, '0')).join(' ')}` })
}
