// Runs a plan: node after node, values by name, sub-graphs with what they see around them.
import { GradusError, ValueError } from '../../base/index.ts'
import { Call, type Result } from './call.ts'
import type { GraphPlan, PlannedNode } from './plan.ts'
import type { Value } from './value.ts'

/** Names of a graph and of the graphs around it. */
class Names {
  private readonly own = new Map<string, Value>()
  private readonly outer: Names | null
  constructor(outer: Names | null) {
    this.outer = outer
  }
  set(name: string, value: Value): void {
    this.own.set(name, value)
  }
  get(name: string): Value | undefined {
    return this.own.get(name) ?? this.outer?.get(name)
  }
}

/** The outputs of a graph for its inputs; inputs that are missing (undefined) take their initializer. */
export function runPlan(plan: GraphPlan, args: readonly (Value | null | undefined)[], weights: ReadonlyMap<string, Value> = plan.initializers): Value[] {
  return run(plan, args, null, weights)
}

function run(plan: GraphPlan, args: readonly (Value | null | undefined)[], outer: Names | null, weights: ReadonlyMap<string, Value>): Value[] {
  const names = new Names(outer)
  for (const [name, value] of weights) names.set(name, value)
  plan.inputs.forEach((name, i) => {
    const value = args[i]
    if (value !== undefined && value !== null) names.set(name, value)
  })
  for (const node of plan.nodes) runNode(node, names)
  return plan.outputs.map((name) => {
    const value = names.get(name)
    if (value === undefined) throw new ValueError('onnx', `graph "${plan.name}": the output "${name}" was not computed`)
    return value
  })
}

function runNode(node: PlannedNode, names: Names): void {
  const inputs = node.inputs.map((name) => (name === '' ? null : (names.get(name) ?? null)))
  const wanted = node.outputs.map((name) => name !== '')
  try {
    let result: Result
    if (node.body !== null) result = runPlan(node.body, inputs)
    else {
      result = node.handler!(new Call({
        op: node.op, name: node.name, opset: node.opset, inputs, wanted, attributes: node.attributes,
        run: (graph, args) => run(graph as GraphPlan, args, names, (graph as GraphPlan).initializers),
      }))
    }
    const list = Array.isArray(result) ? (result as readonly (Value | null)[]) : [result as Value]
    node.outputs.forEach((name, i) => {
      if (name === '') return
      const value = list[i]
      if (value === undefined || value === null) throw new ValueError('onnx', `output ${i} ("${name}") is not supported`)
      names.set(name, value)
    })
  } catch (error) {
    if (error instanceof GradusError && !located.has(error)) {
      located.add(error)
      error.message = `onnx: node ${node.name === '' ? `→ "${node.outputs[0] ?? ''}"` : `"${node.name}"`} (${node.op}): ${error.message.replace(/^onnx: /, '')}`
    }
    throw error
  }
}
/** Errors that say already where they happened. */
const located = new WeakSet<Error>()
