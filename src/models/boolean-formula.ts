// Boolean formulas as text, such as "x1 & !(x2 | x3)": parsed to a truth table, for `booleanNetwork` and `separateBoolean`.
import { ValueError, optionsOf, textOf } from '../base/index.ts'
import type { Bit } from './checks.ts'
import { allInputs } from './mcculloch-pitts.ts'

export interface BooleanFormula {
  /** In the order of the table's columns: by number (x2 before x10), then by the alphabet. */
  readonly variables: readonly string[]
  /** 2ⁿ bits, row 00…0 first. */
  readonly table: readonly Bit[]
}
type Evaluate = (values: ReadonlyMap<string, boolean>) => boolean
interface Token {
  readonly kind: 'not' | 'and' | 'xor' | 'or' | 'implies' | 'same' | '(' | ')' | 'name' | 'end'
  readonly text: string
  readonly at: number
}

const MOST_VARIABLES = 20
/** Longest first, so that <-> is not read as < and ->. */
const SIGNS: readonly (readonly [string, Token['kind']])[] = [
  ['<->', 'same'], ['<=>', 'same'], ['->', 'implies'], ['=>', 'implies'], ['&&', 'and'], ['||', 'or'], ['!=', 'xor'], ['==', 'same'],
  ['!', 'not'], ['~', 'not'], ['¬', 'not'], ['&', 'and'], ['∧', 'and'], ['*', 'and'], ['·', 'and'], ['^', 'xor'], ['⊕', 'xor'],
  ['|', 'or'], ['∨', 'or'], ['+', 'or'], ['→', 'implies'], ['↔', 'same'], ['≡', 'same'], ['(', '('], [')', ')'],
]
const WORDS: Readonly<Record<string, Token['kind']>> = { not: 'not', and: 'and', xor: 'xor', or: 'or', implies: 'implies', не: 'not', и: 'and', или: 'or' }
/** Two-place operators, loosest first; implication groups to the right, the others to the left. */
const LEVELS = ['same', 'implies', 'or', 'xor', 'and'] as const
const MEANING: Readonly<Record<(typeof LEVELS)[number], (a: boolean, b: boolean) => boolean>> = {
  same: (a, b) => a === b,
  implies: (a, b) => !a || b,
  or: (a, b) => a || b,
  xor: (a, b) => a !== b,
  and: (a, b) => a && b,
}

/**
 * Reads a formula of `!`, `&`, `^`, `|`, `->`, `<->` (tightest first), parentheses, names, 0 and 1. The usual signs (¬ ∧ ⊕ ∨ →
 * ↔) and words (not, and, xor, or, implies) are understood too. `variables` adds columns or fixes their order.
 * @throws ValueError with the place of the mistake
 * @example
 * ```ts
 * import { booleanFormula } from 'gradus/models'
 *
 * booleanFormula('x1 ^ x2').table // → [0, 1, 1, 0]
 * booleanFormula('a -> b').variables // → ['a', 'b']
 * ```
 */
export function booleanFormula(text: string, options: { readonly variables?: readonly string[] } = {}): BooleanFormula {
  textOf('booleanFormula', 'formula', text)
  optionsOf('booleanFormula', options)
  const tokens = tokenize(text)
  const names = new Set<string>()
  let at = 0
  const next = (): Token => tokens[at]!
  const unary = (): Evaluate => {
    const token = tokens[at++]!
    if (token.kind === 'not') {
      const inner = unary()
      return (v) => !inner(v)
    }
    if (token.kind === '(') {
      const inner = level(0)
      if (next().kind !== ')') throw misplaced(text, next(), 'a closing parenthesis')
      at++
      return inner
    }
    if (token.kind !== 'name') throw misplaced(text, token, 'a name, 0, 1, "not" or "("')
    const { text: name } = token
    if (name === '0' || name === '1') return () => name === '1'
    names.add(name)
    return (v) => v.get(name)!
  }
  const level = (i: number): Evaluate => {
    const kind = LEVELS[i]
    if (kind === undefined) return unary()
    const f = MEANING[kind]
    let left = level(i + 1)
    while (next().kind === kind) {
      at++
      const [a, b] = [left, kind === 'implies' ? level(i) : level(i + 1)]
      left = (v) => f(a(v), b(v))
    }
    return left
  }
  const evaluate = level(0)
  if (next().kind !== 'end') throw misplaced(text, next(), 'an operator or the end')
  const variables = options.variables === undefined ? [...names].sort(byNumber) : [...options.variables]
  const missing = [...names].filter((n) => !variables.includes(n))
  if (missing.length > 0 || new Set(variables).size !== variables.length) {
    throw new ValueError('booleanFormula', 'the variables do not fit the formula', { expected: `different names, ${[...names].join(', ')} among them`, received: variables.join(', ') || 'none' })
  }
  if (variables.length > MOST_VARIABLES) throw new ValueError('booleanFormula', 'too many variables', { expected: `at most ${MOST_VARIABLES}`, received: String(variables.length) })
  const table = allInputs(variables.length).map((x): Bit => (evaluate(new Map(variables.map((n, i) => [n, x[i] === 1]))) ? 1 : 0))
  return { variables, table }
}

function tokenize(text: string): Token[] {
  if (typeof text !== 'string') throw new ValueError('booleanFormula', 'not a text', { expected: 'a formula such as "x1 & !x2"', received: typeof text })
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at]!)) {
      at++
      continue
    }
    const sign = SIGNS.find(([s]) => text.startsWith(s, at))
    const word = /^(?:[\p{L}_][\p{L}\p{N}_]*|[01](?![\p{L}\p{N}_]))/u.exec(text.slice(at))?.[0]
    if (sign !== undefined) tokens.push({ kind: sign[1], text: sign[0], at })
    else if (word !== undefined) tokens.push({ kind: Object.hasOwn(WORDS, word.toLowerCase()) ? WORDS[word.toLowerCase()]! : 'name', text: word, at })
    else throw misplaced(text, { kind: 'name', text: text[at]!, at }, 'a name, an operator or a parenthesis')
    at += (sign?.[0] ?? word!).length
  }
  return [...tokens, { kind: 'end', text: 'the end', at: text.length }]
}

function byNumber(a: string, b: string): number {
  const [, headA, numberA] = /^(.*?)(\d*)$/.exec(a)!
  const [, headB, numberB] = /^(.*?)(\d*)$/.exec(b)!
  if (headA !== headB) return headA! < headB! ? -1 : 1
  return Number(numberA) - Number(numberB) || (a < b ? -1 : 1)
}
const misplaced = (text: string, token: Token, expected: string): ValueError =>
  new ValueError('booleanFormula', `cannot read "${text}" at character ${token.at + 1}`, { expected, received: token.kind === 'end' ? 'the end' : `"${token.text}"` })
