// What becomes of the memory of a run: a result keeps its own, or takes over that of the input it was written over; copies of
// other devices' values and donated inputs are freed.
import type { Aval, Program } from '../ir/index.ts'
import type { Backend, Storage } from './storage.ts'

export interface Run<M> {
  readonly program: Program
  readonly results: readonly Aval[]
  readonly inputs: readonly Storage[]
  readonly donated: readonly boolean[]
  /** Where each result was written. */
  readonly to: readonly M[]
  /** Copies of another device's values. */
  readonly borrowed: M[]
}
export interface Owner<M> {
  readonly backend: Backend
  readonly keep: (storage: Storage, memory: M) => void
  readonly free: (memory: M) => void
  readonly release: (storage: Storage) => void
  /** The value of a result that is read at once rather than kept here. */
  readonly read?: (index: number) => Storage['host']
}

export function handedOut<M>({ program, results, inputs, donated, to, borrowed }: Run<M>, { backend, keep, free, release, read }: Owner<M>): Storage[] {
  const outputs = results.map((r, i): Storage => {
    const storage: Storage = { dtype: r.dtype, shape: r.shape, host: read?.(i) ?? null, resident: null, gone: null }
    if (storage.host !== null) return storage
    const { alias } = program.outputs[i]!
    const given = alias === undefined ? undefined : inputs[alias]!
    if (given?.resident?.backend === backend) {
      storage.resident = given.resident
      given.resident = null
    } else {
      keep(storage, to[i]!)
      if (borrowed.includes(to[i]!)) borrowed.splice(borrowed.indexOf(to[i]!), 1)
    }
    return storage
  })
  for (const memory of borrowed) free(memory)
  inputs.forEach((s, i) => {
    if (donated[i] === true) release(s)
  })
  return outputs
}
