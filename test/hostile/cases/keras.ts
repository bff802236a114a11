// Bad Keras files: good ones (words.h5, words.keras) of which a part says something else.
import { writeZip } from '../../../src/formats/zip/write.ts'
import type { BadFile } from '../bad-file.ts'
import { kerasFile } from '../../support/golden-files.ts'
import { join, latin1, u64, utf8 } from '../bytes.ts'

const find = (bytes: Uint8Array, part: Uint8Array): number => {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part)
  if (at < 0) throw new Error('the part to be changed is not in the file')
  return at
}
/** words.h5 with something changed; places are found by what stands there. */
const changed = (change: (view: DataView, at: (part: string | Uint8Array) => number, bytes: Uint8Array) => void) => (): Uint8Array => {
  const bytes = kerasFile('words.h5')
  change(new DataView(bytes.buffer), (part) => find(bytes, typeof part === 'string' ? latin1(part) : part), bytes)
  return bytes
}
const put = (view: DataView, at: number, value: number | bigint): void => view.setBigUint64(at, BigInt(value), true)
/** The header of the root: its address, and that of its continuation. */
const [ROOT, CONTINUATION] = [96, 120]
/** How its model_config begins. */
const CONFIG = '{"class_name": "Sequential"'
/** The shape of the embedding, 7 × 3, and where its layout says 84 bytes. */
const shape = u64(7, 3), size = u64(84)
const text = (replace: (bytes: Uint8Array) => void) => changed((_view, at, bytes) => {
  const from = at(CONFIG)
  let end = from
  while (bytes[end] !== 0) end++
  replace(bytes.subarray(from, end))
})

const weights = (): Uint8Array => {
  const zip = kerasFile('words.keras')
  const from = find(zip, Uint8Array.of(0x89, 0x48, 0x44, 0x46))
  return zip.slice(from, from + new DataView(zip.buffer).getUint32(find(zip, latin1('model.weights.h5')) - 12, true))
}
const archive = (config: string | Uint8Array, more: readonly [string, Uint8Array][] = [['model.weights.h5', weights()]]): Uint8Array => writeZip('bad', [['config.json', typeof config === 'string' ? utf8(config) : config], ...more])
const sequential = (layers: string): string => `{"class_name": "Sequential", "config": {"layers": ${layers}}}`

const cases: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /this is no Keras file: expected a zip archive/],
  ['text', () => latin1('{"class_name": "Sequential"}'), /this is no Keras file/],
  ['the signature alone', () => kerasFile('words.h5').slice(0, 8), /superblock goes beyond the end of the file/],
  ['a superblock of version 7', changed((v) => v.setUint8(8, 7)), /superblock of a version that is not supported: expected 0 or 1 or 2 or 3, received 7/],
  ['addresses of 4 bytes', changed((v) => v.setUint8(13, 4)), /addresses or sizes that are not 64 bits: received 4 and 8 bytes/],
  ['a base address', changed((v) => put(v, 24, 512)), /base address that is not 0: received 512/],
  ['the first group beyond the file', changed((v) => put(v, 64, 2 ** 40)), /object header goes beyond the end of the file: expected at most \d+ bytes, received 16 bytes at 1099511627776/],
  ['the first group at 2^63', changed((v) => put(v, 64, 2n ** 63n)), /superblock has a number that no file needs: received 9223372036854775808/],
  ['no first group', changed((v) => put(v, 64, 2n ** 64n - 1n)), /object header goes beyond the end/],
  ['an object header of another kind', changed((v) => v.setUint8(ROOT, 9)), /object header does not begin with OHDR/],
  ['messages that go on where they began', changed((v) => put(v, CONTINUATION, ROOT + 16)), /comes again in its own continuation/],
  ['messages that go on beyond the file', changed((v) => put(v, CONTINUATION + 8, 2 ** 40)), /block of header messages goes beyond the end/],
  ['a message larger than its block', changed((v) => v.setUint16(ROOT + 18, 65528, true)), /header message (is larger than its block|goes beyond the end)/],
  ['a B-tree of another signature', changed((v, at) => v.setUint8(at('TREE'), 0)), /B-tree node does not begin with TREE/],
  ['a B-tree of chunks where names should be', changed((v, at) => v.setUint8(at('TREE') + 4, 1)), /B-tree node is of another kind or level: received type 1/],
  ['a B-tree that is its own child', changed((v, at) => {
    v.setUint8(at('TREE') + 5, 1)
    put(v, at('TREE') + 32, at('TREE'))
  }), /B-tree node leads in a circle/],
  ['a B-tree of 65535 children', changed((v, at) => v.setUint16(at('TREE') + 6, 65535, true)), /B-tree node goes beyond the end|has a number that no file needs|leads in a circle|does not begin with SNOD/],
  ['65535 symbols', changed((v, at) => v.setUint16(at('SNOD') + 6, 65535, true)), /symbol (goes beyond the end|has a name|has a bad name)|name twice/],
  ['a group that is inside itself', changed((v, at) => put(v, at('SNOD') + 16, ROOT)), /"model_weights" is there twice: Groups in a circle|is there twice/],
  ['two names of one array', changed((v, _at, bytes) => {
    let table = 0
    do table = table + 4 + find(bytes.subarray(table + 4), latin1('SNOD'))
    while (v.getUint16(table + 6, true) < 2)
    put(v, table + 56, v.getBigUint64(table + 16, true))
  }), /is there twice/],
  ['a heap of 2^52 bytes', changed((v, at) => put(v, at('HEAP') + 8, 2 ** 52)), /segment of a local heap goes beyond the end/],
  ['a name outside its heap', changed((v, at) => put(v, at('SNOD') + 8, 2 ** 40)), /symbol has a name outside its heap or too long/],
  ['a name that is not UTF-8', changed((v, at) => v.setUint8(at('model_weights\0'), 0xff)), /symbol has text that is not UTF-8/],
  ['a name with a slash', changed((v, at) => v.setUint8(at('model_weights\0'), 47)), /symbol has a bad name: received "\/odel_weights"/],
  ['sizes of 2^40', changed((v, at) => put(v, at(shape), 2 ** 40)), /more numbers than the file has bytes for: received \[1099511627776,3\]/],
  ['sizes of 2^63', changed((v, at) => put(v, at(shape), 2n ** 63n)), /dataspace has a number that no file needs/],
  ['sizes whose product overflows', changed((v, at) => {
    const place = at(shape)
    put(v, place, 2 ** 52)
    put(v, place + 8, 2 ** 52)
  }), /more numbers than the file has bytes for/],
  ['a kernel of 2^50 taps and no numbers', changed((v, at) => {
    const place = at(u64(2, 3, 5))
    put(v, place, 2 ** 50)
    put(v, place + 8, 0)
  }), /does not hold the weights of this model: .*weight needs \[5,3,2\], theirs gives \[5,0,1125899906842624\]/],
  ['200 axes', changed((v, at) => v.setUint8(at(shape) - 7, 200)), /dataspace has too many axes: received 200/],
  ['numbers beyond the file', changed((v, at) => put(v, at(size) - 8, 2 ** 40)), /piece of numbers goes beyond the end of the file/],
  ['numbers nowhere', changed((v, at) => put(v, at(size) - 8, 2n ** 64n - 1n)), /has no place for its numbers/],
  ['other numbers than the shape says', changed((v, at) => put(v, at(size), 80)), /has another size than its shape says: received 80 bytes for \[7,3\]/],
  ['a layout of version 2', changed((v, at) => v.setUint8(at(size) - 10, 2)), /data layout of a version that is not supported: expected 3 or 4, received 2/],
  ['weights in chunks', changed((v, at) => v.setUint8(at(size) - 9, 2)), /is in pieces \(chunks\): that is not supported/],
  ['weights of another type', changed((v, at) => v.setUint8(find(new Uint8Array(v.buffer), join([0x11], [0x20, 0x1f, 0, 4, 0, 0, 0])), at('TREE') < 0 ? 0 : 0x10)), /of a type that is not supported: expected float32 or float64, little-endian, received integers of 4 bytes/],
  ['no model_config', changed((v, at) => v.setUint8(at('model_config'), 0x4d)), /there is no model_config/],
  ['a model_config that is no text', changed((v, at) => v.setUint8(at('model_config') + 16, 0x10)), /text attribute is no text: received model_config/],
  ['a heap without the text', changed((v, at) => v.setUint16(at(CONFIG) - 16, 999, true)), /has no object of that number/],
  ['a text longer than its object', changed((v, at) => put(v, at(CONFIG) - 8, 8)), /is shorter than the text in it: received 8 bytes/],
  ['a depth bomb as model_config', text((bytes) => bytes.fill(0x5b)), /nested|depth|deep/],
  ['a model_config that is not UTF-8', text((bytes) => bytes.fill(0xff, 3, 5)), /text that is not UTF-8/],
  ['.keras: no config.json', () => writeZip('bad', [['model.weights.h5', weights()]]), /there is no config\.json in the archive/],
  ['.keras: no weights', () => archive(sequential('[]'), []), /there is no model\.weights\.h5 in the archive/],
  ['.keras: weights that are no HDF5', () => archive(sequential('[]'), [['model.weights.h5', latin1('torch')]]), /does not begin with the signature of HDF5/],
  ['.keras: a config that is not UTF-8', () => archive(Uint8Array.of(0x7b, 0xff)), /config\.json is not UTF-8/],
  ['.keras: a config that is no JSON', () => archive("{'class_name': 1}"), /JSON|character|expected/],
  ['.keras: a depth bomb', () => archive('['.repeat(100_000)), /nested|depth|deep/],
  ['.keras: a key twice', () => archive('{"class_name": "Sequential", "class_name": "Sequential"}'), /twice/],
  ['.keras: __proto__', () => archive('{"__proto__": {"class_name": "Sequential"}}'), /the key "__proto__" is not allowed/],
  ['.keras: a functional model', () => archive('{"class_name": "Functional", "config": {"layers": []}}'), /the model is no Sequential: expected "class_name": "Sequential" with a list of layers, received "Functional"/],
  ['.keras: layers that are no list', () => archive(sequential('{}')), /the model is no Sequential/],
  ['.keras: a layer without a name', () => archive(sequential('[{"class_name": "Dense", "config": {}}]')), /a layer has no class_name or no name/],
  ['.keras: a layer called constructor', () => archive(sequential('[{"class_name": "constructor", "config": {"name": "toString"}}]')), /does not hold the weights of this model/],
  ['.keras: a lambda, which would be code', () => archive(sequential('[{"class_name": "Lambda", "config": {"name": "f", "function": "import os"}}]')), /does not hold the weights of this model/],
  ['.keras: a hundred thousand layers', () => archive(sequential(`[${'{},'.repeat(99_999)}{}]`)), /4096/],
  ['.keras: a weight too many', () => archive(sequential('[]')), /does not hold the weights of this model: unexpected: "layers\//],
  ['.keras: zip slip', () => archive(sequential('[]'), [['../model.weights.h5', weights()]]), /"\.\.\/model\.weights\.h5"|there is no model/],
]
export const badKeras: readonly BadFile[] = cases.map(([title, bytes, error]) => ({ loader: 'keras', title, bytes, error }))
