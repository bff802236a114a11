// The reference device: evaluates graphs node by node in plain TypeScript. Slow, obvious, the oracle.
import type { NDArray } from '../base/index.ts'
import { runSubGraph } from '../ir/index.ts'
import { readable } from './realize.ts'
import { type Backend, type Storage, hostStorage } from './storage.ts'

export function referenceBackend(): Backend {
  const backend: Backend = {
    name: 'reference',
    compile: (graph) => ({
      run: (inputs) => runSubGraph(graph, inputs.map((s) => hostOf(s))).map(hostStorage),
      stats: { compileMs: 0, kernels: 0, arenaBytes: 0 },
    }),
    read: async (storage) => hostOf(storage).data.slice(),
    readNow: (storage) => hostOf(storage).data.slice(),
    release: (storage) => {
      storage.host = null
    },
    memory: () => ({ bytes: 0, peak: 0 }),
    close: () => {},
  }
  return backend
}

function hostOf(storage: Storage): NDArray {
  return readable(storage)
}
