// What holds for every lab: the form of its state, its link, its texts, its exported programs.
// One lab alone: STUDIO_LAB=graph npx vitest run --project studio apps/studio/test/labs.test.ts
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSafetensors } from 'gradus/formats'
import { afterAll, describe, expect, test } from 'vitest'
import { pieces, spotsOf } from '../src/core/code-choices.ts'
import { placesOf } from '../src/core/code-edit.ts'
import { bindingsOf } from '../src/core/code-numbers.ts'
import { calledBy, optionBy } from '../src/core/code-words.ts'
import type { AnyLab } from '../src/core/lab.ts'
import { decodeState, encodeState } from '../src/core/permalink.ts'
import { begin, packed } from '../src/labs/13-cnn/model.ts'
import { folderOfPrograms, pythonWith, runGradus } from './programs.ts'

const found = import.meta.glob('../src/labs/*/index.ts', { import: 'lab' }) as Record<string, () => Promise<AnyLab>>
const labs = await Promise.all(Object.entries(found).filter(([path]) => path.includes(`-${process.env.STUDIO_LAB ?? ''}`)).map(async ([path, load]) => ({ folder: path.split('/').at(-2)!, lab: await load() })))

const computes = import.meta.glob('../src/labs/*/compute.ts') as Record<string, () => Promise<object>>

/** The form of a catalogue: keys and kinds, lengths of lists. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(formOf)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, formOf(v)]))
  return typeof value
}
const stringsOf = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : []

describe.each(labs)('$folder', ({ folder, lab }) => {
  test('is called like its folder', () => expect(lab.id).toBe(folder.slice(3)))

  test('its first state has the form it accepts, and survives a link', async () => {
    expect(lab.form(lab.initial)).toEqual(lab.initial)
    expect(await decodeState(await encodeState(lab.initial), lab.form)).toEqual(lab.initial)
    expect(() => lab.form(null)).toThrow()
    expect(() => lab.form({})).toThrow('expected')
    expect((await encodeState(lab.initial)).length).toBeLessThan(6000)
  })

  test('both languages say the same things, in their own words', () => {
    expect(formOf(lab.texts.ru)).toEqual(formOf(lab.texts.en))
    for (const words of stringsOf(lab.texts.en)) expect(words, 'Russian letters in English').not.toMatch(/[а-яё]/i)
    for (const words of stringsOf(lab.texts.ru)) expect(words, 'not set').not.toMatch(/\$|undefined|NaN\b.*NaN/)
    const { tryFirst, notice, breaks } = lab.texts.ru
    expect(Math.min(tryFirst.length, notice.length, breaks.length)).toBeGreaterThan(0)
  })

  test('what one changes in its programs has a name of its own, and options their words, in both languages; none is a name of the code', () => {
    const states = [{}, ...lab.checks.flatMap(({ right, wrong }) => [right.state ?? {}, wrong.state ?? {}]), ...(lab.examples ?? []), ...(further[folder] ?? [])].map((part) => ({ ...(lab.initial as object), ...(part as object) }))
    for (const state of states.filter((one, i) => states.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i)) {
      const [bindings, spots, programs] = [bindingsOf<unknown>(state, lab.form, lab.code), spotsOf<unknown>(state, lab.form, lab.code), lab.code(state)]
      const places = (['gradus', 'numpy', 'pytorch'] as const).flatMap((kind) => placesOf(pieces(programs[kind], bindings[kind], spots[kind]), bindings[kind]))
      for (const lang of ['ru', 'en'] as const) {
        const words = lab.words?.(lab.texts[lang], state) ?? {}
        const named = new Map<string, string>()
        for (const { name: inner, paths, spot } of places) {
          const name = calledBy(words, paths)!
          named.set(inner, name)
          expect(name, inner).toBeTypeOf('string')
          expect(paths.flat(), 'a name of the code').not.toContain(name)
          expect(name).not.toMatch(/undefined|NaN|\w\.\w|[[\]_]|[a-z][A-Z]/)
          expect(name).toMatch(lang === 'ru' ? /[а-яё]|^f\([01]+\)$/i : /^[^а-яё]+$/i)
          const shown = (spot?.options ?? []).map((option) => optionBy(words, paths, option)!)
          expect(new Set(shown).size, shown.join()).toBe(spot?.options.length ?? 0)
          for (const [i, word] of shown.entries()) {
            expect(word, inner).toBeTypeOf('string')
            if (lang === 'ru') expect(word).toMatch(/[а-яё]|^(?:tanh|softplus|ReLU|σ|Adam|MSE|LogLoss)$/i)
            else if (word === spot!.options[i]) expect(['linear', 'threshold', 'logistic', 'sigmoid', 'tanh', 'softplus', 'step', 'identity', 'shared', 'plain', 'momentum'], 'the name of an option in the code').toContain(word)
          }
        }
        expect(new Set(named.values()).size, [...named].join('; ')).toBe(named.size)
      }
    }
  })

  test('its checks have names of their own', () => {
    expect(lab.checks.length).toBeGreaterThan(0)
    expect(new Set(lab.checks.map(({ id }) => id)).size).toBe(lab.checks.length)
  })

  test.each(lab.checks.map((check) => ({ id: check.id, check })))('check $id: a solution passes, a wrong attempt does not, both with words', async ({ check }) => {
    const engine = (await computes[`../src/labs/${folder}/compute.ts`]!()) as never
    for (const kind of check.slow === true ? (['wrong'] as const) : (['right', 'wrong'] as const)) {
      const { state, answer = Number.NaN } = check[kind]
      const whole = lab.form({ ...(lab.initial as object), ...(state as object | undefined) })
      const verdict = await check.verify(whole, engine, answer)
      expect(verdict.ok, `${kind}: ${verdict.say(lab.texts.en)}`).toBe(kind === 'right')
      for (const lang of ['ru', 'en'] as const) {
        expect(verdict.say(lab.texts[lang]).length).toBeGreaterThan(3)
        expect(verdict.say(lab.texts[lang])).not.toMatch(/undefined|\[object/)
        expect(check.ask(lab.texts[lang], whole).length).toBeGreaterThan(5)
      }
    }
    // what the teacher's key shows for what is on the screen
    for (const other of check.answerFor === undefined ? [] : [check, ...lab.checks, ...(lab.examples ?? []).map((state) => ({ right: { state } }))]) {
      const whole = lab.form({ ...(lab.initial as object), ...(other.right.state as object | undefined) })
      expect((await check.verify(whole, engine, check.answerFor!(whole))).ok, `shown for ${JSON.stringify(other.right.state)}`).toBe(true)
    }
  })
})

// ---- exported programs -------------------------------------------------------------------------------------------

/** Where programs put files for one another. */
const files = folderOfPrograms()
afterAll(() => rmSync(files, { recursive: true, force: true }))

/** A network from a file, as lab 13 keeps it: its programs read what the lab saves. */
const mine = begin({ seed: 8, own: null })
writeFileSync(join(files, 'cnn.safetensors'), writeSafetensors(Object.fromEntries(Object.entries(mine).map(([name, { shape, data }]) => [name, { dtype: 'float32', shape, data }]))))
const further: Readonly<Record<string, readonly object[]>> = { '13-cnn': [{ own: { file: 'mine.safetensors', weights: packed(mine) }, layer: 'conv2', channel: 7, row: 5, column: 8 }] }

/** The programs of the first state, of every check's solution, and of the lab's further examples. */
const exported = labs.flatMap(({ folder, lab }) => {
  const states = [{}, ...lab.checks.flatMap(({ right }) => (right.state === undefined ? [] : [right.state])), ...(lab.examples ?? []), ...(further[folder] ?? [])]
  const codes = states.map((state) => lab.code({ ...(lab.initial as object), ...(state as object) }))
  return codes.filter((code, i) => codes.findIndex((other) => other.gradus === code.gradus) === i).map((code, i) => ({ name: `${folder} ${i + 1}`, code }))
})

/** All programs in one interpreter: torch takes seconds to load. */
function runPython(kind: 'numpy' | 'pytorch'): ReadonlyMap<string, unknown> | null {
  const python = pythonWith(kind === 'numpy' ? 'numpy' : 'torch')
  if (python === undefined) return null
  const programs = exported.map(({ name, code }) => [name, code[kind]])
  const runner = `import sys, json, io, contextlib
out = {}
for name, source in json.load(sys.stdin):
    text = io.StringIO()
    try:
        with contextlib.redirect_stdout(text): exec(compile(source, name, 'exec'), {})
        out[name] = json.loads(text.getvalue().strip().splitlines()[-1])
    except Exception as e:
        out[name] = f'{type(e).__name__}: {e}'
print(json.dumps(out))`
  const { stdout, stderr, status } = spawnSync(python, ['-c', runner], { input: JSON.stringify(programs), encoding: 'utf8', cwd: files, env: { ...process.env, OMP_NUM_THREADS: '1' } })
  if (status !== 0) throw new Error(stderr)
  return new Map(Object.entries(JSON.parse(stdout) as Record<string, unknown>))
}

function expectClose(got: unknown, want: unknown, where: string): void {
  if (typeof want === 'number') {
    expect(typeof got, `${where}: ${JSON.stringify(got)}`).toBe('number')
    expect(Math.abs((got as number) - want) / Math.max(1, Math.abs(want)), `${where}: ${got} and ${want}`).toBeLessThan(1e-6)
  } else if (typeof want === 'object' && want !== null) {
    expect(Object.keys(got as object), where).toEqual(Object.keys(want))
    for (const [key, value] of Object.entries(want)) expectClose((got as Record<string, unknown>)[key], value, `${where}.${key}`)
  } else expect(got, where).toEqual(want)
}

describe('exported programs', () => {
  const printed = new Map<string, unknown>()
  test.each(exported)('$name runs as Gradus', async ({ name, code }) => {
    const result = await runGradus(code.gradus, files)
    expect(typeof result).toBe('object')
    printed.set(name, result)
  })
  for (const kind of ['numpy', 'pytorch'] as const) {
    test(`${kind} prints the same numbers`, { timeout: 300_000 }, ({ skip }) => { // loading torch alone takes a minute on a busy machine
      const results = runPython(kind)
      if (results === null) return skip(`${kind} is not installed`)
      for (const [name, result] of results) expectClose(result, printed.get(name), `${name} ${kind}`)
    }, 240_000) // a busy machine takes half a minute to load torch
  }
})
