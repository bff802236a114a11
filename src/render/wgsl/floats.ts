// Arithmetic of floats that a compiler may not shorten. WGSL lets it assume that there is no NaN and no infinity, and cards
// flush denormals: NaN is asked for by its bits, sums with 0 get a 0 nobody foresees, huge divisors are made smaller first.
import { type ScalarOp, type VType, vtype } from '../../ir/index.ts'
import type { Node } from '../wasm/nodes.ts'
import { type Prelude, type Value, constantText, typeText } from './types.ts'

export const unsigned = ({ lanes }: VType, value: number): string => (lanes === 1 ? `${value >>> 0}u` : `vec${lanes}<u32>(${value >>> 0}u)`)
export const unsignedType = ({ lanes }: VType): string => (lanes === 1 ? 'u32' : `vec${lanes}<u32>`)
export const suffix = ({ t, lanes }: VType): string => (lanes === 1 ? t : `${t}x${lanes}`)

const PLAIN: { readonly [K in ScalarOp]?: string } = { add: '+', sub: '-', mul: '*', div: '/' }

/** The text of `op` over floats where the usual one would not hold; null where it does. */
export function floatText(p: Prelude, op: ScalarOp, type: VType, args: readonly Value[]): string | null {
  const [a, b, c] = args as [Value, Value, Value]
  if (op === 'select') return type.t === 'f32' ? pick(p, a, b, c) : null
  if (a.type.t !== 'f32') return null
  if (op === 'floor' && a.quotient !== undefined) return `floor(${exactQuotient(p, type, a, a.quotient)})`
  if (op === 'min' || op === 'max') return minMax(p, op, type, [a, b])
  const same = a.text === b?.text
  if ((op === 'eq' || op === 'ne') && same) return `${op === 'eq' ? '!' : ''}${nanTest(p, a.type)}(${a.text})`
  if (op === 'ne') return unequal(p, [a, b])
  if (op === 'sub' && same) return `${nothing(p, type)}(${a.text})`
  if (op === 'add' && (opposite(a, b) || opposite(b, a))) return `${nothing(p, type)}(${a.text})`
  const infix = PLAIN[op]
  if (infix !== undefined && args.some((x) => x.constant === 0)) {
    const [x, y] = args.map((v) => (Object.is(v.constant, 0) ? constantText(p, type, 0, true) : v.text))
    return `${x} ${infix} ${y}`
  }
  return op === 'div' ? divide(p, type, [a, b]) : null
}

const opposite = (a: Value, b: Value): boolean => b.from?.op === 'neg' && b.from.args[0] === a.from

export function nanTest(p: Prelude, type: VType): string {
  const name = `is_nan_${suffix(type)}`
  return p.helper(name, () => `fn ${name}(x: ${typeText(type)}) -> ${typeText(vtype('bool', type.lanes))} {
  return (bitcast<${unsignedType(type)}>(x) & ${unsigned(type, 0x7fffffff)}) > ${unsigned(type, 0x7f800000)};
}`)
}

/** Compilers take comparisons with a constant for ordered ones: NaN is asked for. */
function unequal(p: Prelude, args: readonly [Value, Value]): string {
  const open = args.filter((x) => x.constant === null || Number.isNaN(x.constant))
  return [`(${args[0].text} != ${args[1].text})`, ...open.map((x) => `${nanTest(p, x.type)}(${x.text})`)].join(' | ')
}

/** x − x: 0, but NaN for what is not finite. */
function nothing(p: Prelude, type: VType): string {
  const name = `nothing_of_${suffix(type)}`
  const [T, U] = [typeText(type), unsignedType(type)]
  return p.helper(name, () => `fn ${name}(x: ${T}) -> ${T} {
  return bitcast<${T}>(select(${unsigned(type, 0)}, ${unsigned(type, 0x7fc00000)}, (bitcast<${U}>(x) & ${unsigned(type, 0x7f800000)}) == ${unsigned(type, 0x7f800000)}));
}`)
}

const HUGE = 2 ** 126
/**
 * Cards multiply by the reciprocal, which is a denormal for divisors beyond 2^126 and flushed (WGSL promises nothing there):
 * both sides are made smaller by a power of two. x/x is no 1 where x is 0 or not finite.
 */
function divide(p: Prelude, type: VType, [a, b]: readonly [Value, Value]): string {
  const plain = `${a.text} / ${b.text}`
  // what is at most 1 divided by what is beyond 2^126 is a denormal itself
  if (a.constant !== null && Math.abs(a.constant) <= 1) return plain
  if (b.constant !== null && !(Math.abs(b.constant) > HUGE && Math.abs(b.constant) < Infinity)) return plain
  const T = typeText(type)
  const f = (v: number): string => constantText(p, type, v)
  // hidden, or both become one factor, a denormal again
  if (b.constant !== null) return `(${a.text} * ${constantText(p, type, 2 ** -4, true)}) / ${f(b.constant * 2 ** -4)}`
  if (a.text === b.text) {
    const name = `ratio_of_${suffix(type)}`
    return `${p.helper(name, () => `fn ${name}(x: ${T}) -> ${T} {
  return select(${f(1)} + ${nothing(p, type)}(x), ${constantText(p, type, NaN)}, x == ${f(0)});
}`)}(${a.text})`
  }
  const name = `div_${suffix(type)}`
  return `${p.helper(name, () => `fn ${name}(a: ${T}, b: ${T}) -> ${T} {
  let by = select(${f(1)}, ${f(2 ** -4)}, abs(b) > ${f(HUGE)});
  return (a * by) / (b * by);
}`)}(${a.text}, ${b.text})`
}

/** A quotient may be off by 2.5 steps, and x/x less than 1: where the whole part is asked for, what is left of x is divided as well. */
function exactQuotient(p: Prelude, type: VType, { text }: Value, sides: readonly [Value, Value]): string {
  const [T, B] = [typeText(type), typeText(vtype('bool', type.lanes))]
  const name = `exact_${suffix(type)}`
  const value = (v: string): Value => ({ type, text: v, constant: null })
  return `${p.helper(name, () => {
    const rest = divide(p, type, [value('left'), value('b')])
    return `fn ${name}(q: ${T}, a: ${T}, b: ${T}) -> ${T} {
  let left = fma(-q, b, a);
  let better: ${B} = (left != ${constantText(p, type, 0)}) & (abs(q) < ${constantText(p, type, 2 ** 24)});
  return select(q, q + ${rest}, better);
}`
  })}(${text}, ${sides[0].text}, ${sides[1].text})`
}

/** NaN if either is NaN, −0 below +0. With a constant that is no NaN one comparison does. */
function minMax(p: Prelude, op: 'min' | 'max', type: VType, args: readonly [Value, Value]): string {
  const [x, y] = args[0].constant !== null ? [args[1], args[0]] : args
  const k = y.constant
  const nan = nanTest(p, type)
  if (k !== null && !Number.isNaN(k)) {
    // Of equal zeros the constant is taken where it is the right one.
    const takeEqual = op === 'max' ? !Object.is(k, -0) : !Object.is(k, 0)
    return `select(${x.text}, ${y.text}, (${x.text} ${op === 'max' ? '<' : '>'}${takeEqual ? '=' : ''} ${y.text}) & !${nan}(${x.text}))`
  }
  const T = typeText(type)
  const U = unsignedType(type)
  const name = `${op}_${suffix(type)}`
  return `${p.helper(name, () => `fn ${name}(a: ${T}, b: ${T}) -> ${T} {
  let zeros = bitcast<${T}>(bitcast<${U}>(a) ${op === 'min' ? '|' : '&'} bitcast<${U}>(b));
  let best = select(select(b, a, a ${op === 'min' ? '<' : '>'} b), zeros, a == b);
  return select(select(best, b, ${nan}(b)), a, ${nan}(a));
}`)}(${x.text}, ${y.text})`
}

/** Of two numbers the one that a comparison of the same two says: cards take a minimum or maximum for it, which loses NaN. */
function pick(p: Prelude, condition: Value, a: Value, b: Value): string | null {
  const compared = condition.from
  if (compared === undefined || (compared.op !== 'lt' && compared.op !== 'le')) return null
  const [x, y] = compared.args as [Node, Node]
  const is = (node: Node, value: Value): boolean => node === value.from || (node.k === 'const' && node.value === value.constant)
  if (!(is(x, a) && is(y, b)) && !(is(x, b) && is(y, a))) return null
  const open = [a, b].filter((v) => v.constant === null || Number.isNaN(v.constant))
  return `select(${b.text}, ${a.text}, ${[condition.text, ...open.map((v) => `!${nanTest(p, v.type)}(${v.text})`)].join(' & ')})`
}
