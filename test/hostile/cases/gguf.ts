// Bad GGUF files.
import { goldenFile } from '../../support/golden-files.ts'
import type { BadFile } from '../bad-file.ts'
import { join, latin1, u32, u64, utf8 } from '../bytes.ts'

const text = (value: string | Uint8Array): Uint8Array => {
  const bytes = typeof value === 'string' ? utf8(value) : value
  return join(u64(bytes.length), bytes)
}
interface Tensor {
  readonly name?: string | Uint8Array
  readonly shape?: readonly (number | bigint)[]
  readonly type?: number
  readonly offset?: number | bigint
}
const info = ({ name = 'a', shape = [8], type = 0, offset = 0 }: Tensor): Uint8Array => join(text(name), u32(shape.length), u64(...shape), u32(type), u64(offset))
const head = (tensors: number | bigint, values: number | bigint, version = 3): Uint8Array => join(latin1('GGUF'), u32(version), u64(tensors, values))
/** A whole file: header, padding to 32, numbers. */
function file(tensors: readonly Tensor[], values: readonly Uint8Array[], numbers = 32): Uint8Array {
  const start = join(head(tensors.length, values.length), ...values, ...tensors.map(info))
  return join(start, new Uint8Array((32 - (start.length % 32)) % 32), new Uint8Array(numbers))
}
const value = (key: string, type: number, ...rest: Uint8Array[]): Uint8Array => join(text(key), u32(type), ...rest)
const lists = (depth: number): Uint8Array => join(...Array.from({ length: depth }, () => join(u32(9), u64(1))), u32(0), u64(0))

const cases: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /header is cut off/],
  ['another magic', () => latin1('GGML\u0003\u0000\u0000\u0000'), /not a GGUF file/],
  ['version 1', () => head(0, 0, 1), /version of GGUF that is not supported: expected 2 or 3.*received 1/],
  ['version 4', () => head(0, 0, 4), /not supported.*received 4/],
  ['big-endian', () => head(0, 0, 0x03000000), /version of GGUF that is not supported/],
  ['2^63 tensors', () => head(2n ** 63n, 0), /number of tensors is too large.*received 9223372036854775808/],
  ['2^64 − 1 values', () => head(0, 2n ** 64n - 1n), /number of values is too large/],
  ['more tensors than fit into the file', () => head(1000, 0), /number of tensors is too large/],
  ['a key of 2^63 bytes', () => join(head(0, 1), u64(2n ** 63n), new Uint8Array(16)), /value 0: the length of its key is too large: expected at most/],
  ['a key that is not UTF-8', () => file([], [join(text(Uint8Array.of(0xff)), u32(0), [1])]), /its key is not UTF-8/],
  ['a key twice', () => file([], [value('k', 0, Uint8Array.of(1)), value('k', 0, Uint8Array.of(1))]), /key "k" is given twice/],
  ['a value of an unknown type', () => file([], [value('k', 13)]), /"k" has an unknown type: expected 0 to 12, received 13/],
  ['a bool of 2', () => file([], [value('k', 7, Uint8Array.of(2))]), /"k" is no bool/],
  ['a text of 2^63 bytes', () => file([], [value('k', 8, u64(2n ** 63n))]), /"k": the length of its text is too large/],
  ['a list of 2^63 values', () => file([], [value('k', 9, u32(0), u64(2n ** 63n))]), /"k": its number of values is too large/],
  ['a list longer than the file', () => file([], [value('k', 9, u32(10), u64(100000))]), /"k": its number of values is too large/],
  ['a list of an unknown type', () => file([], [value('k', 9, u32(77), u64(1))]), /"k" is a list of an unknown type/],
  ['lists in lists', () => file([], [value('k', 9, lists(64))]), /"k" is nested too deeply: expected at most 4 levels/],
  ['an alignment of 0', () => file([], [value('general.alignment', 4, u32(0))]), /bad "general\.alignment": expected a power of two/],
  ['an alignment of 3', () => file([], [value('general.alignment', 4, u32(3))]), /bad "general\.alignment"/],
  ['an alignment of 2^31', () => file([], [value('general.alignment', 4, u32(2 ** 31))]), /bad "general\.alignment"/],
  ['an alignment that is text', () => file([], [value('general.alignment', 8, text('32'))]), /bad "general\.alignment"/],
  ['a tensor twice', () => file([{}, { offset: 32 }], [], 64), /tensor "a" is given twice/],
  ['a name that is not UTF-8', () => file([{ name: Uint8Array.of(0xff) }], []), /tensor 0: its name is not UTF-8/],
  ['a name of 2000 bytes', () => file([{ name: 'a'.repeat(2000) }], []), /length of its name is too large: expected at most 1024/],
  ['five axes', () => file([{ shape: [1, 1, 1, 1, 8] }], []), /"a" has too many axes: expected at most 4, received 5/],
  ['2^32 − 1 axes', () => join(head(1, 0), text('a'), u32(2 ** 32 - 1), new Uint8Array(64)), /too many axes/],
  ['an axis of 2^63', () => file([{ shape: [2n ** 63n] }], []), /"a": an axis is too large/],
  ['axes whose product overflows', () => file([{ shape: [2n ** 32n, 2n ** 32n] }], []), /"a" has a shape of no possible size/],
  ['an unknown type', () => file([{ type: 200 }], []), /"a" has a type that is not supported.*received 200/],
  ['a type that was removed', () => file([{ type: 4 }], []), /"a" has a type that is not supported.*received 4/],
  ['a row that is no whole number of blocks', () => file([{ type: 2, shape: [48] }], []), /"a" has rows that are no whole number of blocks: expected a multiple of 32, received 48/],
  ['an offset that is not aligned', () => file([{ offset: 4 }], []), /"a" is not aligned: expected an offset that 32 divides, received 4/],
  ['an offset of 2^63', () => file([{ offset: 2n ** 63n }], []), /"a": its offset is too large/],
  ['an overlap', () => file([{ shape: [16] }, { name: 'b', offset: 32 }], [], 64), /"b" overlaps another tensor: expected an offset of 64, received 32/],
  ['a hole', () => file([{}, { name: 'b', offset: 64 }], [], 96), /"b" leaves a hole before it/],
  ['a hole at the start', () => file([{ offset: 32 }], [], 64), /"a" leaves a hole before it/],
  ['numbers cut off', () => file([{ shape: [16] }], [], 32), /numbers are cut off/],
  ['bytes left over', () => file([{}], [], 64), /bytes after the last tensor/],
  ['a type that cannot be read yet', () => file([{ type: 13, shape: [256] }], [], 192), /"a" has a type that cannot be read yet: expected .*Q4_K.*received Q5_K/],
  ['a file cut off', () => goldenFile('blocks.gguf').slice(0, 200), /cut off|too large/],
]
export const badGguf: readonly BadFile[] = cases.map(([title, bytes, error]) => ({ loader: 'gguf', title, bytes, error }))
