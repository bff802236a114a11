// Runs folders of the official ONNX backend tests: model.onnx beside test_data_set_N/{input,output}_M.pb.
import { GradusError, fileError, nodeModule, optionsOf, textOf } from '../../base/index.ts'
import { decodeModel, decodeOptional, decodeSequence, decodeTensor } from './decode.ts'
import { TYPES, elementTypeName } from './element-type.ts'
import { loadOnnx } from './load.ts'
import type { GraphMessage, OptionalMessage, SequenceMessage, TensorMessage, TypeMessage } from './messages.ts'
import type { OnnxModel } from './model.ts'
import { tensorFromMessage } from './tensor-message.ts'
import { type ArrayValue, type Value, hostOf } from './value.ts'

const fs = (): typeof import('node:fs') => nodeModule('node:fs', 'onnx')
const join = (...parts: string[]): string => nodeModule<typeof import('node:path')>('node:path', 'onnx').join(...parts)

export interface ConformanceResult {
  readonly name: string
  /** `shape`: the model draws random numbers, so only types and shapes were compared. */
  readonly status: 'pass' | 'shape' | 'fail'
  /** Why it failed. */
  readonly reason: string | null
  /** Whether it needs nothing but f32, f64, integers and bool, in tensors. */
  readonly plain: boolean
  readonly ms: number
}
export interface ConformanceOptions {
  readonly rtol?: number
  readonly atol?: number
  readonly onResult?: (result: ConformanceResult) => void
}

/** Folders with a model, at any depth. */
export function findTests(dir: string): string[] {
  if (fs().existsSync(join(dir, 'model.onnx'))) return [dir]
  return fs().readdirSync(dir, { withFileTypes: true }).filter((e) => e.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((e) => findTests(join(dir, e.name)))
}

/** Every test of a folder, one after the other; none is left out. */
export function runConformance(dir: string, options: ConformanceOptions = {}): ConformanceResult[] {
  textOf('runConformance', 'folder', dir)
  optionsOf('runConformance', options)
  return testsIn(dir).map((test) => {
    const result = runTest(test, options)
    options.onResult?.(result)
    return result
  })
}

function testsIn(dir: string): string[] {
  try {
    return findTests(dir)
  } catch (error) {
    throw fileError('runConformance', dir, error)
  }
}

/** Operators whose numbers are drawn by chance. */
const RANDOM = new Set(['RandomNormal', 'RandomUniform', 'RandomNormalLike', 'RandomUniformLike', 'Bernoulli', 'Multinomial'])

function runTest(dir: string, options: ConformanceOptions): ConformanceResult {
  const begin = performance.now()
  const name = dir.replace(/^.*[/\\]/, '')
  let plain = true
  let status: 'pass' | 'shape' = 'pass'
  const done = (how: ConformanceResult['status'], reason: string | null): ConformanceResult => ({ name, status: how, reason, plain, ms: performance.now() - begin })
  try {
    const path = join(dir, 'model.onnx')
    const { graph } = decodeModel(fs().readFileSync(path))
    plain = graph !== null && isPlain(graph)
    const model = loadOnnx(path)
    const ports = graph!.inputs.map((i) => i.type)
    const random = Object.keys(model.info.operators).some((op) => RANDOM.has(op)) || trains(graph!)
    for (const set of fs().readdirSync(dir).filter((f) => f.startsWith('test_data_set_')).sort()) {
      const inputs = files(join(dir, set), 'input').map((f, i) => readValue(f, ports[i] ?? null))
      const expected = files(join(dir, set), 'output').map((f, i) => readValue(f, graph!.outputs[i]!.type))
      const problem = compareRun(model, inputs, expected, false, options)
      if (problem === null) continue
      const formProblem = random ? compareRun(model, inputs, expected, true, options) : problem
      if (formProblem !== null) return done('fail', formProblem)
      status = 'shape'
    }
    return done(status, null)
  } catch (error) {
    return done('fail', error instanceof GradusError ? error.message : `not expected: ${(error as Error).stack?.split('\n').slice(0, 3).join(' | ')}`)
  }
}
/** Dropout in training mode draws a mask. */
const trains = (graph: GraphMessage): boolean => graph.nodes.some((n) => n.opType === 'Dropout' && n.inputs.length === 3)

function compareRun(model: OnnxModel, inputs: readonly Value[], expected: readonly Value[], random: boolean, options: ConformanceOptions): string | null {
  const outputs = model.evaluate(inputs)
  for (const [i, want] of expected.entries()) {
    const problem = difference(outputs[i]!, want, random, options)
    if (problem !== null) return `output ${i}: ${problem}`
  }
  return null
}

/** Files input_0.pb, input_1.pb, … in order. */
function files(dir: string, kind: string): string[] {
  const list = fs().readdirSync(dir).filter((f) => f.startsWith(`${kind}_`) && f.endsWith('.pb'))
  return list.sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b))).map((f) => join(dir, f))
}
function readValue(file: string, type: TypeMessage | null): Value {
  const bytes = fs().readFileSync(file)
  if (type?.kind === 'sequence') return sequence(decodeSequence(bytes))
  if (type?.kind === 'optional') return optional(decodeOptional(bytes), type.of)
  const message = decodeTensor(bytes)
  // older test data holds bfloat16 as the uint16 of its bits
  if (type?.kind === 'tensor' && type.elementType === TYPES.bfloat16.code && message.dataType === TYPES.uint16.code) message.dataType = TYPES.bfloat16.code
  return tensorFromMessage(message, null)
}
const array = (t: TensorMessage): Value => tensorFromMessage(t, null)
const sequence = (m: SequenceMessage): Value => ({ kind: 'sequence', items: [...m.tensors.map(array), ...m.sequences.map(sequence)] })
function optional(m: OptionalMessage, of: TypeMessage): Value {
  void of
  const value = m.tensor !== null ? array(m.tensor) : m.sequence !== null ? sequence(m.sequence) : m.optional !== null ? optional(m.optional, of) : null
  return { kind: 'optional', value }
}

/** What differs, in words; null: nothing. */
function difference(got: Value, want: Value, shapesOnly: boolean, options: ConformanceOptions): string | null {
  if (want.kind === 'optional') return got.kind === 'optional' ? (got.value === null || want.value === null ? (got.value === want.value ? null : 'one is empty, the other is not') : difference(got.value, want.value, shapesOnly, options)) : want.value === null ? 'an empty optional was expected' : difference(got, want.value, shapesOnly, options)
  if (got.kind === 'optional') return got.value === null ? 'an empty optional' : difference(got.value, want, shapesOnly, options)
  if (want.kind === 'sequence') {
    if (got.kind !== 'sequence') return `a ${got.kind} instead of a sequence`
    if (got.items.length !== want.items.length) return `a sequence of ${got.items.length} instead of ${want.items.length}`
    for (const [i, w] of want.items.entries()) {
      const problem = difference(got.items[i]!, w, shapesOnly, options)
      if (problem !== null) return `item ${i}: ${problem}`
    }
    return null
  }
  if (got.kind !== 'array') return `a ${got.kind} instead of an array`
  return arrayDifference(got, want, shapesOnly, options)
}
function arrayDifference(got: ArrayValue, want: ArrayValue, shapesOnly: boolean, { rtol = 1e-3, atol = 1e-7 }: ConformanceOptions): string | null {
  if (got.type !== want.type) return `type ${got.type} instead of ${want.type}`
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape}] instead of [${want.shape}]`
  if (shapesOnly) return null
  const [a, b] = [hostOf(got) as ArrayLike<unknown>, hostOf(want) as ArrayLike<unknown>]
  const exact = TYPES[want.type].kind !== 'float'
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i], b[i]]
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue
    if (exact || !(Math.abs((x as number) - (y as number)) <= atol + rtol * Math.abs(y as number))) return `element ${i}: ${x} instead of ${y}`
  }
  return null
}

/** Tensors of f32, f64, integers and bool, sub-graphs and constants included. */
function isPlain(graph: GraphMessage): boolean {
  const known = /^(float32|float64|u?int(8|16|32|64)|bool)$/
  const fine = (code: number): boolean => known.test(elementTypeName(code))
  const types = [...graph.inputs, ...graph.outputs].every(({ type }) => type === null || type.kind === 'other' || (type.kind === 'tensor' && (type.elementType === 0 || fine(type.elementType))))
  return types && graph.initializers.every((t) => fine(t.dataType)) && graph.nodes.every((n) => !/Sequence|Optional|String|TfIdf/.test(n.opType) && n.domain === '' && n.attributes.every((a) => (a.g === null || isPlain(a.g)) && (a.t === null || fine(a.t.dataType))))
}
