// Families of ops that not every program has, with kernels or steps of their own: what the compiler asks of them, and those
// that were brought along by the functions that make such ops.
import { byteSize, sizeOf } from '../base/index.ts'
import type { Arg, Aval, Node, Step, SubGraph } from '../ir/index.ts'
import type { GemmTarget } from './kernels/gemm.ts'
import type { Written } from './kernels/loop-kernel.ts'
import type { Buffers } from './layout.ts'
import type { Lifetime } from './memory.ts'
import type { Group, Schedule } from './schedule.ts'

export interface Family {
  /** The graph with equal ops of the family merged. */
  readonly merge?: (graph: SubGraph) => SubGraph
  /**
   * Which ops get the family's kernels, in a graph that is about to be simplified (`original`: the node as it is there); the
   * others are taken apart.
   */
  readonly keeps?: (graph: SubGraph, gemm: GemmTarget) => (node: Node, original: Node) => boolean
  /** The graph with copies of what must lie in memory otherwise; they are added to `force`. */
  readonly prepare?: (graph: SubGraph, gemm: GemmTarget, force: Set<Node>) => SubGraph
  /** Whether what follows an op elementwise is computed while its results are at hand. */
  readonly leads?: (node: Node) => boolean
  /** Buffers that lie with the batch innermost (layout.ts). */
  readonly layout?: (plan: Schedule, graph: SubGraph, gemm: GemmTarget) => ReadonlySet<Node> | undefined
  /** The kernels of a group; null: its operands must be copied first; undefined: it is of another family. */
  readonly write?: (group: Exclude<Group, { kind: 'control' }>, isBuffer: Buffers, gemm: GemmTarget, make: (shape: readonly number[]) => Node) => Written[] | null | undefined
  /** The steps of an op over sub-graphs; undefined: it is of another family. */
  readonly steps?: (node: Node, where: Places, depth: number, program: ProgramWriter) => Step[] | undefined
}

/** What the steps of an op over sub-graphs are made with: the program that is being written. */
export interface ProgramWriter {
  /** Counts steps: when temporaries are born and die. */
  clock: number
  readonly temps: readonly { readonly life: Lifetime }[]
  /** Where a value lies; a new temporary when it has no place yet. */
  place(node: Node, where: Places): Arg
  /** Gives every output of an op with several a place. */
  outputs(node: Node, where: Places): Arg[]
  temp(bytes: number): Arg
  touch(arg: Arg): void
  /** The steps of a graph whose parameters lie at `args` and whose results go to `outs`. */
  block(graph: SubGraph, args: readonly Arg[], outs: readonly Arg[], depth: number): Step[]
}

/** The memory of a value. */
export const bytesOf = (x: Aval): number => Math.max(1, sizeOf(x.shape)) * byteSize(x.dtype)

/** Where values lie. Outputs of ops with several are found through the `pick` that selects them. */
export class Places {
  private readonly one = new Map<Node, Arg>()
  private readonly several = new Map<Node, readonly Arg[]>()
  get(node: Node): Arg | undefined {
    return node.op === 'pick' ? this.several.get(node.inputs[0]!)?.[(node as Node<'pick'>).params.index] : this.one.get(node)
  }
  set(node: Node, arg: Arg): void {
    this.one.set(node, arg)
  }
  setAll(node: Node, args: readonly Arg[]): void {
    this.several.set(node, args)
  }
  has(node: Node): boolean {
    return this.get(node) !== undefined
  }
}

const families = new Set<Family>()

/** Makes a family known to the compiler; called by the functions that make nodes of its ops. */
export function addFamily(family: Family): void {
  families.add(family)
}
/** What the known families say: their answers, but for those that have nothing to say. */
export function ask<T>(question: (family: Family) => T | undefined): T[] {
  const out: T[] = []
  for (const family of families) {
    const answer = question(family)
    if (answer !== undefined) out.push(answer)
  }
  return out
}
