// Graph → program: simplify, schedule, write kernels, lay out memory.
import { type DType, DTypeError, sizeOf } from '../base/index.ts'
import {
  type Arg, type Kernel, type Node, type Program, type Slot, type Step, type SubGraph, defOf, emit as e, graphKey, placeholder, substitute, topological,
} from '../ir/index.ts'
import { type ProgramWriter, Places, ask, bytesOf } from './families.ts'
import type { Buffers } from './layout.ts'
import { type GemmTarget, type Tile, gemmKernels } from './kernels/gemm.ts'
import { type Written, loopKernel } from './kernels/loop-kernel.ts'
import { rowKernel } from './kernels/row-kernel.ts'
import { argsortKernel, cumsumKernel, scatterKernel } from './kernels/opaque.ts'
import { KernelCache } from './kernel-cache.ts'
import { type Lifetime, planArena } from './memory.ts'
import { type Group, type Schedule, canOverwrite, reads, schedule } from './schedule.ts'
import { type Rule, simplify } from './simplify.ts'
import type { Grain } from './loops.ts'
import { vectorize } from './vectorize.ts'

/** What the compiler has to know of a device. */
export interface Target {
  readonly name: string
  /** Tells targets of one name apart that write other kernels. */
  readonly variant?: string
  /** 32-bit elements in a vector register; 1 for no vectors. */
  readonly lanes: number
  readonly gemm: GemmTarget
  /** The tile of matrix products of a program that has so many operations in them; default: `gemm`. No bit depends on it. */
  readonly tile?: (flops: number) => Tile
  /** Whether threads have memory of their own of some size (64 KiB and more): rows then keep what they compute on the way there. */
  readonly scratch?: boolean
  /** What a unit of work is; default: enough for a thread of a processor. */
  readonly grain?: Grain
  /** Temporaries begin at multiples of this many bytes; default 64. */
  readonly alignment?: number
  /** Types the device does not compute with, and what to do about it. */
  readonly lacks?: { readonly dtype: DType; readonly remedy: string }
  /** Ops with kernels of the device's own (`write`): they are not taken apart. */
  readonly keeps?: (node: Node) => boolean
  /** How graphs are simplified beside the usual rules. */
  readonly rule?: Rule
  /** Kernels the device wants otherwise; null: operands must be copied first; undefined: as usual. */
  readonly write?: (group: Exclude<Group, { kind: 'control' }>, isBuffer: (n: Node) => boolean) => Written[] | null | undefined
}

const CACHE = /* @__PURE__ */ new KernelCache()

/** Work (scalar operations or bytes) below which waking other threads costs more than it gives. */
const PARALLEL_WORK = 40000

export interface CompileOptions {
  /** Parameters whose memory may be overwritten. */
  readonly donate?: readonly boolean[]
}

export function compile(given: SubGraph, target: Target, options: CompileOptions = {}): Program {
  const graph = closed(given)
  const builder = new Builder(target, graph, options.donate ?? [])
  const inputs = graph.params.map((p, index) => builder.slot({ kind: 'input', index, bytes: bytesOf(p) }))
  const outputs = graph.results.map((r, index) => builder.slot({ kind: 'output', index, bytes: bytesOf(r) }))
  const steps = builder.block(graph, inputs.map((slot) => ({ slot })), outputs.map((slot) => ({ slot })), 0)
  return builder.finish(graph, steps)
}

/** Parameters that still know how they were computed become placeholders: a rule that looked behind them would take for constant what the next call of the program passes anew. */
function closed(graph: SubGraph): SubGraph {
  const open = graph.params.filter((p) => defOf(p.op).lower.kind !== 'leaf')
  if (open.length === 0) return graph
  const blind = new Map(open.map((p) => [p, placeholder(e, p)]))
  return { params: graph.params.map((p) => blind.get(p) ?? p), results: substitute(e, graph.results, blind) }
}

/** An error where a graph needs a type the device lacks. */
function refuse({ name, lacks }: Target, graph: SubGraph): void {
  const { dtype, remedy } = lacks!
  const at = topological([...graph.params, ...graph.results], (n) => graph.params.includes(n)).find((n) => n.dtype === dtype)
  if (at !== undefined) throw new DTypeError(name, `the device does not compute with ${dtype}`, { expected: `any type but ${dtype}`, received: `${dtype} (in ${at.op})`, remedy })
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((x, i) => x === b[i])

const tileName = ({ rows, vectors }: Tile): string => `|${rows}x${vectors}`

class Builder implements ProgramWriter {
  private readonly target: Target
  private readonly kernels: Kernel[] = []
  private readonly slots: Slot[] = []
  readonly temps: { slot: number; life: Lifetime; depth: number }[] = []
  private readonly tempOf = new Map<number, { slot: number; life: Lifetime; depth: number }>()
  private readonly tables = new Map<string, number[]>()
  clock = 0
  private readonly donated: Map<Node, number>
  /** Tiles of products: of the block that is being written, and all that were used. */
  private product: GemmTarget
  private readonly tiles = new Set<string>()
  /** Result index → index of the input it is written over. */
  private readonly aliases = new Map<number, number>()
  constructor(target: Target, graph: SubGraph, donate: readonly boolean[]) {
    this.target = target
    this.product = target.gemm
    this.donated = new Map(graph.params.flatMap((p, i): [Node, number][] => (donate[i] === true ? [[p, i]] : [])))
  }

  slot(slot: Slot): number {
    this.slots.push(slot)
    return this.slots.length - 1
  }
  temp(bytes: number): Arg {
    const slot = this.slot({ kind: 'temp', offset: 0, bytes })
    const entry = { slot, life: { bytes, start: this.clock, end: this.clock }, depth: 0 }
    this.temps.push(entry)
    this.tempOf.set(slot, entry)
    return { slot }
  }
  touch(arg: Arg): void {
    const t = this.tempOf.get(arg.slot)
    if (t !== undefined) t.life.end = Math.max(t.life.end, this.clock)
  }

  block(given: SubGraph, args: readonly Arg[], outs: readonly Arg[], depth: number): Step[] {
    const { gemm, keeps, lacks, scratch, rule } = this.target
    const graph = ask((f) => f.merge).reduce((g, merge) => merge(g), given)
    const kept = scratch === true ? ask((f) => f.keeps?.(graph, gemm)) : []
    const simple = simplify(graph, (n, original) => keeps?.(n) === true || kept.some((keep) => keep(n, original)), rule)
    if (lacks !== undefined) refuse(this.target, simple)
    const force = new Set<Node>()
    const small = ask((f) => f.prepare).reduce((g, prepare) => prepare(g, gemm, force), simple)
    const leads = ask((f) => f.leads)
    for (let attempt = 0; ; attempt++) {
      const plan = schedule(small, force, (n) => leads.some((lead) => lead(n)))
      const [last] = ask((f) => f.layout?.(plan, small, gemm))
      if (last !== undefined) Object.assign(plan.isBuffer, { last })
      this.chooseTile(plan.groups)
      const written = this.tryWrite(plan.groups, plan.isBuffer, force)
      if (written === null && attempt < 200) continue
      if (written === null) throw new Error('compile: operands could not be settled')
      const where = new Places()
      small.params.forEach((p, i) => where.set(p, args[i]!))
      plan.results.forEach((r, i) => {
        if (!where.has(r)) where.set(r, outs[i]!)
      })
      if (depth === 0 && small.params.some((p) => this.donated.has(p))) this.overwrite(plan, args, where)
      return written.flatMap((w) => this.emitGroup(w, where, depth))
    }
  }

  /** Lets results take the place of donated parameters nobody reads later. */
  private overwrite(plan: Schedule, args: readonly Arg[], where: Places): void {
    const lastReader = new Map<Node, number>()
    plan.groups.forEach((g, i) => {
      for (const r of reads(g, plan.isBuffer)) lastReader.set(r, i)
    })
    const free = new Map(this.donated)
    plan.groups.forEach((group, i) => {
      const roots = group.kind === 'loops' ? group.roots : group.kind === 'product' ? group.chain.roots : []
      for (const root of roots) {
        const result = plan.results.indexOf(root)
        if (result < 0) continue
        for (const [p, index] of free) {
          if (p.dtype !== root.dtype || lastReader.get(p) !== i || !canOverwrite(group, p, plan.isBuffer)) continue
          free.delete(p)
          this.aliases.set(result, index)
          where.set(root, args[index]!)
          break
        }
      }
    })
  }

  private chooseTile(groups: readonly Group[]): void {
    let flops = 0
    for (const g of groups) if (g.kind === 'product' && g.chain.dot.op === 'dot') flops += 2 * sizeOf(g.chain.dot.shape) * g.chain.dot.inputs[0]!.shape[2]!
    const tile = flops === 0 ? undefined : this.target.tile?.(flops)
    if (tile === undefined) return
    this.product = { ...this.target.gemm, ...tile }
    this.tiles.add(tileName(tile))
  }

  /** Writes the kernels of all groups; when a product cannot read an operand, the operand is forced into a buffer and null returned. */
  private tryWrite(groups: readonly Group[], isBuffer: Buffers, force: Set<Node>): { group: Group; kernels: Written[] }[] | null {
    const out: { group: Group; kernels: Written[] }[] = []
    for (const group of groups) {
      const kernels = group.kind === 'control' ? [] : CACHE.get(this.target.name + (this.target.variant ?? '') + tileName(this.product), group, isBuffer, () => this.write(group, isBuffer))
      if (kernels === null) {
        const before = force.size
        for (const x of group.kind === 'product' ? group.chain.dot.inputs : (group as Extract<Group, { kind: 'opaque' }>).node.inputs) if (!isBuffer(x)) force.add(x)
        if (force.size === before) throw new Error('compile: operands could not be settled')
        return null
      }
      out.push({ group, kernels })
    }
    return out
  }
  private write(group: Exclude<Group, { kind: 'control' }>, isBuffer: Buffers): Written[] | null {
    const widen = (w: Written): Written => ({ ...w, kernel: { ...w.kernel, body: vectorize(w.kernel.body, this.target) } })
    const special = this.target.write?.(group, isBuffer)
    if (special !== undefined) return special
    if (group.kind === 'loops') return [widen(loopKernel(group.roots, isBuffer, this.target.grain))]
    if (group.kind === 'rows') return [widen(rowKernel(group.parts, group.rank, isBuffer, this.target.scratch === true ? group.local : []))]
    const make = (shape: readonly number[]): Node => e.make('data', [], { shape, dtype: 'float32' })
    const [own] = ask((f) => f.write?.(group, isBuffer, this.target.gemm, make))
    if (own !== undefined) return own === null ? null : own.map(widen)
    if (group.kind === 'product') return gemmKernels(group.chain, isBuffer, this.product)?.map(widen) ?? null
    const { node } = group
    if (node.op === 'cumsum') return [widen(cumsumKernel(node as Node<'cumsum'>))]
    if (node.op === 'scatter') return [widen(scatterKernel(node as Node<'scatter'>, isBuffer))]
    return [widen(argsortKernel(node as Node<'argsort'>, e.make('data', [], { shape: node.shape, dtype: 'int32' })))]
  }

  private emitGroup({ group, kernels }: { group: Group; kernels: Written[] }, where: Places, depth: number): Step[] {
    if (group.kind === 'control') return ask((f) => f.steps?.(group.node, where, depth, this))[0]!
    const steps: Step[] = []
    if (group.kind === 'opaque' && group.node.outs !== null) this.outputs(group.node, where)
    for (const { kernel, buffers } of kernels) {
      this.clock++
      const args = buffers.filter((b) => b !== null).map((b): Arg => (b instanceof Uint8Array ? this.table(b) : this.place(b, where)))
      args.forEach((a) => this.touch(a))
      steps.push({ kind: 'kernel', kernel: this.kernel(kernel), args, parallel: kernel.extent > 1 && Math.max(kernel.flops, kernel.bytes / 2) > PARALLEL_WORK })
    }
    return steps
  }

  place(node: Node, where: Places): Arg {
    let arg = where.get(node)
    if (arg === undefined) where.set(node, (arg = this.temp(bytesOf(node))))
    return arg
  }
  private table(data: Uint8Array): Arg {
    const words = new Int32Array(data.buffer)
    let hash = words.length
    for (const w of words) hash = (Math.imul(hash, 31) + w) | 0
    const key = `${words.length}:${hash}`
    const same = this.tables.get(key)?.find((slot) => equalBytes((this.slots[slot] as { data: Uint8Array }).data, data))
    if (same !== undefined) return { slot: same }
    const slot = this.slot({ kind: 'const', data, bytes: data.length })
    this.tables.set(key, [...(this.tables.get(key) ?? []), slot])
    return { slot }
  }
  private readonly numbers = new Map<Kernel, number>()
  private kernel(kernel: Kernel): number {
    let n = this.numbers.get(kernel)
    if (n === undefined) this.numbers.set(kernel, (n = this.kernels.push(kernel) - 1))
    return n
  }

  outputs(node: Node, where: Places): Arg[] {
    const outs = node.outs!.map((o) => this.temp(bytesOf(o)))
    where.setAll(node, outs)
    return outs
  }

  finish(graph: SubGraph, steps: Step[]): Program {
    const { offsets, bytes } = planArena(this.temps.map((t) => t.life), this.target.alignment)
    this.temps.forEach((t, i) => (this.slots[t.slot] = { kind: 'temp', offset: offsets[i]!, bytes: t.life.bytes }))
    return {
      key: `${graphKey(graph)}${[...this.aliases].map(([r, p]) => `|${r}over${p}`).join('')}${[...this.tiles].join('')}`,
      kernels: this.kernels,
      slots: this.slots,
      steps,
      inputs: graph.params.map((p) => ({ dtype: p.dtype, length: sizeOf(p.shape) })),
      outputs: graph.results.map((r, i) => {
        const alias = this.aliases.get(i)
        return { dtype: r.dtype, length: sizeOf(r.shape), ...(alias === undefined ? {} : { alias }) }
      }),
      arenaBytes: bytes,
    }
  }
}
