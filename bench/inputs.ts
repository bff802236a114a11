// The numbers every contender starts from: weights and data of a row, generated once and written to a file.
// Weights have PyTorch's shapes; images are [batch, channels, height, width]; labels and tokens are int32.
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import type { GenerateTask, StepTask, TimedTask } from './tasks.ts'

export interface Entry {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  /** Where it lies in the file, in 4-byte words. */
  readonly at: number
}
export interface InputFile {
  readonly entries: readonly Entry[]
  /** Names of those that are trained, in order. */
  readonly trained: readonly string[]
}
export interface Value {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}
/** Batches that the steps take in turn. */
export const BATCHES = 4
/** Steps whose losses are compared before anything is timed. */
export const CHECKED = 6

/** mulberry32: uniform numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type Weights = (name: string, shape: readonly number[], fanIn: number) => void

/** Announces the parameters of a network in order. A fan-in of 0 means zeros, of −1 ones. */
export function eachParameter(task: StepTask | GenerateTask, add: Weights): void {
  const linear = (name: string, inputs: number, outputs: number): void => {
    add(`${name}.weight`, [outputs, inputs], inputs)
    add(`${name}.bias`, [outputs], inputs)
  }
  const conv = (name: string, channels: number, filters: number, window: number): void => {
    add(`${name}.weight`, [filters, channels, window, window], channels * window * window)
    add(`${name}.bias`, [filters], channels * window * window)
  }
  const norm = (name: string, width: number): void => {
    add(`${name}.weight`, [width], -1)
    add(`${name}.bias`, [width], 0)
  }
  if (task.kind === 'generate') {
    // GPT of gradus/models; the token table is the last layer as well
    const { vocabulary, context, width, layers } = task.gpt
    add('tokens.weight', [vocabulary, width], 2500)
    add('positions.table.weight', [context, width], 2500)
    for (let i = 0; i < layers; i++) {
      norm(`blocks.${i}.norm1`, width)
      for (const part of ['query', 'key', 'value', 'out']) linear(`blocks.${i}.attention.${part}`, width, width)
      norm(`blocks.${i}.norm2`, width)
      linear(`blocks.${i}.expand`, width, 4 * width)
      linear(`blocks.${i}.contract`, 4 * width, width)
    }
    norm('norm', width)
  } else if (task.network === 'mlp') task.widths!.slice(1).forEach((width, i) => linear(`layers.${i}`, task.widths![i]!, width))
  else if (task.network === 'lenet') {
    conv('conv1', 1, 6, 5)
    conv('conv2', 6, 16, 5)
    linear('full1', 400, 120)
    linear('full2', 120, 84)
    linear('out', 84, 10)
  } else if (task.network === 'cnn') {
    ;[1, 32, 32, 64].forEach((channels, i) => conv(`convs.${i}`, channels, [32, 32, 64, 64][i]!, 3))
    linear('full', 64 * 7 * 7, 128)
    linear('out', 128, 10)
  } else {
    const { vocabulary, context, width, layers } = task.gpt!
    add('tokens.weight', [vocabulary, width], 2500)
    add('positions.weight', [context, width], 2500)
    for (let i = 0; i < layers; i++) {
      norm(`blocks.${i}.norm1`, width)
      linear(`blocks.${i}.qkv`, width, 3 * width)
      linear(`blocks.${i}.proj`, width, width)
      norm(`blocks.${i}.norm2`, width)
      linear(`blocks.${i}.up`, width, 4 * width)
      linear(`blocks.${i}.down`, 4 * width, width)
    }
    norm('norm', width)
    linear('head', width, vocabulary)
  }
}

/** Generates a row's numbers: the same for every contender and every run. */
export function writeInputs(task: TimedTask, path: string, seed = 1): InputFile {
  const random = randomFrom(seed)
  const entries: Entry[] = []
  const parts: (Float32Array | Int32Array)[] = []
  const trained: string[] = []
  let at = 0
  const put = (name: string, shape: readonly number[], data: Float32Array | Int32Array): void => {
    entries.push({ name, shape, dtype: data instanceof Int32Array ? 'int32' : 'float32', at })
    parts.push(data)
    at += data.length
  }
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
  // a loop: Float32Array.from takes half a minute for a hundred million numbers
  const floats = (shape: readonly number[], low: number, high: number): Float32Array => {
    const out = new Float32Array(size(shape))
    for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * random()
    return out
  }
  const whole = (shape: readonly number[], below: number): Int32Array => Int32Array.from({ length: size(shape) }, () => Math.floor(random() * below))
  const random2 = (name: string, shape: readonly number[]): void => put(name, shape, floats(shape, -1, 1))
  const parameters = (of: StepTask | GenerateTask): void =>
    eachParameter(of, (name, shape, fanIn) => {
      const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0
      put(name, shape, fanIn > 0 ? floats(shape, -bound, bound) : new Float32Array(size(shape)).fill(fanIn < 0 ? 1 : 0))
      trained.push(name)
    })
  if (task.kind === 'generate') {
    parameters(task)
    put('prompt', [task.prompt], whole([task.prompt], task.gpt.vocabulary))
  } else if (task.kind === 'step') {
    parameters(task)
    for (let b = 0; b < BATCHES; b++) {
      if (task.network === 'gpt') {
        const { vocabulary, context } = task.gpt!
        const text = whole([task.batch, context + 1], vocabulary)
        const cut = (from: number): Int32Array => Int32Array.from({ length: task.batch * context }, (_, i) => text[Math.floor(i / context) * (context + 1) + (i % context) + from]!)
        put(`x${b}`, [task.batch, context], cut(0))
        put(`y${b}`, [task.batch, context], cut(1))
      } else {
        const shape = task.network === 'mlp' ? [task.batch, task.widths![0]!] : [task.batch, 1, 28, 28]
        put(`x${b}`, shape, floats(shape, 0, 1))
        put(`y${b}`, [task.batch], whole([task.batch], 10))
      }
    }
  } else if (task.kind === 'gemm') {
    random2('a', [task.m, task.k])
    random2('b', task.transposed ? [task.n, task.k] : [task.k, task.n])
  } else if (task.kind === 'conv') {
    random2('x', [task.batch, task.channels, task.size, task.size])
    random2('w', [task.filters, task.channels, task.window, task.window])
  } else {
    random2('x', [task.rows, task.columns])
    if (task.kind === 'elementwise') random2('y', [task.rows, task.columns])
    if (task.kind === 'layernorm') {
      random2('weight', [task.columns])
      random2('bias', [task.columns])
    }
  }
  const file: InputFile = { entries, trained }
  writeFileSync(`${path}.json`, JSON.stringify(file))
  const out = openSync(`${path}.bin`, 'w')
  for (const p of parts) if (p.length > 0) writeSync(out, p)
  closeSync(out)
  return file
}

export function readInputs(path: string): { readonly values: Map<string, Value>; readonly trained: readonly string[] } {
  const { entries, trained } = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as InputFile
  const bytes = readFileSync(`${path}.bin`)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const values = new Map(entries.map(({ name, shape, dtype, at }): [string, Value] => {
    const length = shape.reduce((a, b) => a * b, 1)
    return [name, { shape, data: dtype === 'int32' ? new Int32Array(buffer, at * 4, length) : new Float32Array(buffer, at * 4, length) }]
  }))
  return { values, trained }
}

/** Positions at which the outputs of an op are compared. */
export const sampled = (length: number): number[] => Array.from({ length: Math.min(64, length) }, (_, i) => Math.floor((i * (length - 1)) / Math.max(1, Math.min(64, length) - 1)))
