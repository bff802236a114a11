// The scalar vocabulary in WGSL, one lane or several.
import { DeviceError } from '../../base/index.ts'
import { type ScalarOp, type VType, vtype } from '../../ir/index.ts'
import { floatText, nanTest, suffix, unsigned, unsignedType } from './floats.ts'
import { type Prelude, type Value, constantText, typeText } from './types.ts'

const INFIX: { readonly [K in ScalarOp]?: string } = { add: '+', sub: '-', mul: '*', and: '&', or: '|', eq: '==', ne: '!=', lt: '<', le: '<=' }
const CALL: { readonly [K in ScalarOp]?: string } = { abs: 'abs', sqrt: 'sqrt', floor: 'floor', ceil: 'ceil', trunc: 'trunc', round: 'round' }

/** The text of `op` over arguments of equal width. */
export function opText(p: Prelude, op: ScalarOp, type: VType, args: readonly Value[]): string {
  const { t } = args[0]!.type
  const [a, b, c] = args.map((x) => x.text) as [string, string, string]
  const float = floatText(p, op, type, args)
  if (float !== null) return float
  if (op === 'xor') return t === 'bool' ? `${a} != ${b}` : `${a} ^ ${b}`
  const infix = INFIX[op]
  if (infix !== undefined) return `${a} ${infix} ${b}`
  const call = CALL[op]
  if (call !== undefined) return `${call}(${a})`
  switch (op) {
    case 'select': return `select(${c}, ${b}, ${a})`
    case 'fma': return t === 'i32' ? `${a} * ${b} + ${c}` : `fma(${a}, ${b}, ${c})`
    case 'neg': return `-${a}`
    case 'not': return t === 'bool' ? `!${a}` : `~${a}`
    case 'div': return divide(p, type, args as [Value, Value])
    case 'rem': return remainder(p, type, args as [Value, Value])
    case 'min':
    case 'max': return `${op}(${a}, ${b})`
    case 'shl':
    case 'shr':
    case 'ushr': return shift(op, type, args as [Value, Value])
    default: return convert(p, op, args[0]!, type)
  }
}

/** x/0 = 0; MIN/−1 = MIN, as in WGSL. */
function divide(p: Prelude, type: VType, [a, b]: readonly [Value, Value]): string {
  if (b.constant === 0) return constantText(p, type, 0)
  if (b.constant === -1) return `-${a.text}`
  if (b.constant !== null) return `${a.text} / ${b.text}`
  const [T, zero, one] = [typeText(type), constantText(p, type, 0), constantText(p, type, 1)]
  const name = `div_${suffix(type)}`
  return `${p.helper(name, () => `fn ${name}(a: ${T}, b: ${T}) -> ${T} {
  let by_zero = b == ${zero};
  return select(a / select(b, ${one}, by_zero), ${zero}, by_zero);
}`)}(${a.text}, ${b.text})`
}
/** x%0 = x%−1 = 0. */
function remainder(p: Prelude, type: VType, [a, b]: readonly [Value, Value]): string {
  if (b.constant === 0 || b.constant === -1) return constantText(p, type, 0)
  if (b.constant !== null) return `${a.text} % ${b.text}`
  const [T, zero, one, minus] = [typeText(type), constantText(p, type, 0), constantText(p, type, 1), constantText(p, type, -1)]
  const name = `rem_${suffix(type)}`
  return `${p.helper(name, () => `fn ${name}(a: ${T}, b: ${T}) -> ${T} {
  let none = (b == ${zero}) | (b == ${minus});
  return select(a % select(b, ${one}, none), ${zero}, none);
}`)}(${a.text}, ${b.text})`
}

function shift(op: 'shl' | 'shr' | 'ushr', type: VType, [a, b]: readonly [Value, Value]): string {
  const distance = b.constant !== null ? unsigned(type, b.constant & 31) : `(bitcast<${unsignedType(type)}>(${b.text}) & ${unsigned(type, 31)})`
  if (op === 'shl') return `${a.text} << ${distance}`
  if (op === 'shr') return `${a.text} >> ${distance}`
  return `bitcast<${typeText(type)}>(bitcast<${unsignedType(type)}>(${a.text}) >> ${distance})`
}

function convert(p: Prelude, op: ScalarOp, x: Value, type: VType): string {
  const { t } = x.type
  const T = typeText(type)
  switch (op) {
    case 'toBool':
      if (t === 'bool') return x.text
      return t === 'i32' ? `${x.text} != ${constantText(p, x.type, 0)}` : `(bitcast<${unsignedType(type)}>(${x.text}) & ${unsigned(type, 0x7fffffff)}) != ${unsigned(type, 0)}`
    case 'toF32': return t === 'f32' ? x.text : t === 'bool' ? `select(${constantText(p, type, 0)}, ${constantText(p, type, 1)}, ${x.text})` : `${T}(${x.text})`
    case 'toI32': return t === 'i32' ? x.text : t === 'bool' ? `select(${constantText(p, type, 0)}, ${constantText(p, type, 1)}, ${x.text})` : saturate(p, x, type)
    case 'asF32':
    case 'asI32': return x.type.t === type.t ? x.text : `bitcast<${T}>(${x.text})`
    default: throw new DeviceError('webgpu', `no form of ${op} on ${t}`, { remedy: 'Use float32, or the native or wasm device.' })
  }
}

/** Truncated, held within 32 bits; NaN → 0. */
function saturate(p: Prelude, x: Value, type: VType): string {
  const from = typeText(x.type)
  const name = `saturate_${suffix(x.type)}`
  const f = (v: number): string => constantText(p, x.type, v)
  return `${p.helper(name, () => `fn ${name}(x: ${from}) -> ${typeText(type)} {
  let inside = ${typeText(type)}(clamp(x, ${f(-2147483648)}, ${f(2147483520)}));
  return select(select(inside, ${constantText(p, type, 2147483647)}, x >= ${f(2147483648)}), ${constantText(p, type, 0)}, ${nanTest(p, x.type)}(x));
}`)}(${x.text})`
}

/** All lanes into one: the upper half onto the lower until one is left. */
export function foldText(p: Prelude, op: ScalarOp, { t, lanes }: VType, arg: string): string {
  const one = vtype(t)
  const value = (text: string): Value => ({ type: one, text, constant: null })
  const name = `fold_${op}_${t}x${lanes}`
  return `${p.helper(name, () => {
    const both = (a: string, b: string): string => opText(p, op, one, [value(a), value(b)])
    if (lanes === 2) return `fn ${name}(v: ${typeText(vtype(t, 2))}) -> ${typeText(one)} {\n  return ${both('v.x', 'v.y')};\n}`
    return `fn ${name}(v: ${typeText(vtype(t, 4))}) -> ${typeText(one)} {\n  let a = ${both('v.x', 'v.z')};\n  let b = ${both('v.y', 'v.w')};\n  return ${both('a', 'b')};\n}`
  })}(${arg})`
}

/**
 * A function that folds what the members of a workgroup have, in shared memory: halves onto halves. With subgroups, which
 * have at most as many lanes as the workgroup members: each lane takes up what lies a subgroup apart, the rest is exchanged
 * between registers. Either way all members get the same bits.
 */
export function membersText(p: Prelude, op: ScalarOp, t: VType['t'], size: number, subgroups: boolean): string {
  const held = vtype(t === 'bool' ? 'i32' : t) // truth values are no numbers to exchange
  const T = typeText(held)
  const memory = p.helper(`members_${held.t}`, () => `var<workgroup> members_${held.t}: array<${T}, ${size}>;`)
  const name = `members_${op}_${t}`
  const both = (a: string, b: string): string => opText(p, op, held, [a, b].map((text): Value => ({ type: held, text, constant: null })))
  const [into, back] = t === 'bool' ? ['select(0i, 1i, v)', 'x != 0i'] : ['v', 'x']
  const tree = (): string => `  for (var half = ${size / 2}u; half > 0u; half >>= 1u) {
    if (lid < half) {
      let a = ${memory}[lid];
      let b = ${memory}[lid + half];
      ${memory}[lid] = ${both('a', 'b')};
    }
    workgroupBarrier();
  }
  let x = ${memory}[0];
`
  const lanes = (): string => `  var x = ${memory}[lane];
  for (var at = lane + subgroup; at < ${size}u; at += subgroup) {
    let b = ${memory}[at];
    x = ${both('x', 'b')};
  }
  for (var apart = subgroup >> 1u; apart > 0u; apart >>= 1u) {
    let b = subgroupShuffleXor(x, apart);
    x = ${both('x', 'b')};
  }
`
  return p.helper(name, () => `fn ${name}(v: ${t}, lid: u32${subgroups ? ', subgroup: u32, lane: u32' : ''}) -> ${t} {
  ${memory}[lid] = ${into};
  workgroupBarrier();
${subgroups ? lanes() : tree()}  workgroupBarrier();
  return ${back};
}`)
}
