// Lab 12: handwritten digits.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'digits', initial, form, texts, View, checks, code, words: (t) => ({ hidden: (i) => t.neuronsIn(i + 1), seed: t.seed, activation: [t.activation, t.activations] }) })
