// Checks what comes from outside (a link, a file) against the form a state must have. A fault names its place.
import { type Found, type Wanted, shapeWords } from './shape-words.ts'

/** What is wrong at a place, as data: the page says it in its language, the message is for programmers. */
export class ShapeFault extends Error {
  readonly path: string
  readonly wanted: Wanted
  readonly found: Found
  constructor(path: string, wanted: Wanted, received: unknown) {
    const place = path === '' ? 'state' : path
    const found = foundOf(wanted, received)
    super(`${place}: expected ${shapeWords.en.wanted(wanted)}, received ${shapeWords.en.found(found)}`)
    this.path = place
    this.wanted = wanted
    this.found = found
  }
}
const LONGEST = 40
function foundOf({ kind }: Wanted, received: unknown): Found {
  if (received === undefined) return { kind: 'nothing' }
  // of packed text and of too long text the length says more than the beginning
  if (typeof received === 'string' && (kind === 'cells' || kind === 'pixels' || kind === 'packed' || kind === 'text')) return { kind: 'length', count: received.length }
  const json = String(JSON.stringify(received))
  return { kind: 'value', json: json.length > LONGEST ? `${json.slice(0, LONGEST)}…` : json }
}

export interface Form<T> {
  (value: unknown, path?: string): T
  /** What a number may be, what one may choose from, what stands in a list, what in a record: for views that let any part of a state be changed. */
  readonly range?: Range
  readonly choices?: readonly T[]
  readonly item?: Form<unknown>
  readonly fields?: Readonly<Record<string, Form<unknown>>>
}
export interface Range { readonly min: number; readonly max: number; readonly whole: boolean }
/** A form that asks more than the one it stands on. */
export const narrowed = <T>(on: Pick<Form<unknown>, 'item' | 'fields'>, check: (value: unknown, path?: string) => T): Form<T> => Object.assign(check, { ...(on.item === undefined ? {} : { item: on.item }), ...(on.fields === undefined ? {} : { fields: on.fields }) })
export type Formed<F> = F extends Form<infer T> ? T : never

export const number = (min = -1e6, max = 1e6): Form<number> => {
  const form = (value: unknown, path = ''): number => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) throw new ShapeFault(path, { kind: 'number', min, max }, value)
    return value
  }
  return Object.assign(form, { range: { min, max, whole: false } })
}
export const integer = (min: number, max: number): Form<number> => {
  const form = (value: unknown, path = ''): number => {
    if (!Number.isInteger(value) || !((value as number) >= min && (value as number) <= max)) {
      throw new ShapeFault(path, { kind: 'whole', min, max }, value)
    }
    return value as number
  }
  return Object.assign(form, { range: { min, max, whole: true } })
}
export const boolean: Form<boolean> = (value, path = '') => {
  if (typeof value !== 'boolean') throw new ShapeFault(path, { kind: 'truth' }, value)
  return value
}
export const text =
  (longest: number): Form<string> =>
  (value, path = '') => {
    if (typeof value !== 'string' || value.length > longest) throw new ShapeFault(path, { kind: 'text', longest }, value)
    return value
  }
export const oneOf = <const T extends string | number>(...choices: readonly T[]): Form<T> => {
  const form = (value: unknown, path = ''): T => {
    if (!choices.includes(value as T)) throw new ShapeFault(path, { kind: 'choice', of: choices }, value)
    return value as T
  }
  return Object.assign(form, { choices })
}
export const list = <T>(of: Form<T>, min: number, max = min): Form<readonly T[]> => {
  const form = (value: unknown, path = ''): readonly T[] => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      throw new ShapeFault(path, { kind: 'list', min, max }, value)
    }
    return value.map((item, i) => of(item, `${path}[${i}]`))
  }
  return Object.assign(form, { item: of })
}
export const record = <F extends Readonly<Record<string, Form<unknown>>>>(fields: F): Form<{ readonly [K in keyof F]: Formed<F[K]> }> => {
  const form = (value: unknown, path = ''): { readonly [K in keyof F]: Formed<F[K]> } => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeFault(path, { kind: 'record' }, value)
    const entries = Object.entries(fields).map(([name, form]) => {
      const inside = path === '' ? name : `${path}.${name}`
      return [name, form((value as Record<string, unknown>)[name], inside)]
    })
    return Object.fromEntries(entries) as { readonly [K in keyof F]: Formed<F[K]> }
  }
  return Object.assign(form, { fields })
}
