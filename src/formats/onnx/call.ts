// One node being evaluated: its inputs, attributes and sub-graphs as a handler reads them.
import { type GradusError, ValueError, normalizeAxis } from '../../base/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import type { Budget } from './budget.ts'
import { type ElementType, elementTypeName, elementTypeOf } from './element-type.ts'
import { indexOf } from './long.ts'
import type { AttributeMessage } from './messages.ts'
import { tensorFromMessage } from './tensor-message.ts'
import { type ArrayValue, type Value, hostRoom, numbersOf, stringsOf, tensorOf } from './value.ts'

/** What a handler gives back: one value, or one for every output. */
export type Result = Value | readonly (Value | null)[]
export interface Handler {
  (call: Call): Result
  /** Does much arithmetic: a place to cut what is computed eagerly (settle.ts). */
  readonly product?: boolean
  /** Gives other numbers at every call. */
  readonly draws?: boolean
}
export const asProduct = (handler: Handler): Handler => Object.assign((c: Call) => handler(c), { product: true })
export const asDrawing = (handler: Handler): Handler => Object.assign((c: Call) => handler(c), { draws: true })
/** Handlers by the opset version they begin with: the newest that is not newer than the model's holds. */
export type OpTable = Readonly<Record<string, Handler | readonly (readonly [since: number, handler: Handler])[]>>

/** A planned graph (plan.ts) as far as handlers see it: what goes in, what comes out. */
export interface SubGraph {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly nodes: readonly { readonly op: string; readonly repeatable: boolean; readonly inputs: readonly string[]; readonly outputs: readonly string[]; readonly attributes: ReadonlyMap<string, PlannedAttribute> }[]
  readonly initializers: ReadonlyMap<string, ArrayValue>
}
/** A graph as an attribute, with the sub-plan made for it. */
export interface PlannedAttribute extends AttributeMessage {
  readonly plan?: SubGraph
}

/** What such an element costs, in elementary operations of a device. */
const ROOM_COST = 1024

const decoder = new TextDecoder()

export class Call {
  readonly op: string
  readonly name: string
  readonly opset: number
  readonly inputs: readonly (Value | null)[]
  /** Which outputs are asked for. */
  readonly wanted: readonly boolean[]
  readonly attributes: ReadonlyMap<string, PlannedAttribute>
  /** Runs a sub-graph that sees the values around this node. */
  readonly run: (graph: SubGraph, args: readonly Value[]) => Value[]
  /** What the run may still take. */
  readonly budget: Budget

  constructor(fields: Pick<Call, 'op' | 'name' | 'opset' | 'inputs' | 'wanted' | 'attributes' | 'run' | 'budget'>) {
    this.op = fields.op
    this.name = fields.name
    this.opset = fields.opset
    this.inputs = fields.inputs
    this.wanted = fields.wanted
    this.attributes = fields.attributes
    this.run = fields.run
    this.budget = fields.budget
  }

  fail(problem: string, parts: { expected?: string; received?: string; remedy?: string } = {}): GradusError {
    return new ValueError('onnx', problem, parts)
  }

  // ---- inputs ----------------------------------------------------------------------------------------------

  value(i: number): Value {
    const v = this.inputs[i]
    if (v === undefined || v === null) throw this.fail(`input ${i} is missing`, { expected: `at least ${i + 1} inputs`, received: String(this.inputs.length) })
    return v
  }
  array(i: number): ArrayValue {
    const v = this.value(i)
    if (v.kind === 'optional' && v.value?.kind === 'array') return v.value
    if (v.kind !== 'array') throw this.fail(`input ${i} is a ${v.kind}`, { expected: 'an array' })
    return v
  }
  maybe(i: number): ArrayValue | null {
    const v = this.inputs[i] ?? null
    return v === null || (v.kind === 'optional' && v.value === null) ? null : this.array(i)
  }
  arrays(): ArrayValue[] {
    return this.inputs.map((_, i) => this.array(i))
  }
  tensor(i: number): Tensor {
    return tensorOf(this.array(i))
  }
  /** An input of positions: what lies beyond 32 bits is out of range of anything. */
  index(i: number): Tensor {
    return indexOf(this.array(i))
  }
  /** The numbers of an input that decides about shapes. */
  numbers(i: number): number[] {
    return numbersOf(this.array(i))
  }
  maybeNumbers(i: number): number[] | null {
    const v = this.maybe(i)
    return v === null ? null : numbersOf(v)
  }
  number(i: number, fallback?: number): number {
    const v = this.maybe(i)
    if (v === null && fallback !== undefined) return fallback
    const list = this.numbers(i)
    if (list.length !== 1) throw this.fail(`input ${i} is no single number`, { received: `${list.length} numbers` })
    return list[0]!
  }
  strings(i: number): string[] {
    return stringsOf(this.array(i))
  }

  /** The number of elements that are about to be made here on the host, one by one; refuses what no model needs. */
  room(count: number): number {
    this.budget.spend(ROOM_COST * Math.max(0, hostRoom(count)))
    return count
  }

  // ---- attributes ------------------------------------------------------------------------------------------

  has(name: string): boolean {
    return this.attributes.has(name)
  }
  private need<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw this.fail(`the attribute "${name}" is missing`)
    return value
  }
  int(name: string, fallback?: number): number {
    const a = this.attributes.get(name)
    return a === undefined ? this.need(name, fallback) : Number(a.i)
  }
  flag(name: string, fallback = false): boolean {
    return this.int(name, fallback ? 1 : 0) !== 0
  }
  float(name: string, fallback?: number): number {
    return this.attributes.get(name)?.f ?? this.need(name, fallback)
  }
  text(name: string, fallback?: string): string {
    const a = this.attributes.get(name)
    return a === undefined ? this.need(name, fallback) : decoder.decode(a.s)
  }
  ints(name: string): number[] | null {
    return this.attributes.get(name)?.ints.map(Number) ?? null
  }
  /** A list that must be given. */
  needInts(name: string): number[] {
    return this.need(name, this.ints(name) ?? undefined)
  }
  floats(name: string): number[] | null {
    return this.attributes.get(name)?.floats ?? null
  }
  texts(name: string): string[] | null {
    return this.attributes.get(name)?.strings.map((s) => decoder.decode(s)) ?? null
  }
  constant(name: string): ArrayValue | null {
    const t = this.attributes.get(name)?.t
    return t === undefined || t === null ? null : tensorFromMessage(t, null)
  }
  graph(name: string): SubGraph {
    return this.need(name, this.attributes.get(name)?.plan)
  }
  /** An attribute that names an element type. */
  elementType(name: string, fallback?: ElementType): ElementType {
    if (!this.has(name) && fallback !== undefined) return fallback
    const type = elementTypeOf(this.int(name))
    if (type === null) throw this.fail(`the type ${elementTypeName(this.int(name))} is not supported`)
    return type
  }
  axis(name: string, rank: number, fallback?: number): number {
    return normalizeAxis('onnx', this.int(name, fallback), rank)
  }
  /** Axes as an attribute (older opsets) or as an input; null: not given. */
  axesOf(input: number, rank: number): number[] | null {
    const list = this.ints('axes') ?? this.maybeNumbers(input)
    return list === null ? null : list.map((a) => normalizeAxis('onnx', a, rank))
  }
}
