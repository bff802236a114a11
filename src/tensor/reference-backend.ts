// The reference device: evaluates graphs node by node in plain TypeScript. Slow, obvious, the oracle.
import type { NDArray } from '../base/index.ts'
import { type SubGraph, observeSubGraph, runSubGraph } from '../ir/index.ts'
import { readable } from './realize.ts'
import { recorder } from './recorder.ts'
import { type Backend, type Storage, hostStorage } from './storage.ts'

export function referenceBackend(): Backend {
  const backend: Backend = {
    name: 'reference',
    compile: (graph) => ({
      run: (inputs) => run(graph, inputs),
      stats: { compileMs: 0, kernels: 0, arenaBytes: 0 },
    }),
    read: async (storage) => hostOf(storage).data.slice(),
    readNow: (storage) => hostOf(storage).data.slice(),
    release: (storage) => {
      storage.host = null
    },
    memory: () => ({ bytes: 0, peak: 0 }),
    close: () => {},
    peak: () => null,
  }
  return backend
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
