// JSON as a file header needs it: what JSON.parse would let pass (a key given twice, __proto__) is an error here, and so
// is anything that would take much more memory than its text: deep nesting, long lists.
import type { Fault } from './fault.ts'

export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>

export interface JsonLimits {
  /** Deeper nesting than this is refused; default 16. */
  readonly depth?: number
  /** Longer lists than this are refused; default 64. */
  readonly items?: number
  /** Takes the members of the outermost object one by one, so that they need not all be kept. */
  readonly onMember?: (key: string, value: Json) => void
}

/** Parses a whole text; objects become maps. Throws, with the position, on anything that is not strict JSON. */
export function parseStrictJson(text: string, fault: Fault, limits: JsonLimits = {}): Json {
  const { depth: maxDepth = 16, items: maxItems = 64, onMember } = limits
  let at = 0
  const fail = (problem: string): never => {
    throw fault(`bad JSON in the header: ${problem} at character ${at}`)
  }
  const space = (): void => {
    for (let c = text.charCodeAt(at); c === 0x20 || c === 0x09 || c === 0x0d || c === 0x0a; c = text.charCodeAt(at)) at++
  }
  const expect = (char: string): void => {
    if (text[at] !== char) fail(`expected '${char}', received ${at < text.length ? JSON.stringify(text[at]) : 'the end'}`)
    at++
  }
  const literal = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return null
    at += found[0].length
    return found[0]
  }
  const string = (): string => {
    const raw = quoted()
    return raw === null ? fail('bad string') : (JSON.parse(raw) as string)
  }
  /** By hand: a pattern with alternatives inside a loop would exhaust the stack of the matcher on a long string. */
  const quoted = (): string | null => {
    if (text[at] !== '"') return null
    for (let i = at + 1; i < text.length; i++) {
      const c = text.charCodeAt(i)
      if (c < 0x20) return null
      if (c === 0x5c) {
        ESCAPE.lastIndex = i
        const found = ESCAPE.exec(text)
        if (found === null) return null
        i += found[0].length - 1
      } else if (c === 0x22) {
        const raw = text.slice(at, i + 1)
        at = i + 1
        return raw
      }
    }
    return null
  }
  const items = (close: string, item: () => void): void => {
    at++
    space()
    if (text[at] === close) {
      at++
      return
    }
    for (;;) {
      space()
      item()
      space()
      if (text[at] !== ',') break
      at++
    }
    expect(close)
  }
  const value = (depth: number): Json => {
    if (depth > maxDepth) fail(`nested too deeply (limit ${maxDepth})`)
    const first = text[at]
    if (first === '{') {
      const out = new Map<string, Json>()
      const seen = depth === 0 && onMember !== undefined ? new Set<string>() : out
      items('}', () => {
        const key = string()
        if (key === '__proto__') fail('the key "__proto__" is not allowed')
        if (seen.has(key)) fail(`the key ${JSON.stringify(key.slice(0, 80))} is given twice`)
        space()
        expect(':')
        space()
        const member = value(depth + 1)
        if (seen instanceof Map) seen.set(key, member)
        else {
          seen.add(key)
          onMember!(key, member)
        }
      })
      return out
    }
    if (first === '[') {
      const out: Json[] = []
      items(']', () => {
        if (out.length >= maxItems) fail(`a list is too long (limit ${maxItems})`)
        out.push(value(depth + 1))
      })
      return out
    }
    if (first === '"') return string()
    const number = literal(NUMBER)
    if (number !== null) return Number(number)
    const word = literal(WORD)
    if (word !== null) return word === 'null' ? null : word === 'true'
    return fail(at < text.length ? `unexpected ${JSON.stringify(first)}` : 'it ends too early')
  }
  space()
  const result = value(0)
  space()
  if (at < text.length) fail('more text after the value')
  return result
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /(?:true|false|null)\b/y

/** A size or an offset: a whole number that JavaScript holds exactly. */
export const isCount = (x: unknown): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0 && !Object.is(x, -0)
