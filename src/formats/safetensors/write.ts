// Writing safetensors as the reference implementation does: wide types first, then by name, header padded to eight bytes.
import { FormatError, textOf } from '../../base/index.ts'
import { ELEMENT_TYPES, type RawArray } from '../elements/element-types.ts'
import { type Arrays, entriesOf, elementsOf } from '../elements/given.ts'
import { quote } from '../fault.ts'

type Texts = Readonly<Record<string, string>> | ReadonlyMap<string, string>

const RANK = new Map(ELEMENT_TYPES.map((type, i) => [type, i]))

/**
 * Writes arrays, or elements as they are (`RawArray`: any type of the format), as a safetensors file. What
 * `openSafetensors(…).readRaw` gives of a file of the reference implementation is written back byte for byte.
 *
 * @throws FormatError for a name the format reserves, or bytes that do not match the shape.
 * @example
 * ```ts
 * import { writeSafetensors } from 'gradus/formats'
 *
 * const bytes = writeSafetensors({ w: { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) } }, { note: 'three bytes' })
 * bytes instanceof Uint8Array // → true
 * ```
 */
export function writeSafetensors(tensors: Arrays, metadata: Texts = {}): Uint8Array<ArrayBuffer> {
  const list = entriesOf('writeSafetensors', 'tensors', tensors).map(([name, array]): [string, RawArray] => {
    if (name === '__metadata__' || name === '__proto__') throw new FormatError('writeSafetensors', `a tensor cannot be called "${name}"`)
    return [name, elementsOf('writeSafetensors', quote(name), array)]
  })
  list.sort(([a, x], [b, y]) => RANK.get(y.type)! - RANK.get(x.type)! || compareNames(a, b))
  const fields: string[] = []
  const field = (name: string, value: unknown): void => void fields.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`)
  const texts = entriesOf('writeSafetensors', 'metadata', metadata)
  for (const [key, text] of texts) textOf('writeSafetensors', `metadata ${quote(key)}`, text)
  if (texts.length > 0) fields.push(`"__metadata__":{${texts.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join(',')}}`)
  let offset = 0
  for (const [name, { type, shape, bytes }] of list) field(name, { dtype: type, shape, data_offsets: [offset, (offset += bytes.length)] })
  const header = new TextEncoder().encode(`{${fields.join(',')}}`)
  // spaces after the header, so that the numbers are aligned
  const start = 8 + Math.ceil(header.length / 8) * 8
  const out = new Uint8Array(start + offset)
  new DataView(out.buffer).setBigUint64(0, BigInt(start - 8), true)
  out.fill(0x20, 8, start)
  out.set(header, 8)
  let at = start
  for (const [, { bytes }] of list) {
    out.set(bytes, at)
    at += bytes.length
  }
  return out
}

/** By code points, as UTF-8 sorts; JavaScript compares halves of surrogate pairs. */
function compareNames(a: string, b: string): number {
  if (a === b) return 0
  const [x, y] = [[...a], [...b]]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) return x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!
  }
  return x.length - y.length
}
