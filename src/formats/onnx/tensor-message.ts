// TensorProto → an array. Sizes are checked before anything is allocated.
import { type Shape, showShape } from '../../base/index.ts'
import { bad } from './decode.ts'
import { type ElementType, type HostData, TYPES, elementTypeName, elementTypeOf, halfToNumber } from './element-type.ts'
import type { TensorMessage } from './messages.ts'
import { type ArrayValue, hostValue } from './value.ts'

/** Bytes of a file beside the model, named by the model. */
export type ExternalData = (location: string, offset: number, length: number | null) => Uint8Array

const MAX_ELEMENTS = 2 ** 31 - 1

export function tensorFromMessage(t: TensorMessage, external: ExternalData | null): ArrayValue {
  const name = `tensor "${t.name}"`
  const type = elementTypeOf(t.dataType)
  if (type === null) throw bad(`${name} has a type that is not supported`, { expected: Object.keys(TYPES).join(', '), received: elementTypeName(t.dataType) })
  const shape = shapeOf(name, t.dims)
  const count = shape.reduce((n, d) => n * d, 1)
  const raw = t.external === null ? t.raw : fromOutside(name, t.external, external, Math.ceil(count * TYPES[type].bytes))
  if (raw !== null) return hostValue(type, shape, fromRaw(name, type, shape, count, raw))
  return hostValue(type, shape, fromFields(name, type, shape, count, t))
}

function shapeOf(name: string, dims: readonly bigint[]): Shape {
  let count = 1n
  for (const d of dims) {
    if (d < 0n) throw bad(`${name} has a negative size`, { received: `[${dims.join(',')}]` })
    count *= d
  }
  if (count > BigInt(MAX_ELEMENTS) || dims.some((d) => d > BigInt(MAX_ELEMENTS))) throw bad(`${name} has too many elements`, { expected: `at most ${MAX_ELEMENTS}`, received: `[${dims.join(',')}]` })
  if (dims.length > 64) throw bad(`${name} has too many axes`, { expected: 'at most 64', received: String(dims.length) })
  return dims.map(Number)
}

function fromOutside(name: string, entries: ReadonlyMap<string, string>, external: ExternalData | null, bytes: number): Uint8Array {
  const location = entries.get('location')
  if (location === undefined) throw bad(`${name}: external data without a location`)
  if (external === null) throw bad(`${name} lies in another file, "${location}"`, { remedy: 'Pass externalData, or read the model from its folder with loadOnnx(path).' })
  const whole = (key: string): number | null => {
    const text = entries.get(key)
    if (text === undefined) return null
    if (!/^\d{1,15}$/.test(text)) throw bad(`${name}: bad external ${key}`, { expected: 'a whole number', received: JSON.stringify(text.slice(0, 40)) })
    return Number(text)
  }
  const length = whole('length')
  if (length !== null && length !== bytes) throw bad(`${name}: external data of another length than its shape says`, { expected: `${bytes} bytes`, received: String(length) })
  return external(location, whole('offset') ?? 0, length ?? bytes)
}

function fromRaw(name: string, type: ElementType, shape: Shape, count: number, raw: Uint8Array): HostData {
  const { bytes, allocate, kind } = TYPES[type]
  if (bytes === 0) throw bad(`${name}: strings cannot be raw data`)
  if (raw.length !== Math.ceil(count * bytes)) throw bad(`${name} has another length than its shape says`, { expected: `${Math.ceil(count * bytes)} bytes for ${type}${showShape(shape)}`, received: `${raw.length} bytes` })
  if (type === 'float16') return Float32Array.from(new Uint16Array(Uint8Array.from(raw).buffer), halfToNumber)
  if (type === 'bfloat16') return new Float32Array(Uint32Array.from(new Uint16Array(Uint8Array.from(raw).buffer), (h) => (h << 16) >>> 0).buffer)
  const data = allocate(count) as Uint8Array
  if (bytes === 0.5) {
    for (let i = 0; i < count; i++) {
      const nibble = (raw[i >> 1]! >> (4 * (i & 1))) & 15
      data[i] = type === 'int4' ? (nibble << 28) >> 28 : nibble
    }
    return data
  }
  new Uint8Array(data.buffer).set(raw)
  if (kind === 'bool') data.forEach((x, i) => (data[i] = x === 0 ? 0 : 1))
  return data
}

function fromFields(name: string, type: ElementType, shape: Shape, count: number, t: TensorMessage): HostData {
  const { kind, big, allocate } = TYPES[type]
  const list: ArrayLike<unknown> =
    kind === 'string' ? t.strings : type === 'float32' ? t.floats : type === 'float64' ? t.doubles : type === 'int64' ? t.longs : type === 'uint64' || type === 'uint32' ? t.unsigned : t.ints
  if (list.length !== count) throw bad(`${name} has another length than its shape says`, { expected: `${count} elements for ${type}${showShape(shape)}`, received: String(list.length) })
  if (kind === 'string') return t.strings.map((s) => new TextDecoder().decode(s))
  if (type === 'float16') return Float32Array.from(list as ArrayLike<number>, halfToNumber)
  if (type === 'bfloat16') return new Float32Array(Uint32Array.from(list as ArrayLike<number>, (h) => (h << 16) >>> 0).buffer)
  const data = allocate(count) as unknown as { [i: number]: unknown }
  for (let i = 0; i < count; i++) data[i] = big ? list[i] : kind === 'bool' ? (list[i] === 0 ? 0 : 1) : Number(list[i])
  return data as unknown as HostData
}
