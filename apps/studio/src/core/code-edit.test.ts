// What is typed in a program: only where the state stands, and it gives the state whose program has that text there.
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pieces, spotsOf, valueAt, withWord } from './code-choices.ts'
import { type Draft, type Place, changesBetween, placeOfChange, placesOf, readNumber, readWord, stepped, withDraft } from './code-edit.ts'
import { bindingsOf } from './code-numbers.ts'
import type { AnyLab, Code } from './lab.ts'

const KINDS = ['gradus', 'numpy', 'pytorch'] as const
const draftOf = (place: Place, text: string): Draft => ({ id: place.id, text, value: null, fault: null })
const apply = (text: string, changes: ReturnType<typeof changesBetween>): string => changes.toReversed().reduce((now, { from, to, insert }) => now.slice(0, from) + insert + now.slice(to), text)

test('a number is taken within its range, with point or comma; a whole one when it is whole; what the program adds is taken off', () => {
  const broken = { path: ['b'], range: { min: -5, max: 5, whole: false }, shift: 0 }
  const whole = { path: ['n'], range: { min: 1, max: 9, whole: true }, shift: 1 }
  for (const [text, value] of [['2.5', 2.5], ['-0,25', -0.25], ['1e-3', 0.001], ['5.', 5], [' 4 ', 4], ['5.1', undefined], ['', undefined], ['-', undefined], ['1 2', undefined], ['two', undefined], ['2)', undefined]] as const) expect(readNumber(text, broken), text).toBe(value)
  for (const [text, value] of [['2', 1], ['10', 9], ['1', undefined], ['11', undefined], ['2.5', undefined]] as const) expect(readNumber(text, whole), text).toBe(value)
  expect([stepped(0.1, broken, 2), stepped(5, broken, 1), stepped(1, whole, -1), stepped(1, whole, 3)]).toEqual([0.3, 5, 1, 4])
})

test('a change belongs to the place that holds all of it; of two that touch to the one in hand, then to the number', () => {
  const places = [{ id: 'word', from: 2, to: 6, word: true }, { id: 'number', from: 6, to: 9, word: false }, { id: 'empty', from: 12, to: 12, word: false }]
  const at = (from: number, to: number, active: string | null = null): string | undefined => placeOfChange(places, { from, to }, active)?.id
  expect([at(2, 2), at(3, 5), at(6, 6), at(6, 6, 'word'), at(7, 9), at(12, 12)]).toEqual(['word', 'word', 'number', 'word', 'number', 'empty'])
  expect([at(1, 2), at(5, 7), at(9, 10), at(0, 20), at(11, 12)]).toEqual([undefined, undefined, undefined, undefined, undefined])
})

test('one text becomes another by its numbers alone, or by what lies between their common ends; what is still is not touched', () => {
  for (const [a, b] of [['x = 1 + 20', 'x = 10 + 2'], ['', 'one'], ['one', ''], ['aXa', 'aa'], ['f(1)\ng(2)', 'h(1)\ng(2, 3)']] as const) expect(apply(a, changesBetween(a, b))).toBe(b)
  expect(changesBetween('x = 1 + 20', 'x = 10 + 2')).toEqual([{ from: 4, to: 5, insert: '10' }, { from: 8, to: 10, insert: '2' }])
  const [before, after] = ['f(z)\nphi = relu\ng(z) * 2', 'ff(z)\nphi = relu\n1']
  const still = { before: { from: 11, to: 15 }, after: { from: 12, to: 16 } }
  const changes = changesBetween(before, after, still)
  expect(apply(before, changes)).toBe(after)
  expect(changes.every(({ from, to }) => to <= 11 || from >= 15)).toBe(true)
})

const folders = readdirSync(new URL('../labs', import.meta.url)).filter((name) => /^\d\d-/.test(name))
test.each(folders)('%s: typed numbers and words give the state whose program has them there', async (folder) => {
  const { form, initial } = (await import(`../labs/${folder}/model.ts`)) as { form: AnyLab['form']; initial: unknown }
  const { code } = (await import(`../labs/${folder}/code.ts`)) as { code: AnyLab['code'] }
  const found = (state: unknown): Readonly<Record<keyof Code, readonly Place[]>> => {
    const [bindings, spots, programs] = [bindingsOf(state, form, code), spotsOf(state, form, code), code(state)]
    return Object.fromEntries(KINDS.map((kind) => [kind, placesOf(pieces(programs[kind], bindings[kind], spots[kind]), bindings[kind])])) as Record<keyof Code, readonly Place[]>
  }
  const first = found(initial)
  let words = 0
  for (const kind of KINDS) {
    const program = code(initial)[kind]
    const places = first[kind]
    expect(new Set(places.map(({ id }) => id)).size).toBe(places.length)
    expect(withDraft(program, places, null)).toEqual({ text: program, places })
    for (const place of places) {
      const was = valueAt(initial, place.paths[0]!)
      const text = program.slice(place.from, place.to)
      const { bound, spot } = place
      if (bound !== undefined) {
        expect(readNumber(text, bound)).toBe(was)
        const { min, max, whole } = bound.range
        expect([min - 1, max + 1].map((out) => readNumber(String(out + bound.shift), bound))).toEqual([undefined, undefined])
        const other = whole ? (was === max ? max - 1 : Number(was) + 1) : Number(((min + max) / 2 + (max - min) / 7).toPrecision(4))
        const typed = String(other + bound.shift)
        expect(readNumber(typed, bound)).toBe(other)
        // it is shown there, and the places after it have moved along
        const shown = withDraft(program, places, draftOf(place, typed))
        const there = shown.places.find(({ id }) => id === place.id)!
        expect(shown.text.slice(0, there.to)).toBe(program.slice(0, place.from) + typed)
        expect(shown.places.filter(({ id }) => id !== place.id).map((p) => shown.text.slice(p.from, p.to))).toEqual(places.filter(({ id }) => id !== place.id).map((p) => program.slice(p.from, p.to)))
      }
      if (spot !== undefined) {
        const others = spot.options.map((option) => ({ option, program: code(withWord(initial, spot, option))[kind] }))
        expect(readWord(kind, program, place, 'no such word', others)).toBeUndefined()
        for (const { option } of others) {
          expect(readWord(kind, program, place, ` ${option.toUpperCase()}`, others)).toBe(option)
          expect(readWord(kind, program, place, `Слово ${option} `, others.map((one) => ({ ...one, word: `слово ${one.option}` })))).toBe(option)
          // what this line has in the program of that option, between its ends
          const line = (text: string): string => text.replace(kind === 'gradus' ? /\/\/.*/ : /#.*/, '').trimEnd()
          const [head, tail] = [program.slice(program.lastIndexOf('\n', place.from - 1) + 1, place.from), line(program.slice(place.to, program.indexOf('\n', place.to)))]
          const own = new Set(program.split('\n').map(line))
          const there = code(withWord(initial, spot, option))[kind].split('\n').map(line).filter((l) => !own.has(l) && l.startsWith(head) && l.endsWith(tail) && l.length > head.length + tail.length)
          for (const other of there.slice(0, 1)) {
            const said = readWord(kind, program, place, other.slice(head.length, other.length - tail.length), others)
            expect(said === undefined ? [] : code(withWord(initial, spot, said))[kind].split('\n').map(line), `${place.name} ${option} ${other}`).toContain(other)
            words++
          }
        }
      }
    }
  }
  if (first.numpy.some(({ spot }) => spot !== undefined)) expect(words).toBeGreaterThan(0)
})
