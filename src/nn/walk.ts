// Walks a module's fields: finds its tensors with their paths, its inner modules, and copies it with other tensors.
// Fields are walked as trees are (arrays, plain objects, modules); private #fields are not seen.
import { TREE, type Tensor, ValueError, isTensor } from '../tensor/index.ts'

/** A tensor's place in a model. Tied tensors and shared modules have one entry with several paths. */
export interface Entry {
  readonly paths: string[]
  readonly tensor: Tensor
  /** false: running statistics and constants, which no optimiser changes. */
  readonly trained: boolean
}

type Fields = Record<string, unknown>

const isModule = (value: object): boolean => (value as Record<symbol, unknown>)[TREE] === true
const isFloat = (t: Tensor): boolean => t.dtype === 'float32' || t.dtype === 'float64'

/** Whether the walk goes into a value: an array, a plain object or a module. */
export function isBranch(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || isTensor(value)) return false
  if (Array.isArray(value) || isModule(value)) return true
  const proto: unknown = Object.getPrototypeOf(value)
  return proto === Object.prototype || proto === null
}

/** Names a class and its ancestors list as `static buffers`. */
function bufferNames(value: object): Set<string> {
  const names = new Set<string>()
  for (let c: unknown = value.constructor; typeof c === 'function'; c = Object.getPrototypeOf(c)) {
    if (!Object.hasOwn(c, 'buffers')) continue
    for (const name of (c as { buffers?: readonly string[] }).buffers ?? []) names.add(name)
  }
  return names
}

/** Every distinct tensor, in order of fields. */
export function entriesOf(root: object): Entry[] {
  const found = new Map<Tensor, Entry>()
  walk(root, (value, path, trained) => {
    if (!isTensor(value)) return
    const known = found.get(value)
    if (known === undefined) found.set(value, { paths: [path], tensor: value, trained: trained && isFloat(value) })
    else known.paths.push(path)
  })
  return [...found.values()]
}

/** Every distinct module with its first path ('' for the root), the root first. */
export function modulesOf(root: object): Map<object, string> {
  const found = new Map<object, string>()
  walk(root, (value, path) => {
    if (isBranch(value) && !Array.isArray(value) && isModule(value) && !found.has(value)) found.set(value, path)
  })
  return found
}

/** Calls `see` for every value, with its path and whether the optimiser may train it. */
function walk(root: object, see: (value: unknown, path: string, trained: boolean) => void): void {
  const onPath = new Set<object>()
  const visit = (value: unknown, path: string, trained: boolean): void => {
    see(value, path, trained)
    if (!isBranch(value)) return
    if (onPath.has(value)) throw new ValueError('module', 'a module contains itself', { received: `a cycle at "${path}"`, remedy: 'Remove the back reference.' })
    onPath.add(value)
    const buffers = isModule(value) ? bufferNames(value) : null
    for (const key of Object.keys(value)) visit(value[key], path === '' ? key : `${path}.${key}`, trained && buffers?.has(key) !== true)
    onPath.delete(value)
  }
  visit(root, '', true)
}

/** A copy with tensors exchanged; what was one object in two places stays one. Static values are shared. */
export function copyWith<T extends object>(root: T, replace: (t: Tensor) => Tensor): T {
  const done = new Map<object, unknown>()
  const copy = (value: unknown): unknown => {
    if (isTensor(value)) return replace(value)
    if (!isBranch(value)) return value
    const before = done.get(value)
    if (before !== undefined) return before
    const out: object = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value) as object | null)
    done.set(value, out)
    for (const key of Object.keys(value)) {
      Object.defineProperty(out, key, { value: copy(value[key]), writable: true, enumerable: true, configurable: true })
    }
    return out
  }
  return copy(root) as T
}

/** Writes tensors in place: a field that held a key of the map gets its value. */
export function assign(root: object, replace: ReadonlyMap<Tensor, Tensor>): void {
  const parents: [Fields, string, Tensor][] = []
  walk(root, (value) => {
    if (!isBranch(value)) return
    for (const key of Object.keys(value)) {
      const field = value[key]
      const fresh = isTensor(field) ? replace.get(field) : undefined
      if (fresh !== undefined) parents.push([value, key, fresh])
    }
  })
  for (const [parent, key, fresh] of parents) parent[key] = fresh
}
