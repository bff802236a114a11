// What a reader of network files gives (in the Worker): the network, or what is wrong with the file, where.
import type { DenseLayer } from './network-layers.ts'
import type { Weights } from './trainer.ts'

export interface NetworkFile {
  readonly file: string
  readonly source: 'run' | 'safetensors' | 'json' | 'onnx'
  /** What `gradus train` was told, and what it kept besides the weights, where its folder was dropped. */
  readonly run: { readonly recipe: string; readonly model: string; readonly assets: Readonly<Record<string, unknown>> } | null
  readonly weights: Weights
  /** A fully connected network's layers in order; null for other networks. */
  readonly layers: readonly DenseLayer[] | null
  /** The file does not name the activations of its hidden layers: ReLU was taken. */
  readonly assumed: boolean
  /** The file itself, where it is ONNX. */
  readonly onnx: Uint8Array | null
}
export type FileProblem =
  | 'none' | 'large' | 'unreadable' | 'text' | 'json' | 'object' | 'field' | 'keys' | 'tensor' | 'missing' | 'length' | 'sum' | 'optimiser' | 'recipe' | 'assets' | 'export'
  | 'unknown' | 'shape' | 'number' | 'chain' | 'sizes' | 'activations' | 'weight'
/** Another kind of file than its name says. */
export type Kind = 'zip' | 'hdf5' | 'gguf' | 'picture' | 'page' | 'json' | 'pointer' | 'safetensors' | 'onnx'
/** Why a reader refused a file (unreadable.ts): places count bytes from 0; `said` is the reader's own sentence, in English. */
export type Why =
  | { readonly code: 'empty' | 'headerText' | 'noGraph' }
  | { readonly code: 'kind'; readonly kind: Kind }
  | { readonly code: 'short' | 'header' | 'cut' | 'rest'; readonly expected: number; readonly received: number }
  | { readonly code: 'headerJson'; readonly place: string; readonly received: string }
  | { readonly code: 'entry'; readonly tensor: string; readonly field: string; readonly received: string }
  | { readonly code: 'size'; readonly tensor: string; readonly shape: string; readonly expected: number; readonly received: number }
  | { readonly code: 'place'; readonly tensor: string; readonly expected: number; readonly received: number }
  | { readonly code: 'broken'; readonly at: number }
  | { readonly code: 'cutAt'; readonly at: number; readonly expected: number; readonly received: number }
  | { readonly code: 'external'; readonly tensor: string }
  | { readonly code: 'operators'; readonly names: string }
  | { readonly code: 'opset'; readonly received: number }
  | { readonly code: 'library'; readonly said: string }

/** A fault as plain data, for the page. `expected` and `received` are names, numbers and signs, never words of a language. */
export interface ToldFault {
  readonly ok: false
  readonly problem: FileProblem
  readonly file: string
  readonly expected: string
  readonly received: string
  readonly why: Why | null
}
/** What is wrong, where. The words are network-texts.ts's. */
export class FileFault extends Error {
  readonly told: ToldFault
  constructor(problem: FileProblem, file: string, expected = '', received = '', why: Why | null = null) {
    super(`${file}: ${problem}${expected === '' ? '' : `: expected ${expected}, received ${received}`}${why === null ? '' : ` ${JSON.stringify(why)}`}`)
    this.told = { ok: false, problem, file, expected, received, why }
  }
}
/** A fault for the page; other errors are thrown on. */
export function toldOf(error: unknown): ToldFault {
  if (!(error instanceof FileFault)) throw error
  return error.told
}

export function finite(file: string, weights: Weights): Weights {
  for (const [name, { data }] of Object.entries(weights)) {
    const at = data.findIndex((v) => !Number.isFinite(v))
    if (at !== -1) throw new FileFault('number', file, name, String(data[at]))
  }
  return weights
}
