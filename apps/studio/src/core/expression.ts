// Typed formulas: parsed, never evaluated as code. A fault says what is wrong and where. Numbers, variables, + − * / ^,
// brackets and a few functions; a decimal comma is read too where it cannot be mistaken.
export type Unary = 'neg' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh' | 'sqrt' | 'abs' | 'relu' | 'sigmoid' | 'softplus'
export type Binary = 'add' | 'sub' | 'mul' | 'div' | 'pow'
export type Expression =
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: 'variable'; readonly name: string }
  | { readonly op: Unary; readonly of: Expression }
  | { readonly op: Binary; readonly left: Expression; readonly right: Expression }

const FUNCTIONS: Readonly<Record<string, Unary>> = {
  exp: 'exp', ln: 'log', log: 'log', sin: 'sin', cos: 'cos', tanh: 'tanh', sqrt: 'sqrt', abs: 'abs', relu: 'relu', sigmoid: 'sigmoid', softplus: 'softplus', σ: 'sigmoid',
}
export type FaultKind = 'unexpected' | 'unknown' | 'unfinished' | 'bracket' | 'empty' | 'long'
export class FormulaFault extends Error {
  readonly kind: FaultKind
  readonly at: number
  readonly found: string
  constructor(kind: FaultKind, at: number, found: string) {
    super(`${kind} at ${at}: ${found}`)
    this.kind = kind
    this.at = at
    this.found = found
  }
}

interface Token {
  readonly text: string
  readonly at: number
}
function split(source: string): Token[] {
  const pattern = /\s*(?:(\d+(?:[.,]\d+)?(?:e[+-]?\d+)?|\.\d+)|([\p{L}][\p{L}\d_]*)|(\*\*|[-+*/^()−·]))/uy
  const tokens: Token[] = []
  let at = 0
  while (source.slice(at).trim() !== '') {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (match === null) {
      const place = at + (source.slice(at).length - source.slice(at).trimStart().length)
      throw new FormulaFault('unexpected', place, source[place] ?? '')
    }
    const text = match[1] ?? match[2] ?? match[3]!
    tokens.push({ text, at: pattern.lastIndex - text.length })
    at = pattern.lastIndex
  }
  return tokens
}

/** Parses a formula in the given variables. */
export function parseExpression(source: string, variables: readonly string[]): Expression {
  if (source.trim() === '') throw new FormulaFault('empty', 0, '')
  if (source.length > 200) throw new FormulaFault('long', 200, String(source.length))
  const tokens = split(source)
  let i = 0
  const peek = (): string | undefined => tokens[i]?.text
  const fault = (kind: FaultKind): FormulaFault => new FormulaFault(kind, tokens[i]?.at ?? source.length, tokens[i]?.text ?? '')
  const isMinus = (text: string | undefined): boolean => text === '-' || text === '−'

  function sum(): Expression {
    let left = product()
    for (let t = peek(); t === '+' || isMinus(t); t = peek()) {
      i++
      left = { op: t === '+' ? 'add' : 'sub', left, right: product() }
    }
    return left
  }
  function product(): Expression {
    let left = signed()
    for (let t = peek(); t !== undefined; t = peek()) {
      if (t === '*' || t === '·' || t === '/') {
        i++
        left = { op: t === '/' ? 'div' : 'mul', left, right: signed() }
      } else if (t === '(' || /^[\p{L}]/u.test(t)) left = { op: 'mul', left, right: power() } // 2x, 3(x + 1)
      else break
    }
    return left
  }
  function signed(): Expression {
    if (isMinus(peek())) {
      i++
      const of = signed()
      return of.op === 'number' ? { op: 'number', value: -of.value } : { op: 'neg', of }
    }
    return power()
  }
  function power(): Expression {
    const base = atom()
    if (peek() !== '^' && peek() !== '**') return base
    i++
    return { op: 'pow', left: base, right: signed() }
  }
  function bracket(): Expression {
    const start = i
    i++
    const inside = sum()
    if (peek() !== ')') throw i >= tokens.length ? new FormulaFault('bracket', tokens[start]!.at, '(') : fault('unexpected')
    i++
    return inside
  }
  function atom(): Expression {
    const t = peek()
    if (t === undefined) throw fault('unfinished')
    if (t === '(') return bracket()
    if (/^[\d.]/.test(t)) {
      i++
      return { op: 'number', value: Number(t.replace(',', '.')) }
    }
    if (variables.includes(t)) {
      i++
      return { op: 'variable', name: t }
    }
    const fn = Object.hasOwn(FUNCTIONS, t) ? FUNCTIONS[t] : undefined
    if (fn !== undefined) {
      i++
      if (peek() !== '(') throw fault(i >= tokens.length ? 'unfinished' : 'unexpected')
      return { op: fn, of: bracket() }
    }
    throw fault(/^[\p{L}]/u.test(t) ? 'unknown' : 'unexpected')
  }
  const parsed = sum()
  if (i < tokens.length) throw fault('unexpected')
  return parsed
}

/** What a formula is computed with: plain numbers, tensors, or anything else that can be added and multiplied. */
export interface Arithmetic<T> {
  readonly number: (value: number) => T
  readonly unary: (op: Unary, x: T) => T
  readonly binary: (op: Binary, a: T, b: T) => T
}
export function evaluate<T>(e: Expression, values: Readonly<Record<string, T>>, how: Arithmetic<T>): T {
  if (e.op === 'number') return how.number(e.value)
  if (e.op === 'variable') return values[e.name]!
  if ('of' in e) return how.unary(e.op, evaluate(e.of, values, how))
  return how.binary(e.op, evaluate(e.left, values, how), evaluate(e.right, values, how))
}

const UNARY: Readonly<Record<Unary, (x: number) => number>> = {
  neg: (x) => -x, exp: Math.exp, log: Math.log, sin: Math.sin, cos: Math.cos, tanh: Math.tanh, sqrt: Math.sqrt, abs: Math.abs,
  relu: (x) => Math.max(0, x), sigmoid: (x) => 1 / (1 + Math.exp(-x)), softplus: (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x))),
}
const BINARY: Readonly<Record<Binary, (a: number, b: number) => number>> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b, pow: (a, b) => a ** b,
}
/** Plain numbers: the independent check of what the engine computes. */
export const plain: Arithmetic<number> = { number: (v) => v, unary: (op, x) => UNARY[op](x), binary: (op, a, b) => BINARY[op](a, b) }
