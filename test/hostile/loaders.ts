// Every loader that takes bytes from outside: how a file is read to its end, and good files to begin from when fuzzing.
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { decodePicture } from '../../src/cli/decode-image.ts'
import { arrayRows, csvDataset, jsonLines, readIdx, writeIdx } from '../../src/data/index.ts'
import { type OnnxLimits, importOnnx, loadKeras, openGguf, openNpz, openSafetensors, openTorch, openWeights, readNpy, writeNpy, writeNpz, writeSafetensors } from '../../src/formats/index.ts'
import { bytesSource } from '../../src/formats/source/source.ts'
import type { ElementType } from '../../src/formats/onnx/element-type.ts'
import { folderData } from '../../src/formats/onnx/load.ts'
import { tensorValue } from '../../src/formats/onnx/value.ts'
import { Conv1d, Embedding, LayerNorm, Linear, Sequential } from '../../src/nn/index.ts'
import { ones } from '../../src/tensor/index.ts'
import { parseSettings } from '../../src/recipes/settings.ts'
import { readManifest, readProgress } from '../../src/train/checkpoint/store.ts'
import { goldenFile, kerasFile } from '../support/golden-files.ts'
import { utf8 } from './bytes.ts'
import { type Mutation, hdf5Words, jsonHeader, protobufFields, zipMembers } from '../fuzz/mutate.ts'

export interface Loader {
  /** Reads all there is in a file; `name` must stand in every error. */
  load(bytes: Uint8Array<ArrayBuffer>, name: string): unknown
  /** The same for the fuzzer, where that takes other limits. */
  fuzz?(bytes: Uint8Array<ArrayBuffer>, name: string): unknown
  /** A text: cut off, it is a shorter one. */
  readonly text?: boolean
  /** Good files, small ones. */
  seeds(): Uint8Array[]
  /** Words of the format, put in at random places. */
  readonly words?: readonly string[]
  /** A change that knows the format, so that it gets past its first checks. */
  readonly mutate?: Mutation
}

const goldenFolder = fileURLToPath(new URL('../golden', import.meta.url))

async function readThrough(file: { readonly tensors: ReadonlyMap<string, unknown>; read(name: string): Promise<unknown> }): Promise<void> {
  for (const name of file.tensors.keys()) await file.read(name)
}

const floats = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } as const
const bytes = { dtype: 'uint8', shape: [3], data: Uint8Array.of(7, 8, 9) } as const

let wordsModel: Sequential | null = null
const makeWords = (): Sequential => new Sequential(new Embedding(7, 3), new Conv1d(3, 5, { kernelSize: 2 }), new LayerNorm(5, { eps: 1e-3 }), new Linear(5, 2))

function runOnnx(file: Uint8Array, name: string, limits: OnnxLimits = {}): void {
  const net = importOnnx(file, { name, externalData: folderData(goldenFolder), limits })
  const sizes = net.inputs.map((p) => p.shape?.map((d) => (typeof d === 'number' ? d : 2)) ?? [2])
  if (net.inputs.some((p) => p.dtype === null) || sizes.some((s) => s.some((d) => d < 0) || s.reduce((n, d) => n * d, 1) > 1e4)) return
  try {
    net.evaluate(net.inputs.map((p, i) => tensorValue(p.type as ElementType, ones(sizes[i]!, p.dtype!))))
  } catch (error) {
    // an operator that did not check what it was given: for users a typed error, here a finding
    throw error instanceof Error && error.cause !== undefined ? error.cause : error
  }
}

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
  /** Into the model of words.keras. */
  keras: {
    load: async (file, name) => void (await loadKeras((wordsModel ??= makeWords()), bytesSource(file, name))),
    seeds: () => ['words.keras', 'words.h5', 'newer.h5', 'convolutional.h5'].map(kerasFile),
    words: ['TREE', 'SNOD', 'HEAP', 'GCOL', 'OHDR', 'OCHK', '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff', '"class_name":', '"__proto__":', '"Dense"', '"Sequential"', '"config":{', '[', 'PK\u0001\u0002'],
    mutate: hdf5Words,
  },
  /** Read, checked, and run on ones as far as the graph of its operations. */
  onnx: {
    load: (file, name) => runOnnx(file, name),
    // work that a file may ask for, and that ends, is no finding
    fuzz: (file, name) => runOnnx(file, name, { nodes: 500 }),
    seeds: () => readdirSync(`${goldenFolder}/onnx`).filter((test) => test.startsWith('test_')).sort().map((test) => new Uint8Array(readFileSync(`${goldenFolder}/onnx/${test}/model.onnx`))),
    words: ['\u000a\u0000', '\u0008\u0007', '\u0012\u0001y', 'If', 'Loop', 'Scan', 'Constant', 'then_branch', 'body', '\u00a0\u0001\u0005', '../', '\u00ff\u00ff\u00ff\u00ff\u000f', '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u0001'],
    mutate: protobufFields,
  },
  /** The format told from the first bytes. */
  weights: {
    load: async (file, name) => readThrough(await openWeights(file, { name })),
    seeds: () => ['blocks.gguf', 'state.pt', 'compressed.npz', 'types.safetensors', 'v1.npy', 'model.safetensors.index.json'].map(goldenFile),
  },
  idx: {
    load: (file, name) => readIdx(file, name),
    seeds: () => {
      const plain = [writeIdx(floats), writeIdx(bytes)]
      return [...plain, ...plain.map((x) => new Uint8Array(gzipSync(x)))]
    },
  },
  /** Rows of idx, npy and npz files, a piece at a time. */
  rows: {
    load: async (file, name) => void (await (await arrayRows(new File([file], name))).toArray()),
    seeds: () => [writeIdx(floats), writeIdx(bytes), goldenFile('v1.npy'), goldenFile('v3.npy'), writeNpy(floats), writeNpz({ w: floats }), goldenFile('compressed.npz')],
    words: ["'fortran_order': True, ", "'shape': (", '(9007199254740993,)', 'PK\u0001\u0002', '\u00ff\u00ff\u00ff\u00ff'],
  },
  /** A table with its types, gaps filled. */
  csv: {
    text: true,
    load: async (file, name) => void (await csvDataset(new File([file], name), { target: 't', gaps: 'fill' })),
    seeds: () => [utf8('x,c,t\n1,u,a\n2.5,v,b\n?,u,a\n'), utf8('x;"c c";t\r\n1;"u ""1""";3\r\n2;v;4\r\n'), new Uint8Array(gzipSync('x\tt\n1\t2\n3\t4\n'))],
    words: ['"', '""', ',', ';', '\t', '\n', '\r\n', '\ufeff', '__proto__', '1e999', 'NaN', '-', 't', '\u0000', '\u00ff\u00fe'],
  },
  /** JSON, a value a line. */
  lines: {
    text: true,
    load: async (file, name) => void (await jsonLines(new File([file], name)).toArray()),
    seeds: () => [utf8('{"x": [1, 2], "y": "a"}\n\n[3]\n'), new Uint8Array(gzipSync('{"x": 1}\n{"x": 2}\n'))],
    words: ['"__proto__":', '[', '{', '\n', '\r', '\\u', '1e999', '\u00ff'],
  },
  picture: {
    load: (file, name) => decodePicture(file, name),
    seeds: () => {
      const png = new PNG({ width: 9, height: 7 })
      png.data.fill(90)
      const pixels = { width: 16, height: 16, data: Buffer.alloc(1024, 90) }
      return [PNG.sync.write(png), PNG.sync.write(png, { colorType: 0 }), Buffer.from(jpeg.encode(pixels, 80).data)].map((x) => new Uint8Array(x))
    },
    words: ['IHDR', 'IDAT', 'PLTE', 'tRNS', 'IEND', '\u00ff\u00c0', '\u00ff\u00c2', '\u00ff\u00c4', '\u00ff\u00da', '\u00ff\u00dd', '\u00ff\u00d9', 'Exif\u0000\u0000II'],
  },
  /** NAME.json of a checkpoint. */
  manifest: {
    load: (file, name) => readManifest(file, name),
    seeds: () => [utf8(JSON.stringify({ version: 1, step: 1, files: Object.fromEntries(['weights', 'training', 'progress'].map((part) => [part, { name: `last-1-00000000.${part}`, bytes: 7, sha256: '0'.repeat(64) }])) }))],
    words: ['../', '"__proto__":', 'null', '[', '{', '"name":'],
  },
  progress: {
    load: (file, name) => readProgress(file, name),
    seeds: () => [utf8(JSON.stringify({ version: 1, seed: 0, batchSize: 1, examples: 1, epochs: 1, epoch: 0, batch: 0, step: 0, seconds: 0, epochSeconds: 0, rateScale: 1, optimizer: 'adam', stopped: null, history: [], callbacks: {} }))],
    words: ['"__proto__":', 'null', '[', '{', 'true'],
  },
  /** run.json. */
  settings: {
    load: (file, name) => parseSettings(file, name),
    seeds: () => [utf8(JSON.stringify({ version: 1, recipe: 'digits', file: null, model: 'mlp', epochs: 1, batchSize: 1, learningRate: 1, seed: 0, data: null, device: 'auto' }))],
    words: ['"__proto__":', 'null', '[', '{', 'true'],
  },
} satisfies Record<string, Loader>

export type LoaderName = keyof typeof LOADERS
