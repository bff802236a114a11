// Runs a plan: node after node, values by name, sub-graphs with what they see around them.
import { GradusError, ValueError, describeValue, sameShape, showShape, sizeOf } from '../../base/index.ts'
import { type Tensor, currentDevice, isTensor } from '../../tensor/index.ts'
import { TYPES } from './element-type.ts'
import { Call, type Result } from './call.ts'
import { Budget, bytesOf, checkLimits } from './budget.ts'
import type { GraphPlan, PlannedNode } from './plan.ts'
import { isPending, markProducts, realizeValues, waitsForProduct } from './settle.ts'
import { type ArrayValue, type Value, tensorOf, tensorValue } from './value.ts'

/** Names of a graph and of the graphs around it; at which of its nodes it is. */
class Names {
  readonly budget: Budget
  private readonly own = new Map<string, Value>()
  /** Names whose values are the same at every call. */
  private readonly fixed = new Set<string>()
  /** What the file holds: looked up where it lies, not copied at every call. */
  private readonly weights: ReadonlyMap<string, Value>
  /** Whether these are the file's own. */
  private readonly original: boolean
  private readonly outer: Names | null
  private readonly lastUse: ReadonlyMap<string, number>
  at = 0
  constructor(plan: GraphPlan, outer: Names | null, budget: Budget, weights: ReadonlyMap<string, Value>) {
    this.weights = weights
    this.original = weights === plan.initializers
    this.lastUse = plan.lastUse
    this.outer = outer
    this.budget = budget
  }
  set(name: string, value: Value, fixed: boolean): void {
    this.drop(name)
    this.budget.hold(bytesOf(value))
    this.own.set(name, value)
    if (fixed) this.fixed.add(name)
    else this.fixed.delete(name)
  }
  private drop(name: string): void {
    const value = this.own.get(name)
    if (value === undefined) return
    this.budget.hold(-bytesOf(value))
    this.own.delete(name)
  }
  /** Forgets what the node at this place was the last to read. */
  after(read: readonly string[]): void {
    for (const name of read) if (this.lastUse.get(name) === this.at) this.drop(name)
  }
  get(name: string): Value | undefined {
    return this.own.get(name) ?? this.weights.get(name) ?? this.outer?.get(name)
  }
  isFixed(name: string): boolean {
    if (this.own.has(name)) return this.fixed.has(name)
    return this.weights.has(name) ? this.original : (this.outer?.isFixed(name) ?? false)
  }
  /** Values not computed yet that nodes from here on read; what none reads is forgotten. */
  *waiting(): Generator<ArrayValue> {
    for (const [name, value] of this.own) {
      if ((this.lastUse.get(name) ?? -1) < this.at) this.drop(name)
      else if (isPending(value)) yield value
    }
    if (this.outer !== null) yield* this.outer.waiting()
  }
}

/** The outputs of a graph for its inputs; inputs that are missing (undefined) take their initializer. */
export function runPlan(plan: GraphPlan, args: readonly (Value | null | undefined)[], weights: ReadonlyMap<string, Value> = plan.initializers, budget: Budget = new Budget(checkLimits({})), watch: Watch | null = null): Value[] {
  const outputs = run(plan, args, null, weights, budget, watch)
  // results that share work are computed together, not each on its own when it is read
  if (outputs.length > 1 && waitsForProduct(outputs)) realizeValues(outputs.filter(isPending))
  return outputs
}
/** Gets what a node of the graph gives (floating-point tensors that do not come of the file alone); what it returns goes on. */
export type Watch = (name: string, value: Tensor) => Tensor
function run(plan: GraphPlan, args: readonly (Value | null | undefined)[], outer: Names | null, weights: ReadonlyMap<string, Value>, budget: Budget, watch: Watch | null = null): Value[] {
  budget.run(plan.nodes.length + 1)
  const before = budget.held
  const names = new Names(plan, outer, budget, weights)
  plan.inputs.forEach((name, i) => {
    const value = args[i]
    if (value !== undefined && value !== null) names.set(name, value, false)
  })
  plan.nodes.forEach((node, i) => {
    names.at = i
    runNode(node, names, watch)
    names.after(node.inputs)
  })
  const outputs = plan.outputs.map((name) => {
    const value = names.get(name)
    if (value === undefined) throw new ValueError('onnx', `graph "${plan.name}": the output "${name}" was not computed`)
    return value
  })
  // the caller holds what it keeps of the outputs
  budget.held = before
  return outputs
}

/** What nodes give that depend on nothing but the file, by device: shapes, transposed or dequantised weights. */
const folded = new WeakMap<PlannedNode, Map<string, readonly (Value | null)[]>>()

function runNode(node: PlannedNode, names: Names, watch: Watch | null): void {
  const fixed = node.repeatable && node.inputs.every((name) => name === '' || names.isFixed(name))
  const kept = fixed ? folded.get(node)?.get(currentDevice()) : undefined
  try {
    const list = kept ?? evaluate(node, names)
    if (kept === undefined) names.budget.compute(list)
    if (fixed && kept === undefined) {
      const made = list.filter((v) => v !== null).filter(isPending)
      // what a few bytes of the file blow up is computed where it is used, if at all
      if (sizesOf(made) <= MAX_FOLDED + FOLDED_GROWTH * sizesOf(node.inputs.map((name) => names.get(name) ?? null))) realizeValues(made)
      if (!folded.has(node)) folded.set(node, new Map())
      folded.get(node)!.set(currentDevice(), list)
    }
    node.outputs.forEach((name, i) => {
      if (name === '') return
      const value = list[i]
      if (value === undefined || value === null) throw new ValueError('onnx', `output ${i} ("${name}") is not supported`)
      names.set(name, fixed || watch === null ? value : watched(name, value, watch), fixed)
    })
  } catch (error) {
    if (!(error instanceof GradusError)) throw foreign(node, error)
    if (!located.has(error)) {
      located.add(error)
      error.message = `onnx: node ${node.name === '' ? `→ "${node.outputs[0] ?? ''}"` : `"${node.name}"`} (${node.op}): ${error.message.replace(/^onnx: /, '')}`
    }
    throw error
  }
}

function watched(name: string, value: Value, watch: Watch): Value {
  if (value.kind !== 'array' || TYPES[value.type].kind !== 'float') return value
  const before = tensorOf(value)
  const after = watch(name, before)
  if (!isTensor(after)) throw new ValueError('onnx', `watch: "${name}" came back as no tensor`, { received: describeValue(after) })
  if (after !== before && !sameShape(after.shape, before.shape)) throw new ValueError('onnx', `watch: "${name}" came back with another shape`, { expected: showShape(before.shape), received: showShape(after.shape) })
  return after === before ? value : tensorValue(value.type, after)
}

/** Elements that are computed ahead for every one of the operands, and so many more. */
const [FOLDED_GROWTH, MAX_FOLDED] = [16, 2 ** 20]
const sizesOf = (values: readonly (Value | null)[]): number => values.reduce((n, v) => n + (v?.kind === 'array' ? sizeOf(v.shape) : 0), 0)

function evaluate(node: PlannedNode, names: Names): readonly (Value | null)[] {
  const inputs = node.inputs.map((name) => (name === '' ? null : (names.get(name) ?? null)))
  if (node.body !== null) return runPlan(node.body, inputs, node.body.initializers, names.budget)
  const product = node.handler!.product === true
  const before = names.budget.held
  // a product of products: what is pending is computed first, so that each program holds one layer and serves all like it
  if (product && waitsForProduct(inputs)) realizeValues(names.waiting())
  const result: Result = node.handler!(new Call({
    op: node.op, name: node.name, opset: node.opset, inputs, attributes: node.attributes,
    wanted: node.outputs.map((name) => name !== ''),
    run: (graph, args) => run(graph as GraphPlan, args, names, (graph as GraphPlan).initializers, names.budget),
    budget: names.budget,
  }))
  names.budget.held = before
  const list = Array.isArray(result) ? (result as readonly (Value | null)[]) : [result as Value]
  if (product) markProducts(list)
  return list
}

/** What an operator did not foresee: inputs or attributes that are none of its kind. */
function foreign(node: PlannedNode, cause: unknown): ValueError {
  const error = new ValueError('onnx', `node ${node.name === '' ? `→ "${node.outputs[0] ?? ''}"` : `"${node.name}"`} (${node.op}): its inputs or attributes do not fit: ${cause instanceof Error ? cause.message : String(cause)}`)
  located.add(error)
  return Object.assign(error, { cause })
}
/** Errors that say already where they happened. */
const located = new WeakSet<Error>()
