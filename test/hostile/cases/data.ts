// Bad IDX files, pictures, manifests and settings of runs, and files of no format.
import { gzipSync } from 'node:zlib'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { crc32 } from '../../../src/formats/zip/crc32.ts'
import type { BadFile } from '../bad-file.ts'
import { join, latin1, u32, utf8 } from '../bytes.ts'

const idx = (type: number, sizes: readonly number[], numbers: readonly number[] | Uint8Array = []): Uint8Array => join([0, 0, type, sizes.length], ...sizes.map((s) => [s >>> 24, (s >>> 16) & 255, (s >>> 8) & 255, s & 255]), numbers)
const gz = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(bytes, { level: 9 }))
/** A gzip file that says it has `size` bytes inside. */
const claiming = (bytes: Uint8Array, size: number): Uint8Array => join(gz(bytes).subarray(0, -4), u32(size))

const arrays: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /too short: expected at least 4 bytes/],
  ['another magic', () => latin1('%PDF-1.4'), /not an IDX file.*received 25 50 44 46/],
  ['an unknown type', () => idx(0x0a, [1], [0]), /not an IDX file/],
  ['a header cut off', () => idx(8, [1, 2, 3]).slice(0, 10), /cut off in the header: expected 16 bytes for 3 sizes/],
  ['255 axes without sizes', () => Uint8Array.of(0, 0, 8, 255), /cut off in the header/],
  ['sizes of 2^32 − 1', () => idx(8, [0xffffffff, 0xffffffff]), /too large: expected at most 2147483648 bytes/],
  ['255 sizes of 2^32 − 1', () => idx(14, new Array<number>(255).fill(0xffffffff)), /too large/],
  ['numbers cut off', () => idx(8, [3], [1, 2]), /cut off: expected 11 bytes for 3, received 10/],
  ['bytes left over', () => idx(8, [1], [1, 2]), /bytes after the end/],
  ['gzip: cut off', () => gz(idx(8, [3], [1, 2, 3])).slice(0, -9), /cut off|damaged|not gzip to its end/],
  ['gzip: ten bytes', () => gz(idx(8, [3], [1, 2, 3])).slice(0, 10), /cut off: expected at least 18 bytes/],
  ['gzip: a wrong checksum', () => {
    const bytes = gz(idx(8, [3], [1, 2, 3]))
    bytes[bytes.length - 8]! ^= 1
    return bytes
  }, /damaged/],
  ['gzip: a length nothing packs to', () => claiming(idx(8, [3], [1, 2, 3]), 0xffffffff), /not gzip to its end: expected an unpacked length of at most/],
  ['gzip: a bomb that says so', () => gz(new Uint8Array(2 ** 27)), /would unpack to more than 100 times its size.*received 134217728/],
  ['gzip: a bomb that lies about its size', () => claiming(new Uint8Array(2 ** 27), 1000), /not an IDX|unpacks to more than it declares: expected 1000 bytes/],
  ['gzip: a bomb behind a good header', () => claiming(idx(8, [1000], new Uint8Array(2 ** 24)), 1008), /unpacks to more than it declares: expected 1008 bytes/],
  ['gzip: something else inside', () => gz(latin1('hello world, hello world')), /not an IDX file/],
  ['gzip: another length inside', () => gz(idx(8, [3], [1, 2])), /cut off: expected 11 bytes for 3, received 10/],
]

const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const body = join(latin1(type), data)
  const big = (n: number): readonly number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
  return join(big(data.length), body, big(crc32(body)))
}
const header = (width: number, height: number, depth = 8, colour = 0): Uint8Array => chunk('IHDR', Uint8Array.of(width >>> 24, (width >>> 16) & 255, (width >>> 8) & 255, width & 255, height >>> 24, (height >>> 16) & 255, (height >>> 8) & 255, height & 255, depth, colour, 0, 0, 0))
const png = (...chunks: Uint8Array[]): Uint8Array => join([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], ...chunks, chunk('IEND', new Uint8Array(0)))
const goodPng = (): Buffer => PNG.sync.write(new PNG({ width: 9, height: 7 }))
const goodJpeg = (): Buffer => Buffer.from(jpeg.encode({ width: 16, height: 16, data: Buffer.alloc(1024, 90) }, 80).data)
/** The same picture claiming another size in its frame header. */
function claimingJpeg(width: number, height: number): Buffer {
  const bytes = goodJpeg()
  const at = bytes.indexOf(Buffer.from([0xff, 0xc0]))
  bytes.writeUInt16BE(height, at + 5)
  bytes.writeUInt16BE(width, at + 7)
  return bytes
}
const pictures: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /not a picture it can read: expected PNG or JPEG, received an empty file/],
  ['a GIF', () => latin1('GIF89a'), /expected PNG or JPEG, received first bytes 47494638/],
  ['the signature of a PNG alone', () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /damaged PNG/],
  ['a PNG cut off', () => goodPng().subarray(0, 50), /damaged PNG/],
  ['a PNG of 2^31 × 2^31 pixels', () => png(header(2 ** 31 - 1, 2 ** 31 - 1)), /picture is too large: expected at most 100 million pixels/],
  ['a PNG of 9000 × 9000 pixels in 70 bytes', () => png(header(9000, 9000)), /9000 × 9000 pixels in so small a PNG/],
  ['a PNG without pixels', () => png(header(4, 4)), /damaged PNG/],
  ['a PNG of 0 × 0 pixels', () => png(header(0, 0)), /damaged PNG|picture is empty|empty/],
  ['a PNG of an unknown colour', () => png(header(4, 4, 8, 5), chunk('IDAT', new Uint8Array(8))), /damaged PNG/],
  ['a PNG with a wrong checksum', () => {
    const bytes = goodPng()
    bytes[29]! ^= 1
    return bytes
  }, /damaged PNG/],
  ['a PNG whose pixels are no deflate stream', () => png(header(4, 4), chunk('IDAT', latin1('nothing packed here'))), /damaged PNG/],
  ['a JPEG of two bytes', () => Uint8Array.of(0xff, 0xd8), /damaged JPEG/],
  ['a JPEG cut off in its header', () => goodJpeg().subarray(0, 100), /damaged JPEG/],
  ['a JPEG of 65535 × 65535 pixels', () => claimingJpeg(65535, 65535), /too many pixels for a JPEG of \d+ bytes: expected at most \d+/],
  ['a JPEG of 9000 × 9000 pixels in 700 bytes', () => claimingJpeg(9000, 9000), /too many pixels for a JPEG/],
  // found by fuzzing: the decoder does not look at length and precision of a frame header
  ['a JPEG of 8224 × 8208 pixels whose frame header is wrong besides', () => {
    const bytes = claimingJpeg(8224, 8208)
    bytes.writeUInt16BE(32, bytes.indexOf(Buffer.from([0xff, 0xc0])) + 2)
    bytes[bytes.indexOf(Buffer.from([0xff, 0xc0])) + 4] = 32
    return bytes
  }, /too many pixels for a JPEG/],
]

const tables: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /is empty/],
  ['only line ends', () => latin1('\n\r\n\n'), /is empty/],
  ['not UTF-8', () => Uint8Array.of(0x78, 0x2c, 0x74, 10, 0xcf, 0xf0), /is not UTF-8.*iconv/],
  ['UTF-16', () => Uint8Array.of(0xff, 0xfe, 0x78, 0, 0x2c, 0), /is UTF-16.*iconv -f UTF-16/],
  ['a spreadsheet', () => latin1('PK\u0003\u0004 xl/workbook.xml'), /is a zip archive, perhaps a document .*CSV/],
  ['a quote that is never closed', () => latin1(`x,t\n"${'a'.repeat(2 ** 21)}`), /the row is too long|a quote is never closed/],
  ['one row without end', () => latin1(`x,t\n${'1'.repeat(2 ** 21)}`), /the row is too long/],
  ['a header without end', () => latin1('x'.repeat(2 ** 21)), /the row is too long/],
  ['rows of another length', () => latin1('x,t\n1,2\n1,2,3\n'), /line 3: 3 cells: expected 2 \(x, t\)/],
  ['three thousand columns of long names, none of them the target', () => latin1(`${Array.from({ length: 3000 }, (_, i) => `${'n'.repeat(70)}${i}`).join(',')}\n`), /no column "t"|no rows/],
  ['a column twice', () => latin1('t,t\n1,2\n'), /two columns are called "t"/],
  ['names of the prototype', () => latin1('__proto__,constructor\n1,2\n'), /no column "t": expected __proto__, constructor/],
  ['a number beyond all', () => latin1('x,t\n1,1\n2,1\n1e999,2\n'), /line 4, column "x": a text among numbers/],
  ['a number beyond float32', () => latin1('x,t\n1,1\n2,1\n-1e39,2\n'), /line 4, column "x": a text among numbers/],
  ['gzip: cut off', () => gz(latin1(`x,t\n${'1,2\n'.repeat(100)}`)).slice(0, -12), /a damaged gzip file/],
  ['gzip: a bomb of one line', () => gz(new Uint8Array(2 ** 26).fill(49)), /unpacks to more than 100 times its size/],
  ['gzip: a bomb that lies about its size', () => claiming(new Uint8Array(2 ** 26).fill(49), 1000), /the row is too long|damaged gzip/],
  ['gzip: a bomb of many lines', () => gz(latin1(`x,t\n${'1,2\n'.repeat(2 ** 22)}${'\n'.repeat(2 ** 23)}`)), /unpacks to more than 100 times its size/],
]
const rowFiles: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /not an npy file|too short/],
  ['sizes of 2^32 − 1', () => idx(8, [0xffffffff, 0xffffffff]), /cut off|too large/],
  ['numbers cut off', () => idx(8, [3, 2], [1, 2, 3]), /cut off: expected 18 bytes/],
  ['gzip', () => gz(idx(8, [1], [1])), /gzipped: its rows cannot be read one by one/],
  ['one number', () => idx(8, [], [1]), /holds one number, no rows/],
  ['four thousand million rows of nothing', () => idx(8, [0xffffffff, 0]), /the rows are empty: expected at least a number in each row, received 4294967295 rows of 0 bytes/],
]
const lines: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['no JSON', () => latin1('{"a":1}\n{'), /line 2: no JSON/],
  ['nesting without end', () => latin1('['.repeat(60000)), /line 1: no JSON/],
  ['a line without end', () => new Uint8Array(2 ** 23 + 2 ** 19).fill(49), /the line is too long/],
  ['not UTF-8', () => Uint8Array.of(0x22, 0xff, 0x22), /is not UTF-8/],
]

const part = (name: string, extra: object = {}): object => ({ name, bytes: 1, sha256: 'a'.repeat(64), ...extra })
const manifest = (files: unknown, version: unknown = 1): Uint8Array => utf8(JSON.stringify({ version, step: 1, files }))
const parts = (weights: unknown): object => ({ weights, training: part('t'), progress: part('p') })
const manifests: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /damaged: not JSON/],
  ['no JSON', () => latin1('{'), /damaged: not JSON/],
  ['not UTF-8', () => Uint8Array.of(0x22, 0xff, 0x22), /damaged: not JSON/],
  ['nesting without end', () => latin1('['.repeat(60000)), /damaged: not JSON/],
  ['null', () => latin1('null'), /no manifest of this version/],
  ['a list', () => latin1('[]'), /no manifest of this version/],
  ['another version', () => manifest(parts(part('w')), 2), /no manifest of this version/],
  ['no files', () => manifest(undefined), /damaged: no weights/],
  ['files from the prototype', () => latin1('{"version":1,"files":{"__proto__":{"weights":{}}}}'), /damaged: no weights/],
  ['a file in another folder', () => manifest(parts(part('../w.safetensors'))), /damaged: no weights/],
  ['the folder above', () => manifest(parts(part('..'))), /damaged: no weights/],
  ['an absolute path', () => manifest(parts(part('/etc/passwd'))), /damaged: no weights/],
  ['a path of Windows', () => manifest(parts(part('C:\\w'))), /damaged: no weights/],
  ['a hidden file', () => manifest(parts(part('.ssh'))), /damaged: no weights/],
  ['a name of 1000 letters', () => manifest(parts(part('a'.repeat(1000)))), /damaged: no weights/],
  ['a negative length', () => manifest(parts(part('w', { bytes: -1 }))), /damaged: no weights/],
  ['a length of 1e400', () => latin1(new TextDecoder().decode(manifest(parts(part('w')))).replace('"bytes":1', '"bytes":1e400')), /damaged: no weights/],
  ['a checksum that is none', () => manifest(parts(part('w', { sha256: '' }))), /damaged: no weights/],
]
const progress = (change: object): Uint8Array => utf8(JSON.stringify({ version: 1, seed: 0, batchSize: 1, examples: 1, epochs: 1, epoch: 0, batch: 0, step: 0, seconds: 0, epochSeconds: 0, rateScale: 1, optimizer: 'adam', stopped: null, history: [], callbacks: {}, ...change }))
const progresses: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['null', () => latin1('null'), /another version of Gradus/],
  ['another version', () => progress({ version: 9 }), /another version of Gradus.*version 9/],
  ['a step that is text', () => progress({ step: '1' }), /damaged: bad step/],
  ['an epoch of 1.5', () => progress({ epoch: 1.5 }), /damaged: bad epoch/],
  ['no history', () => progress({ history: null }), /damaged: bad history/],
  ['no callbacks', () => progress({ callbacks: null }), /damaged: bad callbacks/],
]
const settings = (change: object): Uint8Array => utf8(JSON.stringify({ version: 1, recipe: 'digits', file: null, model: 'mlp', epochs: 1, batchSize: 1, learningRate: 1, seed: 0, data: null, device: 'auto', ...change }))
const runs: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /damaged: not JSON/],
  ['null', () => latin1('null'), /damaged, or written by another version/],
  ['another version', () => settings({ version: 2 }), /damaged, or written by another version/],
  ['a recipe that is a list', () => settings({ recipe: [] }), /damaged/],
  ['epochs beyond all numbers', () => settings({ epochs: 2 ** 60 }), /damaged/],
]
const others: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /no known format: expected safetensors, npy, npz, PyTorch or GGUF, received an empty file/],
  ['text', () => latin1('hello world'), /no known format.*received first bytes 68 65 6c 6c 6f 20 77 6f/],
  ['an HTML page', () => latin1('<!DOCTYPE html>'), /no known format/],
  ['a Git LFS pointer', () => latin1('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), /no known format/],
  ['an index that names a file elsewhere', () => latin1('{"weight_map":{"a":"../b.safetensors"}}'), /names a file outside its folder.*"\.\.\/b\.safetensors"/],
  ['an index that names an address', () => latin1('{"weight_map":{"a":"https://example.org/b"}}'), /names a file outside its folder/],
  ['an index that names a device', () => latin1('{"weight_map":{"a":"/dev/zero"}}'), /names a file outside its folder/],
  ['an index without a map', () => latin1('{"metadata":{}}'), /no "weight_map"/],
  ['an index whose names are numbers', () => latin1('{"weight_map":{"a":1}}'), /no "weight_map"/],
  ['an index with a name twice', () => latin1('{"weight_map":{"a":"x","a":"y"}}'), /"a" is given twice/],
  ['an index with __proto__', () => latin1('{"weight_map":{"__proto__":"x"}}'), /__proto__/],
  ['an index of bytes alone', () => latin1('{"weight_map":{"a":"x.safetensors"}}'), /not to be found from bytes/],
]

const of = (loader: BadFile['loader'], cases: typeof arrays): BadFile[] => cases.map(([title, bytes, error]) => ({ loader, title, bytes, error }))
export const badData: readonly BadFile[] = [...of('idx', arrays), ...of('csv', tables), ...of('rows', rowFiles), ...of('lines', lines), ...of('picture', pictures), ...of('manifest', manifests), ...of('progress', progresses), ...of('settings', runs), ...of('weights', others)]
