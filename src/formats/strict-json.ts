// JSON as a file header needs it: what JSON.parse would let pass (a key given twice, __proto__) is an error here.
import { FormatError } from '../base/index.ts'

export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>

/** Deeper nesting than any header has; keeps hostile files from exhausting the stack. */
const MAX_DEPTH = 64

/** Parses a whole text; objects become maps. Throws FormatError, with the position, on anything that is not strict JSON. */
export function parseStrictJson(operation: string, text: string): Json {
  let at = 0
  const fail = (problem: string): never => {
    throw new FormatError(operation, `bad JSON in the header: ${problem} at character ${at}`)
  }
  const space = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++
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
    const raw = literal(STRING)
    return raw === null ? fail('bad string') : (JSON.parse(raw) as string)
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
    if (depth > MAX_DEPTH) fail('nested too deeply')
    const first = text[at]
    if (first === '{') {
      const out = new Map<string, Json>()
      items('}', () => {
        const key = string()
        if (key === '__proto__') fail('the key "__proto__" is not allowed')
        if (out.has(key)) fail(`the key ${JSON.stringify(key)} is given twice`)
        space()
        expect(':')
        space()
        out.set(key, value(depth + 1))
      })
      return out
    }
    if (first === '[') {
      const out: Json[] = []
      items(']', () => out.push(value(depth + 1)))
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

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold no raw control characters
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /(?:true|false|null)\b/y
