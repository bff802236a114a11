// Bad npy files, and bad archives of them.
import { deflateRawSync } from 'node:zlib'
import { writeNpy } from '../../../src/formats/index.ts'
import { crc32 } from '../../../src/formats/zip/crc32.ts'
import { goldenFile } from '../../support/golden-files.ts'
import type { BadFile } from '../bad-file.ts'
import { join, latin1, u16, u32, u64, utf8 } from '../bytes.ts'

const npy = (header: string, numbers: Uint8Array | readonly number[] = [], version = 1, length = header.length): Uint8Array =>
  join([0x93], latin1('NUMPY'), [version, 0], version === 1 ? u16(length) : u32(length), latin1(header), numbers)
const dict = (descr: string, shape: string, order = 'False'): string => `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`

const arrays: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /not an npy file/],
  ['another magic', () => latin1('NUMPY\u0001\u0000    '), /magic/],
  ['version 4', () => npy(dict("'<f4'", '(0,)'), [], 4), /version.*1\.0, 2\.0 or 3\.0, received 4\.0/],
  ['version 1.1', () => npy(dict("'<f4'", '(0,)')).fill(1, 7, 8), /version.*received 1\.1/],
  ['a header longer than the file', () => npy('{}', [], 1, 60000), /header is cut off: expected 60010 bytes/],
  ['a header of 4 GB', () => npy('{}', [], 2, 0xffffffff), /header is too long: expected at most 65536 bytes, received 4294967295/],
  ['Python objects', () => goldenFile('object.npy'), /dtype.*Python objects/],
  ['records', () => goldenFile('struct.npy'), /dtype.*records/],
  ['text', () => npy(dict("'<U5'", '(0,)')), /dtype.*"<U5": text/],
  ['dates', () => npy(dict("'<M8[ns]'", '(0,)')), /dtype.*dates/],
  ['raw bytes', () => npy(dict("'|V8'", '(0,)')), /dtype.*records/],
  ['long double', () => npy(dict("'<f16'", '(0,)')), /dtype/],
  ['an unknown dtype', () => npy(dict("'<q8'", '(0,)')), /dtype.*"<q8"/],
  ['a byte order that is none', () => npy(dict("'!f4'", '(0,)')), /dtype/],
  ['no byte order', () => npy(dict("'|f4'", '(0,)')), /dtype/],
  ['a dtype from the prototype', () => npy(dict("'<constructor'", '(0,)')), /dtype/],
  ['a call in the header', () => npy("__import__('os').system('id')\n"), /bad header at character 0: expected a dict/],
  ['a call as the shape', () => npy(dict("'<f4'", "(exec('x'),)")), /tuple/],
  ['an expression as a size', () => npy(dict("'<f4'", '(2**40,)')), /bad shape/],
  ['no shape', () => npy("{'descr': '<f4', 'fortran_order': False, }\n"), /lacks a key/],
  ['a key twice', () => npy("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (0,), }\n"), /"descr" is given twice/],
  ['an unknown key', () => npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'x': 1}\n"), /unknown key.*"x"/],
  ['__proto__ as a key', () => npy("{'__proto__': 1, 'descr': '<f4', 'fortran_order': False, 'shape': (0,)}\n"), /unknown key.*__proto__/],
  ['text after the dict', () => npy(`${dict("'<f4'", '(0,)')}x`), /expected the end/],
  ['a shape that is no tuple', () => npy(dict("'<u1'", '(3)'), [1, 2, 3]), /no tuple/],
  ['a negative size', () => npy(dict("'<f4'", '(-1,)')), /bad shape/],
  ['a fraction', () => npy(dict("'<f4'", '(1.5,)')), /bad shape/],
  ['a size of 2^63', () => npy(dict("'<f4'", '(9223372036854775808,)')), /bad shape/],
  ['sizes whose product overflows', () => npy(dict("'<f4'", '(4294967296, 4294967296)')), /shape of no possible size/],
  ['65 axes', () => npy(dict("'|u1'", `(${'1, '.repeat(65)})`), [1]), /bad shape: expected up to 64/],
  ['parentheses without end', () => npy(dict("'<f4'", '('.repeat(60000))), /tuple/],
  ['numbers cut off', () => npy(dict("'<f4'", '(2,)'), [0, 0, 0, 0]), /numbers are cut off: expected 8 bytes for <f4 \(2\), received 4/],
  ['bytes left over', () => npy(dict("'|u1'", '(1,)'), [1, 2]), /after the last number/],
  ['a bool of 2', () => npy(dict("'|b1'", '(1,)'), [2]), /no bool/],
  ['an int64 beyond int32', () => npy(dict("'>i8'", '(1,)'), [0, 0, 0, 1, 0, 0, 0, 0]), /int32.*4294967296/],
  ['bytes that are not UTF-8, in version 3', () => npy('\u00ff\u00fe', [], 3), /not UTF-8/],
]

interface Member {
  readonly name: string | Uint8Array
  readonly content?: Uint8Array
  readonly packed?: Uint8Array
  readonly size?: number
  readonly crc?: number
  readonly method?: number
  readonly flags?: number
  readonly localName?: string
  readonly offset?: number
  readonly mode?: number
  readonly extra?: Uint8Array
}

/** An archive of members as they are told to be. */
export function zip(members: readonly Member[], change: { readonly count?: number; readonly start?: number; readonly length?: number; readonly comment?: Uint8Array } = {}): Uint8Array<ArrayBuffer> {
  let at = 0
  const local: Uint8Array[] = []
  const directory = members.map((m) => {
    const name = typeof m.name === 'string' ? utf8(m.name) : m.name
    const content = m.content ?? new Uint8Array(0)
    const packed = m.packed ?? content
    const sizes = u32(m.crc ?? crc32(content), packed.length, m.size ?? content.length)
    const inside = m.localName === undefined ? name : utf8(m.localName)
    const header = join(u32(0x04034b50), u16(20, m.flags ?? 0, m.method ?? 0, 0, 0x21), sizes, u16(inside.length, 0), inside)
    const offset = m.offset ?? at
    local.push(header, packed)
    at += header.length + packed.length
    const extra = m.extra ?? new Uint8Array(0)
    return join(u32(0x02014b50), u16(m.mode === undefined ? 20 : 0x0314, 20, m.flags ?? 0, m.method ?? 0, 0, 0x21), sizes, u16(name.length, extra.length, 0, 0, 0), u32((m.mode ?? 0) * 65536, offset), name, extra)
  })
  const all = join(...directory)
  const comment = change.comment ?? new Uint8Array(0)
  return join(...local, all, u32(0x06054b50), u16(0, 0, change.count ?? members.length, change.count ?? members.length), u32(change.length ?? all.length, change.start ?? at), u16(comment.length), comment)
}

const good = writeNpy({ dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) })
const zeros = (n: number): Uint8Array => new Uint8Array(deflateRawSync(new Uint8Array(n), { level: 9 }))
/** 256 MB of zeros, as a deflate stream of 260 kB. */
let bomb: Uint8Array | undefined
const packedBomb = (): Uint8Array => (bomb ??= zeros(2 ** 28))

const archives: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /too short for a zip archive/],
  ['no archive', () => latin1('x'.repeat(100)), /no zip archive, or it is cut off/],
  ['the end record alone cut off', () => zip([{ name: 'x.npy', content: good }]).slice(0, -1), /no zip archive, or it is cut off/],
  ['a name that leads out: ../', () => zip([{ name: '../x.npy', content: good }]), /leads out of the archive.*"\.\.\/x\.npy"/],
  ['a name that leads out in its middle', () => zip([{ name: 'a/../../x.npy', content: good }]), /leads out of the archive/],
  ['an absolute name', () => zip([{ name: '/etc/x.npy', content: good }]), /leads out of the archive/],
  ['a drive', () => zip([{ name: 'C:x.npy', content: good }]), /leads out of the archive/],
  ['a backslash', () => zip([{ name: '..\\x.npy', content: good }]), /leads out of the archive/],
  ['a zero byte in a name', () => zip([{ name: 'x.npy\u0000.npy', content: good }]), /leads out of the archive/],
  ['a name that is not UTF-8', () => zip([{ name: Uint8Array.of(0xff, 0xfe), content: good }]), /not UTF-8/],
  ['an empty name', () => zip([{ name: '', content: good }]), /name in the directory is empty or too long: expected 1 to 1024 bytes/],
  ['a name of 2000 bytes', () => zip([{ name: `${'a'.repeat(2000)}.npy`, content: good }]), /too long.*received 2004/],
  ['a link', () => zip([{ name: 'x.npy', content: latin1('/etc/passwd'), mode: 0o120777 }]), /"x\.npy" is a link/],
  ['a name twice', () => zip([{ name: 'x.npy', content: good }, { name: 'x.npy', content: good }]), /"x\.npy" is given twice/],
  ['two members at one place', () => zip([{ name: 'x.npy', content: good }, { name: 'y.npy', content: good, offset: 0 }]), /reaches into what follows/],
  ['a member in the middle of another', () => zip([{ name: 'x.npy', content: join(good, good) }, { name: 'y.npy', content: good, offset: 40 }]), /reaches into what follows/],
  ['a member inside the directory', () => zip([{ name: 'x.npy', content: good, offset: 300 }]), /reaches into what follows|local header/],
  ['an encrypted member', () => zip([{ name: 'x.npy', content: good, flags: 1 }]), /"x\.npy" is encrypted/],
  ['a method that is not supported', () => zip([{ name: 'x.npy', content: good, method: 12 }]), /method that is not supported.*received 12/],
  ['another name in the local header', () => zip([{ name: 'x.npy', content: good, localName: 'y.npy' }]), /local header is not that of the directory/],
  ['a wrong checksum', () => zip([{ name: 'x.npy', content: good, crc: 1 }]), /"x\.npy": its CRC-32 is another: expected 00000001/],
  ['stored with two sizes', () => zip([{ name: 'x.npy', content: good, size: 5 }]), /stored, yet has two sizes/],
  ['more entries than declared', () => zip([{ name: 'x.npy', content: good }], { count: 0 }), /another number of entries than declared: expected 0, received 1/],
  ['65535 entries declared', () => zip([{ name: 'x.npy', content: good }], { count: 65535 }), /another number of entries/],
  ['a directory outside of the file', () => zip([{ name: 'x.npy', content: good }], { start: 0x7fffffff }), /directory does not end where the archive ends/],
  ['a directory longer than the file', () => zip([{ name: 'x.npy', content: good }], { length: 0x7fffffff }), /directory does not end/],
  ['something before the archive', () => join(latin1('#!/bin/sh\nid\n'), zip([{ name: 'x.npy', content: good }])), /directory does not end/],
  ['something after the archive', () => join(zip([{ name: 'x.npy', content: good }]), latin1('x')), /no zip archive/],
  ['a zip64 field that is missing', () => zip([{ name: 'x.npy', content: good, size: 0xffffffff }]), /lacks its zip64 field/],
  ['a zip64 size of 2^63', () => zip([{ name: 'x.npy', content: good, size: 0xffffffff, extra: join(u16(1, 8), u64(2n ** 63n)) }]), /zip64 field of "x\.npy".*9223372036854775808/],
  ['a zip64 field cut off', () => zip([{ name: 'x.npy', content: good, size: 0xffffffff, extra: join(u16(1, 4), u32(1)) }]), /zip64 field of "x\.npy" is cut off/],
  ['a bomb that says so', () => zip([{ name: 'x.npy', packed: packedBomb(), size: 2 ** 28, crc: 0, method: 8 }]), /would unpack to more than 100 times its size.*received 268435456/],
  ['a bomb that lies about its size', () => zip([{ name: 'x.npy', packed: packedBomb(), size: 1000, crc: 0, method: 8 }]), /magic|unpacks to more than it declares/],
  ['a bomb behind a good header', () => {
    const header = npy(dict("'|u1'", `(${1000},)`))
    const packed = new Uint8Array(deflateRawSync(join(header, new Uint8Array(2 ** 24)), { level: 9 }))
    return zip([{ name: 'x.npy', packed, size: header.length + 1000, crc: 0, method: 8 }])
  }, /"x\.npy": it unpacks to more than it declares: expected 1\d\d\d bytes, received more/],
  ['a member that unpacks to less', () => zip([{ name: 'x.npy', packed: new Uint8Array(deflateRawSync(npy(dict("'|u1'", '(1000,)')))), size: npy(dict("'|u1'", '(1000,)')).length + 1000, crc: 0, method: 8 }]), /unpacks to less/],
  ['no deflate stream', () => zip([{ name: 'x.npy', packed: latin1('\u00ff\u00ff\u00ff\u00ff'), size: 10, crc: 0, method: 8 }]), /cannot be unpacked/],
  ['a deflate stream cut off', () => zip([{ name: 'x.npy', packed: new Uint8Array(deflateRawSync(good)).slice(0, -6), size: good.length, crc: crc32(good), method: 8 }]), /cannot be unpacked|unpacks to less|not an npy|cut off/],
  ['a nested archive', () => zip([{ name: 'x.zip', content: zip([{ name: 'x.npy', content: good }]) }]), /"x\.zip" is no npy file/],
  ['an npy of Python objects', () => zip([{ name: 'x.npy', content: goldenFile('object.npy') }]), /"x\.npy": a dtype.*Python objects/],
  ['disk 2 of 3', () => zip([{ name: 'x.npy', content: good }]).map((b, i, all) => (i === all.length - 18 ? 1 : b)), /several disks/],
]
export const badNumpy: readonly BadFile[] = [
  ...arrays.map(([title, bytes, error]): BadFile => ({ loader: 'npy', title, bytes, error })),
  ...archives.map(([title, bytes, error]): BadFile => ({ loader: 'npz', title, bytes, error })),
]
