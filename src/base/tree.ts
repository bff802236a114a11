// Trees: arrays, plain objects and marked classes whose leaves are tensors. Flatten, rebuild, map.
import { ValueError } from './errors.ts'

/** A class whose prototype carries this key with the value true is walked like a plain object. */
export const TREE: unique symbol = Symbol.for('gradus.tree')

/** What is left of a tree once its leaves are taken out; `key` identifies it for caches. */
export interface TreeDef {
  readonly key: string
  readonly leaves: number
  /** Path of each leaf, such as `layers.0.weight`. */
  readonly paths: readonly string[]
  build(leaves: readonly unknown[]): unknown
  /** Appends the leaves of another tree to `out` when it has this very form; false (and `out` unusable) when not. */
  collect(tree: unknown, out: unknown[]): boolean
}

type Spec =
  | { kind: 'leaf' }
  | { kind: 'static'; value: unknown }
  | { kind: 'list'; items: Spec[] }
  | { kind: 'object'; proto: object | null; keys: string[]; items: Spec[] }

const functionIds = new WeakMap<object, number>()
let nextId = 0
function idOf(value: object): number {
  let id = functionIds.get(value)
  if (id === undefined) functionIds.set(value, (id = nextId++))
  return id
}

/**
 * Takes the leaves (whatever `isLeaf` accepts) out of a tree, in order of fields. Numbers, strings, functions and
 * other foreign values stay in the definition as static parts.
 */
export function flatten<L>(tree: unknown, isLeaf: (value: unknown) => value is L): { leaves: L[]; def: TreeDef } {
  const leaves: L[] = []
  const paths: string[] = []
  const onPath = new Set<object>()
  const keyParts: string[] = []
  const walk = (value: unknown, path: string): Spec => {
    if (isLeaf(value)) {
      leaves.push(value)
      paths.push(path)
      keyParts.push('*')
      return { kind: 'leaf' }
    }
    if (typeof value === 'object' && value !== null) {
      const list = Array.isArray(value)
      const proto = list ? null : (Object.getPrototypeOf(value) as object | null)
      if (list || proto === Object.prototype || proto === null || (value as Record<symbol, unknown>)[TREE] === true) {
        if (onPath.has(value)) {
          throw new ValueError('tree', 'a tree contains itself', { received: `a cycle at "${path}"`, remedy: 'Remove the back reference.' })
        }
        onPath.add(value)
        const join = (k: string | number) => (path === '' ? String(k) : `${path}.${k}`)
        let spec: Spec
        if (list) {
          keyParts.push('[')
          spec = { kind: 'list', items: (value as unknown[]).map((v, i) => walk(v, join(i))) }
          keyParts.push(']')
        } else {
          const keys = Object.keys(value)
          keyParts.push(proto === Object.prototype || proto === null ? '{' : `${idOf(proto)}{`)
          const items = keys.map((k) => {
            keyParts.push(JSON.stringify(k), ':')
            return walk((value as Record<string, unknown>)[k], join(k))
          })
          spec = { kind: 'object', proto, keys, items }
          keyParts.push('}')
        }
        onPath.delete(value)
        return spec
      }
      keyParts.push(`#${idOf(value)},`)
    } else if (typeof value === 'function') keyParts.push(`#${idOf(value)},`)
    else keyParts.push(typeof value === 'number' && Object.is(value, -0) ? 'n-0,' : `${typeof value}${JSON.stringify(String(value))},`)
    return { kind: 'static', value }
  }
  const spec = walk(tree, '')
  const count = leaves.length
  return {
    leaves,
    def: { key: keyParts.join(''), leaves: count, paths, build: (values) => rebuild(spec, values), collect: (other, out) => matches(spec, other, isLeaf, out) },
  }
}

/** The quick way through a tree of known form: no keys, no paths. */
function matches(spec: Spec, value: unknown, isLeaf: (v: unknown) => boolean, out: unknown[]): boolean {
  switch (spec.kind) {
    case 'leaf': {
      if (!isLeaf(value)) return false
      out.push(value)
      return true
    }
    case 'static': return Object.is(spec.value, value)
    case 'list': {
      if (!Array.isArray(value) || value.length !== spec.items.length) return false
      for (let i = 0; i < spec.items.length; i++) if (!matches(spec.items[i]!, value[i], isLeaf, out)) return false
      return true
    }
    case 'object': {
      if (typeof value !== 'object' || value === null || isLeaf(value) || Object.getPrototypeOf(value) !== spec.proto) return false
      let n = 0
      for (const key in value) {
        if (spec.keys[n] !== key || !matches(spec.items[n]!, (value as Record<string, unknown>)[key], isLeaf, out)) return false
        n++
      }
      return n === spec.keys.length
    }
  }
}

function rebuild(spec: Spec, values: readonly unknown[]): unknown {
  let next = 0
  const make = (s: Spec): unknown => {
    switch (s.kind) {
      case 'leaf': return values[next++]
      case 'static': return s.value
      case 'list': return s.items.map(make)
      case 'object': {
        const out = Object.create(s.proto) as Record<string, unknown>
        for (let i = 0; i < s.keys.length; i++) {
          // defineProperty, so that a key named __proto__ is an ordinary field
          Object.defineProperty(out, s.keys[i]!, { value: make(s.items[i]!), writable: true, enumerable: true, configurable: true })
        }
        return out
      }
    }
  }
  return make(spec)
}
