// Lab 5: linear regression, threshold, logistic regression.
import { defineLab } from '../../core/lab.ts'
import { pointWords } from '../../core/points-texts.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'regression', initial, form, texts, View, checks, code, words: (t) => ({ ...pointWords(t.lang, 'x', 'y'), kind: [t.kind, t.kinds], w: t.w, b: t.b }), light })
