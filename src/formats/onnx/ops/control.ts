// If, Loop, Scan: known conditions are followed; conditions inside jit become `cond`.
import { ValueError, normalizeAxis, sameShape, sizeOf } from '../../../base/index.ts'
import { cond, readNow } from '../../../tensor/index.ts'
import { COMPUTED, RESHAPED, bytesOf } from '../budget.ts'
import type { Call, Handler, OpTable, SubGraph } from '../call.ts'
import type { ElementType } from '../element-type.ts'
import { longValue, wordsOf } from '../long.ts'
import { isPending, realizeValues } from '../settle.ts'
import { tensorFromMessage } from '../tensor-message.ts'
import { type ArrayValue, type Value, int64s, isHost, reshaped, scalarBool, tensorOf, tensorValue } from '../value.ts'
import { join, moved } from './support.ts'

/** A truth value now; null inside jit or vmap, where there is none yet. */
function known(v: ArrayValue): boolean | null {
  if (sizeOf(v.shape) !== 1) throw new ValueError('onnx', 'a condition is a single truth value', { received: `${v.type}[${v.shape}]` })
  if (isHost(v)) return Number(v.host![0]) !== 0
  try {
    return readNow(v.tensor!)[0] !== 0
  } catch {
    return null
  }
}

const branch: Handler = (c) => {
  const [yes, no] = [c.graph('then_branch'), c.graph('else_branch')]
  const flag = c.array(0)
  const now = known(flag)
  if (now !== null) return c.run(now ? yes : no, [])
  let types: ElementType[] = []
  const tensors = (graph: typeof yes) => () => c.run(graph, []).map((v) => {
    if (v.kind !== 'array') throw c.fail(`a condition that is not known yet chooses a ${v.kind}`, { remedy: 'Call the model outside of jit.' })
    types = [...types, v.type]
    // either branch may give 64-bit integers in two words
    if (v.type !== 'int64') return [tensorOf(v)]
    const { low, high } = wordsOf(v)
    return [low, high]
  })
  const results = cond(tensorOf(flag).reshape([]), tensors(yes), tensors(no))
  return results.map(([t, high], i) => (high === undefined ? tensorValue(types[i]!, t!) : longValue({ low: t!, high })))
}

/** Scan outputs: pieces on a new axis. */
function pile(c: Call, pieces: readonly Value[], axis: number, empty: Value | null): Value {
  const arrays = pieces.map((p) => {
    if (p.kind !== 'array') throw c.fail(`a loop gathers a ${p.kind}`, { expected: 'an array' })
    const a = axis < 0 ? axis + p.shape.length + 1 : axis
    return reshaped(p, [...p.shape.slice(0, a), 1, ...p.shape.slice(a)])
  })
  if (arrays.length === 0) {
    if (empty === null) throw c.fail('a loop without a step gives nothing whose shape is known')
    return empty
  }
  const a = axis < 0 ? axis + arrays[0]!.shape.length : axis
  return moved(arrays, (xs) => join(xs, a))
}

/** What of a body stays the same from step to step: whatever it computes from the condition, which is true, from what goes through unchanged and from outside. */
function staying(body: SubGraph): (name: string) => boolean {
  const source = new Map(body.nodes.flatMap((n) => n.outputs.map((out) => [out, n] as const)))
  const behind = (name: string): string => {
    let at = name
    for (let n = source.get(at), i = 0; n?.op === 'Identity' && i < body.nodes.length; n = source.get(at), i++) at = n.inputs[0]!
    return at
  }
  const changing = new Set([body.inputs[0]!, ...body.inputs.slice(2).filter((name, k) => behind(body.outputs[k + 1]!) !== name)])
  // nodes are in order: what changes is known before it is read
  for (const n of body.nodes) if (!n.repeatable || n.inputs.some((name) => changing.has(name))) for (const out of n.outputs) changing.add(out)
  return (name) => !changing.has(name)
}
/** Whether a body gives back the condition it is given, or always true: then only the number of steps ends the loop. */
function goesOn(body: SubGraph): boolean {
  let name = body.outputs[0]!
  let source = body.nodes.find((n) => n.outputs[0] === name)
  for (let i = 0; i < body.nodes.length && source?.op === 'Identity'; i++) {
    name = source.inputs[0]!
    source = body.nodes.find((n) => n.outputs[0] === name)
  }
  if (name === body.inputs[1]) return true
  const t = source?.op === 'Constant' ? (source.attributes.get('value')?.t ?? null) : null
  const always = t === null ? body.initializers.get(name) : tensorFromMessage(t, null)
  return always !== undefined && sizeOf(always.shape) === 1 && Number(always.host![0]) !== 0
}

/** The number of steps that a loop is known to make, from the file alone; 0: it may make none. */
function certainSteps({ inputs, attributes }: SubGraph['nodes'][number], around: SubGraph): number {
  const body = attributes.get('body')?.plan
  const stored = (name: string): ArrayValue | undefined => {
    const t = around.nodes.find((n) => n.op === 'Constant' && n.outputs[0] === name)?.attributes.get('value')?.t ?? null
    return t === null ? around.initializers.get(name) : tensorFromMessage(t, null)
  }
  const [limit, first] = [stored(inputs[0] ?? ''), stored(inputs[1] ?? '')]
  const begins = (inputs[1] ?? '') === '' || (first !== undefined && Number(first.host?.[0]) !== 0)
  return body !== undefined && begins && limit !== undefined && sizeOf(limit.shape) === 1 && goesOn(body) ? Math.max(0, Number(limit.host![0])) : 0
}
/** The nodes that a step of a loop runs at least, loops inside it step by step. */
function leastNodes(body: SubGraph): number {
  let count = body.nodes.length + 1
  for (const n of body.nodes) {
    if (n.op !== 'Loop') continue
    const inner = n.attributes.get('body')?.plan
    const steps = certainSteps(n, body)
    if (inner !== undefined && steps > 0) count += steps * leastNodes(inner)
  }
  return count
}

const loop: Handler = (c) => {
  const body = c.graph('body')
  const limit = c.maybe(0) === null ? Infinity : c.number(0)
  let going = c.maybe(1) === null ? true : known(c.array(1))
  let carried = c.inputs.slice(2).map((v, i) => v ?? c.value(i + 2))
  const count = carried.length
  if (body.outputs.length < count + 1) throw c.fail('the body gives too little', { expected: `a condition and ${count} values`, received: `${body.outputs.length} outputs` })
  const gathered: Value[][] = Array.from({ length: body.outputs.length - 1 - count }, () => [])
  if (going === true && goesOn(body)) c.budget.loop(limit, leastNodes(body))
  const step = (i: number): void => {
    c.budget.loop(i + 1, 0)
    const out = c.run(body, [int64s([i], []), scalarBool(true), ...carried])
    const flag = out[0]!
    if (flag.kind !== 'array') throw c.fail('the condition of the loop is no array')
    if (isOpen) c.budget.spendOpen((isPending(flag) ? COMPUTED : 0) + (carried.some((v, k) => !sameSizes(v, out[k + 1]!)) ? RESHAPED : 0))
    // where the condition has to be computed the rest of the step is too: else every step would compute those before it again
    if (isPending(flag)) realizeValues(out.filter(isPending))
    going = known(flag)
    // a condition that stays true: only the number of steps ends the loop
    if (i === 0 && going === true && staying(body)(body.outputs[0]!)) c.budget.loop(limit, leastNodes(body))
    carried = out.slice(1, 1 + count)
    out.slice(1 + count).forEach((v, k) => {
      c.budget.hold(bytesOf(v))
      gathered[k]!.push(v)
    })
  }
  const isOpen = limit > c.budget.limits.steps
  c.budget.inLoop(isOpen, () => {
    for (let i = 0; i < limit; i++) {
      if (going === null) throw c.fail('whether the loop goes on is not known yet', { remedy: 'Its condition depends on values: call the model outside of jit and vmap.' })
      if (!going) break
      step(i)
    }
  })
  return [...carried, ...gathered.map((pieces) => pile(c, pieces, 0, int64s([], [0])))]
}
const sameSizes = (a: Value, b: Value): boolean => a.kind !== 'array' || b.kind !== 'array' || sameShape(a.shape, b.shape)

/** One position of an axis. */
function at(v: ArrayValue, axis: number, i: number): ArrayValue {
  return moved([v], ([t]) => t!.at(...v.shape.map((_, a) => (a === axis ? i : null))))
}
const scanOver = (c: Call, initial: readonly Value[], xs: readonly ArrayValue[]): Value[] => {
  const body = c.graph('body')
  if (xs.length === 0) throw c.fail('a scan that reads nothing has no length', { expected: 'num_scan_inputs of at least 1' })
  if (body.outputs.length < initial.length || body.inputs.length !== initial.length + xs.length) throw c.fail('the body has another number of inputs or outputs', { expected: `${initial.length} states and ${xs.length} rows in, the states out`, received: `${body.inputs.length} in, ${body.outputs.length} out` })
  const listed = c.ints('scan_input_axes') ?? xs.map(() => 0)
  const axes = xs.map((x, i) => normalizeAxis('onnx', listed[i] ?? 0, x.shape.length))
  const back = c.ints('scan_input_directions') ?? c.ints('directions') ?? xs.map(() => 0)
  const outputs = body.outputs.length - initial.length
  const outAxes = c.ints('scan_output_axes') ?? new Array<number>(outputs).fill(0)
  const outBack = c.ints('scan_output_directions') ?? new Array<number>(outputs).fill(0)
  const length = xs[0]!.shape[axes[0]!]!
  c.budget.loop(length, body.nodes.length + 1)
  let state = [...initial]
  const gathered: Value[][] = Array.from({ length: outputs }, () => [])
  for (let t = 0; t < length; t++) {
    const rows = xs.map((x, i) => at(x, axes[i]!, back[i] === 1 ? length - 1 - t : t))
    const out = c.run(body, [...state, ...rows])
    state = out.slice(0, state.length)
    for (const v of out.slice(state.length)) c.budget.hold(bytesOf(v))
    out.slice(state.length).forEach((v, i) => (outBack[i] === 1 ? gathered[i]!.unshift(v) : gathered[i]!.push(v)))
  }
  return [...state, ...gathered.map((pieces, i) => pile(c, pieces, outAxes[i]!, null))]
}
const scanned = (c: Call, inputs: number): number => {
  const count = c.int('num_scan_inputs')
  if (!(count >= 1 && count <= inputs)) throw c.fail('num_scan_inputs does not fit', { expected: `1 … ${inputs}`, received: String(count) })
  return count
}
const scan: Handler = (c) => {
  const count = scanned(c, c.inputs.length)
  const all = c.inputs.map((_, i) => c.value(i))
  return scanOver(c, all.slice(0, all.length - count), all.slice(all.length - count).map((_, i) => c.array(all.length - count + i)))
}
/** Opset 8: a batch axis in front, an optional list of lengths first. */
const scan8: Handler = (c) => {
  const count = scanned(c, c.inputs.length - 1)
  const all = c.inputs.slice(1).map((_, i) => c.array(i + 1))
  if (c.maybe(0) !== null) throw c.fail('sequence lengths of opset 8 are not supported')
  const batch = all[0]!.shape[0]!
  const results = Array.from({ length: batch }, (_, b) => {
    const rows = all.map((v) => at(v, 0, b))
    return scanOver(c, rows.slice(0, rows.length - count), rows.slice(rows.length - count))
  })
  return results[0]!.map((_, i) => pile(c, results.map((r) => r[i]!), 0, null))
}

export const control: OpTable = { If: branch, Loop: loop, Scan: [[8, scan8], [9, scan]] }
