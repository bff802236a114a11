// Loops and branches in ONNX: Scan and If. What does not change in a loop is seen from inside, as ONNX allows.
import type { OpName } from '../../../ir/index.ts'
import { TYPES } from '../element-type.ts'
import type { GraphMessage, ValueInfo } from '../messages.ts'
import type { Builder, Value } from './builder.ts'
import { type Dim, isFixed } from './dim.ts'
import type { Entries, Writing } from './entry.ts'
import { type StepGraph, shapeOf } from './step.ts'

export const portOf = (name: string, x: { readonly dtype: Value['dtype']; readonly shape: readonly Dim[] }, show: (d: Dim) => number | string | null): ValueInfo => ({ name, type: { kind: 'tensor', elementType: TYPES[x.dtype].code, shape: x.shape.map(show) } })
const size = (d: Dim): number | null => (isFixed(d) ? d.c : null)

/** Outputs of a graph need names of their own, given inside it. */
export function outputsOf(b: Builder, values: readonly Value[], own: (i: number) => string, show: (d: Dim) => number | string | null = size): ValueInfo[] {
  return values.map((v, i) => {
    const name = own(i)
    b.nodeOf('Identity', [b.force(v).name], {}, [name])
    return portOf(name, v, show)
  })
}
const graphOf = (b: Builder, name: string, inputs: ValueInfo[], outputs: ValueInfo[]): GraphMessage => ({ name, nodes: b.nodes, initializers: [], sparseInitializers: 0, inputs, outputs })

function branch(w: Writing<'cond'>, graph: StepGraph, args: readonly Value[], name: string): GraphMessage {
  const b = w.b.inner()
  const results = w.inline(b, graph, args)
  return graphOf(b, name, [], outputsOf(b, results, (i) => b.names.fresh(`${name}_${i}`)))
}

export const control = {
  scan: (w) => {
    const { constants, carries, reverse } = w.node.params
    const length = w.dim((n) => n.params.length, 'the length')
    const body = w.graph((n) => n.params.body)
    const b = w.b.inner()
    const outer = w.inputs.map((x) => w.b.force(x))
    const state = outer.slice(constants, constants + carries)
    const rows = outer.slice(constants + carries)
    // a loop without a turn: its form in ONNX is open
    if (isFixed(length) && length.c === 0) return [...state, ...body.results.slice(carries).map((r) => w.b.force(w.b.scalar(r.nodes[0]!.dtype, 0, [length, ...shapeOf(r, w.batches)])))]
    // ONNX's Scan takes its number of turns from what it reads
    const counted = rows.length > 0 ? rows : [w.b.force(w.b.scalar('bool', 0, [length]))]
    const inside = [...state, ...counted.map((x) => ({ ...x, shape: x.shape.slice(1) }))].map((x) => w.b.named(w.b.names.fresh('loop_in'), x.dtype, x.shape))
    const results = w.inline(b, body, [...outer.slice(0, constants), ...inside].slice(0, constants + carries + rows.length))
    const outputs = outputsOf(b, results, () => b.names.fresh('loop_out'))
    const graph = graphOf(b, w.b.names.fresh('loop'), inside.map((x) => portOf(x.name, x, size)), outputs)
    const names = results.map(() => w.b.names.fresh('scan_out'))
    const back = (list: readonly unknown[]): number[] => list.map(() => 1)
    const directions = { ...(reverse ? { scan_input_directions: back(counted) } : {}), ...(reverse && results.length > carries ? { scan_output_directions: back(results.slice(carries)) } : {}) }
    w.b.nodeOf('Scan', [...state, ...counted].map((x) => x.name), { body: { graph }, num_scan_inputs: counted.length, ...directions }, names)
    return results.map((r, i) => w.b.named(names[i]!, r.dtype, i < carries ? r.shape : [length, ...r.shape]))
  },
  cond: (w) => {
    const yes = w.graph((n) => n.params.then)
    const no = w.graph((n) => n.params.else)
    const [flag, ...operands] = w.inputs.map((x) => w.b.force(x))
    const then_branch = { graph: branch(w, yes, operands, 'then') }
    const else_branch = { graph: branch(w, no, operands, 'else') }
    const names = yes.results.map(() => w.b.names.fresh('if_out'))
    w.b.nodeOf('If', [flag!.name], { then_branch, else_branch }, names)
    return yes.results.map((r, i) => w.b.named(names[i]!, r.nodes[0]!.dtype, shapeOf(r, w.batches)))
  },
  attention: { refuse: 'inside of a loop it has no form in ONNX', remedy: 'Export the body of the loop, or unroll it.' },
  attentionGradient: { refuse: 'inside of a loop it has no form in ONNX', remedy: 'Export the body of the loop, or unroll it.' },
  pick: { refuse: 'it is written with the op it picks from' },
} satisfies Partial<Entries<OpName>>
