// Matches values by path with the tensors of a model: which tensor becomes which, or a typed error that names the misfits.
import { optionsOf } from '../base/index.ts'
import { DTypeError, ShapeError, type Tensor, ValueError, tensorOf } from '../tensor/index.ts'
import type { Entry } from './walk.ts'

interface Rules {
  /** Unknown paths are errors. */
  readonly strict: boolean
  /** Absent paths are errors (when strict). */
  readonly complete: boolean
  /** Floating values are converted to the model's type; otherwise they are taken as they are. */
  readonly fit: boolean
}

const isFloat = (dtype: string): boolean => dtype.startsWith('float')
const list = (names: readonly string[]): string => names.slice(0, 8).join(', ') + (names.length > 8 ? `, … (${names.length})` : '')

/** Old tensor → new tensor. A tied tensor may be named by any of its paths; the first given counts. */
export function plan(operation: string, entries: readonly Entry[], values: Readonly<Record<string, Tensor>>, rules: Rules): Map<Tensor, Tensor> {
  const known = new Set(entries.flatMap((e) => e.paths))
  const unexpected = Object.keys(optionsOf(operation, values, 'tensors by path')).filter((p) => !known.has(p))
  const given = (e: Entry): string | undefined => e.paths.find((p) => Object.hasOwn(values, p))
  const missing = rules.complete ? entries.filter((e) => given(e) === undefined).map((e) => e.paths[0]!) : []
  if (rules.strict && missing.length + unexpected.length > 0) {
    const parts = [missing.length > 0 ? `missing ${list(missing)}` : '', unexpected.length > 0 ? `unexpected ${list(unexpected)}` : '']
    throw new ValueError(operation, 'the values are not those of this model', {
      expected: list([...entries.map((e) => e.paths[0]!)]) || 'none', received: parts.filter(Boolean).join('; '),
      remedy: operation === 'loadState' ? 'Load them into the model they were saved from, or pass { strict: false }.' : 'Take the paths from namedParameters() and namedBuffers().',
    })
  }
  const result = new Map<Tensor, Tensor>()
  const wrong: string[] = []
  for (const e of entries) {
    const path = given(e)
    if (path === undefined) continue
    const value = tensorOf(operation, values[path]!)
    const old = e.tensor
    if (value.shape.length !== old.shape.length || value.shape.some((d, i) => d !== old.shape[i])) wrong.push(`${path} [${old.shape}], received [${value.shape}]`)
    else if (value.dtype !== old.dtype && !(isFloat(value.dtype) && isFloat(old.dtype))) {
      throw new DTypeError(operation, `another type at ${path}`, { expected: old.dtype, received: value.dtype })
    // `to` makes a tensor object of its own, so that values given twice are not mistaken for tied ones
    } else result.set(old, rules.fit ? value.to(old.dtype) : value)
  }
  if (wrong.length > 0) throw new ShapeError(operation, 'shapes differ', { expected: list(wrong), remedy: 'Build the model with the sizes the values were saved with.' })
  return result
}
