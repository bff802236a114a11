// Loops over the same inputs that take the same way become one: a loop and the one its derivative makes to keep its carries.
import { type Node, type SubGraph, emit as e, graphKey, substitute, topological } from '../ir/index.ts'

type Scan = Node<'scan'>

/** The graph with such loops merged; results of each stand one after another. */
export function mergeScans(graph: SubGraph): SubGraph {
  const stop = new Set(graph.params)
  const order = topological(graph.results, (n) => stop.has(n))
  const groups = new Map<string, Scan[]>()
  for (const node of order) {
    if (node.op !== 'scan') continue
    const key = wayOf(node as Scan)
    const list = groups.get(key)
    if (list === undefined) groups.set(key, [node as Scan])
    else list.push(node as Scan)
  }
  const shared = new Map([...groups.values()].filter((list) => list.length > 1).flatMap((list) => list.map((scan): [Node, Scan[]] => [scan, list])))
  if (shared.size === 0) return graph
  const done = new Map<Node, Node>(graph.params.map((p) => [p, p]))
  const merged = new Map<Scan[], readonly Node[]>()
  for (const node of order) {
    if (done.has(node) || shared.has(node)) continue
    const from = node.op === 'pick' ? shared.get(node.inputs[0]!) : undefined
    if (from === undefined) {
      const inputs = node.inputs.map((x) => done.get(x)!)
      done.set(node, inputs.some((x, i) => x !== node.inputs[i]) ? e.make(node.op, inputs, node.params) : node)
      continue
    }
    let outs = merged.get(from)
    if (outs === undefined) merged.set(from, (outs = together(from, from[0]!.inputs.map((x) => done.get(x)!))))
    const { index } = (node as Node<'pick'>).params
    const { carries } = from[0]!.params
    const before = from.slice(0, from.indexOf(node.inputs[0] as Scan)).reduce((sum, s) => sum + s.params.body.results.length - carries, 0)
    done.set(node, outs[index < carries ? index : index + before]!)
  }
  return { params: graph.params, results: graph.results.map((r) => done.get(r)!) }
}

/** Equal for loops with the same inputs whose carries change in the same way. */
function wayOf({ inputs, params }: Scan): string {
  const { body, constants, carries, length, reverse } = params
  return `${inputs.map((x) => x.id).join()};${constants};${carries};${length};${reverse};${graphKey({ params: body.params, results: body.results.slice(0, carries) })}`
}

function together(scans: readonly Scan[], inputs: readonly Node[]): readonly Node[] {
  const [first, ...others] = scans as [Scan, ...Scan[]]
  const { body, carries } = first.params
  const more = others.flatMap(({ params: { body: b } }) => substitute(e, b.results.slice(carries), new Map(b.params.map((p, i) => [p, body.params[i]!]))))
  return e.picks(e.make('scan', inputs, { ...first.params, body: { params: body.params, results: [...body.results, ...more] } }))
}
