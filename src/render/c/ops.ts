// The scalar vocabulary in C, one lane or many. Loops over the lanes become single instructions in GCC and Clang.
import { DeviceError } from '../../base/index.ts'
import { type RegType, type ScalarOp, type VType, vtype } from '../../ir/index.ts'
import { type Prelude, literal, vectorName } from './types.ts'

/** An argument: its text (a name or a literal), and its value when it is a constant. */
export interface Value {
  readonly type: VType
  readonly text: string
  readonly constant: number | null
}

const INFIX: { readonly [K in ScalarOp]?: string } = {
  add: '+', sub: '-', mul: '*', and: '&', or: '|', xor: '^', eq: '==', ne: '!=', lt: '<', le: '<=',
}
const LIBRARY: { readonly [K in ScalarOp]?: string } = { sqrt: 'sqrt', floor: 'floor', ceil: 'ceil', trunc: 'trunc', round: 'rint' }

/** The text of `op` over arguments of equal width. */
export function opText(p: Prelude, op: ScalarOp, type: VType, args: readonly Value[]): string {
  if (type.lanes > 1 && args.some((a) => a.type.t === 'f64')) throw noVector(op, 'f64')
  const t = args[0]!.type.t
  const [a, b, c] = args.map((x) => x.text) as [string, string, string]
  const infix = INFIX[op]
  if (infix !== undefined) {
    const text = `${a} ${infix} ${b}`
    return type.lanes > 1 && 'eq ne lt le'.includes(op) ? `(${p.type(type)})(${text})` : text
  }
  if (op === 'select' && type.lanes === 1 && type.t === 'f32') return `${branchless(p)}(${a}, ${b}, ${c})`
  if (op === 'select') return type.lanes === 1 ? `${a} ? ${b} : ${c}` : `${selectHelper(p, type)}(${a}, ${b}, ${c})`
  if (op === 'fma') return t === 'i32' ? `${a} * ${b} + ${c}` : `${fmaHelper(p, type)}(${a}, ${b}, ${c})`
  if (op === 'neg') return `-${a}`
  if (op === 'not') return t === 'bool' && type.lanes === 1 ? `!${a}` : `~${a}`
  if (op === 'div' && t !== 'i32') return `${a} / ${b}`
  if (op === 'div' || op === 'rem') return divide(p, op, type, args as [Value, Value])
  if (op === 'min' || op === 'max') return minMax(p, op, type, args as [Value, Value])
  if (op === 'shl' || op === 'shr' || op === 'ushr') return shift(p, op, type, args as [Value, Value])
  if (op in LIBRARY) return library(p, LIBRARY[op]!, type, a)
  if (op === 'abs') return absolute(p, type, a)
  return convert(p, op, args[0]!, type, args)
}

const noVector = (op: ScalarOp, t: RegType): DeviceError => new DeviceError('native', `no vector form of ${op} on ${t}`, { remedy: 'Emit it with lanes = 1.' })
const suffix = (type: VType): string => (type.lanes === 1 ? type.t : vectorName(type.t, type.lanes))
/** A helper whose body computes each lane by itself. */
function lanewise(p: Prelude, name: string, type: VType, params: readonly VType[], lane: (...args: string[]) => string): string {
  const names = ['a', 'b', 'c'].slice(0, params.length)
  const list = params.map((x, i) => `${p.type(x)} ${names[i]}`).join(', ')
  return p.helper(`${name}_${suffix(type)}`, () =>
    type.lanes === 1
      ? `${p.type(type)} ${name}_${suffix(type)}(${list}) { return ${lane(...names)}; }`
      : `${p.type(type)} ${name}_${suffix(type)}(${list}) { ${p.type(type)} r; for (int l = 0; l < ${type.lanes}; l++) r[l] = ${lane(...names.map((n) => `${n}[l]`))}; return r; }`,
  )
}

export function selectHelper(p: Prelude, type: VType): string {
  return lanewise(p, 'select', type, [vtype('bool', type.lanes), type, type], (m, a, b) => `${m} ? ${a} : ${b}`)
}

/** A choice between two floats that does not branch: data would mispredict it. */
function branchless(p: Prelude): string {
  return p.helper('select_f32', () => `float select_f32(int m, float a, float b) {
  union { float f; int i; } x = {a}, y = {b};
  x.i = y.i ^ ((x.i ^ y.i) & -m);
  return x.f;
}`)
}

/** Fused where the machine fuses, in vectors and in single lanes alike. */
function fmaHelper(p: Prelude, type: VType): string {
  const f = type.t === 'f32' ? 'f' : ''
  const fast = `__FP_FAST_FMA${f.toUpperCase()}`
  p.helper(`fma1${f}`, () => `${p.type(vtype(type.t))} fma1${f}(${['a', 'b', 'c'].map((x) => `${p.type(vtype(type.t))} ${x}`).join(', ')}) {
#ifdef ${fast}
  return __builtin_fma${f}(a, b, c);
#else
  return a * b + c;
#endif
}`)
  return type.lanes === 1 ? `fma1${f}` : lanewise(p, 'fma', type, [type, type, type], (a, b, c) => `fma1${f}(${a}, ${b}, ${c})`)
}

function library(p: Prelude, name: string, type: VType, a: string): string {
  const f = `__builtin_${name}${type.t === 'f32' ? 'f' : ''}`
  return type.lanes === 1 ? `${f}(${a})` : `${lanewise(p, name, type, [type], (x) => `${f}(${x})`)}(${a})`
}

function absolute(p: Prelude, type: VType, a: string): string {
  if (type.t === 'i32') return `${lanewise(p, 'abs', type, [type], (x) => `${x} < 0 ? -${x} : ${x}`)}(${a})`
  return library(p, 'fabs', type, a)
}

/** x/0 = 0, x/−1 = −x (which wraps), x%0 = x%−1 = 0. */
function divide(p: Prelude, op: 'div' | 'rem', type: VType, [a, b]: readonly [Value, Value]): string {
  const by = b.constant
  if (by === 0 || (by === -1 && op === 'rem')) return constantText(p, type, 0)
  if (by === -1) return `-${a.text}`
  if (by !== null) return `${a.text} ${op === 'div' ? '/' : '%'} ${b.text}`
  const body = (x: string, y: string): string =>
    op === 'div' ? `(unsigned)${y} + 1u < 2u ? ${x} * ${y} : ${x} / ${y}` : `(unsigned)${y} + 1u < 2u ? 0 : ${x} % ${y}`
  return `${lanewise(p, op, type, [type, type], body)}(${a.text}, ${b.text})`
}

/**
 * NaN if either is NaN, −0 below +0. With a constant that is no NaN one comparison does (it keeps a NaN x); max(−0, +0)
 * must be +0: adding +0 sees to it.
 */
function minMax(p: Prelude, op: 'min' | 'max', type: VType, args: readonly [Value, Value]): string {
  const [a, b] = args
  const less = op === 'min' ? '<' : '>'
  if (type.t === 'i32') return `${lanewise(p, op, type, [type, type], (x, y) => `${x} ${less} ${y} ? ${x} : ${y}`)}(${a.text}, ${b.text})`
  const [x, k] = b.constant !== null ? [a, b] : [b, a]
  const value = k.constant ?? Number.NaN
  if (!Number.isNaN(value) && !(Object.is(value, -0) && op === 'min')) {
    const name = lanewise(p, `${op}with`, type, [type, type], (v, w) => `${w} ${less} ${v} ? ${w} : ${v}`)
    const text = `${name}(${x.text}, ${k.text})`
    return op === 'max' && Object.is(value, 0) ? `${text} + ${constantText(p, type, 0)}` : text
  }
  const T = p.type(type)
  const int = type.lanes > 1 ? p.type(vtype('i32', type.lanes)) : type.t === 'f32' ? 'int' : 'long long'
  const combine = op === 'min' ? '|' : '&'
  const name = `${op}_${suffix(type)}`
  if (type.lanes === 1 && type.t === 'f32') {
    // As one lane of a vector: without branches, which data would mispredict.
    const wide = vtype('f32', 4)
    const many = minMax(p, op, wide, [{ type: wide, text: '(f32x4){a}', constant: null }, { type: wide, text: '(f32x4){b}', constant: null }])
    return `${p.helper(name, () => `float ${name}(float a, float b) { return (${many})[0]; }`)}(${a.text}, ${b.text})`
  }
  if (type.lanes === 1) {
    return `${p.helper(name, () => `${T} ${name}(${T} a, ${T} b) {
  union { ${T} f; ${int} i; } x = {a}, y = {b};
  x.i ${combine}= y.i;
  return a != a ? a : a == b ? x.f : a ${less} b ? a : b;
}`)}(${a.text}, ${b.text})`
  }
  const sel = selectHelper(p, type)
  return `${p.helper(name, () => `${T} ${name}(${T} a, ${T} b) {
  ${T} m = ${sel}((${int})(a ${less} b), a, b);
  m = ${sel}((${int})(a == b), (${T})((${int})a ${combine} (${int})b), m);
  return ${sel}((${int})(a != a), a, m);
}`)}(${a.text}, ${b.text})`
}

function shift(p: Prelude, op: 'shl' | 'shr' | 'ushr', type: VType, [a, b]: readonly [Value, Value]): string {
  const distance = b.constant !== null ? String(b.constant & 31) : `(${b.text} & 31)`
  if (op === 'shl') return `${a.text} << ${distance}`
  if (op === 'shr') return `${a.text} >> ${distance}`
  return `${lanewise(p, 'ushr', type, [type, vtype('i32', type.lanes)], (x, d) => `(int)((unsigned)${x} >> ${d})`)}(${a.text}, ${b.constant !== null ? constantText(p, type, b.constant & 31) : distance})`
}

function convert(p: Prelude, op: ScalarOp, x: Value, type: VType, args: readonly Value[]): string {
  const { t, lanes } = x.type
  const a = x.text
  const T = p.type(type)
  switch (op) {
    case 'toBool': return t === 'bool' ? a : lanes === 1 ? `${a} != 0` : `(${T})(${a} != ${constantText(p, x.type, 0)})`
    case 'toF32':
    case 'toF64':
      if (t === type.t) return a
      if (lanes === 1) return `(${T})${a}`
      if (op === 'toF64') throw noVector(op, t)
      return t === 'bool' ? `(${T})(${a} & (${p.type(vtype('i32', lanes))})${constantText(p, type, 1)})` : `__builtin_convertvector(${a}, ${T})`
    case 'toI32':
      if (t === 'i32') return a
      if (t === 'bool') return lanes === 1 ? a : `-${a}`
      return saturate(p, x, type)
    case 'asI32':
    case 'asF32': {
      if (t === type.t) return a
      if (lanes > 1) return `(${T})${a}`
      const from = p.type(x.type)
      return `${p.helper(op, () => `${T} ${op}(${from} a) { union { ${from} a; ${T} b; } u = {a}; return u.b; }`)}(${a})`
    }
    case 'hi32':
      return `${p.helper(op, () => 'int hi32(double a) { union { double a; unsigned long long b; } u = {a}; return (int)(u.b >> 32); }')}(${a})`
    case 'setHi32':
      return `${p.helper(op, () => 'double setHi32(double a, int h) { union { double a; unsigned long long b; } u = {a}; u.b = (u.b & 0xffffffffull) | (unsigned long long)(unsigned)h << 32; return u.a; }')}(${a}, ${args[1]!.text})`
    default: throw new DeviceError('native', `no form of ${op} on ${t}`)
  }
}

/** Truncated, held within 32 bits; NaN → 0. */
function saturate(p: Prelude, x: Value, type: VType): string {
  const { t, lanes } = x.type
  const edge = t === 'f32' ? '2147483648.0f' : '2147483648.0'
  const from = p.type(x.type)
  const name = `saturate_${suffix(x.type)}`
  const lane = (a: string): string => `${a} >= ${edge} ? 2147483647 : ${a} <= -${edge} ? -2147483647 - 1 : ${a} == ${a} ? (int)${a} : 0`
  if (lanes === 1) return `${p.helper(name, () => `int ${name}(${from} a) { return ${lane('a')}; }`)}(${x.text})`
  const int = p.type(type)
  const clamp = selectHelper(p, x.type)
  const pick = selectHelper(p, type)
  return `${p.helper(name, () => `${int} ${name}(${from} a) {
  ${int} high = (${int})(a >= ${edge}), low = (${int})(a <= -${edge}), odd = (${int})(a != a);
  ${int} r = __builtin_convertvector(${clamp}(high | low | odd, (${from}){0}, a), ${int});
  r = ${pick}(high, 2147483647 - (${int}){0}, r);
  return ${pick}(low, (-2147483647 - 1) - (${int}){0}, r);
}`)}(${x.text})`
}

// ---- into and out of vectors

/** A constant in every lane. */
export function constantText(p: Prelude, type: VType, value: number): string {
  if (type.lanes === 1) return literal(type.t, value)
  if (Object.is(value, 0)) return `(${p.type(type)}){0}`
  return `(${type.t === 'bool' ? '-' : ''}${literal(type.t, value)} - (${p.type(type)}){0})`
}
export const splatText = (p: Prelude, type: VType, arg: string): string => `${type.t === 'bool' ? `-${arg}` : arg} - (${p.type(type)}){0}`
export const packText = (p: Prelude, type: VType, args: readonly string[]): string => `(${p.type(type)}){${args.map((a) => (type.t === 'bool' ? `-${a}` : a)).join(', ')}}`
export const extractText = (t: RegType, arg: string, lane: number): string => (t === 'bool' ? `${arg}[${lane}] & 1` : `${arg}[${lane}]`)
export const rampText = (p: Prelude, type: VType): string => `(${p.type(type)}){${Array.from({ length: type.lanes }, (_, l) => l).join(', ')}}`

/** All lanes into one: the upper half onto the lower until one is left. */
export function foldText(p: Prelude, op: ScalarOp, type: VType, arg: string): string {
  const { t, lanes } = type
  if (t === 'f64') throw noVector(op, t)
  const name = `fold_${op}_${t}x${lanes}`
  const value = (text: string, width: number): Value => ({ type: vtype(t, width), text, constant: null })
  p.helper(name, () => {
    const half = lanes / 2
    const part = vtype(t, half)
    const lane = (l: number): string => (half > 1 ? `v[${l}]` : extractText(t, 'v', l))
    if (half === 1) return `${p.type(part)} ${name}(${p.type(type)} v) { ${p.type(part)} a = ${lane(0)}, b = ${lane(1)}; return ${opText(p, op, part, [value('a', 1), value('b', 1)])}; }`
    const rest = foldText(p, op, part, opText(p, op, part, [value('a', half), value('b', half)]))
    const cut = (from: number): string => `{${Array.from({ length: half }, (_, l) => lane(from + l)).join(', ')}}`
    return `${p.type(vtype(t))} ${name}(${p.type(type)} v) { ${p.type(part)} a = ${cut(0)}, b = ${cut(half)}; return ${rest}; }`
  })
  return `${name}(${arg})`
}

// ---- memory

/** Vectors of bytes are widened on the way in and narrowed on the way out. */
export function loadText(p: Prelude, type: VType, dtype: string, at: string): string {
  if (type.lanes === 1) return dtype === 'bool' ? `*(${at}) != 0` : `*(${at})`
  if (dtype === 'float32' || dtype === 'int32') return `*(const ${p.unaligned(type)} *)(${at})`
  if (dtype === 'float64') throw noVector('toF64', 'f64')
  const T = p.type(type)
  const name = `load_u8x${type.lanes}`
  p.helper(name, () => `${p.type(vtype('i32', type.lanes))} ${name}(const unsigned char *a) { ${T} r; for (int l = 0; l < ${type.lanes}; l++) r[l] = a[l]; return r; }`)
  return dtype === 'bool' ? `(${T})(${name}(${at}) != 0)` : `${name}(${at})`
}
export function storeText(p: Prelude, type: VType, dtype: string, at: string, value: string): string {
  if (type.lanes === 1) return `*(${at}) = ${value};`
  if (dtype === 'float32' || dtype === 'int32') return `*(${p.unaligned(type)} *)(${at}) = ${value};`
  if (dtype === 'float64') throw noVector('toF64', 'f64')
  const name = `store_u8x${type.lanes}`
  const T = p.type(vtype('i32', type.lanes))
  p.helper(name, () => `void ${name}(unsigned char *a, ${T} v) { for (int l = 0; l < ${type.lanes}; l++) a[l] = (unsigned char)v[l]; }`)
  return `${name}(${at}, ${dtype === 'bool' ? `${value} & 1` : value});`
}
