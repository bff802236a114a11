// The reference device: evaluates graphs node by node in plain TypeScript. Slow, obvious, the oracle.
import type { NDArray } from '../base/index.ts'
import { type Node, type SubGraph, defOf, observeSubGraph, runSubGraph, topological } from '../ir/index.ts'
import { readable } from './realize.ts'
import { recorder } from './recorder.ts'
import { type Backend, type Storage, hostStorage } from './storage.ts'

export function referenceBackend(): Backend {
  const backend: Backend = {
    name: 'reference',
    compile: (graph) => {
      const own = detached(graph)
      return { run: (inputs) => run(own, inputs), stats: { compileMs: 0, kernels: 0, arenaBytes: 0 } }
    },
    read: async (storage) => hostOf(storage).data.slice(),
    readNow: (storage) => hostOf(storage).data.slice(),
    release: (storage) => {
      storage.host = null
    },
    memory: () => ({ bytes: 0, peak: 0 }),
    close: () => {},
    peak: async () => null,
  }
  return backend
}

/** A copy without values, scopes and rules: a kept program keeps nothing of its first run alive. */
function detached(graph: SubGraph): SubGraph {
  const copies = new Map<Node, Node>()
  const params = new Set(graph.params)
  for (const node of topological([...graph.params, ...graph.results], (n) => params.has(n))) {
    const inputs = params.has(node) ? [] : node.inputs.map((x) => copies.get(x)!)
    const same = !params.has(node) && defOf(node.op).lower.kind === 'identity'
    copies.set(node, same ? inputs[0]! : { ...node, inputs, scope: null, storage: null })
  }
  const copyOf = (node: Node): Node => copies.get(node)!
  return { params: graph.params.map(copyOf), results: graph.results.map(copyOf) }
}

function run(graph: SubGraph, inputs: readonly Storage[]): Storage[] {
  const values = inputs.map((s) => hostOf(s))
  const listening = recorder()
  if (listening === null) return runSubGraph(graph, values).map(hostStorage)
  const begin = performance.now()
  const results = observeSubGraph(graph, values, (node, start, end) => listening.work({ name: node.op, flops: 0, bytes: 0 }, start, end, 1))
  listening.ran(begin, performance.now(), 0)
  return results.map(hostStorage)
}

function hostOf(storage: Storage): NDArray {
  return readable(storage)
}
