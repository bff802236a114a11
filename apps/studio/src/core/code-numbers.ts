// Which numbers of a lab's program are numbers of its state. Nobody writes it down: a number of the state is changed, the program is
// written again, and where nothing but one number differs, and differs as the state does, that number is the state's.
import type { Code } from './lab.ts'
import type { Form, Range } from './shape.ts'

export type Path = readonly (string | number)[]
/** Text, number, text, number, … text. */
export type Split = readonly string[]
/** A number of the state behind the number at `at` in `split`; `shift`: what the program adds to it (one step more). */
export interface Bound { readonly path: Path; readonly range: Range; readonly shift: number }
/** By the place in `split`; odd places only. */
export type Bindings = ReadonlyMap<number, Bound>

const NUMBER = /(?<![\w.$])(?:(?<![\w)\]] ?)-)?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.])/g
export function split(program: string): Split {
  const parts: string[] = []
  let from = 0
  for (const { 0: found, index } of program.matchAll(NUMBER)) {
    parts.push(program.slice(from, index), found)
    from = index + found.length
  }
  return [...parts, program.slice(from)]
}
/** The text without its numbers: while it stays, the numbers stand for the same. */
export const skeleton = (parts: Split): string => parts.filter((_, i) => i % 2 === 0).join('\0')

interface Leaf { readonly path: Path; readonly range: Range; readonly value: number }
/** All numbers of a state whose form tells their ranges. */
export function numbersOf(state: unknown, form: Form<unknown>, path: Path = []): readonly Leaf[] {
  if (form.range !== undefined) return typeof state === 'number' ? [{ path, range: form.range, value: state }] : []
  if (form.item !== undefined && Array.isArray(state)) return state.flatMap((item, i) => numbersOf(item, form.item!, [...path, i]))
  if (form.fields === undefined || typeof state !== 'object' || state === null) return []
  return Object.entries(form.fields).flatMap(([name, inner]) => numbersOf((state as Record<string, unknown>)[name], inner, [...path, name]))
}
/** The state with the number (or the word of a choice) at a path changed. */
export function withNumber<S>(state: S, [first, ...rest]: Path, value: number | string): S {
  if (first === undefined) return value as S
  if (Array.isArray(state)) return state.map((item, i) => (i === first ? withNumber(item, rest, value) : item)) as S
  return { ...state, [first]: withNumber((state as Record<string, unknown>)[first as string], rest, value) }
}

/** More numbers than these are not tried one by one. */
const MOST = 400
const KINDS = ['gradus', 'numpy', 'pytorch'] as const

export function bindingsOf<S>(state: S, form: Form<S>, code: (s: S) => Code): Readonly<Record<keyof Code, Bindings>> {
  const leaves = numbersOf(state, form)
  const now = code(state)
  const before = Object.fromEntries(KINDS.map((kind) => [kind, split(now[kind])])) as Record<keyof Code, Split>
  const found = Object.fromEntries(KINDS.map((kind) => [kind, new Map<number, Bound>()])) as Record<keyof Code, Map<number, Bound>>
  /** Writes the program for another state; what differs from now, by kind. */
  const compare = (other: S, take: (kind: keyof Code, at: number, was: number, is: number) => void): boolean => {
    let programs: Code
    try {
      programs = code(form(other))
    } catch {
      return false
    }
    return KINDS.map((kind) => {
      const after = split(programs[kind])
      if (after.length !== before[kind].length || skeleton(after) !== skeleton(before[kind])) return false
      for (let at = 1; at < after.length; at += 2) if (after[at] !== before[kind][at]) take(kind, at, Number(before[kind][at]), Number(after[at]))
      return true
    }).every(Boolean)
  }
  // all broken numbers at once, each changed to one of its own
  const broken = leaves.filter(({ range }) => !range.whole && range.max > range.min)
  const byMark = new Map<number, Leaf>()
  let marked = state
  broken.forEach((leaf, i) => {
    const { range: { min, max }, value, path } = leaf
    let place = 0.5 + (i + 1) * 0.6180339887
    const mark = (): number => Number((min + (max - min) * (place % 1)).toPrecision(9))
    while (mark() === value || byMark.has(mark())) place += 0.1234567
    byMark.set(mark(), leaf)
    marked = withNumber(marked, path, mark())
  })
  const together = compare(marked, (kind, at, was, is) => {
    const leaf = byMark.get(is)
    if (leaf !== undefined && leaf.value === was) found[kind].set(at, { path: leaf.path, range: leaf.range, shift: 0 })
  })
  if (!together) for (const kind of KINDS) found[kind].clear()
  const alone = together ? leaves.filter(({ range }) => range.whole) : leaves
  for (const { path, range, value } of alone.length <= MOST ? alone : []) {
    const others = range.whole ? [value + 1, value - 1] : [Number((range.min + (range.max - range.min) * 0.6180339887).toPrecision(9))]
    for (const other of others) {
      if (other < range.min || other > range.max || other === value) continue
      const same = compare(withNumber(state, path, other), (kind, at, was, is) => {
        if (is - was === other - value && (range.whole || is === other) && !found[kind].has(at)) found[kind].set(at, { path, range, shift: was - value })
      })
      if (same) break
    }
  }
  return found
}
