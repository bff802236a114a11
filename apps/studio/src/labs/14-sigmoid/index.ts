// Lab 14: why a small change of a weight must change the output a little.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'sigmoid', initial, form, texts, View, checks, code, words: (t) => t.fields })
