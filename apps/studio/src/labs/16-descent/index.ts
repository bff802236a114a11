// Lab 16: gradient descent on surfaces.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'descent', initial, form, texts, View, checks, code,
  words: (t) => ({ start: (d) => [t.startX, t.startY][d]!, method: [t.method, t.methods], eta: t.eta, steps: t.steps }),
})
