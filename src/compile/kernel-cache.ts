// Kernels by structure: the layers of a network, and the programs of a session, repeat the same few kernels. A group of
// the schedule is written once; equal groups take the kernel over and put their own buffers in.
import { type Aval, type Kernel, type Node, emit, graphKey } from '../ir/index.ts'
import { type Buffers, isLast } from './layout.ts'
import type { Written } from './kernels/loop-kernel.ts'
import { type Group, rootsOf } from './schedule.ts'

/** What a parameter of a stored kernel stands for: an input or output of the group, one output of its op, a buffer of its own, or fixed data. */
type Ref = { readonly input: number } | { readonly output: number } | { readonly part: number } | { readonly own: number; readonly like: Aval } | Uint8Array | null
interface Stored {
  readonly kernel: Kernel
  readonly refs: readonly Ref[]
}

const LIMIT = 4096

export class KernelCache {
  private readonly stored = new Map<string, readonly Stored[]>()

  /** The kernels of a group, written by `write` the first time its structure is met. */
  get(target: string, group: Exclude<Group, { kind: 'control' }>, isBuffer: Buffers, write: () => Written[] | null): Written[] | null {
    const outputs = rootsOf(group)
    const inputs = leavesOf(group, isBuffer)
    const key = `${target}|${group.kind}${group.kind === 'rows' ? `${group.rank}:${group.parts.map((p) => p.length)}:${group.local.map((n) => outputs.indexOf(n))}` : ''}${isBuffer.last === undefined ? '' : `~${[...inputs, ...outputs].map((n) => (isLast(isBuffer, n) ? 1 : 0)).join('')}`}|${graphKey({ params: inputs, results: outputs })}`
    const found = this.stored.get(key)
    if (found !== undefined) {
      const own = new Map<number, Node>()
      const node = (ref: { own: number; like: Aval }): Node => {
        let n = own.get(ref.own)
        if (n === undefined) own.set(ref.own, (n = emit.make('data', [], { shape: ref.like.shape, dtype: ref.like.dtype })))
        return n
      }
      return found.map(({ kernel, refs }) => ({
        kernel,
        buffers: refs.map((r) => (r === null || r instanceof Uint8Array ? r : 'input' in r ? inputs[r.input]! : 'output' in r ? outputs[r.output]! : 'part' in r ? emit.make('pick', [outputs[0]!], { index: r.part }) : node(r))),
      }))
    }
    const written = write()
    if (written === null) return null
    const owned: Node[] = []
    const refOf = (b: Node | Uint8Array | null): Ref => {
      if (b === null || b instanceof Uint8Array) return b
      const input = inputs.indexOf(b)
      if (input >= 0) return { input }
      const output = outputs.indexOf(b)
      if (output >= 0) return { output }
      if (b.op === 'pick' && b.inputs[0] === outputs[0]) return { part: (b as Node<'pick'>).params.index }
      if (b.op !== 'data') throw new Error(`unknown ${b.op}`)
      const own = owned.includes(b) ? owned.indexOf(b) : owned.push(b) - 1
      return { own, like: { shape: b.shape, dtype: b.dtype } }
    }
    if (this.stored.size >= LIMIT) this.stored.delete(this.stored.keys().next().value!)
    this.stored.set(key, written.map(({ kernel, buffers }) => ({ kernel, refs: buffers.map(refOf) })))
    return written
  }
}

/** The buffers a group reads, in the order a walk from its results meets them. */
function leavesOf(group: Exclude<Group, { kind: 'control' }>, isBuffer: Buffers): Node[] {
  const roots = rootsOf(group)
  const own = new Set<Node>(group.kind === 'product' ? [group.chain.dot, ...group.chain.links, ...roots] : roots)
  const seen = new Set<Node>()
  const out: Node[] = []
  const visit = (n: Node): void => {
    if (seen.has(n)) return
    seen.add(n)
    if (isBuffer(n) && !own.has(n)) out.push(n)
    else n.inputs.forEach(visit)
  }
  roots.forEach(visit)
  return out
}
