// importOnnx: the bytes of a model → a Gradus function.
import { type DType, GradusError, type Shape, ValueError, argumentOf, describeValue, functionOf, objectOf, optionsOf, sameShape, showShape } from '../../base/index.ts'
import { Tensor } from '../../tensor/index.ts'
import { Budget, type OnnxLimits, bytesOf, checkLimits } from './budget.ts'
import { decodeModel } from './decode.ts'
import { type ElementType, TYPES, elementTypeName, elementTypeOf } from './element-type.ts'
import { isLong, wordsOf } from './long.ts'
import type { AttributeMessage, TypeMessage } from './messages.ts'
import { type GraphPlan, type PlannedNode, planModel } from './plan.ts'
import { type Watch, runPlan } from './run.ts'
import type { ExternalData } from './tensor-message.ts'
import { type ArrayValue, type Value, tensorOf, tensorValue } from './value.ts'
import { toExactFloat } from './words.ts'

export interface OnnxOptions {
  /** Bytes of files beside the model that hold its tensors; without it such models are refused. `loadOnnx` passes it. */
  readonly externalData?: ExternalData
  /** The file, for errors; default: none. */
  readonly name?: string
  /** What a run may take before it is taken for one that does not end or fills the memory. */
  readonly limits?: OnnxLimits
}
/** An input or output of a model. */
export interface OnnxPort {
  readonly name: string
  /** The ONNX type: 'float32', 'int64', 'sequence', … */
  readonly type: string
  /** What carries it in Gradus; null for strings, sequences and optional values. */
  readonly dtype: DType | null
  /** Sizes; a name or null where any size fits. Null: nothing is said. */
  readonly shape: readonly (number | string | null)[] | null
}
/** A step of a model's graph. Names join it to inputs, weights and other steps; '' is an optional input that is left out. */
export interface OnnxNode {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Its numbers, texts and lists of numbers. */
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>
}
export interface OnnxRunOptions {
  /**
   * Sees every floating-point tensor that a node of the graph gives for these inputs, by name; what it returns goes on in
   * its place: to look into a model, or to differentiate by what lies inside it. Graphs inside nodes are not looked into.
   */
  readonly watch?: (name: string, value: Tensor) => Tensor
}
export interface OnnxModel {
  /** Inputs in the model's order → outputs in its order. */
  (...inputs: Tensor[]): Tensor[]
  /** Inputs by name → outputs by name; `weights` replace those of the file (to train them, say). */
  readonly run: (inputs: Readonly<Record<string, Tensor>>, weights?: Readonly<Record<string, Tensor>>, options?: OnnxRunOptions) => Record<string, Tensor>
  /** The graph, in the order of computation. */
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
  /** The floating-point tensors stored in the file, by name. */
  readonly weights: Readonly<Record<string, Tensor>>
  readonly info: OnnxInfo
  /** @internal Values with their ONNX types. */
  readonly evaluate: (inputs: readonly (Value | null)[]) => Value[]
}
export interface OnnxInfo {
  readonly producer: string
  readonly irVersion: number
  readonly opsets: Readonly<Record<string, number>>
  /** How often each operator occurs, sub-graphs included. */
  readonly operators: Readonly<Record<string, number>>
  readonly parameters: number
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * An ONNX model as a function of tensors. It differentiates, compiles (`jit`) and batches (`vmap`) like any other.
 *
 * int64 is carried as int32 (an output that does not fit is an error; arithmetic has 64 bits), float16 as float32 rounded after every operator.
 *
 * @throws FormatError for a file that is damaged, has a circle, misses a value, or uses what is not supported.
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { importOnnx } from 'gradus/formats'
 *
 * // one Relu, x → y, three numbers
 * const bytes = Uint8Array.from(atob('CAg6JwoMCgF4EgF5IgRSZWx1EgFnWgkKAXgSBAoCCAFiCQoBeRIECgIIAUIECgAQEQ=='), (c) => c.charCodeAt(0))
 * const net = importOnnx(bytes)
 * const [y] = net(tensor([-1, 0, 2]))
 * await y!.array() // → [0, 0, 2]
 * ```
 */
export function importOnnx(bytes: Uint8Array, options: OnnxOptions = {}): OnnxModel {
  argumentOf('importOnnx', bytes instanceof Uint8Array, 'model', 'its bytes, a Uint8Array (loadOnnx takes a path)', bytes)
  const { name = '', externalData = null, limits = {} } = optionsOf('importOnnx', options)
  try {
    return modelOf(bytes, name, externalData, checkLimits(optionsOf('importOnnx', limits)))
  } catch (error) {
    if (error instanceof GradusError) error.message = told(error.message, name)
    throw error
  }
}

/** A message that names the file; what came out of the file in it is made short and harmless. */
function told(message: string, name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const plain = message.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const short = plain.length > MAX_MESSAGE ? `${plain.slice(0, MAX_MESSAGE / 2)} … ${plain.slice(-MAX_MESSAGE / 2)}` : plain
  return name === '' ? short : short.replace(/^onnx: /, () => `onnx: ${name}: `)
}
const MAX_MESSAGE = 600

function modelOf(bytes: Uint8Array, name: string, externalData: ExternalData | null, limits: Required<OnnxLimits>): OnnxModel {
  const message = decodeModel(bytes)
  const plan = planModel(message, externalData)
  const graph = message.graph!
  const stored = plan.initializers
  const inputs = graph.inputs.filter((i) => !stored.has(i.name)).map((i) => port(i.name, i.type))
  const outputs = graph.outputs.map((o) => port(o.name, o.type))
  const size = Math.max(bytes.length, [...stored.values()].reduce((n, v) => n + bytesOf(v), 0))
  const place = inputs.map((i) => plan.inputs.indexOf(i.name))

  const evaluate = (values: readonly (Value | null)[], weights: ReadonlyMap<string, Value> = stored, watch: Watch | null = null): Value[] => {
    const args: (Value | null)[] = plan.inputs.map(() => null)
    values.forEach((v, i) => (args[values.length === inputs.length ? place[i]! : i] = v))
    try {
      const given = args.reduce((n, v) => n + (v === null ? 0 : bytesOf(v)), 0)
      return runPlan(plan, args, weights, new Budget(limits, given + size), watch)
    } catch (error) {
      if (error instanceof GradusError) error.message = told(error.message, name)
      throw error
    }
  }
  const call = (given: readonly Tensor[], weights: ReadonlyMap<string, Value>, watch: Watch | null = null): Value[] => evaluate(inputs.map((p, i) => enter(p, given[i])), weights, watch)
  const leave = (v: Value, i: number): Tensor => {
    const name = outputs[i]!.name
    if (v.kind !== 'array' || v.type === 'string') throw new ValueError('onnx', `the output "${name}" is no tensor`, { received: v.kind === 'array' ? 'strings' : `a ${v.kind}` })
    try {
      // nothing can be checked where values cannot be read: a float has NaN for what it does not hold exactly
      return isLong(v) ? toExactFloat(wordsOf(v)) : tensorOf(v)
    } catch (error) {
      if (error instanceof ValueError) error.message = error.message.replace('onnx:', `onnx: output "${name}":`)
      throw error
    }
  }
  const f = (...given: Tensor[]): Tensor[] => {
    if (given.length !== inputs.length) throw new ValueError('onnx', 'another number of inputs', { expected: inputs.map((p) => p.name).join(', ') || 'none', received: String(given.length) })
    return call(given, stored).map(leave)
  }
  const run = (given: Readonly<Record<string, Tensor>>, weights: Readonly<Record<string, Tensor>> = {}, options: OnnxRunOptions = {}): Record<string, Tensor> => {
    objectOf('onnx', 'inputs', given, 'tensors by name')
    objectOf('onnx', 'weights', weights, 'tensors by name')
    const { watch } = optionsOf('onnx', options)
    if (watch !== undefined) functionOf('onnx', watch, 'watch')
    const names = inputs.map((p) => p.name)
    for (const name of Object.keys(given)) if (!names.includes(name)) throw new ValueError('onnx', `there is no input "${name}"`, { expected: names.join(', ') || 'none' })
    const others = Object.entries(weights)
    // with the file's own weights, what depends on them alone is computed once (run.ts)
    const changed = others.length === 0 ? stored : new Map<string, Value>(stored)
    for (const [name, t] of others) (changed as Map<string, Value>).set(name, weight(stored, name, t))
    return Object.fromEntries(call(names.map((n) => given[n]!), changed, watch ?? null).map((v, i) => [outputs[i]!.name, leave(v, i)]))
  }
  let tensors: Record<string, Tensor> | null = null
  const own = {
    run, inputs, outputs, evaluate, nodes: plan.nodes.map(shown),
    info: { producer: message.producer, irVersion: message.irVersion, opsets: Object.fromEntries(message.opsets.map((o) => [o.domain || 'ai.onnx', o.version])), operators: countOperators(plan), parameters: countParameters(plan), metadata: Object.fromEntries(message.metadata) },
  }
  Object.defineProperty(f, 'weights', { get: () => (tensors ??= Object.fromEntries([...stored].filter(([, v]) => TYPES[v.type].kind === 'float').map(([name, v]) => [name, tensorOf(v)]))) })
  return Object.assign(f, own) as unknown as OnnxModel
}

function weight(stored: ReadonlyMap<string, ArrayValue>, name: string, t: Tensor): Value {
  const old = stored.get(name)
  if (old === undefined) throw new ValueError('onnx', `there is no weight "${name}"`)
  if (!(t instanceof Tensor)) throw new ValueError('onnx', `the weight "${name}" is no tensor`, { received: describeValue(t) })
  if (!sameShape(old.shape, t.shape)) throw new ValueError('onnx', `the weight "${name}" has another shape`, { expected: showShape(old.shape), received: showShape(t.shape) })
  return tensorValue(old.type, t)
}

/** A given tensor as the model's value: type and known sizes are checked. */
function enter(p: OnnxPort, t: Tensor | undefined): Value | null {
  if (t === undefined) {
    if (p.type.startsWith('optional')) return { kind: 'optional', value: null }
    throw new ValueError('onnx', `the input "${p.name}" is missing`, { expected: `${p.type}${p.shape === null ? '' : `[${p.shape.map((d) => d ?? '?')}]`}` })
  }
  if (!(t instanceof Tensor)) throw new ValueError('onnx', `the input "${p.name}" is no tensor`, { received: describeValue(t) })
  if (p.dtype === null) throw new ValueError('onnx', `the input "${p.name}" is ${p.type}, not a tensor`)
  const fits = p.shape === null || (p.shape.length === t.ndim && p.shape.every((d, i) => typeof d !== 'number' || d < 0 || d === t.shape[i]))
  if (!fits) throw new ValueError('onnx', `the input "${p.name}" has another shape`, { expected: `[${p.shape!.map((d) => d ?? '?')}]`, received: showShape(t.shape) })
  if (t.dtype !== p.dtype) throw new ValueError('onnx', `the input "${p.name}" has another type`, { expected: `${p.dtype}${p.type === p.dtype ? '' : ` (for ${p.type})`}`, received: t.dtype, remedy: `Convert with .to('${p.dtype}').` })
  return tensorValue(p.type as ElementType, t)
}

function port(name: string, type: TypeMessage | null): OnnxPort {
  if (type === null || type.kind === 'other') return { name, type: 'unknown', dtype: null, shape: null }
  if (type.kind !== 'tensor') return { name, type: type.kind, dtype: null, shape: null }
  const element = elementTypeOf(type.elementType)
  return { name, type: elementTypeName(type.elementType), dtype: element === null ? null : TYPES[element].dtype, shape: type.shape }
}
/** AttributeProto.AttributeType of what can be shown as plain data. */
const PLAIN: Readonly<Record<number, (a: AttributeMessage) => number | string | readonly number[]>> = {
  1: (a) => a.f, 2: (a) => Number(a.i), 3: (a) => new TextDecoder().decode(a.s), 6: (a) => a.floats, 7: (a) => a.ints.map(Number),
}
function shown({ op, name, inputs, outputs, attributes }: PlannedNode): OnnxNode {
  const plain = [...attributes].flatMap(([key, a]) => (PLAIN[a.type] === undefined ? [] : [[key, PLAIN[a.type]!(a)] as const]))
  return { op, name, inputs, outputs, attributes: Object.fromEntries(plain) }
}
function countOperators(plan: GraphPlan, into: Record<string, number> = {}): Record<string, number> {
  for (const node of plan.nodes) {
    into[node.op] = (into[node.op] ?? 0) + 1
    if (node.body !== null) countOperators(node.body, into)
    for (const a of node.attributes.values()) if (a.plan !== undefined) countOperators(a.plan as GraphPlan, into)
  }
  return into
}
function countParameters(plan: GraphPlan): number {
  const size = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)
  let total = [...plan.initializers.values()].reduce((n, v) => n + size(v.shape), 0)
  for (const node of plan.nodes) for (const a of node.attributes.values()) if (a.plan !== undefined) total += countParameters(a.plan as GraphPlan)
  return total
}
