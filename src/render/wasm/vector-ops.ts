// The scalar vocabulary in WebAssembly, four lanes of a v128. bool is a mask: all ones or all zeros.
import { DeviceError } from '../../base/index.ts'
import type { RegType, ScalarOp } from '../../ir/index.ts'
import { V128 } from './assembler.ts'
import type { Node } from './nodes.ts'
import { type Writer, divide } from './scalar-ops.ts'

/** One SIMD instruction for all arguments, by argument type; −1: the same bits. */
const DIRECT: { readonly [K in ScalarOp]?: { readonly [T in RegType]?: number } } = {
  add: { i32: 0xae, f32: 0xe4 },
  sub: { i32: 0xb1, f32: 0xe5 },
  mul: { i32: 0xb5, f32: 0xe6 },
  div: { f32: 0xe7 },
  min: { i32: 0xb6, f32: 0xe8 },
  max: { i32: 0xb8, f32: 0xe9 },
  neg: { i32: 0xa1, f32: 0xe1 },
  abs: { i32: 0xa0, f32: 0xe0 },
  sqrt: { f32: 0xe3 },
  ceil: { f32: 0x67 },
  floor: { f32: 0x68 },
  trunc: { f32: 0x69 },
  round: { f32: 0x6a },
  and: { i32: 0x4e, bool: 0x4e },
  or: { i32: 0x50, bool: 0x50 },
  xor: { i32: 0x51, bool: 0x51 },
  not: { i32: 0x4d, bool: 0x4d },
  eq: { i32: 0x37, bool: 0x37, f32: 0x41 },
  ne: { i32: 0x38, bool: 0x38, f32: 0x42 },
  // Masks order the other way round: true is −1.
  lt: { i32: 0x39, bool: 0x3b, f32: 0x43 },
  le: { i32: 0x3d, bool: 0x3f, f32: 0x45 },
  asI32: { f32: -1, i32: -1 },
  asF32: { f32: -1, i32: -1 },
  toF32: { f32: -1, i32: 0xfa },
  toI32: { i32: -1, f32: 0xf8, bool: 0xa1 },
  toBool: { bool: -1 },
}

const SHIFT = { shl: 0xab, shr: 0xac, ushr: 0xad } as const
const SCALAR_SHIFT = { shl: 0x74, shr: 0x75, ushr: 0x76 } as const

export function vectorOp(w: Writer, op: ScalarOp, args: readonly Node[]): void {
  const { code } = w
  const t = args[0]!.type.t
  if ((op === 'min' || op === 'max') && t === 'f32' && minMaxWithConstant(w, op, args)) return
  const direct = DIRECT[op]?.[t]
  if (direct !== undefined) {
    for (const a of args) w.push(a)
    if (direct >= 0) code.simd(direct)
    return
  }
  switch (op) {
    case 'fma': {
      for (const a of args.slice(0, 2)) w.push(a)
      if (t === 'f32' && w.relaxed) {
        w.push(args[2]!)
        code.simd(0x105)
        return
      }
      code.simd(DIRECT.mul![t]!)
      w.push(args[2]!)
      code.simd(DIRECT.add![t]!)
      return
    }
    case 'select':
      w.push(args[1]!)
      w.push(args[2]!)
      w.push(args[0]!)
      code.simd(w.relaxed ? 0x10b : 0x52)
      return
    case 'toF32': // of a mask
      w.push(args[0]!)
      vectorConstant(w, 'f32', 1)
      code.simd(0x4e)
      return
    case 'toBool':
      w.push(args[0]!)
      vectorConstant(w, t, 0)
      code.simd(DIRECT.ne![t]!)
      return
    case 'shl':
    case 'shr':
    case 'ushr':
      w.push(args[0]!)
      shift(w, op, args[1]!)
      return
    case 'div':
    case 'rem':
      byLanes(w, args, () => divide(w, op))
      return
    default:
      throw new DeviceError('wasm', `no vector form of ${op} on ${t}`, { remedy: 'Emit it with lanes = 1.' })
  }
}

/** A constant in every lane. */
export function vectorConstant({ code }: Writer, t: RegType, value: number): void {
  code.simd(0x0c)
  for (let lane = 0; lane < 4; lane++) {
    if (t === 'f32') code.rawF32(value)
    else code.rawI32(t === 'bool' ? (value === 0 ? 0 : -1) : value)
  }
}

/**
 * min/max with a constant that is no NaN: one instruction (pmin, pmax: `constant < x ? constant : x`, which keeps a NaN
 * x) for the eight that the general form takes on x86. max(−0, +0) must be +0: adding +0 sees to it.
 */
function minMaxWithConstant(w: Writer, op: 'min' | 'max', args: readonly Node[]): boolean {
  const at = args[1]!.k === 'const' ? 1 : args[0]!.k === 'const' ? 0 : -1
  if (at < 0) return false
  const { value } = args[at]!
  if (Number.isNaN(value)) return false
  const minusZero = Object.is(value, -0)
  if (minusZero && op === 'min') return false
  w.push(args[1 - at]!)
  w.push(args[at]!)
  w.code.simd(op === 'min' ? 0xea : 0xeb)
  if (op === 'max' && Object.is(value, 0)) {
    vectorConstant(w, 'f32', 0)
    w.code.simd(0xe4)
  }
  return true
}

/** The vector is on the stack. One distance for all lanes is an instruction; different ones go lane by lane. */
function shift(w: Writer, op: 'shl' | 'shr' | 'ushr', distance: Node): void {
  const { code } = w
  if (distance.k === 'const') code.i32Const(distance.value & 31).simd(SHIFT[op])
  else if (distance.k === 'splat') {
    w.push(distance.args[0]!)
    code.simd(SHIFT[op])
  } else {
    const a = w.temp(V128)
    code.set(a)
    w.push(distance)
    const b = w.temp(V128)
    code.set(b)
    lanes(w, [a, b], () => code.op(SCALAR_SHIFT[op]))
  }
}

function byLanes(w: Writer, args: readonly Node[], scalar: () => void): void {
  const locals = args.map((a) => {
    w.push(a)
    const local = w.temp(V128)
    w.code.set(local)
    return local
  })
  lanes(w, locals, scalar)
}

function lanes(w: Writer, locals: readonly number[], scalar: () => void): void {
  const { code } = w
  for (let lane = 0; lane < 4; lane++) {
    for (const local of locals) code.get(local).simd(0x1b).byte(lane)
    scalar()
    if (lane === 0) code.simd(0x11)
    else code.simd(0x1c).byte(lane)
  }
}

// ---- into and out of vectors

export function splatOp(w: Writer, arg: Node): void {
  const { code } = w
  const { t } = arg.type
  // A splatted load is one instruction.
  if (arg.k === 'mem' && (arg.dtype === 'float32' || arg.dtype === 'int32') && !w.available(arg)) {
    w.push(arg.args[0]!)
    code.simd(0x09).memarg(2, arg.value)
    return
  }
  if (t === 'bool') code.i32Const(0)
  w.push(arg)
  if (t === 'bool') code.op(0x6b)
  code.simd(t === 'f32' ? 0x13 : 0x11)
}

export function packOp(w: Writer, args: readonly Node[]): void {
  const { code } = w
  const { t } = args[0]!.type
  args.forEach((arg, lane) => {
    if (t === 'bool') code.i32Const(0)
    w.push(arg)
    if (t === 'bool') code.op(0x6b)
    if (lane === 0) code.simd(t === 'f32' ? 0x13 : 0x11)
    else code.simd(t === 'f32' ? 0x20 : 0x1c).byte(lane)
  })
}

/** The vector is on the stack. */
export function extractLane({ code }: Writer, t: RegType, lane: number): void {
  code.simd(t === 'f32' ? 0x1f : 0x1b).byte(lane)
  if (t === 'bool') code.i32Const(1).op(0x71)
}

/** (l0 ∘ l2) ∘ (l1 ∘ l3): the upper half onto the lower, twice. */
export function foldOp(w: Writer, op: ScalarOp, arg: Node): void {
  const { code } = w
  const { t } = arg.type
  w.push(arg)
  if (t === 'bool' && (op === 'or' || op === 'and')) {
    code.simd(op === 'or' ? 0x53 : 0xa3)
    return
  }
  const instruction = DIRECT[op]?.[t]
  if (instruction === undefined) throw new DeviceError('wasm', `cannot fold lanes with ${op} on ${t}`)
  const v = w.temp(V128)
  for (const order of [[2, 3, 0, 1], [1, 0, 3, 2]]) {
    code.set(v).get(v).get(v).get(v).simd(0x0d)
    for (const lane of order) code.bytes([lane * 4, lane * 4 + 1, lane * 4 + 2, lane * 4 + 3])
    code.simd(instruction)
  }
  extractLane(w, t, 0)
}
