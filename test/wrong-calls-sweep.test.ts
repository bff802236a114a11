// Every function and class the package exports, called with arguments that it does not take: a typed error in words the
// caller knows, or an answer; never a TypeError from inside, never waiting, never gigabytes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PUBLIC } from '../scripts/rooms.mjs'
import * as data from '../src/data/index.ts'
import * as explain from '../src/explain/index.ts'
import * as formats from '../src/formats/index.ts'
import * as gradus from '../src/index.ts'
import * as models from '../src/models/index.ts'
import * as nn from '../src/nn/index.ts'
import * as recipes from '../src/recipes/index.ts'
import * as train from '../src/train/index.ts'
import { foreignErrors } from './support/wrong-arguments.ts'

/** Not called, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  traceGraph: 'no function for users: what jit and exportOnnx are made of',
  mnist: 'looks for a data set and fetches it', fashionMnist: 'looks for a data set and fetches it', cifar10: 'looks for a data set and fetches it',
}
/** Their first argument is the name that their errors bear. */
const NAMED = ['tensorOf', 'openSource']
/** The errors of the library are made by it. */
const isError = (name: string): boolean => name.endsWith('Error')
/** Operations of messages that are neither exported nor methods, and where a reader meets them. */
const WORDS = ['read', 'tree', 'batches', 'tokenizer', 'run', 'Dataset.of', 'activation']

type Exported = [name: string, value: (...args: unknown[]) => unknown]
const ENTRIES: Readonly<Record<string, object>> = { gradus, nn, data, train, models, explain, recipes, formats }
const exportsOf = (room: string): Exported[] => Object.entries(ENTRIES[room]!).filter((entry): entry is Exported => typeof entry[1] === 'function' && !isError(entry[0]))
const isClass = (f: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(f))

const before = process.cwd()
let folder = ''
const known = new Set<string>(WORDS)
beforeAll(async () => {
  gradus.setDevice('reference')
  folder = mkdtempSync(join(tmpdir(), 'gradus-wrong-calls-'))
  process.chdir(folder)
  for (const room of Object.keys(ENTRIES)) for (const [name] of exportsOf(room)) known.add(name)
  for (const name of Object.getOwnPropertyNames(gradus.Tensor.prototype)) known.add(name)
})
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

/** What the constructors of layers and optimisers take, so that there is something to call wrongly. */
function argumentsOf(name: string): unknown[] {
  if (/^(Conv|Separable)/.test(name)) return [2, 2, { kernelSize: 1 }]
  if (/^Depthwise/.test(name)) return [2, { kernelSize: 1 }]
  if (/^(Sequential|Residual)$/.test(name)) return [new nn.Linear(2, 2)]
  if (name === 'GroupNorm') return [1, 2]
  if (name === 'Upsample') return [{ size: 2 }]
  if (/Pool|Norm/.test(name)) return [2]
  if (name === 'EMA') return [new nn.SGD(1)]
  if (name === 'Accumulate') return [new nn.SGD(1), 2]
  if (/^(Adagrad|SGD|Linear|RNN|LSTM|GRU|RBM|Embedding|LearnedPositions|MultiHead|Transformer)/.test(name)) return name === 'Adagrad' || name === 'SGD' ? [1] : [2, 2]
  return []
}
/** Methods that are not the callers'. */
const INSIDE = /^(constructor|rule|slots|settings|run|join|track|feedForward|normalized|start|decay|apart|turned|binary|unary|compute|settle)$/
const methodsOf = (prototype: object, end: object): string[] => {
  const names = Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) => (typeof value === 'function' && !INSIDE.test(name) ? [name] : []))
  const next = Object.getPrototypeOf(prototype) as object | null
  return next === null || next === end || next === Object.prototype ? names : [...names, ...methodsOf(next, end)]
}

test('methods of tensors, layers and optimisers', async () => {
  const wrong: string[] = []
  const call = async (name: string, make: () => object, method: string): Promise<void> => {
    wrong.push(...(await foreignErrors(`${name}.${method}`, (...args) => (make() as Record<string, (...args: unknown[]) => unknown>)[method]!(...args))))
  }
  for (const method of methodsOf(gradus.Tensor.prototype, Object.prototype)) await call('Tensor', () => gradus.tensor([[1, 2], [3, 4]]), method)
  for (const [name, f] of exportsOf('nn')) {
    if (!isClass(f) || name === 'Module') continue
    const make = (): object => Reflect.construct(f, argumentsOf(name)) as object
    for (const method of methodsOf(f.prototype as object, nn.Module.prototype)) await call(name, make, method)
  }
  for (const method of ['loadState', 'summary', 'train']) await call('Module', () => new nn.Linear(2, 2), method)
  expect(wrong).toEqual([])
})

test('methods of open files and models, and what else functions of formats take', async () => {
  const wrong: string[] = []
  const sweep = async (name: string, call: (...args: never[]) => unknown): Promise<void> => void wrong.push(...(await foreignErrors(name, call as never)))
  const bytes = formats.writeNpz({ x: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) } })
  const [file, rows] = [await formats.openWeights(bytes), await formats.openRowsOf(await formats.openSource('rows', bytes))]
  const x = gradus.zeros([1, 2])
  const model = formats.importOnnx(formats.exportOnnx(new nn.Linear(2, 1), x))
  await sweep('file.read', file.read)
  await sweep('file.readRaw', file.readRaw)
  await sweep('rows.read', rows.read)
  await sweep('model', model)
  await sweep('model.run', model.run)
  await sweep('model.run with inputs', (...args) => model.run({ input: x }, ...args))
  await sweep('model.run with a weight', (weight) => model.run({ input: x }, { weight }))
  await sweep('model.run with options', (options) => model.run({ input: x }, {}, options))
  await sweep('model.run that watches', (watch) => model.run({ input: x }, {}, { watch }))
  await sweep('fromRaw', (...args) => formats.fromRaw({ type: 'U8', shape: [1], bytes: Uint8Array.of(1) }, ...(args as unknown as [never])))
  for (const option of ['batch', 'inputs', 'outputs', 'parameters', 'metadata', 'name']) await sweep(`exportOnnx ${option}`, (value) => formats.exportOnnx(new nn.Linear(2, 1), x, { [option]: value }))
  for (const option of ['places', 'prefix', 'ignored', 'strict']) await sweep(`loadWeights ${option}`, (value) => formats.loadWeights(new nn.Linear(2, 1), file, { [option]: value }))
  await sweep('maxRatio', (maxRatio) => formats.openNpz(bytes, { maxRatio }))
  await sweep('limits', (limits) => formats.importOnnx(new Uint8Array(1), { limits }))
  expect(wrong).toEqual([])
})

test('points that are none do not hang the exact arithmetic', () => {
  expect(() => models.orientation([null, null] as never, [0, 0], [1, 1])).toThrow('orientation: point[0] is not a finite number')
})

test('what newcomers write', () => {
  expect(() => new nn.Conv2d(1, 2, 3 as never)).toThrow('Conv2d: bad options: expected options such as { kernelSize: 3 }, received 3.')
  expect(() => Reflect.apply(nn.relu, null, [])).toThrow('relu: not a tensor: expected a tensor, received undefined.')
  expect(() => gradus.ones(3 as never)).toThrow('ones: bad shape: expected a list of sizes, received 3.')
  expect(() => gradus.tensor([1]).sum(0, true as never)).toThrow('sum: bad options')
})

test('all rooms are here', () => expect(Object.keys(ENTRIES)).toEqual(['gradus', ...PUBLIC]))

test.each(Object.keys(ENTRIES))('%s', async (room) => {
  const wrong: string[] = []
  for (const [name, f] of exportsOf(room)) {
    if (name in LEFT_OUT) continue
    const call = isClass(f) ? (...args: unknown[]): unknown => Reflect.construct(f, args) : f
    const told = ({ operation, message }: gradus.GradusError, label: string): void => {
      if (!known.has(operation) && !NAMED.includes(name)) wrong.push(`${name} (${label}) speaks of something else: ${message}`)
    }
    wrong.push(...(await foreignErrors(name, call, told)))
  }
  expect(wrong).toEqual([])
})
