// Turns pending graphs into values: finds the leaves, takes the compiled program from the cache, runs it.
import { type NDArray, DeviceError, TransformError } from '../base/index.ts'
import { type Node, activeScope, graphKey, topological } from '../ir/index.ts'
import { type Backend, type Executable, type Storage, storageOf } from './storage.ts'

/** Programs kept per device; the oldest used one goes first. */
const CACHE_LIMIT = 512
const caches = new WeakMap<Backend, Map<string, Executable>>()

/** Computes the values of `roots` on a device and stores them in the nodes. */
export function realize(backend: Backend, roots: readonly Node[]): void {
  const pending = [...new Set(roots.filter((r) => r.storage === null))]
  if (pending.length === 0) return
  const order = topological(pending, (n) => n.storage !== null)
  const leaves: Node[] = []
  for (const node of order) {
    if (node.storage !== null) leaves.push(node)
    else if (node.op === 'input') notYet(node)
  }
  const graph = { params: leaves, results: pending }
  const exe = compiled(backend, graphKey(graph), () => backend.compile(graph))
  const values = exe.run(leaves.map((n) => usable(storageOf(n)!)))
  pending.forEach((node, i) => (node.storage = values[i]!))
}

function compiled(backend: Backend, key: string, build: () => Executable): Executable {
  let cache = caches.get(backend)
  if (cache === undefined) caches.set(backend, (cache = new Map()))
  let exe = cache.get(key)
  if (exe === undefined) {
    exe = build()
    if (cache.size >= CACHE_LIMIT) cache.delete(cache.keys().next().value!)
  } else cache.delete(key)
  cache.set(key, exe)
  return exe
}

function notYet(node: Node): never {
  const where = (node as Node<'input'>).params.name
  throw new TransformError('read', `a value inside ${where} has no number yet`, {
    remedy: `${where} runs your function once on placeholders: return the tensor and read it outside, and use where/cond instead of if.`,
  })
}

/** Refuses a value that was donated or disposed. */
export function usable(storage: Storage): Storage {
  if (storage.gone !== null) throw new DeviceError('read', `this tensor's memory was ${storage.gone}`, { remedy: storage.gone === 'disposed' ? 'Dispose of a tensor only after its last use.' : 'Keep the tensor the call returned instead, or do not donate it.' })
  return storage
}

/** A value as a plain array, at once: what devices that run in this memory can give. */
export function readable(storage: Storage): NDArray {
  usable(storage)
  if (storage.host === null) {
    const data = storage.resident!.backend.readNow(storage)
    if (data === null) {
      throw new DeviceError('read', `a value on ${storage.resident!.backend.name} cannot be used on another device at once`, { remedy: 'Read it first: await x.data().' })
    }
    return { dtype: storage.dtype, shape: storage.shape, data }
  }
  return storage.host
}

/** Pending chains longer than this are computed on the way, so that endless loops of eager ops stay small; a device may say less. */
const MAX_PENDING = 400
/** No device says less than this: shorter chains need not ask. */
const LEAST_PENDING = 100
/** Whether a chain waits no longer. */
export const tooLong = (node: Node, backend: () => Backend): boolean => node.depth > LEAST_PENDING && node.depth > (backend().pending ?? MAX_PENDING) && node.storage === null && !isTraced(node)

/** Whether a node belongs to a running transform or hangs on a placeholder. */
export const isTraced = (node: Node): boolean => activeScope(node) !== null
