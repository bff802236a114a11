// A lab's whole state as a file: JSON with the lab's name, checked against the lab's form when it is opened. What does not
// fit is told with file, place, expected and received; the words are the shell's.
import { type Form, ShapeFault } from './shape.ts'

/** More than any state takes; a larger file is not read at all. */
export const FILE_LIMIT = 20e6
const VERSION = 1

export type StateFileProblem = 'large' | 'text' | 'json' | 'other' | 'version' | 'lab' | 'form'
/** What is wrong with a file, and where in it. */
export class StateFileFault extends Error {
  readonly problem: StateFileProblem
  readonly file: string
  readonly place: string
  readonly expected: string
  readonly received: string
  /** What does not fit the lab's form, where that is the problem. */
  readonly shape: ShapeFault | null
  constructor(problem: StateFileProblem, file: string, place = '', expected = '', received = '', shape: ShapeFault | null = null) {
    super(`${file}: ${problem} ${place}: ${shape === null ? `expected ${expected}, received ${received}` : shape.message}`)
    this.problem = problem
    this.shape = shape
    this.file = file
    this.place = place
    this.expected = expected
    this.received = received
  }
}

/** The file's text: an object whose `state` is the lab's. */
export const writeState = (lab: string, state: unknown): string => `${JSON.stringify({ studio: VERSION, lab, state }, null, 1)}\n`

const short = (value: unknown): string => (value === undefined ? '—' : String(JSON.stringify(value)).slice(0, 40))

/** The state in a file's bytes. @throws StateFileFault */
export function readState<S>(file: string, bytes: Uint8Array, lab: string, form: Form<S>): S {
  if (bytes.length > FILE_LIMIT) throw new StateFileFault('large', file, '', String(FILE_LIMIT / 1e6), (bytes.length / 1e6).toFixed(1))
  let source: string
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new StateFileFault('text', file)
  }
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch {
    const { place, received } = jsonPlace(source)
    throw new StateFileFault('json', file, place, '', received)
  }
  const whole = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  if (!('studio' in whole)) throw new StateFileFault('other', file, '', 'studio, lab, state', Array.isArray(value) ? '[…]' : Object.keys(whole).slice(0, 4).join(', ') || short(value))
  if (whole.studio !== VERSION) throw new StateFileFault('version', file, 'studio', String(VERSION), short(whole.studio))
  if (whole.lab !== lab) throw new StateFileFault('lab', file, 'lab', lab, typeof whole.lab === 'string' ? whole.lab.slice(0, 40) : short(whole.lab))
  try {
    return form(whole.state)
  } catch (error) {
    if (error instanceof ShapeFault) throw new StateFileFault('form', file, error.path, '', '', error)
    throw error
  }
}

/** Line and column where a text stops being JSON, and what stands there ('': the text ends). */
export function jsonPlace(source: string): { readonly place: string; readonly received: string } {
  const at = jsonFault(source)
  const before = source.slice(0, at).split('\n')
  return { place: `${before.length}:${before.at(-1)!.length + 1}`, received: source.slice(at, at + 12).split('\n')[0]! }
}
const SPACE = /[\t\n\r ]*/y
const TOKEN = /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y
/** Where a text stops being JSON (browsers do not agree on telling it): the index of the first token that cannot stand there. */
export function jsonFault(source: string): number {
  const open: ('{' | '[')[] = []
  // what may come: a value, a value or the end of a list, a key, a key or the end of an object, a colon, a comma or an end
  let next: 'value' | 'first' | 'key' | 'firstKey' | 'colon' | 'after' = 'value'
  let at = 0
  for (;;) {
    SPACE.lastIndex = at
    const start = at + SPACE.exec(source)![0].length
    TOKEN.lastIndex = at
    const found = TOKEN.exec(source)
    if (found === null) return start
    const [, mark, string] = found
    if (string !== undefined && [...string].some((c) => c < ' ')) return start
    const top = open.at(-1)
    const closes = (mark === '}' && top === '{' && (next === 'firstKey' || next === 'after')) || (mark === ']' && top === '[' && (next === 'first' || next === 'after'))
    if (closes) {
      open.pop()
      next = 'after'
    } else if ((mark === '{' || mark === '[') && (next === 'value' || next === 'first')) {
      open.push(mark)
      next = mark === '{' ? 'firstKey' : 'first'
    } else if (mark === ':' && next === 'colon') next = 'value'
    else if (mark === ',' && next === 'after' && top !== undefined) next = top === '{' ? 'key' : 'value'
    else if (mark === undefined && string !== undefined && (next === 'key' || next === 'firstKey')) next = 'colon'
    else if (mark === undefined && (next === 'value' || next === 'first')) next = 'after'
    else return start
    at = TOKEN.lastIndex
  }
}
