// Lab 18: the computational graph.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

/** Networks: a small one with an input of one's own, one with a drawn input, the loss of LeNet's answer. */
const examples = [
  { mode: 'network', network: 'xor', input: [1, 0.25] },
  { mode: 'network', network: 'signals', seed: 12 },
  { mode: 'network', network: 'lenet', goal: 'loss', output: 3 },
] as const

export const lab = defineLab({
  id: 'graph', initial, form, light, texts, View, checks, code, examples,
  words: (t) => ({
    x: t.variable('x'), y: t.variable('y'), w: t.variable('w'), b: t.variable('b'),
    input: (j) => t.inputNumber(j + 1), goal: [t.goal, t.goalNames], output: t.outputNumber, seed: t.inputSeed,
  }),
})
