// Lab 8: XOR by one neuron (impossible), by two layers, by one more input.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { type Key, NAMES, form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'xor', initial, form, texts, View, checks, code,
  words: (t) => Object.fromEntries(Object.entries(NAMES).map(([key, names]) => [key, (i: number) => t.field(t.neuronNames[key as Key], names[i]!)])),
})
