// exportOnnx: a function of tensors → the bytes of an ONNX model.
import { ValueError, argumentOf, flatten, isFloat, listOf, objectOf, optionsOf, textOf } from '../../../base/index.ts'
import { type Aval, type OpName, type SubGraph, emit as e, takeApart } from '../../../ir/index.ts'
import { Module, withTensors } from '../../../nn/index.ts'
import { Tensor, type TracedGraph, currentDevice, isTensor, readNow, realize, tensorOf, traceGraph } from '../../../tensor/index.ts'
import { encodeModel } from '../encode.ts'
import type { ModelMessage, NodeMessage, ValueInfo } from '../messages.ts'
import { Builder, Names, type Value } from './builder.ts'
import { control, outputsOf, portOf } from './control.ts'
import { type Dim, isFixed, showDim } from './dim.ts'
import { type ExportTable, type Writer, Writing } from './entry.ts'
import { movement, range } from './movement.ts'
import { pointwise } from './pointwise.ts'
import { products } from './products.ts'
import { reductions } from './reduce.ts'
import { type Step, type StepGraph, align, shapeOf } from './step.ts'

/** Every op of Gradus, how ONNX says it or why it cannot. Exhaustive by type. */
export const EXPORTS = { ...pointwise, ...movement, ...reductions, ...products, ...control } satisfies ExportTable

export interface OnnxExportOptions {
  /**
   * The axis of the inputs that holds the batch, whose size the model leaves open: one for all inputs (default 0), or one
   * for each by name (null or absent: that input has fixed sizes). False: all sizes are those of the example.
   */
  readonly batch?: false | number | Readonly<Record<string, number | null>>
  /** Names of the inputs, in order of the example's tensors. Default: 'input' or 'input_0', 'input_1', … */
  readonly inputs?: readonly string[]
  /** Names of the outputs, in order. Default: 'output', or what the function calls them. */
  readonly outputs?: readonly string[]
  /** Tensors the function uses, to be found in the file by these names. A module's own are named by their path. */
  readonly parameters?: Readonly<Record<string, Tensor>>
  /** Kept in the file: who made it, from what. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly name?: string
}

/** The version of ONNX's operators that is written. */
const EXPORT_OPSET = 18
const IR_VERSION = 8

/**
 * A model or a function of tensors as an ONNX file: traced as `jit` does it, each op written as operators of opset 18.
 * A module is exported as it is in evaluation (no dropout, running statistics), its parameters stored under their paths.
 * The sizes of the example hold for the file, but for the batch, which may be any.
 *
 * @param example the arguments: one tensor, or an array of all of them (tensors, or trees of tensors).
 * @throws ValueError for what ONNX cannot say: random numbers, shapes that depend on the batch other than in proportion.
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { exportOnnx, importOnnx } from 'gradus/formats'
 * import { Linear, ReLU, Sequential } from 'gradus/nn'
 *
 * const model = new Sequential(new Linear(4, 3), new ReLU())
 * const bytes = exportOnnx(model, zeros([1, 4]))
 * importOnnx(bytes)(zeros([5, 4]))[0]!.shape // → [5, 3]
 * ```
 */
export function exportOnnx(f: Module | ((...args: never[]) => unknown), example: unknown, options: OnnxExportOptions = {}): Uint8Array<ArrayBuffer> {
  argumentOf('exportOnnx', f instanceof Module || typeof f === 'function', 'model', 'a module, or a function of tensors', f)
  optionsOf('exportOnnx', options)
  return encodeModel(exportMessage(f, example, options))
}

/** @internal The model as a message. */
export function exportMessage(f: Module | ((...args: never[]) => unknown), example: unknown, options: OnnxExportOptions = {}): ModelMessage {
  const given = Array.isArray(example) ? (example as unknown[]) : [example]
  const args = given.map((a) => flatten(a, isTensor))
  const leaves = args.flatMap((a) => a.leaves)
  const names = new Names()
  const inputs = namesFor('input', leaves.length, options.inputs, args.length === 1 ? args[0]!.def.paths : args.flatMap((a, i) => a.def.paths.map((p) => (p === '' ? String(i) : `${i}_${p}`)))).map((n) => names.own(n))
  // values that are computed now keep their names; what is still pending would be written as the operations behind it
  const parameters = { ...(f instanceof Module ? f.state() : {}), ...options.parameters }
  realize(parameters)
  const stored = new Map(Object.entries(parameters).map(([name, t]) => [tensorOf('exportOnnx', t).node, name]))
  const axes = batchAxes(leaves, inputs, options.batch)
  const dynamic = axes.some((a) => a !== null)
  const batches = dynamic ? chooseBatches(leaves) : [0]
  const traces = batches.map((size) => {
    let at = 0
    const shaped = args.map(({ leaves: own, def }) => ({ def, leaves: own.map((t): Aval => withBatch(t, axes[at++]!, size)) }))
    return trace(f, shaped)
  })
  const graph = align(traces.map((t): SubGraph => takeApart(e, { params: [...t.graph.params.slice(0, t.leaves), ...(t.usesKey ? t.graph.params.slice(-1) : [])], results: t.graph.results })))

  const first = axes.findIndex((a) => a !== null)
  const b = new Builder(names, null, dynamic ? { input: inputs[first]!, axis: axes[first]! } : null)
  const params = graph.params.slice(0, leaves.length).map((p, i): Value => b.named(inputs[i]!, p.nodes[0]!.dtype, shapeOf(p, batches)))
  const results = write(b, graph, params, batches, stored)
  const outputNames = namesFor('output', results.length, options.outputs, traces[0]!.outDef.paths)
  const show = (d: Dim): number | string => (isFixed(d) ? d.c : showDim(d))
  const outputs = outputsOf(b, results, (i) => names.own(outputNames[i]!), show)
  const used = reachable(b.nodes, outputs)
  return {
    irVersion: IR_VERSION, producer: 'gradus', domain: '', opsets: [{ domain: '', version: EXPORT_OPSET }], functions: [], metadata: new Map(Object.entries(options.metadata ?? {}).map(([key, text]) => [key, textOf('exportOnnx', `metadata ${JSON.stringify(key)}`, text)])),
    graph: {
      name: options.name !== undefined ? textOf('exportOnnx', 'name', options.name) : (f instanceof Module ? f.constructor.name : f.name || 'function'), sparseInitializers: 0, nodes: used.nodes,
      initializers: names.initializers.filter((t) => used.names.has(t.name)), inputs: params.map((p) => portOf(p.name, p, show)), outputs,
    },
  }
}

function trace(f: Module | ((...args: never[]) => unknown), args: Parameters<typeof traceGraph>[2]): TracedGraph {
  if (!(f instanceof Module)) return traceGraph('exportOnnx', f, args, { device: currentDevice(), fold: false })
  const copy = withTensors(f, {}).eval()
  return traceGraph('exportOnnx', (...a: never[]) => copy.call(...(a as unknown as Parameters<Module['forward']>)), args, { device: currentDevice(), fold: false })
}

/** Writes a graph's nodes in order; gives the values of its results. */
function write(b: Builder, graph: StepGraph, args: readonly Value[], batches: readonly number[], stored: ReadonlyMap<unknown, string>): Value[] {
  const values = new Map<Step, readonly Value[]>()
  graph.params.forEach((p, i) => args[i] !== undefined && values.set(p, [args[i]!]))
  const written = (step: Step): Value => {
    const { index } = step.nodes[0]!.params as { readonly index?: number }
    const many = step.inputs.length === 1 && step.inputs[0]!.nodes[0]!.outs !== null
    if (many) return values.get(step.inputs[0]!)![index!]!
    const value = values.get(step)?.[0]
    if (value === undefined) throw new ValueError('exportOnnx', `${step.op}: random numbers cannot be exported`, { remedy: 'Export for inference: model.eval(), and no random functions.' })
    return value
  }
  for (const step of graph.order) {
    const node = step.nodes[0]!
    if (step.counting !== undefined) {
      values.set(step, [b.cast(range(b, shapeOf(step, batches)[0]!, isFloat(node.dtype) ? (node.dtype as 'float32') : 'int32', step.counting.start, step.counting.by), node.dtype)])
      continue
    }
    if (node.storage !== null) {
      const data = readNow(new Tensor(node))
      values.set(step, [b.named(b.stored(node.dtype, node.shape, data, stored.get(node)), node.dtype, shapeOf(step, batches))])
      continue
    }
    if (step.inputs.length === 1 && step.inputs[0]!.nodes[0]!.outs !== null) continue // written finds it
    const entry = EXPORTS[node.op]
    if ('refuse' in entry) throw new ValueError('exportOnnx', `${node.op} cannot be exported: ${entry.refuse}`, 'remedy' in entry ? { remedy: entry.remedy } : {})
    const w = new Writing({ b, step, inputs: step.inputs.map(written), batches, inline: (inner, sub, given) => write(inner, sub, given, batches, stored), written })
    const out = (entry as Writer<OpName>)(w)
    values.set(step, Array.isArray(out) ? (out as readonly Value[]) : [out as Value])
  }
  return graph.results.map(written)
}

/** Only what the outputs need, graphs inside nodes included. */
function reachable(nodes: readonly NodeMessage[], outputs: readonly ValueInfo[]): { nodes: NodeMessage[]; names: Set<string> } {
  const names = new Set(outputs.map((o) => o.name))
  const kept: NodeMessage[] = []
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((o) => names.has(o))) continue
    for (const x of node.inputs) names.add(x)
    const attributes = node.attributes.map((a) => {
      if (a.g === null) return a
      const inner = reachable(a.g.nodes, a.g.outputs)
      for (const x of inner.names) names.add(x)
      return { ...a, g: { ...a.g, nodes: inner.nodes } }
    })
    kept.push({ ...node, attributes })
  }
  return { nodes: kept.reverse(), names }
}

function namesFor(stem: string, count: number, wanted: readonly string[] | undefined, paths: readonly string[]): readonly string[] {
  if (wanted !== undefined) {
    listOf('exportOnnx', `${stem}s`, wanted, 'a list of names')
    if (wanted.length !== count || new Set(wanted).size !== count || wanted.some((n) => typeof n !== 'string' || n === '')) throw new ValueError('exportOnnx', `the names of the ${stem}s do not fit`, { expected: `${count} different names`, received: wanted.join(', ') || 'none' })
    return wanted
  }
  if (count === 1) return [paths[0] === '' || stem === 'input' ? stem : paths[0]!]
  return paths.map((p) => (/^\d/.test(p) || p === '' ? `${stem}_${p === '' ? '0' : p}` : p))
}

function batchAxes(leaves: readonly Tensor[], inputs: readonly string[], batch: OnnxExportOptions['batch']): (number | null)[] {
  if (batch === false) return leaves.map(() => null)
  if (typeof batch === 'object') {
    objectOf('exportOnnx', 'batch', batch, 'an axis, axes by the names of inputs, or false')
    const unknown = Object.keys(batch).find((n) => !inputs.includes(n))
    if (unknown !== undefined) throw new ValueError('exportOnnx', `batch names an input "${unknown}" that is not there`, { expected: inputs.join(', ') })
  }
  const sizes = new Set<number>()
  const axes = leaves.map((t, i) => {
    const axis = typeof batch === 'object' ? (Object.hasOwn(batch, inputs[i]!) ? batch[inputs[i]!]! : null) : (batch ?? 0)
    if (axis === null || (typeof batch !== 'object' && t.ndim === 0)) return null
    if (!Number.isInteger(axis) || axis < 0 || axis >= t.ndim) throw new ValueError('exportOnnx', `the input "${inputs[i]}" has no axis ${axis}`, { received: `[${t.shape}]`, remedy: 'Name the axes of the batch: { batch: { input: 0 } }, or false for fixed sizes.' })
    sizes.add(t.shape[axis]!)
    return axis
  })
  if (sizes.size > 1) throw new ValueError('exportOnnx', 'the inputs have batches of different sizes', { received: leaves.map((t, i) => `${inputs[i]} [${t.shape}]`).join(', '), remedy: 'Name the axes of the batch: { batch: { input_0: 0 } }; other inputs have fixed sizes.' })
  return axes
}

/** Three sizes that are no size of the example, so that none is taken for another. */
function chooseBatches(leaves: readonly Tensor[]): number[] {
  const taken = new Set(leaves.flatMap((t) => t.shape))
  return [31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79].filter((n) => !taken.has(n)).slice(0, 3)
}
const withBatch = (t: Tensor, axis: number | null, size: number): Aval => ({ dtype: t.dtype, shape: axis === null ? t.shape : t.shape.map((d, i) => (i === axis ? size : d)) })
