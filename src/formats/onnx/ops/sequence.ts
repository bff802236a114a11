// Sequences and optional values.
import { normalizeAxis } from '../../../base/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { type ArrayValue, type SequenceValue, type Value, int64s, reshaped, scalarBool } from '../value.ts'
import { join, moved } from './support.ts'

function sequenceOf(c: Call, i: number): SequenceValue {
  const v = c.value(i)
  if (v.kind === 'optional' && v.value?.kind === 'sequence') return v.value
  if (v.kind !== 'sequence') throw c.fail(`input ${i} is no sequence`, { received: v.kind })
  return v
}
const made = (items: readonly Value[]): SequenceValue => ({ kind: 'sequence', items })
function place(c: Call, input: number, n: number, fallback: number, end: number): number {
  const at = c.maybe(input) === null ? fallback : c.number(input)
  const p = at < 0 ? at + n : at
  if (p < 0 || p > end) throw c.fail('a position outside the sequence', { expected: `${-n} … ${end}`, received: String(at) })
  return p
}
const insert: Handler = (c) => {
  const { items } = sequenceOf(c, 0)
  const at = place(c, 2, items.length, items.length, items.length)
  return made([...items.slice(0, at), c.value(1), ...items.slice(at)])
}
const erase: Handler = (c) => {
  const { items } = sequenceOf(c, 0)
  const at = place(c, 1, items.length, items.length - 1, items.length - 1)
  return made(items.filter((_, i) => i !== at))
}
const element: Handler = (c) => {
  const { items } = sequenceOf(c, 0)
  return items[place(c, 1, items.length, 0, items.length - 1)]!
}
const splitToSequence: Handler = (c) => {
  const x = c.array(0)
  const axis = c.axis('axis', x.shape.length, 0)
  const n = x.shape[axis]!
  const given = c.maybe(1)
  const list = given === null ? new Array<number>(c.room(n)).fill(1) : c.numbers(1)
  const parts = given !== null && given.shape.length === 0 ? Math.ceil(n / list[0]!) : list.length
  c.budget.loop(parts, 1)
  const sizes = given !== null && given.shape.length === 0 ? Array.from({ length: parts }, (_, i) => Math.min(list[0]!, n - i * list[0]!)) : list
  const keep = given !== null || c.flag('keepdims', true)
  let from = 0
  return made(sizes.map((size) => {
    const start = from
    from += size
    const part = moved([x], ([t]) => t!.at(...x.shape.map((_, i): [number, number] | null => (i === axis ? [start, start + size] : null))))
    return keep ? part : reshaped(part, part.shape.filter((_, i) => i !== axis))
  }))
}
const concatFromSequence: Handler = (c) => {
  const items = sequenceOf(c, 0).items as ArrayValue[]
  if (items.length === 0) throw c.fail('the sequence is empty')
  const fresh = c.flag('new_axis')
  const axis = normalizeAxis('onnx', c.int('axis'), items[0]!.shape.length + (fresh ? 1 : 0))
  const parts = fresh ? items.map((v) => reshaped(v, [...v.shape.slice(0, axis), 1, ...v.shape.slice(axis)])) : items
  return moved(parts, (xs) => join(xs, axis))
}
/** The body once for every item; arrays are the same each time. */
const sequenceMap: Handler = (c) => {
  const body = c.graph('body')
  const n = sequenceOf(c, 0).items.length
  const rows = Array.from({ length: n }, (_, k) => c.run(body, c.inputs.map((_, i) => {
    const v = c.value(i)
    return v.kind === 'sequence' ? v.items[k]! : v
  })))
  return body.outputs.map((_, i) => made(rows.map((r) => r[i]!)))
}

export const sequence: OpTable = {
  SequenceEmpty: () => made([]),
  SequenceConstruct: (c) => made(c.inputs.map((_, i) => c.value(i))),
  SequenceInsert: insert, SequenceErase: erase, SequenceAt: element,
  SequenceLength: (c) => int64s([sequenceOf(c, 0).items.length], []),
  SplitToSequence: splitToSequence, ConcatFromSequence: concatFromSequence, SequenceMap: sequenceMap,
  Optional: (c) => ({ kind: 'optional', value: c.inputs[0] ?? null }),
  OptionalHasElement: (c) => {
    const v = c.inputs[0] ?? null
    return scalarBool(v !== null && !(v.kind === 'optional' && v.value === null))
  },
  OptionalGetElement: (c) => {
    const v = c.value(0)
    if (v.kind !== 'optional') return v
    if (v.value === null) throw c.fail('the optional value is empty')
    return v.value
  },
}
