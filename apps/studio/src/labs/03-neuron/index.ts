// Lab 3: the McCulloch–Pitts neuron.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'neuron', initial, form, texts, View, checks, code, words: (t) => ({ w: (i) => t.weight(i + 1), b: t.bias }) })
