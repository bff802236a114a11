// File formats: bytes in, bytes out; a path is a file of this machine (Node), nothing is ever fetched.
export { ELEMENT_TYPES, type ElementType, type RawArray, fromRaw, toRaw } from './elements/element-types.ts'
export { readNpy, writeNpy } from './numpy/npy.ts'
export { type NpzOptions, openNpz, readNpz, writeNpz } from './numpy/npz.ts'
export { type SafetensorsFile, openSafetensors, readSafetensors } from './safetensors/read.ts'
export { type ShardedOptions, openShardedSafetensors } from './safetensors/sharded.ts'
export { writeSafetensors } from './safetensors/write.ts'
export type { ByteSource, FileInput } from './source/source.ts'
export type { MetadataValue, TensorInfo, WeightsFile } from './weights-file.ts'
