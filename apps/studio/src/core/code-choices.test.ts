// Words of a program that are choices of the state are found, and only those; whatever is chosen there, one can choose again.
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Spot, pieces, spotsOf, tokens, valueAt, withWord } from './code-choices.ts'
import { bindingsOf } from './code-numbers.ts'
import type { AnyLab, Code } from './lab.ts'
import { list, number, oneOf, record } from './shape.ts'

const KINDS = ['gradus', 'numpy', 'pytorch'] as const
const textOf = (program: string, { from, to }: Spot): string => tokens(program).slice(from, to).join('')
/** The choices with their words in the first program of three alike. */
function found<S>(state: S, form: Parameters<typeof spotsOf<S>>[1], program: (s: S) => string): readonly (readonly [string, string])[] {
  const code = (s: S): Code => ({ gradus: program(s), numpy: program(s), pytorch: program(s) })
  return spotsOf(state, form, code).gradus.map((spot) => [spot.paths.map((path) => path.join('.')).join(' '), textOf(program(state), spot)])
}

test('a name, an expression with its brackets, a rule of several lines', () => {
  const form = record({ phi: oneOf('tanh', 'relu', 'none'), rule: oneOf('plain', 'heavy') })
  const program = ({ phi, rule }: { phi: string; rule: string }): string =>
    `a = f(${phi === 'none' ? 'z' : phi === 'relu' ? 'max(0, z)' : 'tanh(z)'})\n${rule === 'heavy' ? '  m = 0.9 * m + g   # heavy\n  p = p - m' : '  p = p - g'}\nprint(a)\n`
  expect(found({ phi: 'tanh', rule: 'plain' }, form, program)).toEqual([['phi', 'tanh(z)'], ['rule', 'p = p - g']])
  expect(found({ phi: 'none', rule: 'heavy' }, form, program)).toEqual([['phi', 'z'], ['rule', 'm = 0.9 * m + g   # heavy'], ['rule', 'p = p - m']])
})
test('another program, other numbers and sets of words are no choices of words', () => {
  const form = record({ kind: oneOf('a', 'b'), data: oneOf('near', 'far'), shown: list(oneOf('x', 'y'), 1, 2) })
  const lines = (word: string): string => Array.from({ length: 9 }, (_, i) => `${word}${i} = ${word}.of(${i})`).join('\n')
  expect(found({ kind: 'a', data: 'near', shown: ['x', 'y'] }, form, ({ kind, data, shown }) => `${lines(kind)}\nd = [${data === 'near' ? '1, 2' : '30, 40'}]\nshow(${shown.join(', ')})\n`)).toEqual([])
})
test('entries of a list that chose alike are one choice while the program has one word for them', () => {
  const form = record({ layers: list(record({ phi: oneOf('tanh', 'relu') }), 2) })
  const program = ({ layers: [a, b] }: { layers: readonly { phi: string }[] }): string => (a!.phi === b!.phi ? `f = ${a!.phi}\n` : `f = ${a!.phi}\ng = ${b!.phi}\n`)
  expect(found({ layers: [{ phi: 'tanh' }, { phi: 'tanh' }] }, form, program)).toEqual([['layers.0.phi layers.1.phi', 'tanh']])
})
test('a number of the state inside the words of a choice stays a number', () => {
  const form = record({ rate: number(0, 9), rule: oneOf('plain', 'heavy') })
  const program = ({ rate, rule }: { rate: number; rule: string }): string => `${rule === 'heavy' ? `m = m + g\np = p - ${rate} * m` : `p = p - ${rate} * g`}\nend`
  const code = (s: { rate: number; rule: 'plain' | 'heavy' }): Code => ({ gradus: program(s), numpy: program(s), pytorch: program(s) })
  const state = { rate: 0.5, rule: 'plain' } as const
  expect(pieces(program(state), bindingsOf(state, form, code).gradus, spotsOf(state, form, code).gradus).map(({ text, number: n, spot }) => [text, n !== undefined ? 'number' : spot !== undefined ? 'choice' : ''])).toEqual([['p = p - ', 'choice'], ['0.5', 'number'], [' * g', 'choice'], ['\nend', '']])
})

const folders = readdirSync(new URL('../labs', import.meta.url)).filter((name) => /^\d\d-/.test(name))
/** The choices whose words stand in the programs of a lab's first state, with the words in the first program. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  '05-regression': ['kind: z'],
  '06-activations': ['kind: sigmoid', 'kind: sigmoid'],
  '09-signals': ["net.layers.0.activation net.layers.1.activation: .gt(0).to('float64')"],
  '10-universality': ['form: pairs'],
  '12-digits': ['activation: relu'],
  '13-cnn': ['layer: conv1.reshape(6, -1)'],
  '15-losses': ['loss: sigmoid().sub(y).square()'],
  '16-descent': ['method: p = p.sub(g.mul(eta))'],
  '19-playground': ['activation: .tanh()', 'loss: softplus().sub(z.mul(y))'],
}
test.each(folders)('%s: its words are found, each option changes the program there, and the choice stays to be made', async (folder) => {
  const { form, initial } = (await import(`../labs/${folder}/model.ts`)) as { form: AnyLab['form']; initial: unknown }
  const { code } = (await import(`../labs/${folder}/code.ts`)) as { code: AnyLab['code'] }
  const first = spotsOf(initial, form, code)
  expect(first.gradus.map((spot) => `${spot.paths.map((path) => path.join('.')).join(' ')}: ${textOf(code(initial).gradus, spot)}`)).toEqual(WORDS[folder] ?? [])
  for (const kind of KINDS) {
    expect(pieces(code(initial)[kind], new Map(), first[kind]).map(({ text }) => text).join('')).toBe(code(initial)[kind])
    for (const spot of first[kind]) {
      expect(spot.options).toContain(valueAt(initial, spot.paths[0]!))
      expect(spot.options.length).toBeGreaterThan(1)
      for (const option of spot.options) {
        const next = withWord(initial, spot, option)
        expect(form(next)).toEqual(next)
        if (option === valueAt(initial, spot.paths[0]!)) continue
        expect(code(next)[kind], option).not.toBe(code(initial)[kind])
        const back = spotsOf(next, form, code)[kind].find(({ paths }) => paths.join() === spot.paths.join())
        expect(back?.options, `${kind}: ${option}`).toEqual(spot.options)
      }
    }
  }
})
