// Bad PyTorch files: pickles that would run code or fill the memory, tensors beyond their storages.
import { writeZip } from '../../../src/formats/zip/write.ts'
import { goldenFile } from '../../support/golden-files.ts'
import type { BadFile } from '../bad-file.ts'
import { join, latin1, u32, u64, utf8 } from '../bytes.ts'

const file = (pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}, more: readonly (readonly [string, Uint8Array])[] = []): Uint8Array =>
  writeZip('test', [['m/data.pkl', pickle], ...Object.entries(storages).map(([key, bytes]) => [`m/data/${key}`, bytes] as const), ...more])
/** A pickle of protocol 2 around these parts: texts are opcodes, arrays bytes. */
const pickle = (...parts: (string | readonly number[] | Uint8Array)[]): Uint8Array => join([0x80, 2], ...parts.map((p) => (typeof p === 'string' ? latin1(p) : p)))
const text = (value: string): Uint8Array => join(latin1('X'), u32(utf8(value).length), utf8(value))
const int = (value: number): Uint8Array => join(latin1('J'), u32(value))
const list = (...values: number[]): Uint8Array => join(latin1('('), ...values.map(int), latin1('t'))
const storage = (key: string, length: number, type = 'FloatStorage'): Uint8Array => join(latin1('('), text('storage'), latin1(`ctorch\n${type}\n`), text(key), text('cpu'), int(length), latin1('tQ'))
const tensor = (store: Uint8Array, offset: number, shape: readonly number[], strides: readonly number[]): Uint8Array =>
  join(latin1('ctorch._utils\n_rebuild_tensor_v2\n('), store, int(offset), list(...shape), list(...strides), [0x89], latin1('ccollections\nOrderedDict\n)RtR'))
const state = (...items: Uint8Array[]): Uint8Array => pickle('}(', ...items, 'u.')
const named = (name: string, value: Uint8Array): Uint8Array => join(text(name), value)
const four = { 0: new Uint8Array(16) }
const call = (module: string, name: string, argument: string): Uint8Array => pickle(`c${module}\n${name}\n(`, text(argument), 'tR.')

/** A list that holds itself. */
const cycle = pickle(']q', [0], 'h', [0], 'a.')
/** Twenty lists, each of ten times the one before: 10^20 places. */
const laughs = pickle(']q', [0], ...Array.from({ length: 20 }, (_, i) => join(latin1(']q'), [i + 1], latin1('('), ...Array.from({ length: 10 }, () => join(latin1('h'), [i])), latin1('e'))), 't.'.slice(1))

const cases: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['os.system', () => file(call('os', 'system', 'id')), /names "os\.system", which is not allowed/],
  ['posix.system', () => file(call('posix', 'system', 'id')), /names "posix\.system"/],
  ['builtins.eval', () => file(call('builtins', 'eval', '1')), /names "builtins\.eval"/],
  ['builtins.getattr', () => file(pickle('cbuiltins\ngetattr\n.')), /names "builtins\.getattr"/],
  ['subprocess.Popen by STACK_GLOBAL', () => file(pickle(text('subprocess'), text('Popen'), [0x93], '.')), /names "subprocess\.Popen"/],
  ['torch.load', () => file(call('torch', 'load', 'x')), /names "torch\.load"/],
  ['torch.hub.load', () => file(call('torch.hub', 'load', 'x')), /names "torch\.hub\.load"/],
  ['a name with a dot that looks like one allowed', () => file(pickle('ccollections\nOrderedDict.__init__\n.')), /names "collections\.OrderedDict\.__init__"/],
  ['a module of the prototype', () => file(pickle('c__proto__\nconstructor\n.')), /names "__proto__\.constructor"/],
  ['a class of the user’s own', () => goldenFile('module.pt'), /names ".*", which is not allowed/],
  ['a TorchScript program', () => goldenFile('script.pt'), /TorchScript program/],
  ['the legacy format', () => goldenFile('legacy.pt'), /legacy format of PyTorch before 1\.6/],
  ['a tar archive', () => join(latin1('storages'), new Uint8Array(249), latin1('ustar'), new Uint8Array(250)), /tar format of PyTorch before 1\.6/],
  ['a bare pickle', () => pickle('}.'), /a bare pickle/],
  ['the opcode INST', () => file(pickle('(ios\nsystem\n.')), /opcode INST at byte 3 is not allowed/],
  ['the opcode OBJ', () => file(pickle('(o.')), /opcode OBJ/],
  ['the opcode NEWOBJ', () => file(pickle([0x81], '.')), /opcode NEWOBJ/],
  ['the opcode EXT1', () => file(pickle([0x82, 1], '.')), /opcode EXT1/],
  ['the opcode PERSID', () => file(pickle('Pabc\n.')), /opcode PERSID/],
  ['the opcode STRING', () => file(pickle("S'a'\n.")), /opcode STRING/],
  ['the opcode NEXT_BUFFER', () => file(pickle([0x97], '.')), /opcode NEXT_BUFFER/],
  ['the opcode BYTEARRAY8', () => file(pickle([0x96], u64(2n ** 62n), '.')), /opcode BYTEARRAY8/],
  ['an opcode that is none', () => file(pickle([0xff], '.')), /opcode 0xff at byte 2/],
  ['protocol 0', () => file(join([0x80, 0], latin1('.'))), /protocol 0 \(expected 2 to 5\)/],
  ['an empty pickle', () => file(new Uint8Array(0)), /pickle is cut off/],
  ['a pickle without end', () => file(pickle('}')), /pickle is cut off/],
  ['bytes after the end', () => file(pickle('}.x')), /bytes after the end/],
  ['two values at the end', () => file(pickle('}}.')), /other than one value at the end/],
  ['nothing at the end', () => file(pickle('.')), /other than one value/],
  ['a mark that is left open', () => file(pickle('}(.')), /other than one value/],
  ['an empty stack', () => file(pickle('a.')), /stack is empty/],
  ['reaching below a mark', () => file(pickle('](a.')), /stack is empty/],
  ['no mark', () => file(pickle('t.')), /no mark/],
  ['something never remembered', () => file(pickle('h', [7], '.')), /nothing was remembered as 7/],
  ['text beyond the end', () => file(pickle('X', u32(0x7fffffff), '.')), /text of 2147483647 bytes \(limit 1000000\)/],
  ['text that is not UTF-8', () => file(pickle('X', u32(1), [0xff], '.')), /not UTF-8/],
  ['a frame beyond the end', () => file(pickle([0x95], u64(2n ** 63n), '}.')), /frame of 9223372036854775808 bytes/],
  ['a number of 255 bytes', () => file(pickle([0x8a, 255], new Uint8Array(255), '.')), /number of 255 bytes \(limit 16\)/],
  ['a call of a dict', () => file(pickle('})R.')), /call of something that is no function/],
  ['a call of a storage type', () => file(pickle('ctorch\nFloatStorage\n)R.')), /"torch\.FloatStorage" cannot be called/],
  ['attributes for a list', () => file(pickle(']}b.')), /attributes for something that is no dict/],
  ['a key that is a list', () => file(pickle('}]]s.')), /key that is neither text nor number/],
  ['items for a number', () => file(pickle('K', [1], ']a.')), /items for something that is no list/],
  ['a list that holds itself', () => file(cycle), /nested too deeply: expected at most 32 levels|share their contents too often/],
  ['ten to the twentieth lists out of few', () => file(pickle(']q', [0], ...Array.from({ length: 20 }, (_, i) => join(latin1(']q'), [i + 1], latin1('('), ...Array.from({ length: 10 }, () => join(latin1('h'), [i])), latin1('e'))), '(', ...Array.from({ length: 21 }, () => ''), 't', '.')), /other than one value|share their contents too often/],
  ['a number where all lists are shared', () => file(laughs), /other than one value|share their contents too often/],
  ['dicts nested a thousand times', () => file(pickle('}'.repeat(1000), ...Array.from({ length: 999 }, () => join(text('a'))).map(() => ''), '.')), /other than one value/],
  ['lists nested a thousand times', () => file(pickle(']'.repeat(1000), 'a'.repeat(999), '.')), /nested too deeply/],
  ['a bad persistent id', () => file(pickle(text('storage'), 'Q.')), /bad persistent id/],
  ['a storage of an unknown type', () => file(state(named('a', tensor(storage('0', 4, 'QInt8Storage'), 0, [1], [1])))), /names "torch\.QInt8Storage"/],
  ['a storage key that leads out', () => file(state(named('a', tensor(storage('../x', 4), 0, [1], [1])))), /bad persistent id/],
  ['a storage that is missing', () => file(state(named('a', tensor(storage('9', 4), 0, [4], [1]))), four), /"a" lies in a storage that is missing: expected a member m\/data\/9/],
  ['a storage of another length', () => file(state(named('a', tensor(storage('0', 5), 0, [4], [1]))), four), /storage of "a" has another length than declared: expected 20 bytes, received 16/],
  ['a storage of a negative length', () => file(state(named('a', tensor(storage('0', -1), 0, [4], [1]))), four), /bad persistent id/],
  ['a tensor beyond its storage', () => file(state(named('a', tensor(storage('0', 4), 1, [4], [1]))), four), /reaches beyond its storage: expected at most 4 elements, received offset 1, size \[4\], stride \[1\]/],
  ['a tensor that repeats its elements', () => file(state(named('a', tensor(storage('0', 4), 0, [1000000, 1000000], [0, 0]))), four), /more elements than its storage/],
  ['sizes whose product overflows', () => file(state(named('a', tensor(storage('0', 4), 0, [0x7fffffff, 0x7fffffff, 0x7fffffff], [0, 0, 0]))), four), /more elements than its storage/],
  ['a negative stride', () => file(state(named('a', tensor(storage('0', 4), 3, [4], [-1]))), four), /bad arguments of torch\._utils\._rebuild_tensor_v2/],
  ['a negative offset', () => file(state(named('a', tensor(storage('0', 4), -1, [4], [1]))), four), /bad arguments/],
  ['another number of strides than sizes', () => file(state(named('a', tensor(storage('0', 4), 0, [2, 2], [1]))), four), /bad arguments/],
  ['a name twice', () => file(state(named('a.b', tensor(storage('0', 4), 0, [4], [1])), named('a', join(latin1('}'), named('b', tensor(storage('0', 4), 0, [4], [1])), latin1('s')))), four), /"a\.b" is given twice/],
  ['one storage in a thousand tensors', () => file(state(...Array.from({ length: 1000 }, (_, i) => named(`t${i}`, tensor(storage('0', 65536), 0, [65536], [1])))), { 0: new Uint8Array(262144) }), /share their storages too often/],
  ['two pickles', () => file(pickle('}.'), {}, [['n/data.pkl', pickle('}.')]]), /expected one member NAME\/data\.pkl, received "m\/data\.pkl", "n\/data\.pkl"/],
  ['no pickle', () => writeZip('test', [['m/x', new Uint8Array(1)]]), /expected one member NAME\/data\.pkl, received none/],
  ['big-endian', () => file(pickle('}.'), {}, [['m/byteorder', latin1('big')]]), /another byte order: expected little/],
  ['an archive cut off', () => goldenFile('state.pt').slice(0, -30), /no zip archive, or it is cut off/],
]
export const badTorch: readonly BadFile[] = cases.map(([title, bytes, error]) => ({ loader: 'torch', title, bytes, error }))
