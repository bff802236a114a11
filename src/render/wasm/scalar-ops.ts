// The scalar vocabulary in WebAssembly, one lane. bool is an i32 that is 0 or 1.
import type { RegType, ScalarOp } from '../../ir/index.ts'
import { type Code, F32, F64, I32, type ValType } from './assembler.ts'
import type { Node } from './nodes.ts'

/** What printing an operation needs from the function being written. */
export interface Writer {
  readonly code: Code
  readonly relaxed: boolean
  /** Writes the instructions that push a node's value. */
  push(node: Node): void
  /** Whether a node's value already waits in a local. */
  available(node: Node): boolean
  /** A local for the statement being written. */
  temp(type: ValType): number
}

export const scalarType = (t: RegType): ValType => (t === 'f32' ? F32 : t === 'f64' ? F64 : I32)

/** One instruction for all arguments, by argument type. */
const DIRECT: { readonly [K in ScalarOp]?: { readonly [T in RegType]?: number } } = {
  add: { i32: 0x6a, f32: 0x92, f64: 0xa0 },
  sub: { i32: 0x6b, f32: 0x93, f64: 0xa1 },
  mul: { i32: 0x6c, f32: 0x94, f64: 0xa2 },
  div: { f32: 0x95, f64: 0xa3 },
  min: { f32: 0x96, f64: 0xa4 },
  max: { f32: 0x97, f64: 0xa5 },
  neg: { f32: 0x8c, f64: 0x9a },
  abs: { f32: 0x8b, f64: 0x99 },
  sqrt: { f32: 0x91, f64: 0x9f },
  ceil: { f32: 0x8d, f64: 0x9b },
  floor: { f32: 0x8e, f64: 0x9c },
  trunc: { f32: 0x8f, f64: 0x9d },
  round: { f32: 0x90, f64: 0x9e },
  and: { i32: 0x71, bool: 0x71 },
  or: { i32: 0x72, bool: 0x72 },
  xor: { i32: 0x73, bool: 0x73 },
  shl: { i32: 0x74 },
  shr: { i32: 0x75 },
  ushr: { i32: 0x76 },
  eq: { i32: 0x46, bool: 0x46, f32: 0x5b, f64: 0x61 },
  ne: { i32: 0x47, bool: 0x47, f32: 0x5c, f64: 0x62 },
  lt: { i32: 0x48, bool: 0x48, f32: 0x5d, f64: 0x63 },
  le: { i32: 0x4c, bool: 0x4c, f32: 0x5f, f64: 0x65 },
  not: { bool: 0x45 },
  asI32: { f32: 0xbc, i32: -1 },
  asF32: { i32: 0xbe, f32: -1 },
  toF32: { f32: -1, i32: 0xb2, bool: 0xb2, f64: 0xb6 },
  toF64: { f64: -1, i32: 0xb7, bool: 0xb7, f32: 0xbb },
  toBool: { bool: -1 },
}

const SELECT = 0x1b
const EQZ = 0x45
const LT_U = 0x49

export function scalarOp(w: Writer, op: ScalarOp, args: readonly Node[]): void {
  const { code } = w
  const t = args[0]!.type.t
  const direct = DIRECT[op]?.[t]
  if (direct !== undefined) {
    for (const a of args) w.push(a)
    if (direct >= 0) code.op(direct)
    return
  }
  switch (op) {
    case 'fma':
      scalarFma(w, args)
      return
    case 'select':
      w.push(args[1]!)
      w.push(args[2]!)
      w.push(args[0]!)
      code.op(SELECT)
      return
    case 'toBool':
      w.push(args[0]!)
      if (t === 'f32') code.op(0x43).rawF32(0).op(0x5c)
      else if (t === 'f64') code.op(0x44).rawF64(0).op(0x62)
      else code.op(EQZ).op(EQZ)
      return
    case 'toI32':
      w.push(args[0]!)
      if (t === 'f32') code.op(0xfc).u32(0)
      else if (t === 'f64') code.op(0xfc).u32(2)
      return
    case 'hi32':
      w.push(args[0]!)
      code.op(0xbd).op(0x42).s32(32).op(0x88).op(0xa7)
      return
    case 'setHi32':
      // (high << 32) | zero-extended low word
      w.push(args[1]!)
      code.op(0xad).op(0x42).s32(32).op(0x86)
      w.push(args[0]!)
      code.op(0xbd).op(0xa7).op(0xad).op(0x84).op(0xbf)
      return
    default: integerOp(w, op, args)
  }
}

function integerOp(w: Writer, op: ScalarOp, args: readonly Node[]): void {
  const { code } = w
  if (op === 'div' || op === 'rem') {
    w.push(args[0]!)
    const by = args[1]!
    if (by.k === 'const') divideByConstant(w, op, by.value)
    else {
      w.push(by)
      divide(w, op)
    }
    return
  }
  if (op === 'neg') {
    code.i32Const(0)
    w.push(args[0]!)
    code.op(0x6b)
    return
  }
  w.push(args[0]!)
  if (op === 'not') {
    code.i32Const(-1).op(0x73)
    return
  }
  const a = w.temp(I32)
  if (op === 'abs') {
    code.set(a).i32Const(0).get(a).op(0x6b).get(a).get(a).i32Const(0).op(0x48).op(SELECT)
    return
  }
  // min, max
  const b = w.temp(I32)
  code.set(a)
  w.push(args[1]!)
  code.set(b).get(a).get(b).get(a).get(b).op(op === 'min' ? 0x48 : 0x4a).op(SELECT)
}

/** The dividend is on the stack. x/0 = 0, x/−1 = −x (which wraps), x%0 = x%−1 = 0. */
function divideByConstant({ code }: Writer, op: 'div' | 'rem', by: number): void {
  if (by === 0 || (op === 'rem' && by === -1)) code.op(0x1a).i32Const(0)
  else if (op === 'div' && by === -1) code.i32Const(-1).op(0x6c)
  else code.i32Const(by).op(op === 'div' ? 0x6d : 0x6f)
}

/** Dividend and divisor are on the stack. Divisors 0 and −1 would trap: 1 divides in their place. */
export function divide(w: Writer, op: 'div' | 'rem'): void {
  const { code } = w
  const b = w.temp(I32)
  const special = w.temp(I32)
  const a = w.temp(I32)
  code.set(b).set(a)
  code.get(b).i32Const(1).op(0x6a).i32Const(2).op(LT_U).set(special)
  const safeDivisor = () => code.i32Const(1).get(b).get(special).op(SELECT)
  if (op === 'rem') {
    code.get(a)
    safeDivisor().op(0x6f) // x % 1 = 0
    return
  }
  // b is 0 or −1 when special: then a·b is the answer, and a·b wraps as MIN/−1 must.
  code.get(a).get(b).op(0x6c).get(a)
  safeDivisor().op(0x6d).get(special).op(SELECT)
}

/** Through a vector when vectors fuse, so that a loop's tail rounds as its body does. */
function scalarFma(w: Writer, [a, b, c]: readonly Node[]): void {
  const { code } = w
  const single = a!.type.t === 'f32'
  if (a!.type.t === 'i32' || !w.relaxed) {
    w.push(a!)
    w.push(b!)
    code.op(DIRECT.mul![a!.type.t]!)
    w.push(c!)
    code.op(DIRECT.add![a!.type.t]!)
    return
  }
  for (const x of [a!, b!, c!]) {
    w.push(x)
    code.simd(single ? 0x13 : 0x14)
  }
  code.simd(single ? 0x105 : 0x107).simd(single ? 0x1f : 0x21).byte(0)
}
