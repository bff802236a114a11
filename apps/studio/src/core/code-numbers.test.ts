// Numbers of a program that belong to the state are found, and only those; changing one gives the program with that number.
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bindingsOf, numbersOf, split, withNumber } from './code-numbers.ts'
import type { AnyLab } from './lab.ts'

test('signs belong to numbers, not to subtractions; names and indices with digits are no numbers', () => {
  expect(split('x1 = [-0.5, 2, 1e-7]; k-1; k - 1; float64; e[:-1]; 2**32').filter((_, i) => i % 2 === 1)).toEqual(['-0.5', '2', '1e-7', '1', '1', '-1', '2', '32'])
})

const folders = readdirSync(new URL('../labs', import.meta.url)).filter((name) => /^\d\d-/.test(name))
/** How many numbers of the first program are the state's, at least: labs whose programs hold no number of the state have none. */
const LEAST: Readonly<Record<string, number>> = { '03-neuron': 3, '04-perceptron': 32, '05-regression': 22, '06-activations': 3, '07-line': 31, '08-xor': 3, '09-signals': 17, '10-universality': 15, '14-sigmoid': 5 }

test.each(folders)('%s: what is bound changes one number and nothing else', async (folder) => {
  const { form } = (await import(`../labs/${folder}/model.ts`)) as { form: AnyLab['form'] }
  const { initial } = (await import(`../labs/${folder}/model.ts`)) as { initial: unknown }
  const { code } = (await import(`../labs/${folder}/code.ts`)) as { code: AnyLab['code'] }
  const found = bindingsOf(initial, form, code)
  for (const kind of ['gradus', 'numpy', 'pytorch'] as const) {
    expect(found[kind].size, kind).toBeGreaterThanOrEqual(LEAST[folder] ?? 0)
    const before = split(code(initial)[kind])
    for (const [at, { path, range, shift }] of found[kind]) {
      const leaf = numbersOf(initial, form).find((l) => l.path.join() === path.join())!
      expect(Number(before[at])).toBe(leaf.value + shift)
      const other = range.whole ? (leaf.value < range.max ? leaf.value + 1 : leaf.value - 1) : (leaf.value + (leaf.value < range.max / 2 ? range.max : range.min)) / 2
      const next = withNumber(initial, path, other)
      expect(form(next), path.join()).toEqual(next)
      expect(Number(split(code(next)[kind])[at]), `${kind}: ${path.join('.')}`).toBe(other + shift)
    }
  }
})
