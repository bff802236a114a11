// Conversions between element types, and constants.
import { sizeOf } from '../../../base/index.ts'
import { type Tensor, eye, full } from '../../../tensor/index.ts'
import type { Call, OpTable } from '../call.ts'
import { type ElementType, TYPES, elementTypeOf } from '../element-type.ts'
import { isLong, longValue, readable, wordsOf } from '../long.ts'
import { type ArrayValue, hostOf, hostRoom, hostValue, isHost, numbersOf, store, tensorOf, tensorValue } from '../value.ts'
import { fromFloat, toFloat, wideFloat } from '../words.ts'
import { fit } from './support.ts'

export function castTo(v: ArrayValue, type: ElementType): ArrayValue {
  if (v.type === type) return v
  const from = TYPES[v.type]
  const to = TYPES[type]
  if (from.kind === 'string' || to.kind === 'string') return throughText(v, type)
  if (isHost(v)) {
    const source = hostOf(v) as ArrayLike<number | bigint>
    if (to.kind === 'int' && from.kind === 'float') return store(type, v.shape, Array.from(source, (x) => wholeOf(Number(x), to.big)))
    return store(type, v.shape, source)
  }
  // float64 also carries uint32 and uint64
  if (type === 'int64' && (from.kind === 'float' || from.dtype === 'float64')) return longCast(v)
  const x = isLong(v) ? shortCast(v, type) : tensorOf(v)
  if (to.kind === 'int' && x.dtype === 'float32' && to.dtype === 'float64') return fit(type, x.trunc().to('float64'))
  return fit(type, x.to(to.dtype!))
}
/** Floats to int64, beyond 32 bits too. */
function longCast(v: ArrayValue): ArrayValue {
  if (readable(v)) return store('int64', v.shape, Array.from(hostOf(v) as ArrayLike<number | bigint>, (x) => (typeof x === 'bigint' ? x : wholeOf(x, true))))
  return longValue(fromFloat(tensorOf(v)))
}
/** int64 of two words: its lower word, or the number itself, as floats and truth values have it. */
function shortCast(v: ArrayValue, type: ElementType): Tensor {
  const { low, high } = wordsOf(v)
  const { kind, dtype } = TYPES[type]
  if (kind === 'bool') return low.bitwiseOr(high).ne(0)
  if (kind === 'float') return toFloat({ low, high }, dtype === 'float64' ? 'float64' : wideFloat())
  return dtype === 'float64' ? toFloat({ low, high }, 'float64') : low
}
const wholeOf = (x: number, big: boolean): number | bigint => (Number.isFinite(x) ? (big ? BigInt(Math.trunc(x)) : Math.trunc(x)) : big ? -(2n ** 63n) : 0)

function throughText(v: ArrayValue, type: ElementType): ArrayValue {
  const source = Array.from(hostOf(v) as ArrayLike<string | number | bigint>)
  if (TYPES[type].kind === 'string') return hostValue('string', v.shape, source.map((x) => (TYPES[v.type].kind === 'float' ? numberText(x as number, v.type !== 'float64') : String(x))))
  if (TYPES[type].big) return store(type, v.shape, source.map((x) => BigInt(String(x).trim())))
  return store(type, v.shape, source.map((x) => parse(String(x))))
}
/** The shortest text that reads back as the same number; NumPy's words for what is no number. */
function numberText(x: number, single: boolean): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? 'INF' : '-INF'
  let digits = 1
  while (single && digits < 17 && Math.fround(Number(x.toPrecision(digits))) !== x) digits++
  const text = single ? String(Number(x.toPrecision(digits))) : String(x)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}
function parse(text: string): number {
  const t = text.trim().toLowerCase()
  if (/^[+]?inf(inity)?$/.test(t)) return Infinity
  if (/^-inf(inity)?$/.test(t)) return -Infinity
  return t === '' ? Number.NaN : Number(t)
}

function constant(c: Call): ArrayValue {
  const value = c.constant('value')
  if (value !== null) return value
  if (c.has('value_float')) return store('float32', [], [c.float('value_float')])
  if (c.has('value_floats')) return store('float32', [c.floats('value_floats')!.length], c.floats('value_floats')!)
  if (c.has('value_int')) return hostValue('int64', [], BigInt64Array.of(c.attributes.get('value_int')!.i))
  if (c.has('value_ints')) return hostValue('int64', [c.ints('value_ints')!.length], BigInt64Array.from(c.attributes.get('value_ints')!.ints))
  if (c.has('value_string')) return hostValue('string', [], [c.text('value_string')])
  if (c.has('value_strings')) return hostValue('string', [c.texts('value_strings')!.length], c.texts('value_strings')!)
  throw c.fail('a constant without a value that is supported', { expected: 'value, value_float(s), value_int(s) or value_string(s)', received: [...c.attributes.keys()].join(', ') || 'none' })
}

/** A value repeated over a shape. */
export function filled(like: ArrayValue, shape: readonly number[]): ArrayValue {
  const n = sizeOf(shape)
  const value = (hostOf(like) as ArrayLike<number | bigint>)[0]!
  if (TYPES[like.type].kind === 'int' || n <= 256) return store(like.type, shape, new Array(hostRoom(n)).fill(value))
  return tensorValue(like.type, full(shape, Number(value), TYPES[like.type].dtype!))
}

export const cast: OpTable = {
  Cast: (c) => castTo(c.array(0), c.elementType('to')),
  CastLike: (c) => castTo(c.array(0), c.array(1).type),
  Constant: constant,
  ConstantOfShape: (c) => filled(c.constant('value') ?? store('float32', [1], [0]), c.numbers(0)),
  EyeLike: (c) => {
    const { shape, type } = c.array(0)
    const [rows, columns] = [shape[0]!, shape[1]!]
    const k = c.int('k', 0)
    const wanted = c.has('dtype') ? elementTypeOf(c.int('dtype'))! : type
    // a larger identity, cut so that its diagonal lies at k
    hostRoom((rows + Math.abs(k)) * (columns + Math.abs(k)))
    const wide = eye(rows + Math.abs(k), columns + Math.abs(k), TYPES[wanted].dtype!)
    return tensorValue(wanted, wide.at([k > 0 ? k : 0, (k > 0 ? k : 0) + rows], [k < 0 ? -k : 0, (k < 0 ? -k : 0) + columns]))
  },
  Range: (c) => {
    const { type } = c.array(0)
    const [start, limit, delta] = [0, 1, 2].map((i) => numbersOf(c.array(i))[0]!) as [number, number, number]
    if (delta === 0) throw c.fail('a step of 0')
    const n = Math.max(0, Math.ceil((limit - start) / delta))
    return store(type, [n], Array.from({ length: hostRoom(n) }, (_, i) => start + i * delta))
  },
}
