// Bad ONNX files.
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { BadFile } from '../bad-file.ts'
import { join } from '../bytes.ts'

type Part = Uint8Array
const NONE = new Uint8Array(0)
/** A field of bytes, a message or a text. */
const field = (n: number, value: Part | string): Part => (typeof value === 'string' ? new BinaryWriter().tag(n, 2).string(value) : new BinaryWriter().tag(n, 2).bytes(value)).finish()
const number = (n: number, value: bigint | number): Part => new BinaryWriter().tag(n, 0).int64(String(value)).finish()
/** The start of a field that says it has more bytes than there are. */
const tooLong = (n: number, length: number): Part => new BinaryWriter().tag(n, 2).uint32(length).finish()

const port = (name: string, ...dims: (number | bigint)[]): Part => join(field(1, name), field(2, field(1, join(number(1, 1), field(2, join(...dims.map((d) => field(1, number(1, d)))))))))
const node = (op: string, inputs: readonly string[], outputs: readonly string[], ...attributes: Part[]): Part =>
  join(...inputs.map((x) => field(1, x)), ...outputs.map((x) => field(2, x)), field(4, op), ...attributes.map((a) => field(5, a)))
const attribute = (name: string, type: number, value: Part): Part => join(field(1, name), value, number(20, type))
const tensor = (name: string, type: number, dims: readonly (number | bigint)[], data: Part): Part => join(...dims.map((d) => number(1, d)), number(2, type), field(8, name), data)
interface Graph {
  readonly nodes?: readonly Part[]
  readonly tensors?: readonly Part[]
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
  readonly more?: Part
}
const graph = ({ nodes = [], tensors = [], inputs = ['x'], outputs = ['y'], more = NONE }: Graph): Part =>
  join(...nodes.map((n) => field(1, n)), field(2, 'g'), ...tensors.map((t) => field(5, t)), ...inputs.map((x) => field(11, port(x, 2))), ...outputs.map((x) => field(12, port(x, 2))), more)
const opset = (version: number | bigint, domain = ''): Part => field(8, join(domain === '' ? NONE : field(1, domain), number(2, version)))
const model = (g: Graph, ...more: Part[]): Part => join(number(1, 8), field(7, graph(g)), ...(more.length === 0 ? [opset(17)] : more))
const relu = node('Relu', ['x'], ['y'])
const weights = (type: number, dims: readonly (number | bigint)[], data: Part): Part => model({ nodes: [node('Add', ['x', 'w'], ['y'])], tensors: [tensor('w', type, dims, data)] })
const raw = (bytes: number): Part => field(9, new Uint8Array(bytes))
const external = (location: string, length = '4'): Part => join(field(13, join(field(1, 'location'), field(2, location))), field(13, join(field(1, 'length'), field(2, length))), number(14, 1))

/** If in If in If …, `depth` times. */
function nested(op: 'If' | 'Loop', depth: number): Part {
  let inner = node('Identity', ['x'], ['y'])
  for (let i = 0; i < depth; i++) {
    const body = (name: string): Part => attribute(name, 5, field(6, graph({ nodes: [inner], inputs: op === 'If' ? [] : [`i${i}`, `c${i}`], outputs: ['y'] })))
    inner = op === 'If' ? node('If', ['x'], ['y'], body('then_branch'), body('else_branch').slice(0, 0).length === 0 ? attribute('else_branch', 5, field(6, graph({ nodes: [relu], inputs: [] }))) : NONE) : node('Loop', ['', 'x'], ['y'], body('body'))
  }
  return model({ nodes: [inner] })
}
const fn = (name: string, nodes: readonly Part[]): Part => field(25, join(field(1, name), field(4, 'x'), field(5, 'y'), ...nodes.map((n) => field(7, n)), field(9, number(2, 17)), field(10, 'own')))
const call = (name: string, input = 'x', output = 'y'): Part => join(node(name, [input], [output]), field(7, 'own'))
/** Each function calls the one before it twice. */
const doubling = (depth: number): Part => model({ nodes: [call(`f${depth}`)] }, opset(17), opset(1, 'own'), fn('f0', [relu]), ...Array.from({ length: depth }, (_, i) => fn(`f${i + 1}`, [call(`f${i}`, 'x', 'm'), call(`f${i}`, 'm', 'y')])))
const MANY = 1_000_000

const cases: readonly (readonly [string, () => Part, RegExp])[] = [
  ['an empty file', () => NONE, /there is no graph/],
  ['text', () => new TextEncoder().encode('{"ir_version": 8}'), /wire type|beyond|byte/],
  ['no graph', () => join(number(1, 8), opset(17)), /there is no graph/],
  ['no opset', () => join(number(1, 8), field(7, graph({ nodes: [relu] }))), /does not say which opset/],
  ['opset 0', () => model({ nodes: [relu] }, opset(0)), /opset 0 is not supported: expected 7 … 23/],
  ['opset 24', () => model({ nodes: [relu] }, opset(24)), /opset 24 is not supported/],
  ['opset 2^62', () => model({ nodes: [relu] }, opset(2n ** 62n)), /opset_import: the field version is 4611686018427387904, not a 32-bit integer/],
  ['a graph longer than the file', () => join(number(1, 8), tooLong(7, 1000), Uint8Array.of(1)), /the field graph of 1000 bytes goes beyond the end/],
  ['a graph of 2^32 − 1 bytes', () => join(number(1, 8), tooLong(7, 2 ** 32 - 1)), /the field graph of 4294967295 bytes goes beyond/],
  ['a field inside that goes beyond its message', () => join(field(7, join(tooLong(2, 200))), new Uint8Array(400)), /the field name of 200 bytes goes beyond/],
  ['a varint without an end', () => new Uint8Array(40).fill(0xff), /varint|byte 0|byte/],
  ['a name that is not UTF-8', () => model({ nodes: [join(field(1, Uint8Array.of(0xff)), field(2, 'y'), field(4, 'Relu'))] }), /the field input is not UTF-8/],
  ['groups, which nobody writes', () => join(number(1, 8), Uint8Array.of(0x3b), Uint8Array.of(0x3c)), /wire type 3/],
  ['an unknown operator', () => model({ nodes: [node('Rm', ['x'], ['y'])] }), /the operator Rm of opset 17 is not supported/],
  ['an operator called __proto__', () => model({ nodes: [node('__proto__', ['x'], ['y'])] }), /operator __proto__ of opset 17 is not supported/],
  ['an operator called constructor', () => model({ nodes: [node('constructor', ['x'], ['y'])] }), /operator constructor of opset 17 is not supported/],
  ['an operator of a foreign domain', () => model({ nodes: [join(relu, field(7, 'evil'))] }), /which opset of the domain "evil"/],
  ['a value nobody gives', () => model({ nodes: [node('Relu', ['q'], ['y'])] }), /uses "q", which nothing gives/],
  ['an output nobody gives', () => model({ nodes: [relu], outputs: ['z'] }), /the output "z" is computed by no node/],
  ['a name given twice', () => model({ nodes: [relu, node('Exp', ['x'], ['y'])] }), /the name "y" is given twice/],
  ['an input given twice', () => model({ nodes: [relu], inputs: ['x', 'x'] }), /the name "x" is given twice/],
  ['an initializer given twice', () => model({ nodes: [relu], tensors: [tensor('w', 1, [], raw(4)), tensor('w', 1, [], raw(4))] }), /"w" is given twice/],
  ['a node that needs its own output', () => model({ nodes: [node('Add', ['x', 'y'], ['y'])] }), /depends on its own output/],
  ['a circle of three', () => model({ nodes: [node('Add', ['x', 'c'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['c']), node('Relu', ['c'], ['y'])] }), /depends on its own output/],
  ['an attribute given twice', () => model({ nodes: [node('Softmax', ['x'], ['y'], attribute('axis', 2, number(3, 0)), attribute('axis', 2, number(3, 1)))] }), /the attribute "axis" is given twice/],
  ['sizes of 2^63', () => weights(1, [2n ** 62n, 2n ** 62n], raw(4)), /tensor "w" has too many elements: expected at most 2147483647/],
  ['a size of −1', () => weights(1, [-1], raw(4)), /tensor "w" has a negative size/],
  ['sizes whose product overflows', () => weights(1, [65536, 65536, 65536, 65536], raw(4)), /too many elements/],
  ['sizes whose product is 0 in between', () => weights(1, [0, 2n ** 62n], raw(4)), /too many elements/],
  ['a hundred axes', () => weights(1, new Array<number>(100).fill(1), raw(4)), /too many axes: expected at most 64/],
  ['an initializer larger than the file', () => weights(1, [2 ** 30], raw(4)), /tensor "w" has another length than its shape says: expected 4294967296 bytes/],
  ['numbers fewer than the shape says', () => weights(1, [4], field(4, new Uint8Array(8))), /expected 4 elements.*received 2/],
  ['half a number', () => weights(1, [2], field(4, new Uint8Array(7))), /float_data ends inside a value/],
  ['an element type that is not there', () => weights(99, [1], raw(4)), /tensor "w" has a type that is not supported.*received type 99/],
  ['text as raw data', () => weights(8, [1], raw(4)), /strings cannot be raw data/],
  ['sparse initializers', () => model({ nodes: [relu], more: field(15, NONE) }), /sparse initializers are not supported/],
  ...['../secret', '/etc/passwd', '..\\secret', 'C:\\secret', 'a/../../secret', 'http://example.org/w'].map((name): [string, () => Part, RegExp] => [`external data ${JSON.stringify(name)}`, () => weights(1, [1], external(name)), /external data .* lies outside the model's folder|there is no external data/]),
  ['external data that is not there', () => weights(1, [1], external('weights.bin')), /there is no external data "weights.bin"/],
  ['external data of 2^63 bytes', () => weights(1, [1], external('weights.bin', '9223372036854775808')), /bad external length: expected a whole number/],
  ['external data of another length', () => weights(1, [1], external('weights.bin', '8')), /external data of another length than its shape says/],
  ['external data without a place', () => weights(1, [1], number(14, 1)), /external data without a location/],
  ['If in If, 60 times', () => nested('If', 60), /nested too deeply: expected at most 48 levels/],
  ['Loop in Loop, 2000 times', () => nested('Loop', 2000), /nested too deeply/],
  ['a type in a type, 10 000 times', () => {
    let type: Part = field(1, number(1, 1))
    for (let i = 0; i < 300; i++) type = field(4, field(1, type))
    return model({ nodes: [relu], more: field(11, join(field(1, 'z'), field(2, type))) })
  }, /nested too deeply/],
  ['a function that calls itself', () => model({ nodes: [call('f')] }, opset(17), opset(1, 'own'), fn('f', [call('f')])), /nested too deeply.*must not call itself/],
  ['five thousand functions, each calling the next', () => model({ nodes: [call('f0')] }, opset(17), opset(1, 'own'), ...Array.from({ length: 5000 }, (_, i) => fn(`f${i}`, [i === 4999 ? relu : call(`f${i + 1}`)]))), /nested too deeply/],
  ['functions that double 40 times', () => doubling(40), /too many nodes: expected at most/],
  ['a million empty nodes', () => field(7, new Uint8Array(2 * MANY).map((_, i) => (i % 2 === 0 ? 0x0a : 0))), /too many messages for a file of this size: expected at most/],
  ['a million empty tensors', () => field(7, new Uint8Array(2 * MANY).map((_, i) => (i % 2 === 0 ? 0x2a : 0))), /too many messages/],
  ['a million empty attributes', () => field(7, field(1, new Uint8Array(2 * MANY).map((_, i) => (i % 2 === 0 ? 0x2a : 0)))), /too many messages/],
  ['ten million numbers in an attribute', () => model({ nodes: [node('Softmax', ['x'], ['y'], attribute('axis', 7, field(8, new Uint8Array(10 * MANY))))] }), /too many messages/],
  ['an int64 list without packing', () => weights(7, [8192], join(...Array.from({ length: 8192 }, () => number(7, 1)))), /int64_data has more than 4096 values that are not packed/],
]
/** What a few bytes of a graph ask for when it runs. */
const one = (op: string, tensors: readonly Part[], inputs: readonly string[], ...attributes: Part[]): Part => model({ nodes: [node(op, inputs, ['y'], ...attributes)], tensors })
const longs = (name: string, ...values: bigint[]): Part => tensor(name, 7, [values.length], field(9, new Uint8Array(BigInt64Array.from(values).buffer)))
const scalar = (name: string, value: bigint): Part => tensor(name, 7, [], field(9, new Uint8Array(BigInt64Array.of(value).buffer)))
const floats = (name: string, ...values: number[]): Part => tensor(name, 1, [values.length], field(9, new Uint8Array(Float32Array.from(values).buffer)))
const ints = (name: string, ...values: (bigint | number)[]): Part => attribute(name, 7, join(...values.map((v) => number(8, v))))
const yes = tensor('yes', 9, [], field(9, Uint8Array.of(1)))
/** A loop whose body gives the condition `goes`, after `nodes`. */
const looping = (steps: string, goes: string, nodes: readonly Part[], tensors: readonly Part[] = [], next = 'v'): Part => model({
  nodes: [node('Loop', [steps, 'yes', 'x'], ['y'], attribute('body', 5, field(6, graph({ nodes: [...nodes, node('Identity', [next], ['w'])], tensors, inputs: ['i', 'c', 'v'], outputs: [goes, 'w'] }))))],
  tensors: [scalar('many', 2n ** 62n), scalar('lots', 50_000n), yes],
})
const HUGE = 2n ** 40n
const OPEN = /does not come to an end: expected at most 16\d{3} nodes run in loops whose end nobody can tell, received 16\d{3}.*limits: \{ open/
const running: typeof cases = [
  ['a loop of 2^62 steps', () => looping('many', 'c', []), /node → "y" \(Loop\): the model does not come to an end: expected at most 50000 steps of a loop, received 4611686018427388000.*limits: \{ steps/],
  ['a loop without an end', () => looping('', 'c', []), /at most 50000 steps of a loop, received endlessly many/],
  ['a loop whose condition is a constant', () => looping('', 't', [node('Constant', [], ['t'], attribute('value', 4, field(5, tensor('', 9, [], field(9, Uint8Array.of(1))))))]), /at most 50000 steps of a loop/],
  ['a loop whose condition is a stored truth', () => looping('many', 'd', [node('Identity', ['t'], ['d'])], [tensor('t', 9, [], field(9, Uint8Array.of(1)))]), /at most 50000 steps of a loop/],
  ['a loop whose condition always comes out true', () => looping('', 'd', [node('Not', ['c'], ['n']), node('Not', ['n'], ['d'])]), /does not come to an end: expected at most 50000 steps of a loop, received endlessly many/],
  ['a loop whose condition is computed from what stays', () => looping('many', 'd', [node('ReduceSum', ['v'], ['s']), node('IsNaN', ['s'], ['n']), node('Not', ['n'], ['d'])]), /expected at most 50000 steps of a loop, received 4611686018427388000/],
  ['a loop whose condition is computed from the step and never false', () => looping('', 'd', [node('Less', ['i', 'i'], ['n']), node('Not', ['n'], ['d'])]), OPEN],
  ['the same, two hundred nodes a step', () => looping('many', 'd', [node('Less', ['i', 'i'], ['n0']), ...Array.from({ length: 200 }, (_, i) => node('Not', [`n${i}`], [`n${i + 1}`])), node('Not', ['n0'], ['d'])]), OPEN],
  ['a loop whose condition is computed from what it carries and never false', () => looping('', 'd', [node('Add', ['v', 'one'], ['u']), node('ReduceSum', ['u'], ['s']), node('IsNaN', ['s'], ['n']), node('Not', ['n'], ['d'])], [floats('one', 1)], 'u'), OPEN],
  ['a loop of 50 000 steps in one of 50 000', () => looping('lots', 'c', [node('Loop', ['lots', '', 'v'], ['u'], attribute('body', 5, field(6, graph({ nodes: [node('Relu', ['a'], ['b'])], inputs: ['j', 'd', 'a'], outputs: ['d', 'b'] }))))], [scalar('lots', 50_000n)], 'u'), /does not come to an end: expected at most 5000000 nodes run, loops step by step, received 500\d{7}/],
  ['ConstantOfShape of 2^40', () => one('ConstantOfShape', [longs('s', HUGE)], ['s']), /\(ConstantOfShape\): full: too many elements: expected at most 2147483647/],
  ['ConstantOfShape of 2^31 − 1', () => one('ConstantOfShape', [longs('s', 2n ** 31n - 1n)], ['s']), /the values of the model are too large: expected at most 4294967296 bytes of values at a time, received 85899\d+.*limits: \{ bytes/],
  ['Expand to 2^40', () => one('Expand', [longs('s', HUGE, 2n)], ['x', 's']), /\(Expand\): expand: too many elements/],
  ['Expand to 2^30', () => one('Expand', [longs('s', 2n ** 29n, 2n)], ['x', 's']), /the values of the model are too large: expected at most 4294967296 bytes/],
  ['Tile 2^40 times', () => one('Tile', [longs('s', HUGE)], ['x', 's']), /\(Tile\): tile: too many elements/],
  ['Pad by 2^40', () => one('Pad', [longs('s', HUGE, HUGE)], ['x', 's']), /the model asks for too much arithmetic: expected at most 1099511627776 elementary operations/],
  ['Pad by 2^40 copies of the edge', () => one('Pad', [longs('s', HUGE, HUGE)], ['x', 's'], attribute('mode', 3, field(4, 'edge'))), /too many elements on the host: expected 0 … 16777216/],
  ['Range to 2^40', () => one('Range', [scalar('a', 0n), scalar('b', HUGE), scalar('d', 1n)], ['a', 'b', 'd']), /too many elements on the host/],
  ['Resize by 10^9', () => one('Resize', [floats('r'), floats('f', 1e9)], ['x', 'r', 'f']), /\(Resize\): the values of the model are too large/],
  ['OneHot of 2^40 classes', () => one('OneHot', [longs('i', 1n, 2n), scalar('d', HUGE), floats('v', 0, 1)], ['i', 'd', 'v']), /\(OneHot\): .*(too many elements|does not fit|too large)/],
  ['an outer product of 2^40', () => model({ nodes: [node('ConstantOfShape', ['s'], ['a']), node('ConstantOfShape', ['t'], ['b']), node('MatMul', ['a', 'b'], ['y'])], tensors: [longs('s', 2n ** 20n, 1n), longs('t', 1n, 2n ** 20n)] }), /\(MatMul\): .*(too much arithmetic|too many elements|too large)/],
  ['products of 2^42 operations', () => model({ nodes: [node('ConstantOfShape', ['s'], ['a']), node('MatMul', ['a', 'a'], ['y'])], tensors: [longs('s', 2n ** 14n, 2n ** 14n)] }), /\(MatMul\): the model asks for too much arithmetic/],
  ['Multinomial of 2^40 draws', () => one('Multinomial', [tensor('p', 1, [1, 2], raw(8))], ['p'], attribute('sample_size', 2, number(3, HUGE))), /at most 50000 steps of a loop/],
  ['RoiAlign of 2^60 places', () => one('RoiAlign', [tensor('m', 1, [1, 1, 2, 2], raw(16)), tensor('r', 1, [1, 4], raw(16)), longs('b', 0n)], ['m', 'r', 'b'], attribute('output_height', 2, number(3, 2 ** 30)), attribute('output_width', 2, number(3, 2 ** 30))), /\(RoiAlign\): too many elements on the host/],
  ['AffineGrid of 2^60 places', () => model({ nodes: [node('AffineGrid', ['t', 's'], ['y'])], tensors: [tensor('t', 1, [1, 2, 3], raw(24)), longs('s', 1n, 1n, 2n ** 30n, 2n ** 30n)] }, opset(20)), /\(AffineGrid\): too many elements on the host/],
  ['a transform of 2^30 frequencies', () => one('DFT', [tensor('t', 1, [1, 4, 1], raw(16)), scalar('n', 2n ** 30n)], ['t', 'n']), /\(DFT\): too many elements on the host/],
  ['a window of 2^40', () => one('HannWindow', [scalar('n', HUGE)], ['n']), /\(HannWindow\): too many elements on the host/],
  ['Split into 2^40 parts', () => model({ nodes: [node('Split', ['x'], ['y'], attribute('num_outputs', 2, number(3, HUGE)))] }, opset(18)), /num_outputs is not the number of outputs/],
  ['LRN over 2^30 channels', () => one('LRN', [tensor('m', 1, [1, 1, 2, 2], raw(16))], ['m'], attribute('size', 2, number(3, 2 ** 30))), /at most 50000 steps of a loop/],
  ['random numbers of 2^62', () => one('RandomNormal', [], [], ints('shape', 2 ** 31 - 1, 2 ** 31 - 1)), /too many elements/],
  ['a determinant of 2^14 rows', () => model({ nodes: [node('ConstantOfShape', ['s'], ['a']), node('Det', ['a'], ['y'])], tensors: [longs('s', 2n ** 14n, 2n ** 14n)] }), /\(Det\): the model (asks for too much arithmetic|does not come to an end)/],
  ['an einsum of 2^72', () => model({ nodes: [node('ConstantOfShape', ['s'], ['a']), node('Einsum', ['a', 'a', 'a'], ['y'], attribute('equation', 3, field(4, 'ab,cd,ef->abcdef')))], tensors: [longs('s', 2n ** 12n, 2n ** 12n)] }), /\(Einsum\): .*(too much arithmetic|too many elements)/],
]
export const badOnnx: readonly BadFile[] = [...cases, ...running].map(([title, bytes, error]) => ({ loader: 'onnx', title, bytes, error }))
