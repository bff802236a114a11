// Well-formed kernels and programs pass; every malformed one is refused with a message that says where.
import { describe, expect, test } from 'vitest'
import { type BufferParam, constant, type Expr, i32, type Kernel, load, newVar, op, type ScalarOp, splat, type Stmt, use, type Var, vtype } from './kernel.ts'
import { expandMath } from './math.ts'
import type { Arg, Program, Slot, Step } from './program.ts'
import { verifyProgram } from './verify-program.ts'
import { verifyKernel } from './verify.ts'

const PARAMS: readonly BufferParam[] = [
  { dtype: 'float32', length: 8, access: 'read', scope: 'global' },
  { dtype: 'float32', length: 8, access: 'write', scope: 'global' },
  { dtype: 'uint8', length: 8, access: 'readwrite', scope: 'global' },
  { dtype: 'bool', length: 8, access: 'readwrite', scope: 'global' },
]
const lo = newVar('lo', 'i32')
const hi = newVar('hi', 'i32')
const kernel = (body: readonly Stmt[], over: Partial<Kernel> = {}): Kernel => ({ name: 'k', params: PARAMS, extent: 8, lo, hi, body, flops: 0, bytes: 0, ...over })
const x = load(0, i32(0), 'f32')
const one = constant('f32', 1)
const put = (value: Expr, buf = 1, index: Expr = i32(0)): Stmt => ({ s: 'store', buf, index, value })
/** An op as no builder would make it. */
const raw = (name: ScalarOp, t: Expr['type'], ...args: Expr[]): Expr => ({ k: 'op', type: t, op: name, args })
const f32 = vtype('f32')
const loop = (v: Var, body: readonly Stmt[], over: { step?: number; lo?: Expr; hi?: Expr } = {}): Stmt => ({ s: 'for', v, lo: use(lo), hi: use(hi), step: 1, body, ...over })

test('a well-formed kernel passes', () => {
  const i = newVar('i', 'i32')
  const j = newVar('j', 'i32')
  const sum = newVar('sum', 'f32', 4)
  const body: Stmt[] = [
    { s: 'let', v: sum, value: constant('f32', 0, 4) },
    loop(j, [{ s: 'set', v: sum, value: op('fma', load(0, i32(0), 'f32', 4), splat(x, 4), use(sum)) }]),
    loop(i, [put({ k: 'fold', type: f32, op: 'add', arg: use(sum) }, 1, use(i)), { s: 'if', cond: op('lt', x, one), then: [put(op('lt', x, one), 3)], else: [] }]),
    // the same variable again, after its loop has ended
    loop(i, [put(op('toI32', x), 2, use(i))], { step: 4 }),
  ]
  verifyKernel(kernel(body))
})

test('shared expressions are looked at once', () => {
  let e = x
  for (let i = 0; i < 200; i++) e = op('add', e, e)
  verifyKernel(kernel([put(e)]))
  for (const name of ['pow', 'atan2'] as const) verifyKernel(kernel([put(expandMath(name, x, one))]))
})

describe('kernels refused', () => {
  const i = newVar('i', 'i32')
  const ghost = newVar('ghost', 'f32')
  const cases: [string, () => Kernel, RegExp][] = [
    ['negative extent', () => kernel([], { extent: -1 }), /bad extent/],
    ['unknown dtype', () => kernel([], { params: [{ ...PARAMS[0]!, dtype: 'float16' as never }] }), /buffer 0 has a bad element type/],
    ['fractional length', () => kernel([], { params: [{ ...PARAMS[0]!, length: 1.5 }] }), /buffer 0 has a bad length/],
    ['unknown access', () => kernel([], { params: [{ ...PARAMS[0]!, access: 'none' as never }] }), /bad access/],
    ['unknown scope', () => kernel([], { params: [{ ...PARAMS[0]!, scope: 'block' as never }] }), /bad scope/],
    ['a float range', () => kernel([], { lo: newVar('lo', 'f32') }), /the range has the wrong type: expected i32, received f32/],
    ['lo is hi', () => kernel([], { hi: lo }), /lo is bound twice/],
    ['a variable never bound', () => kernel([put(use(ghost))]), /body\[0\] \(store\): ghost is used out of scope/],
    ['a variable used before its let', () => kernel([put(use(ghost)), { s: 'let', v: ghost, value: one }]), /ghost is used out of scope/],
    ['a variable used after its loop', () => kernel([loop(i, []), put(x, 1, use(i))]), /body\[1\] \(store\): i is used out of scope/],
    ['a variable of the other branch', () => kernel([{ s: 'if', cond: op('lt', x, one), then: [{ s: 'let', v: ghost, value: one }], else: [put(use(ghost))] }]), /else\[0\] \(store\): ghost is used out of scope/],
    ['a shared expression out of scope the second time', () => {
      const e = op('mul', use(ghost), one)
      return kernel([{ s: 'if', cond: op('lt', x, one), then: [{ s: 'let', v: ghost, value: one }, put(e)], else: [] }, put(e)])
    }, /body\[1\] \(store\): ghost is used out of scope/],
    ['a loop variable bound twice', () => kernel([loop(i, [loop(i, [])])]), /for\[0\] \(for\): i is bound twice/],
    ['step 0', () => kernel([loop(i, [], { step: 0 })]), /bad step: expected an integer > 0, received 0/],
    ['a fractional step', () => kernel([loop(i, [], { step: 1.5 })]), /bad step/],
    ['a float bound', () => kernel([loop(i, [], { hi: x })]), /the upper bound has the wrong type: expected i32, received f32/],
    ['a float loop variable', () => kernel([loop(newVar('f', 'f32'), [])]), /loop variable f has the wrong type/],
    ['a let of another type', () => kernel([{ s: 'let', v: ghost, value: i32(1) }]), /the value of ghost has the wrong type: expected f32, received i32/],
    ['a let of another width', () => kernel([{ s: 'let', v: ghost, value: constant('f32', 1, 4) }]), /expected f32, received f32x4/],
    ['a set of nothing', () => kernel([{ s: 'set', v: ghost, value: one }]), /ghost is set out of scope/],
    ['a set of a loop variable', () => kernel([loop(i, [{ s: 'set', v: i, value: i32(0) }])]), /i cannot be set: expected a variable bound by let, received one bound by the loop/],
    ['a set of the range', () => kernel([{ s: 'set', v: hi, value: i32(0) }]), /hi cannot be set/],
    ['a set of another type', () => kernel([{ s: 'let', v: ghost, value: one }, { s: 'set', v: ghost, value: i32(0) }]), /body\[1\] \(set\): the value of ghost has the wrong type/],
    ['a store to no buffer', () => kernel([put(one, 9)]), /no such buffer: expected 0 … 3, received 9/],
    ['a store to a read buffer', () => kernel([put(one, 0)]), /buffer 0 is stored to: expected write or readwrite, received read/],
    ['a store of the wrong type', () => kernel([put(i32(1))]), /the value stored to float32 has the wrong type: expected f32, received i32/],
    ['an i32 stored as bool', () => kernel([put(i32(1), 3)]), /expected bool, received i32/],
    ['a vector index', () => kernel([put(one, 1, constant('i32', 0, 4))]), /the index has the wrong type: expected i32, received i32x4/],
    ['an integer condition', () => kernel([{ s: 'if', cond: i32(1), then: [], else: [] }]), /the condition has the wrong type: expected bool, received i32/],
    ['a load from a write buffer', () => kernel([put(load(1, i32(0), 'f32'))]), /buffer 1 is loaded from: expected read or readwrite, received write/],
    ['a load from no buffer', () => kernel([put(load(-1, i32(0), 'f32'))]), /no such buffer/],
    ['a load of the wrong type', () => kernel([put(op('toF32', load(0, i32(0), 'i32')))]), /a load from float32 has the wrong type/],
    ['a float index', () => kernel([put(load(0, x, 'f32'))]), /the index has the wrong type/],
    ['three lanes', () => kernel([put(load(0, i32(0), 'f32', 3))]), /bad number of lanes: expected a power of two up to 64, received 3/],
    ['a constant that is no integer', () => kernel([put(x, 1, i32(0.5))]), /bad constant: expected a 32-bit integer, received 0.5/],
    ['a truth value of 2', () => kernel([put(constant('bool', 2), 3)]), /bad constant: expected 0 or 1/],
    ['a float ramp', () => kernel([put({ k: 'ramp', type: vtype('f32', 4) })]), /a ramp of the wrong type/],
    ['a use with another type', () => kernel([put(x, 1, { k: 'var', type: vtype('i32'), v: newVar('f', 'f32') })]), /a use of f has the wrong type/],
    ['an unknown op', () => kernel([put(raw('exp' as never, f32, x))]), /unknown op exp/],
    ['a missing argument', () => kernel([put(raw('add', f32, x))]), /add has the wrong number of arguments: expected 2, received 1/],
    ['mixed types', () => kernel([put(raw('add', f32, x, i32(1)))]), /argument 1 of add has the wrong type: expected f32, received i32/],
    ['mixed widths', () => kernel([put(raw('add', f32, x, constant('f32', 1, 4)))]), /add mixes widths/],
    ['bits of a float', () => kernel([put(op('and', x, one))]), /and does not take f32/],
    ['a root of an integer', () => kernel([put(op('toF32', op('sqrt', i32(4))))]), /sqrt does not take i32/],
    ['a comparison of truth values', () => kernel([put(op('eq', op('lt', x, one), op('lt', one, x)), 3)]), /eq does not take bool/],
    ['a comparison called float', () => kernel([put(raw('lt', f32, x, one))]), /the result of lt has the wrong type: expected bool, received f32/],
    ['select on an integer', () => kernel([put(op('select', i32(1), x, one))]), /argument 0 of select has the wrong type: expected bool, received i32/],
    ['select between types', () => kernel([put(raw('select', f32, op('lt', x, one), x, i32(1)))]), /argument 2 of select has the wrong type/],
    ['a conversion to itself', () => kernel([put(op('toF32', x))]), /toF32 does not take f32/],
    ['a splat to one lane', () => kernel([put({ k: 'splat', type: f32, arg: x })]), /a splat to one lane/],
    ['a pack too short', () => kernel([put({ k: 'pack', type: vtype('f32', 4), args: [x, x] })]), /pack has the wrong number of arguments: expected 4, received 2/],
    ['a lane that does not exist', () => kernel([put({ k: 'extract', type: f32, arg: constant('f32', 1, 4), lane: 4 })]), /no such lane: expected 0 … 3, received 4/],
    ['a fold by subtraction', () => kernel([put({ k: 'fold', type: f32, op: 'sub', arg: constant('f32', 1, 4) })]), /sub cannot fold f32/],
    ['a store before its scratch', () => kernel([put(x, 4, i32(-7))], { params: [...PARAMS, { dtype: 'float32', length: 8, access: 'readwrite', scope: 'thread' }] }), /scratch 4 is accessed outside: expected 0 … 7, received -7/],
    ['a load over the end of its scratch', () => kernel([put({ k: 'extract', type: f32, arg: load(4, i32(5), 'f32', 4), lane: 0 })], { params: [...PARAMS, { dtype: 'float32', length: 8, access: 'readwrite', scope: 'thread' }] }), /scratch 4 is accessed outside: expected 0 … 4, received 5/],
    ['a fold of a scalar', () => kernel([put({ k: 'fold', type: f32, op: 'add', arg: x })]), /a fold of one lane/],
    ['a fold to a vector', () => kernel([put({ k: 'fold', type: vtype('f32', 4), op: 'add', arg: constant('f32', 1, 4) })]), /fold has the wrong type/],
    ['an unknown statement', () => kernel([{ s: 'while' } as never]), /unknown statement while/],
    ['an unknown expression', () => kernel([put({ k: 'call', type: f32 } as never)]), /unknown expression call/],
  ]
  test.each(cases)('%s', (_, make, message) => {
    const k = make()
    expect(() => verifyKernel(k)).toThrow(message)
    expect(() => verifyKernel(k)).toThrow(/^kernel k: /)
  })
})

describe('programs', () => {
  const copy = kernel([put(x)], { params: PARAMS.slice(0, 2) })
  const scratch = kernel([], { name: 's', params: [{ dtype: 'float32', length: 4, access: 'readwrite', scope: 'thread' }] })
  const slots: Slot[] = [
    { kind: 'input', index: 0, bytes: 32 }, { kind: 'output', index: 0, bytes: 64 }, { kind: 'temp', offset: 0, bytes: 32 }, { kind: 'const', bytes: 32, data: new Uint8Array(32) },
  ]
  const call = (args: readonly Arg[], k = 0): Step => ({ kind: 'kernel', kernel: k, args, parallel: true })
  const program = (steps: readonly Step[], over: Partial<Program> = {}): Program => ({
    key: '', kernels: [copy, scratch], slots, steps, inputs: [{ dtype: 'float32', length: 8 }], outputs: [{ dtype: 'float32', length: 16 }], arenaBytes: 32, ...over,
  })

  test('a well-formed program passes', () => {
    verifyProgram(program([
      call([{ slot: 0 }, { slot: 2 }]), call([], 1),
      { kind: 'loop', count: 2, body: [call([{ slot: 3 }, { slot: 1, strides: [32] }]), call([{ slot: 3 }, { slot: 1, offset: 32, strides: [-32] }])] },
      { kind: 'if', flag: { slot: 2, offset: 31 }, then: [], else: [call([{ slot: 0 }, { slot: 1, offset: 4 }])] },
    ]))
  })
  test('an input given away may be written', () => {
    const outputs = [{ dtype: 'float32', length: 16 }, { dtype: 'float32', length: 8, alias: 0 }] as const
    verifyProgram(program([call([{ slot: 3 }, { slot: 0 }])], { outputs }))
  })
  const cases: [string, Program, RegExp][] = [
    ['a malformed kernel', program([], { kernels: [kernel([put(i32(1))])] }), /^kernel k: body\[0\]/],
    ['no such kernel', program([call([], 5)]), /steps\[0\]: no such kernel: expected 0 … 1, received 5/],
    ['too few arguments', program([call([{ slot: 0 }])]), /wrong number of arguments: expected 2 \(one a global buffer\), received 1/],
    ['no such slot', program([call([{ slot: 0 }, { slot: 7 }])]), /argument 1: no such slot/],
    ['a write to an input', program([call([{ slot: 3 }, { slot: 0 }])]), /argument 1 is written: expected a temp or an output, received input/],
    ['an output over an input of another size', program([], { outputs: [{ dtype: 'float32', length: 16, alias: 0 }] }), /output 0 does not fit over input 0: expected float32 × 16, received float32 × 8/],
    ['a write to a constant', program([call([{ slot: 0 }, { slot: 3 }])]), /received const/],
    ['a slot too small', program([call([{ slot: 0 }, { slot: 2, offset: 4 }])]), /leaves slot 2: expected bytes 0 … 32, received 4 … 36/],
    ['a loop too long', program([{ kind: 'loop', count: 3, body: [call([{ slot: 0 }, { slot: 1, strides: [32] }])] }]), /body\[0\] \(k\), argument 1 leaves slot 1/],
    ['a stride below the slot', program([{ kind: 'loop', count: 2, body: [call([{ slot: 0 }, { slot: 1, strides: [-32] }])] }]), /received -32 … 32/],
    ['a stride that breaks alignment', program([{ kind: 'loop', count: 2, body: [call([{ slot: 0 }, { slot: 1, strides: [2] }])] }]), /bad stride/],
    ['an offset that breaks alignment', program([call([{ slot: 0 }, { slot: 1, offset: 2 }])]), /bad offset/],
    ['more strides than loops', program([call([{ slot: 0 }, { slot: 1, strides: [4] }])]), /more strides than loops/],
    ['a fractional count', program([{ kind: 'loop', count: 0.5, body: [] }]), /bad count/],
    ['a flag outside its slot', program([{ kind: 'if', flag: { slot: 2, offset: 32 }, then: [], else: [] }]), /flag leaves slot 2/],
    ['a temp outside the arena', program([], { arenaBytes: 16 }), /slot 2 leaves the arena: expected bytes 0 … 16, received 0 … 32/],
    ['a temp out of line', program([call([{ slot: 0 }, { slot: 2 }])], { slots: slots.map((s) => (s.kind === 'temp' ? { ...s, offset: 2 } : s)), arenaBytes: 64 }), /slot 2 is not aligned/],
    ['a constant of another size', program([], { slots: [{ kind: 'const', bytes: 8, data: new Uint8Array(4) }] }), /slot 0 has not the size of its data/],
    ['an input that is not there', program([], { slots: [{ kind: 'input', index: 3, bytes: 4 }] }), /slot 0 is bound to no input/],
    ['an output of another size', program([], { slots: [{ kind: 'output', index: 0, bytes: 4 }] }), /slot 0 has not the size of output 0: expected 64 bytes, received 4/],
    ['an unknown step', program([{ kind: 'copy' } as never]), /unknown step copy/],
  ]
  test.each(cases)('%s is refused', (_, p, message) => expect(() => verifyProgram(p)).toThrow(message))
})
