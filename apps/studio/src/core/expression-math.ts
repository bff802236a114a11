// A typed formula set as a formula, with its variables or with numbers in their place; and its derivative as a formula.
import { type Arithmetic, type Expression, type Unary, evaluate } from './expression.ts'
import type { Lang } from './lang.ts'
import { m } from './math.ts'

/** Markup, and how strongly it holds together: 1 a sum, 1.5 what begins with a minus, 2 a product, 3 a power, 4 one thing. */
interface Piece {
  readonly html: string
  readonly hold: 1 | 1.5 | 2 | 3 | 4
}
/** A number; a very small or large one is a product with a power of ten. */
const numeral = (v: number, html: string): Piece => ({ html, hold: v < 0 ? 1.5 : html.includes('·') ? 2 : 4 })
const bracketed = (html: string): string => `<mo stretchy="false">(</mo>${html}<mo stretchy="false">)</mo>`
const atLeast = (hold: number, { html, hold: own }: Piece): string => (own >= hold ? html : bracketed(html))
const NAMES: Partial<Record<Unary, string>> = { log: 'ln', sigmoid: 'σ' }
const pieces = (lang: Lang): Arithmetic<Piece> => ({
  number: (v) => numeral(v, m.n(v, lang, 4).replace(' class="live"', '')),
  unary: (op, x) => {
    if (op === 'neg') return { html: `<mo form="prefix">−</mo>${atLeast(2, x)}`, hold: 1.5 }
    if (op === 'sqrt') return { html: `<msqrt><mrow>${x.html}</mrow></msqrt>`, hold: 4 }
    if (op === 'abs') return { html: `<mo stretchy="false" lspace="0" rspace="0">|</mo>${x.html}<mo stretchy="false" lspace="0" rspace="0">|</mo>`, hold: 4 }
    return { html: m.i(NAMES[op] ?? op) + bracketed(x.html), hold: 4 }
  },
  binary: (op, a, b) => {
    if (op === 'pow') return { html: m.sup(atLeast(4, a), b.html), hold: 3 }
    if (op === 'div') return { html: m.frac(a.html, b.html), hold: 2 }
    if (op === 'mul') return { html: `${atLeast(1.5, a)}${m.o('·')}${atLeast(2, b)}`, hold: a.hold === 1.5 ? 1.5 : 2 }
    return { html: `${a.html}${m.o(op === 'add' ? '+' : '−')}${atLeast(2, b)}`, hold: 1 }
  },
})
/** The formula with its variables as they are called. */
export const inLetters = (e: Expression, variables: readonly string[], lang: Lang): string =>
  evaluate(e, Object.fromEntries(variables.map((name): [string, Piece] => [name, { html: m.i(name), hold: 4 }])), pieces(lang)).html
/** The formula with numbers in the place of its variables. */
export const inNumbers = (e: Expression, values: Readonly<Record<string, number>>, lang: Lang): string =>
  evaluate(e, Object.fromEntries(Object.entries(values).map(([name, v]): [string, Piece] => [name, numeral(v, m.n(v, lang, 4))])), pieces(lang)).html

const number = (value: number): Expression => ({ op: 'number', value })
const is = (e: Expression, value: number): boolean => e.op === 'number' && e.value === value
const add = (left: Expression, right: Expression): Expression => (is(left, 0) ? right : is(right, 0) ? left : right.op === 'neg' ? { op: 'sub', left, right: right.of } : { op: 'add', left, right })
const sub = (left: Expression, right: Expression): Expression => (is(right, 0) ? left : is(left, 0) ? negative(right) : { op: 'sub', left, right })
const negative = (of: Expression): Expression => (of.op === 'number' ? number(-of.value) : of.op === 'neg' ? of.of : { op: 'neg', of })
function mul(left: Expression, right: Expression): Expression {
  if (is(left, 0) || is(right, 0)) return number(0)
  if (is(left, 1)) return right
  if (is(right, 1)) return left
  if (left.op === 'number' && right.op === 'number') return number(left.value * right.value)
  if (right.op === 'number') return mul(right, left)
  if (left.op === 'number' && right.op === 'mul' && right.left.op === 'number') return mul(number(left.value * right.left.value), right.right)
  if (is(left, -1)) return negative(right)
  return { op: 'mul', left, right }
}
const div = (left: Expression, right: Expression): Expression => (is(left, 0) ? left : is(right, 1) ? left : { op: 'div', left, right })
const pow = (left: Expression, right: Expression): Expression => (is(right, 1) ? left : is(right, 0) ? number(1) : { op: 'pow', left, right })
const call = (op: Unary, of: Expression): Expression => ({ op, of })

/** The outer derivative of a function of u; null where it has a kink. */
const OUTER: Readonly<Record<Exclude<Unary, 'neg'>, ((u: Expression) => Expression) | null>> = {
  exp: (u) => call('exp', u), log: (u) => div(number(1), u), sin: (u) => call('cos', u), cos: (u) => negative(call('sin', u)),
  tanh: (u) => sub(number(1), pow(call('tanh', u), number(2))), sqrt: (u) => div(number(1), mul(number(2), call('sqrt', u))),
  sigmoid: (u) => mul(call('sigmoid', u), sub(number(1), call('sigmoid', u))), softplus: (u) => call('sigmoid', u), abs: null, relu: null,
}
/** ∂e/∂name by the rules of calculus; null where a function in it has a kink. */
export function derivative(e: Expression, name: string): Expression | null {
  if (e.op === 'number') return number(0)
  if (e.op === 'variable') return number(e.name === name ? 1 : 0)
  if ('of' in e) {
    const inner = derivative(e.of, name)
    if (inner === null || is(inner, 0)) return inner
    if (e.op === 'neg') return negative(inner)
    const outer = OUTER[e.op]
    return outer === null ? null : mul(outer(e.of), inner)
  }
  const { op, left: u, right: v } = e
  const [du, dv] = [derivative(u, name), derivative(v, name)]
  if (du === null || dv === null) return null
  if (op === 'add') return add(du, dv)
  if (op === 'sub') return sub(du, dv)
  if (op === 'mul') return add(mul(du, v), mul(u, dv))
  if (op === 'div') return is(dv, 0) ? div(du, v) : div(sub(mul(du, v), mul(u, dv)), pow(v, number(2)))
  if (is(dv, 0)) return mul(mul(v, pow(u, v.op === 'number' ? number(v.value - 1) : sub(v, number(1)))), du)
  return mul(e, add(mul(dv, call('log', u)), div(mul(v, du), u)))
}
