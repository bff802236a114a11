// Sizes that may depend on the batch: k·batch + c. Found from the same size in traces of several batches.
import { ValueError } from '../../../base/index.ts'

export interface Dim {
  /** How many times the batch. */
  readonly k: number
  readonly c: number
}

export const fixed = (c: number): Dim => ({ k: 0, c })
export const sameDim = (a: Dim, b: Dim): boolean => a.k === b.k && a.c === b.c
export const isOne = (d: Dim): boolean => d.k === 0 && d.c === 1
export const isFixed = (d: Dim): boolean => d.k === 0
export const sameDims = (a: readonly Dim[], b: readonly Dim[]): boolean => a.length === b.length && a.every((d, i) => sameDim(d, b[i]!))
export const addDims = (a: Dim, b: Dim): Dim => ({ k: a.k + b.k, c: a.c + b.c })
export const scaleDim = (a: Dim, by: number): Dim => ({ k: a.k * by, c: a.c * by })
export const showDim = (d: Dim): string => (d.k === 0 ? String(d.c) : `${d.k === 1 ? '' : d.k}batch${d.c === 0 ? '' : d.c > 0 ? `+${d.c}` : d.c}`)

/** A number that was `values[i]` when the batch was `batches[i]`. One batch: a fixed number. */
export function dimOf(values: readonly number[], batches: readonly number[], what: string): Dim {
  const [v0, v1] = values as [number, number]
  if (values.every((v) => Object.is(v, v0))) return fixed(v0)
  const [b0, b1] = batches as [number, number]
  const k = (v1 - v0) / (b1 - b0)
  const c = v0 - k * b0
  if (!Number.isInteger(k) || !Number.isInteger(c) || values.some((v, i) => v !== k * batches[i]! + c)) {
    throw new ValueError('exportOnnx', `${what} depends on the batch in a way that ONNX cannot say`, { expected: 'a multiple of it plus a number', received: values.map((v, i) => `${v} for a batch of ${batches[i]}`).join(', '), remedy: 'Export for one size with { batch: false }.' })
  }
  return { k, c }
}

/** Sizes after broadcasting, aligned at the last axis. */
export function broadcastDims(shapes: readonly (readonly Dim[])[]): Dim[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, i) => {
    let out: Dim = fixed(1)
    for (const s of shapes) {
      const d = s[i - rank + s.length]
      if (d !== undefined && !isOne(d)) out = d
    }
    return out
  })
}
