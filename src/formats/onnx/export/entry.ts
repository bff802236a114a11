// What an entry of the export table is: how one op of Gradus is said in ONNX, or why it cannot be.
import { ValueError } from '../../../base/index.ts'
import type { Node, OpName } from '../../../ir/index.ts'
import type { Builder, Value } from './builder.ts'
import { type Dim, dimOf } from './dim.ts'
import { type Step, type StepGraph, align, dimsOf, shapeOf } from './step.ts'

/** Writes an op: one value, or one for each output. */
export type Writer<K extends OpName> = (w: Writing<K>) => Value | readonly Value[]
export type Entry<K extends OpName> = Writer<K> | { readonly refuse: string; readonly remedy?: string }
export type ExportTable = { readonly [K in OpName]: Entry<K> }
/** A part of the table. */
export type Entries<K extends OpName> = { readonly [Name in K]: Entry<Name> }

/** One op being written. */
export class Writing<K extends OpName> {
  readonly b: Builder
  readonly step: Step<K>
  readonly inputs: readonly Value[]
  readonly batches: readonly number[]
  /** Writes a sub-graph into a builder of its own, its parameters standing for these values. */
  readonly inline: (b: Builder, graph: StepGraph, args: readonly Value[]) => Value[]
  /** The value written for a step before. */
  readonly written: (step: Step) => Value

  constructor(fields: Pick<Writing<K>, 'b' | 'step' | 'inputs' | 'batches' | 'inline' | 'written'>) {
    this.b = fields.b
    this.step = fields.step
    this.inputs = fields.inputs
    this.batches = fields.batches
    this.inline = fields.inline
    this.written = fields.written
  }

  /** The op with one input. */
  get x(): Value {
    return this.inputs[0]!
  }
  get node(): Node<K> {
    return this.step.nodes[0]!
  }
  get shape(): Dim[] {
    return shapeOf(this.step, this.batches)
  }
  /** Numbers of the parameters, as they depend on the batch. */
  dims(read: (node: Node<K>) => readonly number[], what: string): Dim[] {
    return dimsOf(this.step.nodes.map(read), this.batches, `${what} of ${this.step.op}`)
  }
  /** Numbers that must not depend on the batch. */
  numbers(read: (node: Node<K>) => readonly number[], what: string): number[] {
    return this.dims(read, what).map((d) => {
      if (d.k !== 0) throw this.fail(`${what} depends on the batch`, 'Export for one size with { batch: false }.')
      return d.c
    })
  }
  dim(read: (node: Node<K>) => number, what: string): Dim {
    return dimOf(this.step.nodes.map(read), this.batches, `${what} of ${this.step.op}`)
  }
  /** Fixed sizes of an input. */
  sizes(x: Value): number[] {
    return x.shape.map((d) => {
      if (d.k !== 0) throw this.fail('a size that must be fixed depends on the batch', 'Export for one size with { batch: false }.')
      return d.c
    })
  }
  /** A sub-graph of the parameters at every batch. */
  graph(read: (node: Node<K>) => { readonly params: readonly Node[]; readonly results: readonly Node[] }): StepGraph {
    return align(this.step.nodes.map(read))
  }
  fail(problem: string, remedy?: string): ValueError {
    return new ValueError('exportOnnx', `${this.step.op}: ${problem}`, remedy === undefined ? {} : { remedy })
  }
}
