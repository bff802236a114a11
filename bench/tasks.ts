// What is measured: every row as plain data that all contenders read, in TypeScript or in Python.

/** Sizes of a product, a convolution, or rows and columns. */
export type OpTask =
  | { readonly kind: 'gemm'; readonly m: number; readonly n: number; readonly k: number; readonly transposed: boolean }
  /** 'same' padding, stride 1, images [batch, channels, size, size]. */
  | { readonly kind: 'conv'; readonly batch: number; readonly channels: number; readonly filters: number; readonly size: number; readonly window: number }
  | { readonly kind: 'softmax' | 'layernorm' | 'elementwise'; readonly rows: number; readonly columns: number }

export type OptimizerSpec = { readonly kind: 'sgd' | 'adam' | 'adamw'; readonly lr: number }
/** One training step: forward, backward, update. */
export interface StepTask {
  readonly kind: 'step'
  readonly network: 'mlp' | 'lenet' | 'cnn' | 'gpt'
  readonly batch: number
  readonly optimizer: OptimizerSpec
  /** mlp: widths, input and output included. */
  readonly widths?: readonly number[]
  /** gpt: vocabulary, context, width, heads, layers. */
  readonly gpt?: { readonly vocabulary: number; readonly context: number; readonly width: number; readonly heads: number; readonly layers: number }
}
type GptSize = NonNullable<StepTask['gpt']>
/** The next token of a text, the likeliest one each time; the model is GPT of gradus/models, with a cache of the past. */
export interface GenerateTask {
  readonly kind: 'generate'
  readonly gpt: GptSize
  /** Tokens of the prompt, read before anything is timed. */
  readonly prompt: number
}
/** What contenders load and are timed at. */
export type TimedTask = OpTask | StepTask | GenerateTask
/** Measured in processes of its own: see whole.ts. */
export interface WholeTask {
  readonly kind: 'compile' | 'cold-start' | 'memory' | 'bundle' | 'network'
}
export type Task = TimedTask | WholeTask
export type Unit = 'ms' | 'GFLOP/s' | 'TFLOP/s' | 'GB/s' | 'tokens/s' | 'MB' | 'kB'

export interface Row {
  readonly name: string
  readonly unit: Unit
  readonly task: Task
  /** Arithmetic operations, bytes moved or tokens of one run: what turns times into rates. */
  readonly work: number
}

const gemm = (name: string, m: number, n: number, k: number, transposed = false): Row => ({ name, unit: 'GFLOP/s', task: { kind: 'gemm', m, n, k, transposed }, work: 2 * m * n * k })
const conv = (name: string, batch: number, channels: number, filters: number, size: number, window: number): Row => ({
  name, unit: 'GFLOP/s', task: { kind: 'conv', batch, channels, filters, size, window }, work: 2 * batch * filters * channels * size * size * window * window,
})
/** `moved`: how often an array of the row's size is read or written. */
const memory = (kind: 'softmax' | 'layernorm' | 'elementwise', rows: number, columns: number, moved: number): Row => ({
  name: kind, unit: 'GB/s', task: { kind, rows, columns }, work: rows * columns * 4 * moved,
})
const step = (name: string, task: Omit<StepTask, 'kind'>): Row => ({ name, unit: 'ms', task: { kind: 'step', ...task }, work: 0 })

/** All rows, in the order of the report. */
export const ROWS: readonly Row[] = [
  ...[64, 128, 256, 512, 1024, 2048].map((n) => gemm(`gemm-${n}`, n, n, n)),
  gemm('gemm-64x128x784', 64, 128, 784, true), // a layer forward: x·Wᵀ
  gemm('gemm-128x784x64', 128, 784, 64), // its weights' gradient
  gemm('gemm-2048x512x128', 2048, 512, 128, true), // a block of a transformer
  gemm('gemm-10x30x784', 10, 30, 784, true), // the lecture's network
  conv('conv-1-6-5x5', 64, 1, 6, 28, 5),
  conv('conv-6-16-5x5', 64, 6, 16, 14, 5),
  conv('conv-32-32-3x3', 64, 32, 32, 28, 3),
  conv('conv-64-64-3x3', 64, 64, 64, 14, 3),
  conv('conv-64-64-1x1', 64, 64, 64, 14, 1),
  memory('softmax', 4096, 1024, 2),
  memory('layernorm', 4096, 1024, 2),
  memory('elementwise', 4096, 1024, 3),
  step('mlp-30', { network: 'mlp', widths: [784, 30, 10], batch: 10, optimizer: { kind: 'sgd', lr: 0.1 } }),
  step('mlp-128', { network: 'mlp', widths: [784, 128, 10], batch: 64, optimizer: { kind: 'adam', lr: 1e-3 } }),
  step('mlp-512', { network: 'mlp', widths: [784, 512, 512, 10], batch: 128, optimizer: { kind: 'adam', lr: 1e-3 } }),
  step('lenet', { network: 'lenet', batch: 64, optimizer: { kind: 'sgd', lr: 0.05 } }),
  step('cnn', { network: 'cnn', batch: 64, optimizer: { kind: 'adam', lr: 1e-3 } }),
  step('gpt', { network: 'gpt', batch: 16, optimizer: { kind: 'adamw', lr: 1e-3 }, gpt: { vocabulary: 65, context: 128, width: 128, heads: 4, layers: 4 } }),
  { name: 'compile', unit: 'ms', task: { kind: 'compile' }, work: 0 },
  { name: 'cold-start', unit: 'ms', task: { kind: 'cold-start' }, work: 0 },
  { name: 'memory', unit: 'MB', task: { kind: 'memory' }, work: 0 },
  { name: 'bundle', unit: 'kB', task: { kind: 'bundle' }, work: 0 },
]

const GPT: GptSize = { vocabulary: 65, context: 128, width: 128, heads: 4, layers: 4 }
const GPT2: GptSize = { vocabulary: 50257, context: 1024, width: 768, heads: 12, layers: 12 }
const TINY_GPT: GptSize = { vocabulary: 65, context: 16, width: 32, heads: 2, layers: 1 }
const tokens = (batch: number, { context }: GptSize): number => batch * context
const square = (n: number): Row => ({ ...gemm(`card-gemm-${n}`, n, n, n), unit: 'TFLOP/s' })

/** Rows for graphics cards: the steps above with batches that fill one, training GPT-2 124M (its head a matrix of its own), and writing with it, a token at a time. */
export const CARD_ROWS: readonly Row[] = [
  ...[1024, 2048, 4096, 8192].map(square),
  step('card-mlp-512', { network: 'mlp', widths: [784, 512, 512, 10], batch: 8192, optimizer: { kind: 'adam', lr: 1e-3 } }),
  step('card-lenet', { network: 'lenet', batch: 4096, optimizer: { kind: 'sgd', lr: 0.05 } }),
  step('card-cnn', { network: 'cnn', batch: 1024, optimizer: { kind: 'adam', lr: 1e-3 } }),
  step('card-gpt', { network: 'gpt', batch: 256, optimizer: { kind: 'adamw', lr: 1e-3 }, gpt: GPT }),
  { name: 'card-gpt2-124m', unit: 'tokens/s', task: { kind: 'step', network: 'gpt', batch: 4, optimizer: { kind: 'adamw', lr: 1e-4 }, gpt: GPT2 }, work: tokens(4, GPT2) },
  { name: 'card-write-124m', unit: 'tokens/s', task: { kind: 'generate', gpt: GPT2, prompt: 16 }, work: 1 },
]

/** Trained networks of others against ONNX Runtime (examples/networks): only when they are named, for they need packages of their own. */
export const NETWORK_ROWS: readonly Row[] = ['silero', 'ppocr', 'moonshine-encoder', 'moonshine-decoder'].map((name) => ({ name, unit: 'ms', task: { kind: 'network' }, work: 0 }))

/** A row in a size that runs anywhere: to see that everything works, not to measure. */
export function tiny(row: Row): Row {
  const { task } = row
  if (task.kind === 'gemm') {
    const [m, n, k] = [task.m, task.n, task.k].map((d) => Math.min(d, 64)) as [number, number, number]
    return { ...row, task: { ...task, m, n, k }, work: 2 * m * n * k }
  }
  if (task.kind === 'conv') {
    const [batch, size] = [Math.min(task.batch, 2), Math.min(task.size, 8)]
    return { ...row, task: { ...task, batch, size }, work: (((row.work / task.batch) * batch) / task.size ** 2) * size ** 2 }
  }
  if (task.kind === 'softmax' || task.kind === 'layernorm' || task.kind === 'elementwise') return { ...row, task: { ...task, rows: 8 }, work: (row.work / task.rows) * 8 }
  if (task.kind === 'generate') return { ...row, task: { ...task, gpt: TINY_GPT, prompt: 3 } }
  if (task.kind !== 'step') return row
  const gpt = task.gpt === undefined ? {} : { gpt: TINY_GPT }
  const widths = task.widths === undefined ? {} : { widths: task.widths.map((w) => (w === 512 ? 32 : w)) }
  return { ...row, task: { ...task, batch: 2, ...gpt, ...widths }, work: row.unit === 'tokens/s' ? tokens(2, gpt.gpt!) : row.work }
}

export const isWhole = (task: Task): task is WholeTask => ['compile', 'cold-start', 'memory', 'bundle', 'network'].includes(task.kind)

/** Rows by name, in that order; `conv-*` takes all that begin so; null: the usual ones. Unknown names are returned apart. */
export function chooseRows(names: readonly string[] | null, usual: readonly Row[] = ROWS): { readonly rows: readonly Row[]; readonly unknown: readonly string[] } {
  if (names === null) return { rows: usual, unknown: [] }
  const all = [...ROWS, ...CARD_ROWS, ...NETWORK_ROWS]
  const matches = (pattern: string, name: string): boolean => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern)
  return { rows: [...new Set(names.flatMap((p) => all.filter((row) => matches(p, row.name))))], unknown: names.filter((p) => !all.some((row) => matches(p, row.name))) }
}

/** Is a larger value the better one? */
export const largerIsBetter = (unit: Unit): boolean => unit in PER_MS
/** What one unit of work a millisecond is in a rate. */
const PER_MS: Readonly<Partial<Record<Unit, number>>> = { 'GFLOP/s': 1e-6, 'TFLOP/s': 1e-9, 'GB/s': 1e-6, 'tokens/s': 1e3 }
/** A time in ms in the row's unit. */
export function inUnit(row: Row, ms: number): number {
  const rate = PER_MS[row.unit]
  return rate === undefined ? ms : (row.work / ms) * rate
}
/** How many times better `ours` is than `theirs`. */
export const ratio = (row: Row, ours: number, theirs: number): number => (largerIsBetter(row.unit) ? ours / theirs : theirs / ours)
