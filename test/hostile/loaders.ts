// Every loader that takes bytes from outside: how a file is read to its end, and good files to begin from when fuzzing.
import { openGguf, openNpz, openSafetensors, openTorch, openWeights, readNpy, writeNpy, writeNpz, writeSafetensors } from '../../src/formats/index.ts'
import { goldenFile } from '../support/golden-files.ts'
import { type Mutation, jsonHeader, zipMembers } from '../fuzz/mutate.ts'

export interface Loader {
  /** Reads all there is in a file; `name` must stand in every error. */
  load(bytes: Uint8Array<ArrayBuffer>, name: string): unknown
  /** Good files, small ones. */
  seeds(): Uint8Array[]
  /** Words of the format, put in at random places. */
  readonly words?: readonly string[]
  /** A change that knows the format, so that it gets past its first checks. */
  readonly mutate?: Mutation
}

async function readThrough(file: { readonly tensors: ReadonlyMap<string, unknown>; read(name: string): Promise<unknown> }): Promise<void> {
  for (const name of file.tensors.keys()) await file.read(name)
}

const floats = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } as const
const bytes = { dtype: 'uint8', shape: [3], data: Uint8Array.of(7, 8, 9) } as const

export const LOADERS = {
  safetensors: {
    load: async (file, name) => readThrough(await openSafetensors(file, { name })),
    seeds: () => [goldenFile('types.safetensors'), goldenFile('beyond.safetensors'), writeSafetensors({ w: floats, b: bytes }, { format: 'pt' }), writeSafetensors({})],
    words: ['"dtype":', '"shape":[', '"data_offsets":[', '"__metadata__":{', '"__proto__"', '"F32"', '"BOOL"', '"F4"', '"I64"', '9007199254740993', '18446744073709551616', '-1', '1e400', '\\u0061', '[[', '{}', ','],
    mutate: jsonHeader,
  },
  npy: {
    load: (file, name) => readNpy(file, { name }),
    seeds: () => [goldenFile('v1.npy'), goldenFile('v2.npy'), goldenFile('v3.npy'), goldenFile('object.npy'), goldenFile('struct.npy'), writeNpy(bytes)],
    words: ["'descr': ", "'fortran_order': True, ", "'shape': (", "'|O'", "'>f8'", "'<c8'", '(9007199254740993,)', '(0, 99999999999)', '3L', ', }', '\n'],
  },
  npz: {
    load: async (file, name) => readThrough(await openNpz(file, { name })),
    seeds: () => [goldenFile('compressed.npz'), goldenFile('streamed.npz'), writeNpz({ w: floats, b: bytes })],
    words: ['PK\u0001\u0002', 'PK\u0003\u0004', 'PK\u0005\u0006', 'PK\u0006\u0006', 'PK\u0006\u0007', '../', '\u00ff\u00ff\u00ff\u00ff', '.npy'],
    mutate: zipMembers,
  },
  torch: {
    load: async (file, name) => readThrough(await openTorch(file, { name })),
    seeds: () => ['state.pt', 'views.pt', 'checkpoint.pt', 'protocol4.pt', 'module.pt', 'legacy.pt', 'script.pt'].map(goldenFile),
    words: ['ccollections\nOrderedDict\n', 'ctorch._utils\n_rebuild_tensor_v2\n', 'ctorch\nFloatStorage\n', 'cos\nsystem\n', 'cbuiltins\neval\n', 'R', 'Q', '(', ')', 't', 'u', 's', 'b', '.', '\u0085', '\u0086', '\u0087', '\u008a\u0008', '\u0094', 'X\u0001\u0000\u0000\u0000', 'q\u0000', 'h\u0000', 'K\u0001', ']', '}'],
    mutate: zipMembers,
  },
  gguf: {
    load: async (file, name) => readThrough(await openGguf(file, { name })),
    seeds: () => [goldenFile('blocks.gguf')],
    words: ['GGUF', '\u0003\u0000\u0000\u0000', 'general.alignment', '\u0009\u0000\u0000\u0000', '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f'],
  },
  /** The format told from the first bytes. */
  weights: {
    load: async (file, name) => readThrough(await openWeights(file, { name })),
    seeds: () => ['blocks.gguf', 'state.pt', 'compressed.npz', 'types.safetensors', 'v1.npy', 'model.safetensors.index.json'].map(goldenFile),
  },
} satisfies Record<string, Loader>

export type LoaderName = keyof typeof LOADERS
