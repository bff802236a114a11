// Lab 7: the line of a neuron, its plane, and what the bias is for.
import { defineLab } from '../../core/lab.ts'
import { pointWords } from '../../core/points-texts.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'line', initial, form, texts, View, checks, code, words: (t) => ({ ...pointWords(t.lang, 'x₁', 'x₂'), w1: t.weight(1), w2: t.weight(2), b: t.bias }) })
