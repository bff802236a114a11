// Which words of a lab's program are choices of its state (an activation, an optimiser, a loss). Like its numbers they are found, not
// written down: the program is written for the other options of a choice, and where it then reads differently, there stands the choice.
import { type Bindings, type Path, split, withNumber } from './code-numbers.ts'
import type { Code } from './lab.ts'
import type { Form } from './shape.ts'

/** Several paths: the same choice in all entries of a list (one activation in every layer). */
interface Choice { readonly paths: readonly Path[]; readonly options: readonly string[] }
/** What stands for a choice: tokens from `from` to before `to`. */
export interface Spot extends Choice { readonly from: number; readonly to: number }
/** A piece of a program: plain, a number of the state (by its place in `split`), or words of a choice. */
export interface Piece { readonly text: string; readonly number?: number; readonly spot?: Spot }

const WORDS = /\n|[^\S\n]+|\w+|[^\s\w]/g
/** Numbers as `split` finds them (each a token, so that other numbers leave the count as it is), words, signs, blanks, ends of lines. */
export const tokens = (program: string): readonly string[] => split(program).flatMap((part, i) => (i % 2 === 1 ? [part] : part.match(WORDS) ?? []))

/** All choices between words in a state, by its form. A list of words is a set of them (which features, which are shown): no choice. */
export function choicesOf(state: unknown, form: Form<unknown>, path: Path = []): readonly Choice[] {
  if (form.choices !== undefined) return form.choices.every((v) => typeof v === 'string') && typeof state === 'string' ? [{ paths: [path], options: form.choices }] : []
  if (form.item !== undefined && Array.isArray(state)) return form.item.choices !== undefined ? [] : state.flatMap((item, i) => choicesOf(item, form.item!, [...path, i]))
  if (form.fields === undefined || typeof state !== 'object' || state === null) return []
  return Object.entries(form.fields).flatMap(([name, inner]) => choicesOf((state as Record<string, unknown>)[name], inner, [...path, name]))
}
export const valueAt = (state: unknown, path: Path): unknown => path.reduce((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], state)

export const withWord = <S>(state: S, { paths }: Choice, word: string): S => paths.reduce((next, path) => withNumber(next, path, word), state)
/** Entries of a list that all have chosen alike, as one choice. */
function together(state: unknown, choices: readonly Choice[]): readonly Choice[] {
  const kin = ({ paths, options }: Choice): string => [paths[0]!.filter((step) => typeof step === 'string'), options].join('|')
  const listed = choices.filter(inList)
  return [...new Set(listed.map(kin))].flatMap((key) => {
    const all = listed.filter((choice) => kin(choice) === key)
    return all.length > 1 && new Set(all.map(({ paths }) => valueAt(state, paths[0]!))).size === 1 ? [{ paths: all.flatMap(({ paths }) => paths), options: all[0]!.options }] : []
  })
}
const inList = ({ paths }: Choice): boolean => paths.length === 1 && paths[0]!.some((step) => typeof step === 'number')

/** More choices than these are not tried; where more lines change it is another program; longer pieces are data. */
const [MOST, LINES, LONGEST] = [40, 4, 100]
const KINDS = ['gradus', 'numpy', 'pytorch'] as const

/** Blocks of lines that differ: [from, to) before, [from, to) after. By the longest common subsequence. */
function blocks(a: readonly string[], b: readonly string[]): readonly (readonly [number, number, number, number])[] {
  const common = Array.from({ length: a.length + 1 }, () => new Int32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
  const found: (readonly [number, number, number, number])[] = []
  for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
    const [i0, j0] = [i, j]
    while ((i < a.length || j < b.length) && (i === a.length || j === b.length || a[i] !== b[j])) if (j === b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) i++
      else j++
    if (i > i0 || j > j0) found.push([i0, i, j0, j])
    while (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1]
  }
  return found
}
/** Where a line differs from another: what is between their common ends, with whole brackets; where nothing is between, what stands before. */
function between(line: readonly string[], other: readonly string[]): readonly [number, number] {
  const least = Math.min(line.length, other.length)
  let [from, end] = [0, 0]
  while (from < least && line[from] === other[from]) from++
  while (end < least - from && line[line.length - 1 - end] === other[other.length - 1 - end]) end++
  const to = line.length - end
  if (from === to) do from--
  while (from > 0 && line[from]!.trim() === '')
  return whole(line, Math.max(0, from), to)
}
/** Where the remark at the end of a line begins, or its end. */
function remark(kind: keyof Code, line: readonly string[]): number {
  let end = line.findIndex((token, i) => (kind === 'gradus' ? token === '/' && line[i + 1] === '/' : token === '#'))
  if (end === -1) end = line.length
  while (end > 0 && line[end - 1]!.trim() === '') end--
  return end
}
function whole(line: readonly string[], from: number, to: number): readonly [number, number] {
  const depth = (token: string): number => (/[([{]/.test(token) ? 1 : /[)\]}]/.test(token) ? -1 : 0)
  let [sum, least] = [0, 0]
  for (const token of line.slice(from, to)) least = Math.min(least, (sum += depth(token)))
  let open = sum - least
  for (let need = -least; need > 0 && from > 0; ) need -= depth(line[--from]!)
  for (; open > 0 && to < line.length; to++) open += depth(line[to]!)
  return [from, to]
}

const lines = (program: string): readonly (readonly string[])[] => program.split('\n').map(tokens)

export function spotsOf<S>(state: S, form: Form<S>, code: (s: S) => Code): Readonly<Record<keyof Code, readonly Spot[]>> {
  const single = choicesOf(state, form)
  const choices = [...together(state, single), ...single]
  const now = code(state)
  const found: Record<keyof Code, Spot[]> = { gradus: [], numpy: [], pytorch: [] }
  for (const choice of choices.length <= MOST ? choices : []) {
    const programs = choice.options.flatMap((option) => {
      try {
        return [{ option, program: code(form(withWord(state, choice, option))) }]
      } catch {
        return [] // not allowed together with the rest
      }
    })
    const spots = KINDS.map((kind): readonly Spot[] => {
      if (inList(choice) && found[kind].some(({ paths }) => paths.includes(choice.paths[0]!))) return []
      const others = programs.filter(({ program }) => program[kind] !== now[kind]).map(({ option, program }) => {
        const differ = blocks(now[kind].split('\n'), program[kind].split('\n'))
        return { option, after: lines(program[kind]), differ, size: differ.reduce((sum, [i0, i1, j0, j1]) => sum + Math.max(i1 - i0, j1 - j0), 0) }
      })
      const small = others.filter(({ size }) => size <= LINES)
      // of a list's entry some options may write another program (all entries alike again), of any other choice none
      if (small.length === 0 || (small.length < others.length && !inList(choice))) return []
      const options = choice.options.filter((option) => option === valueAt(state, choice.paths[0]!) || small.some((other) => other.option === option))
      const least = Math.min(...small.map(({ size }) => size))
      const before = lines(now[kind])
      const places = new Map<number, readonly [number, number]>()
      for (const { after, differ } of inList(choice) ? small.filter(({ size }) => size === least) : small) {
        for (const [i0, i1, j0, j1] of differ) {
          for (let i = i0; i < i1; i++) {
            const line = before[i]!
            const [from, to] = i1 - i0 === j1 - j0 ? between(line, after[j0 + i - i0]!) : [line[0]?.trim() === '' ? 1 : 0, line.length]
            const [f, t] = places.get(i) ?? [from, to]
            places.set(i, whole(line, Math.min(f, from), Math.max(t, to)))
          }
        }
      }
      return [...places].flatMap(([i, [from, end]]) => {
        const to = Math.min(end, remark(kind, before[i]!))
        const text = before[i]!.slice(from, to).join('')
        if (text.length > LONGEST || !/\p{L}/u.test(text)) return []
        const start = before.slice(0, i).reduce((sum, line) => sum + line.length + 1, 0)
        return [{ ...choice, options, from: start + from, to: start + to }]
      })
    })
    // small in one language alone: by chance
    if (spots.filter(({ length }) => length > 0).length > 1) KINDS.forEach((kind, k) => found[kind].push(...spots[k]!))
  }
  for (const kind of KINDS) {
    // of two that overlap the shorter one stays
    const kept: Spot[] = []
    for (const spot of found[kind].sort((a, b) => a.to - a.from - (b.to - b.from))) if (kept.every((k) => spot.to <= k.from || spot.from >= k.to)) kept.push(spot)
    found[kind] = kept.sort((a, b) => a.from - b.from)
  }
  return found
}

/** The program in pieces. Numbers of the state inside the words of a choice stay numbers. */
export function pieces(program: string, bound: Bindings, spots: readonly Spot[]): readonly Piece[] {
  const found: Piece[] = []
  let [place, token] = [0, 0]
  const add = (text: string, spot: Spot | undefined): void => {
    const last = found.at(-1)
    if (last !== undefined && last.number === undefined && last.spot === spot) found[found.length - 1] = { ...last, text: last.text + text }
    else found.push({ text, ...(spot === undefined ? {} : { spot }) })
  }
  for (const part of split(program)) {
    for (const word of place % 2 === 1 ? [part] : part.match(WORDS) ?? []) {
      if (bound.has(place)) found.push({ text: word, number: place })
      else add(word, spots.find(({ from, to }) => token >= from && token < to))
      token++
    }
    place++
  }
  return found.map((piece) => (piece.spot !== undefined && !/\p{L}/u.test(piece.text) ? { text: piece.text } : piece))
}
