// Typing in a program that is written from the state: the places that stand for its numbers and choices, the text that is being
// typed in one of them, and what it says. All else follows from the state and cannot be changed in the text.
import type { Piece, Spot } from './code-choices.ts'
import { type Bindings, type Bound, type Path, skeleton, split } from './code-numbers.ts'
import { parseNumber } from './format.ts'
import type { Code } from './lab.ts'
import type { Range } from './shape.ts'

interface Span { readonly from: number; readonly to: number }
/** Where a number or a choice of the state stands in a program. `id`: what it stands for, and which of several; it outlives other programs. */
export interface Place extends Span {
  readonly id: string
  readonly name: string
  readonly paths: readonly Path[]
  readonly bound?: Bound
  readonly spot?: Spot
}
/** What stands in a place while it is typed, for as long as the state has this `value` there. `fault`: it says nothing, or nothing that goes with the rest. */
export interface Draft { readonly id: string; readonly text: string; readonly value: unknown; readonly fault: 'reading' | 'rest' | null }

/** What a place belongs to, for the program's own use: net.layers[0].activation; [*] where entries of a list go together. */
const nameOf = (paths: readonly Path[]): string => paths[0]!.map((step, i) => (typeof step !== 'number' ? (i === 0 ? step : `.${step}`) : paths.every((path) => path[i] === step) ? `[${step}]` : '[*]')).join('')

export function placesOf(shown: readonly Piece[], bindings: Bindings): readonly Place[] {
  const places: Place[] = []
  const turns = new Map<string, number>()
  let from = 0
  for (const { text, number, spot } of shown) {
    const to = from + text.length
    const bound = number === undefined ? undefined : bindings.get(number)
    const paths = bound !== undefined ? [bound.path] : spot?.paths
    if (paths !== undefined) {
      const name = nameOf(paths)
      const turn = turns.get(name) ?? 0
      turns.set(name, turn + 1)
      places.push({ id: `${name} ${turn}`, name, paths, from, to, ...(bound !== undefined ? { bound } : { spot: spot! }) })
    }
    from = to
  }
  return places
}

/** The program as it is shown: with what is being typed in its place. */
export function withDraft(program: string, places: readonly Place[], draft: Draft | null): { readonly text: string; readonly places: readonly Place[] } {
  const at = places.find(({ id }) => id === draft?.id)
  if (draft === null || at === undefined) return { text: program, places }
  const by = draft.text.length - (at.to - at.from)
  const moved = (place: Place): Place => (place === at ? { ...at, to: at.to + by } : place.from >= at.to ? { ...place, from: place.from + by, to: place.to + by } : place)
  return { text: program.slice(0, at.from) + draft.text + program.slice(at.to), places: places.map(moved) }
}

/** The place a change of [from, to) belongs to; none: it cannot be made. Of two that touch the one that is being typed in, then a number. */
export function placeOfChange<P extends Span & { readonly id: string; readonly word: boolean }>(places: readonly P[], { from, to }: Span, active: string | null): P | undefined {
  const all = places.filter((place) => place.from <= from && to <= place.to)
  return all.find(({ id }) => id === active) ?? all.find(({ word }) => !word) ?? all[0]
}

/** The state's number that a text says; undefined while it says none within the range. */
export function readNumber(text: string, { range, shift }: Bound): number | undefined {
  const typed = /\S\s+\S/.test(text) ? undefined : parseNumber(text)
  if (typed === undefined) return undefined
  const value = typed - shift
  return value >= range.min && value <= range.max && (!range.whole || Number.isInteger(value)) ? value : undefined
}
export const stepOf = ({ whole, min, max }: Range): number => (whole ? 1 : max - min > 1 ? 0.1 : (max - min) / 100)
export const stepped = (value: number, { range }: Bound, by: number): number => Math.min(range.max, Math.max(range.min, Number((value + by * stepOf(range)).toFixed(10))))

/** The option that a text says: its name, its word, or the words that stand there in the program of that option. */
export function readWord(kind: keyof Code, program: string, { from, to }: Span, text: string, others: readonly { readonly option: string; readonly word?: string; readonly program: string }[]): string | undefined {
  const said = text.trim().toLowerCase()
  const named = others.find(({ option, word }) => option.toLowerCase() === said || word?.toLowerCase() === said)
  if (named !== undefined) return named.option
  const bare = (line: string): string => line.replace(kind === 'gradus' ? /\/\/.*/ : /#.*/, '').replace(/\s+/g, '')
  const start = program.lastIndexOf('\n', from - 1) + 1
  const end = program.indexOf('\n', to)
  const typed = bare(program.slice(start, from) + text + program.slice(to, end === -1 ? undefined : end))
  if (typed === bare(program.slice(start, end === -1 ? undefined : end))) return others.find(({ program: other }) => other === program)?.option
  const own = new Set(program.split('\n').map(bare))
  return own.has(typed) ? undefined : others.find(({ program: other }) => other.split('\n').some((line) => bare(line) === typed))?.option
}

export interface Change extends Span { readonly insert: string }
/** What turns one text into another, number by number where nothing else differs. `still`: a stretch of both that stays as it is. */
export function changesBetween(before: string, after: string, still?: { readonly before: Span; readonly after: Span }): readonly Change[] {
  if (still !== undefined) {
    const { before: b, after: a } = still
    return [
      ...changesBetween(before.slice(0, b.from), after.slice(0, a.from)),
      ...changesBetween(before.slice(b.to), after.slice(a.to)).map(({ from, to, insert }) => ({ from: from + b.to, to: to + b.to, insert })),
    ]
  }
  if (before === after) return []
  const [old, now] = [split(before), split(after)]
  if (skeleton(old) !== skeleton(now)) return [difference(before, after)]
  let at = 0
  return old.flatMap((part, i) => {
    const from = at
    at += part.length
    return part === now[i] ? [] : [{ from, to: at, insert: now[i]! }]
  })
}
function difference(before: string, after: string): Change {
  const least = Math.min(before.length, after.length)
  let [from, end] = [0, 0]
  while (from < least && before[from] === after[from]) from++
  while (end < least - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) }
}
