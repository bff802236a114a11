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
export type FileProblem = 'none' | 'large' | 'unreadable' | 'missing' | 'damaged' | 'optimiser' | 'recipe' | 'unknown' | 'shape' | 'number'
/** What is wrong, where. The words are the lab's. */
export class FileFault extends Error {
  readonly problem: FileProblem
  readonly file: string
  readonly expected: string
  readonly received: string
  constructor(problem: FileProblem, file: string, expected = '', received = '') {
    super(`${file}: ${problem}${expected === '' ? '' : `: expected ${expected}, received ${received}`}`)
    this.problem = problem
    this.file = file
    this.expected = expected
    this.received = received
  }
}
/** A fault as plain data, for the page; other errors are thrown on. */
export interface ToldFault {
  readonly ok: false
  readonly problem: FileProblem
  readonly file: string
  readonly expected: string
  readonly received: string
}
export function toldOf(error: unknown): ToldFault {
  if (!(error instanceof FileFault)) throw error
  const { problem, file, expected, received } = error
  // what a reader said ends its own sentence; here it is a part of one
  return { ok: false, problem, file, expected, received: received.replace(/\.$/, '') }
}

export function finite(file: string, weights: Weights): Weights {
  for (const [name, { data }] of Object.entries(weights)) {
    const at = data.findIndex((v) => !Number.isFinite(v))
    if (at !== -1) throw new FileFault('number', file, name, String(data[at]))
  }
  return weights
}
