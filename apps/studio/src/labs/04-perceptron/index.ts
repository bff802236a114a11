// Lab 4: Rosenblatt’s rule, one example at a time.
import { defineLab } from '../../core/lab.ts'
import { pointWords } from '../../core/points-texts.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'perceptron', initial, form, texts, View, checks, code, words: (t) => ({ ...pointWords(t.lang, 'x₁', 'x₂'), eta: t.eta, steps: t.updates }), light })
