// jit: a function of trees of tensors, traced once per form of its arguments and compiled to one program.
import { type DType, type Shape, type TreeDef, ValueError, functionOf, listOf, optionsOf, sameShape } from '../base/index.ts'
import { type Node, emit as e } from '../ir/index.ts'
import { type DeviceName, backend, currentDevice } from './devices.ts'
import { nextKeyData } from './generator.ts'
import { isTraced, realize, usable } from './realize.ts'
import { type Executable, type ExecutableStats, type Storage, hostStorage, storageOf } from './storage.ts'
import { Tensor } from './tensor.ts'
import { traceGraph } from './trace.ts'
import { leavesOf } from './trees.ts'

export interface JitOptions {
  /** Positions of arguments whose tensors the caller gives away: their memory may be overwritten in place. */
  readonly donate?: readonly number[]
  readonly device?: DeviceName
}
interface Traced {
  readonly exe: Executable
  /** The form of every argument, and of every leaf in it. */
  readonly forms: readonly TreeDef[]
  readonly leaves: readonly { readonly dtype: DType; readonly shape: Shape }[]
  readonly device: DeviceName
  /** For every input of the program: may its memory be overwritten? */
  readonly donated: readonly boolean[] | undefined
  /** Values the function closed over. */
  readonly captured: readonly Node[]
  readonly outDef: { build(leaves: readonly unknown[]): unknown }
  readonly usesKey: boolean
}
export interface JitFunction<A extends readonly unknown[], R> {
  (...args: A): R
  /** What was compiled so far, one entry per form of the arguments. */
  readonly programs: () => readonly ExecutableStats[]
}

/** Forms of arguments kept per function. */
const LIMIT = 64

/**
 * Compiles a function of trees of tensors to one program per form (shapes, types, static values) of its arguments. The
 * function must be pure: JavaScript in it runs when tracing, not later. Random functions in it draw new numbers at every
 * call. Inside grad, vmap or another jit it is simply part of the traced whole.
 */
export function jit<A extends readonly unknown[], R>(f: (...args: A) => R, options: JitOptions = {}): JitFunction<A, R> {
  const cache = new Map<string, Traced>()
  functionOf('jit', f)
  const donate = new Set(listOf('jit', 'donate', optionsOf('jit', options).donate ?? []))
  let last: Traced | null = null
  const call = (...args: A): R => {
    const device = options.device ?? currentDevice()
    // Most calls have the form of the call before.
    let leaves = last !== null && last.device === device ? sameCall(last, args) : null
    if (leaves === null) {
      const parts = args.map((a) => leavesOf(a))
      leaves = parts.flatMap((p) => p.leaves)
      if (leaves.some((t) => isTraced(t.node))) return f(...args)
      const key = `${device}|${parts.map((p) => p.def.key).join('|')}|${leaves.map((t) => `${t.dtype}${t.shape}`).join(';')}`
      last = cache.get(key) ?? null
      if (last === null) {
        last = trace(f, parts, donate, device)
        if (cache.size >= LIMIT) cache.delete(cache.keys().next().value!)
        cache.set(key, last)
      }
    } else if (leaves.some((t) => isTraced(t.node))) return f(...args)
    const traced = last!
    const on = backend(device)
    const pending = leaves.filter((t) => t.node.storage === null)
    if (pending.length > 0) realize(on, pending.map((t) => t.node))
    const inputs: Storage[] = leaves.map((t) => usable(storageOf(t.node)!))
    for (const c of traced.captured) inputs.push(usable(storageOf(c)!))
    if (traced.usesKey) inputs.push(hostStorage(nextKeyData()))
    const flags = traced.donated
    if (flags !== undefined) refuseShared(inputs, flags)
    const outputs = traced.exe.run(inputs, flags)
    if (flags !== undefined) inputs.forEach((s, i) => flags[i] && (s.gone = 'given to a jit call (donate)'))
    return traced.outDef.build(outputs.map(valueNode).map((n) => new Tensor(n))) as R
  }
  return Object.assign(call, { programs: () => [...cache.values()].map((t) => t.exe.stats) })
}

/** The leaves of a call that has the form of a traced one; null when it differs. */
function sameCall(traced: Traced, args: readonly unknown[]): Tensor[] | null {
  if (args.length !== traced.forms.length) return null
  const out: Tensor[] = []
  for (let i = 0; i < args.length; i++) if (!traced.forms[i]!.collect(args[i], out)) return null
  for (let i = 0; i < out.length; i++) {
    const { node } = out[i]!
    const like = traced.leaves[i]!
    if (node.dtype !== like.dtype || !sameShape(node.shape, like.shape)) return null
  }
  return out
}

function valueNode(storage: Storage): Node {
  const node = e.make('data', [], { shape: storage.shape, dtype: storage.dtype })
  node.storage = storage
  return node
}

function refuseShared(inputs: readonly Storage[], donated: readonly boolean[]): void {
  const seen = new Map<Storage, boolean>()
  inputs.forEach((s, i) => {
    const before = seen.get(s)
    if (before !== undefined && (before || donated[i])) throw new ValueError('jit', 'a donated tensor is passed twice', { remedy: 'Copy it first, or do not donate it.' })
    seen.set(s, donated[i]!)
  })
}

function trace<A extends readonly unknown[]>(f: (...args: A) => unknown, parts: readonly ReturnType<typeof leavesOf>[], donate: Set<number>, device: DeviceName): Traced {
  const { graph, captured, outDef, usesKey, leaves } = traceGraph('jit', f as unknown as (...args: never[]) => unknown, parts.map(({ leaves, def }) => ({ def, leaves: leaves.map((t) => t.node) })), { device })
  const flags = [...parts.flatMap((p, i) => p.leaves.map(() => donate.has(i))), ...captured.map(() => false), ...(usesKey ? [false] : [])]
  return {
    exe: backend(device).compile(graph, { donate: flags }), captured, outDef, usesKey, device,
    forms: parts.map((p) => p.def), leaves: graph.params.slice(0, leaves).map(({ dtype, shape }) => ({ dtype, shape })), donated: donate.size === 0 ? undefined : flags,
  }
}
