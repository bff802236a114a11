// A graph made ready to run: names checked, nodes in order, functions of the model taken apart, handlers found.
import type { Handler, PlannedAttribute } from './call.ts'
import type { FormatError } from '../../base/index.ts'
import { bad } from './decode.ts'
import type { AttributeMessage, FunctionMessage, GraphMessage, ModelMessage, NodeMessage } from './messages.ts'
import { findHandler } from './ops/index.ts'
import { type ExternalData, tensorFromMessage } from './tensor-message.ts'
import type { ArrayValue } from './value.ts'

export interface PlannedNode {
  readonly op: string
  readonly name: string
  readonly opset: number
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, PlannedAttribute>
  /** Null: a function of the model, in `body`. */
  readonly handler: Handler | null
  readonly body: GraphPlan | null
  /** Gives the same for the same inputs: no random numbers, no graphs inside. */
  readonly repeatable: boolean
}
export interface GraphPlan {
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly nodes: readonly PlannedNode[]
  readonly initializers: ReadonlyMap<string, ArrayValue>
  /** The last node that reads a name, sub-graphs included; Infinity for outputs. */
  readonly lastUse: ReadonlyMap<string, number>
}

/** Nodes, functions of the model taken apart: so many, and so many more for each one in the file. */
const MAX_NODES = 5_000
const NODES_A_NODE = 16
const MAX_DEPTH = 48

/** Names of a graph and of the graphs around it. */
class Visible {
  private readonly own: ReadonlySet<string>
  private readonly outer: Visible | null
  constructor(own: ReadonlySet<string>, outer: Visible | null) {
    this.own = own
    this.outer = outer
  }
  has(name: string): boolean {
    return this.own.has(name) || (this.outer?.has(name) ?? false)
  }
}

/** What planning needs everywhere in a model. */
interface Around {
  readonly functions: ReadonlyMap<string, FunctionMessage>
  readonly external: ExternalData | null
}
type Opsets = ReadonlyMap<string, number>

/** The newest opset of the default domain that is read. */
const NEWEST = 23

/** Makes the plan of a model's graph; refuses what cannot run, with the node's name. */
export function planModel(model: ModelMessage, external: ExternalData | null): GraphPlan {
  if (model.graph === null) throw bad('there is no graph in the model', { remedy: 'Is it an ONNX file?' })
  const functions = new Map(model.functions.map((f) => [`${f.domain}:${f.name}`, f]))
  const limit = MAX_NODES + NODES_A_NODE * (model.graph.nodes.length + model.functions.reduce((n, f) => n + f.nodes.length, 0))
  const nodes = nodesOf(model.graph.nodes, functions, new Map())
  if (nodes > limit) throw bad(`graph "${model.graph.name}": too many nodes`, { expected: `at most ${limit}, functions taken apart`, received: nodes === Infinity ? 'endlessly many' : String(nodes) })
  return planGraph(model.graph, opsetsOf(model.opsets), { functions, external }, null, 0)
}

/** How many nodes there are with the graphs in them, functions taken apart; each function is looked at once. */
function nodesOf(nodes: readonly NodeMessage[], functions: ReadonlyMap<string, FunctionMessage>, known: Map<string, number | null>, depth = 0): number {
  let count = nodes.length
  for (const node of nodes) {
    for (const a of node.attributes) if (a.g !== null) count += nodesOf(a.g.nodes, functions, known, depth + 1)
    const key = `${node.domain}:${node.opType}`
    const own = functions.get(key)
    if (own === undefined) continue
    const before = known.get(key)
    if (before === null) throw tooDeep(`function "${own.name}"`, 'A function must not call itself.')
    if (before === undefined) {
      if (depth > MAX_DEPTH) throw tooDeep(`function "${own.name}"`)
      known.set(key, null)
      known.set(key, nodesOf(own.nodes, functions, known, depth + 1))
    }
    count += known.get(key)!
  }
  return count
}
const tooDeep = (what: string, remedy?: string): FormatError => bad(`${what}: nested too deeply`, { expected: `at most ${MAX_DEPTH} levels`, ...(remedy === undefined ? {} : { remedy }) })

function opsetsOf(list: readonly { domain: string; version: number }[]): Opsets {
  const out = new Map<string, number>()
  for (const { domain, version } of list) out.set(domain === 'ai.onnx' ? '' : domain, version)
  return out
}

function planGraph(graph: GraphMessage, opsets: Opsets, around: Around, outer: Visible | null, depth: number, given?: Attributes): GraphPlan {
  if (depth > MAX_DEPTH) throw tooDeep(`graph "${graph.name}"`)
  if (graph.sparseInitializers > 0) throw bad(`graph "${graph.name}": sparse initializers are not supported`)
  const defined = new Set<string>()
  const define = (name: string, what: string): void => {
    if (defined.has(name)) throw bad(`graph "${graph.name}": the name "${name}" is given twice, the second time by ${what}`)
    defined.add(name)
  }
  const initializers = new Map<string, ArrayValue>()
  for (const { name } of graph.inputs) define(name, 'an input')
  for (const t of graph.initializers) {
    if (!graph.inputs.some((i) => i.name === t.name)) define(t.name, 'an initializer')
    else if (initializers.has(t.name)) throw bad(`graph "${graph.name}": the initializer "${t.name}" is given twice`)
    initializers.set(t.name, tensorFromMessage(t, around.external))
  }
  return finish(graph.name, graph.nodes, graph.inputs.map((i) => i.name), graph.outputs.map((o) => o.name), initializers, { opsets, around, outer, depth, defined, given })
}

type Attributes = ReadonlyMap<string, AttributeMessage>
interface Inside {
  readonly opsets: Opsets
  readonly around: Around
  readonly outer: Visible | null
  readonly depth: number
  readonly defined: Set<string>
  readonly given: Attributes | undefined
}

function finish(name: string, messages: readonly NodeMessage[], inputs: readonly string[], outputs: readonly string[], initializers: ReadonlyMap<string, ArrayValue>, inside: Inside): GraphPlan {
  const { defined, outer } = inside
  const before = new Set(defined)
  for (const node of messages) {
    for (const out of node.outputs) {
      if (out === '') continue
      if (defined.has(out)) throw bad(`graph "${name}": the name "${out}" is given twice, the second time by ${describe(node)}`)
      defined.add(out)
    }
  }
  const visible = new Visible(defined, outer)
  for (const out of outputs) if (!visible.has(out)) throw bad(`graph "${name}": the output "${out}" is computed by no node`)
  const ordered = inOrder(name, messages, before, visible)
  const lastUse = new Map<string, number>()
  ordered.forEach((node, i) => {
    for (const used of usedNames(node)) lastUse.set(used, i)
  })
  for (const out of outputs) lastUse.set(out, Infinity)
  return { name, inputs, outputs, initializers, lastUse, nodes: ordered.map((node) => planNode(node, visible, inside)) }
}

/** Inputs before their users; refuses names nobody gives, and circles. */
function inOrder(graph: string, nodes: readonly NodeMessage[], before: ReadonlySet<string>, visible: Visible): NodeMessage[] {
  const from = new Map<string, number>()
  nodes.forEach((node, i) => node.outputs.forEach((out) => out !== '' && from.set(out, i)))
  const needs = nodes.map((node) => {
    const list = new Set<number>()
    for (const x of usedNames(node)) {
      if (x === '' || before.has(x)) continue
      const source = from.get(x)
      if (source !== undefined) list.add(source)
      else if (!visible.has(x) && node.inputs.includes(x)) throw bad(`graph "${graph}": ${describe(node)} uses "${x}", which nothing gives`)
    }
    return list
  })
  const users = nodes.map((): number[] => [])
  needs.forEach((list, i) => list.forEach((s) => users[s]!.push(i)))
  const waiting = needs.map((list) => list.size)
  const ready = waiting.flatMap((n, i) => (n === 0 ? [i] : []))
  const order: NodeMessage[] = []
  for (let at = 0; at < ready.length; at++) {
    const i = ready[at]!
    order.push(nodes[i]!)
    for (const user of users[i]!) if (--waiting[user]! === 0) ready.push(user)
  }
  if (order.length < nodes.length) {
    const stuck = nodes[waiting.findIndex((n) => n > 0)]!
    throw bad(`graph "${graph}": ${describe(stuck)} depends on its own output`, { remedy: 'A graph must not have a circle.' })
  }
  return order
}
/** Inputs of a node and what its sub-graphs take from around them: names that they give themselves may come again outside. */
function* usedNames(node: NodeMessage): Generator<string> {
  yield* node.inputs
  for (const a of node.attributes) {
    for (const graph of a.g === null ? a.graphs : [a.g]) {
      const own = new Set([...graph.inputs.map((i) => i.name), ...graph.initializers.map((t) => t.name), ...graph.nodes.flatMap((n) => n.outputs)])
      for (const inner of graph.nodes) for (const name of usedNames(inner)) if (!own.has(name)) yield name
      for (const out of graph.outputs) if (!own.has(out.name)) yield out.name
    }
  }
}

function planNode(node: NodeMessage, visible: Visible, inside: Inside): PlannedNode {
  const { around, opsets, depth, given } = inside
  const domain = node.domain === 'ai.onnx' ? '' : node.domain
  const attributes = new Map<string, PlannedAttribute>()
  for (const a of node.attributes) {
    if (attributes.has(a.name)) throw bad(`${describe(node)}: the attribute "${a.name}" is given twice`)
    const source = a.reference === '' ? a : given?.get(a.reference)
    if (source === undefined) continue // an optional attribute of the function that the caller left out
    const plan = source.g === null ? undefined : planGraph(source.g, opsets, around, visible, depth + 1, given)
    attributes.set(a.name, { ...source, name: a.name, ...(plan === undefined ? {} : { plan }) })
  }
  const common = { op: node.opType, name: node.name, inputs: node.inputs, outputs: node.outputs, attributes }
  const own = around.functions.get(`${node.domain}:${node.opType}`)
  if (own !== undefined) return { ...common, opset: 0, handler: null, body: planFunction(own, attributes, inside), repeatable: false }
  const opset = opsets.get(domain)
  if (opset === undefined) throw bad(`${describe(node)}: the model does not say which opset of the domain "${domain || 'ai.onnx'}" it uses`)
  // older models run too where their operators are the same; what is newer than what was read of the specification is refused
  if (domain === '' && (opset < 1 || opset > NEWEST)) throw bad(`${describe(node)}: the opset ${opset} is not supported`, { expected: `7 … ${NEWEST}` })
  const handler = findHandler(domain, node.opType, opset)
  if (handler === null) throw bad(`${describe(node)}: the operator ${domain === '' ? '' : `${domain}.`}${node.opType} of opset ${opset} is not supported`, { remedy: 'docs/onnx-support.md lists the operators that are.' })
  const repeatable = handler.draws !== true && ![...attributes.values()].some((a) => a.plan !== undefined)
  return { ...common, opset, handler, body: null, repeatable }
}

function planFunction(f: FunctionMessage, attributes: Attributes, inside: Inside): GraphPlan {
  if (inside.depth >= MAX_DEPTH) throw tooDeep(`function "${f.name}"`)
  const given = new Map(f.defaults.map((a) => [a.name, a]))
  for (const [name, a] of attributes) given.set(name, a)
  const own: Opsets = f.opsets.length === 0 ? inside.opsets : opsetsOf(f.opsets)
  return finish(f.name, f.nodes, f.inputs, f.outputs, new Map(), { opsets: own, around: inside.around, outer: null, depth: inside.depth + 1, defined: new Set(f.inputs), given })
}

const describe = (node: NodeMessage): string => (node.name === '' ? `the node ${node.opType} → "${node.outputs[0] ?? ''}"` : `the node "${node.name}" (${node.opType})`)
