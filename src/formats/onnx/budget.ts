// What a run of a model may take before it is taken for one that never ends or fills the memory. Counted from shapes, before
// anything is computed; the clock is looked at between nodes.
import { ValueError, byteSize, sizeOf } from '../../base/index.ts'
import { type Node, defOf, workOf } from '../../ir/index.ts'
import { TYPES } from './element-type.ts'
import type { Value } from './value.ts'

/** Limits of one run of an imported model; Infinity: none. */
export interface OnnxLimits {
  /** Nodes run, loops step by step; default 5 million. */
  readonly nodes?: number
  /** Steps of one loop; default 50 000. */
  readonly steps?: number
  /**
   * Nodes run in loops whose end nobody can tell: no number of steps that `steps` allows, and a condition that changes. Beside these,
   * one for every 64 bytes of the weights and inputs, since who brings much may work long on it; default 16 384.
   */
  readonly open?: number
  /** Elementary operations, a multiply-add being one; default 2⁴⁰, a minute or two on most machines. */
  readonly work?: number
  /** Bytes that the values of the run, weights aside, take at any time; default 4 GiB. */
  readonly bytes?: number
  /** Seconds; default 600. A single product is not interrupted: that is what `work` is for. */
  readonly seconds?: number
}
const DEFAULTS: Required<OnnxLimits> = { nodes: 5_000_000, steps: 50_000, open: 2 ** 14, work: 2 ** 40, bytes: 2 ** 32, seconds: 600 }
const PROBLEM: Partial<Record<keyof OnnxLimits, string>> = { bytes: 'the values of the model are too large', work: 'the model asks for too much arithmetic' }
const WHAT: Readonly<Record<keyof OnnxLimits, string>> = { nodes: 'nodes run, loops step by step', steps: 'steps of a loop', open: 'nodes run in loops whose end nobody can tell', work: 'elementary operations', bytes: 'bytes of values at a time', seconds: 'seconds' }
/** What an element costs that is made on the host, in elementary operations of a device. */
export const HOST_COST = 64
/** Bytes that allow for one node more in an open loop; in nodes: a condition that is computed, a step whose shapes are new (a program for it is made). */
const OPEN_BYTES = 64
export const [COMPUTED, RESHAPED] = [64, 256]

export function checkLimits(limits: OnnxLimits): Required<OnnxLimits> {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULTS, name) || !(typeof value === 'number' && value >= 0)) throw new ValueError('onnx', `no such limit: ${name}`, { expected: `${Object.keys(DEFAULTS).join(', ')}, each a number from 0 on`, received: String(value) })
  }
  return { ...DEFAULTS, ...limits }
}

export class Budget {
  readonly limits: Required<OnnxLimits>
  private readonly begun = performance.now()
  private readonly counted = new WeakSet<Node>()
  private readonly mostOpen: number
  private nodes = 0
  private work = 0
  /** Open loops around what runs now, and the nodes run in any so far. */
  private around = 0
  private open = 0
  /** Bytes of the values that are there. */
  held = 0
  /** `size`: bytes of the weights and inputs. */
  constructor(limits: Required<OnnxLimits>, size = 0) {
    this.limits = limits
    this.mostOpen = limits.open + Math.floor(size / OPEN_BYTES)
  }
  private over(limit: keyof OnnxLimits, received: number): never {
    throw new ValueError('onnx', PROBLEM[limit] ?? 'the model does not come to an end', {
      expected: `at most ${limit === 'open' ? this.mostOpen : this.limits[limit]} ${WHAT[limit]}`, received: received === Infinity ? 'endlessly many' : String(Math.ceil(received)),
      remedy: `If that is meant: importOnnx(bytes, { limits: { ${limit}: … } }).`,
    })
  }
  /** `count` more nodes are about to run. */
  run(count: number): void {
    this.nodes += count
    if (this.nodes > this.limits.nodes) this.over('nodes', this.nodes)
    if (this.around > 0) this.spendOpen(count)
  }
  /** So much, in nodes, was done in an open loop. */
  spendOpen(count: number): void {
    this.open += count
    if (this.open > this.mostOpen) this.over('open', this.open)
  }
  /** The steps of a loop; `isOpen`: nobody can tell how many there are. */
  inLoop<T>(isOpen: boolean, steps: () => T): T {
    if (isOpen) this.around++
    try {
      return steps()
    } finally {
      if (isOpen) this.around--
    }
  }
  /** A loop is about to run for `steps` of `nodes` each, as far as that is known. */
  loop(steps: number, nodes: number): void {
    if (steps > this.limits.steps) this.over('steps', steps)
    if (this.nodes + steps * nodes > this.limits.nodes) this.over('nodes', this.nodes + steps * nodes)
  }
  /** Work of an operator that does more on the host than its values say. */
  spend(work: number): void {
    this.work += work
    if (this.work > this.limits.work) this.over('work', this.work)
  }
  /** What an operator gave: the arithmetic behind it that is not done yet. */
  compute(values: readonly (Value | null)[]): void {
    const seconds = (performance.now() - this.begun) / 1000
    if (seconds > this.limits.seconds) this.over('seconds', seconds)
    const stack: Node[] = []
    const add = (node: Node): void => {
      if (node.storage !== null || this.counted.has(node)) return
      this.counted.add(node)
      stack.push(node)
    }
    const enter = (v: Value | null): void => {
      if (v === null) return
      if (v.kind === 'optional') enter(v.value)
      else if (v.kind === 'array') {
        if (v.tensor === null) this.spend(HOST_COST * sizeOf(v.shape))
        else add(v.tensor.node)
        if (v.high !== null) add(v.high.node)
      }
    }
    values.forEach(enter)
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      this.spend(workOf(node))
      // what is read through views or fused is in no memory
      if (defOf(node.op).lower.kind === 'opaque' && node.outs === null) this.expect(sizeOf(node.shape) * byteSize(node.dtype))
      node.inputs.forEach(add)
    }
  }
  /** Refuses values of so many bytes before anything is made for them. */
  expect(bytes: number): void {
    if (this.held + bytes > this.limits.bytes) this.over('bytes', this.held + bytes)
  }
  hold(bytes: number): void {
    this.held += bytes
    if (this.held > this.limits.bytes) this.over('bytes', this.held)
  }
}

/** Bytes of a value where it is computed. */
export function bytesOf(v: Value): number {
  if (v.kind === 'optional') return v.value === null ? 0 : bytesOf(v.value)
  if (v.kind === 'sequence') return v.items.reduce((n, x) => n + bytesOf(x), 0)
  const { dtype } = TYPES[v.type]
  return sizeOf(v.shape) * (v.tensor === null || v.high !== null || dtype === null ? 8 : byteSize(v.tensor.dtype))
}
