// Lab 15: losses and what they teach.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'losses', initial, form, texts, View, checks, code,
  words: (t) => ({ loss: [t.loss, t.losses], 'batch.z': (i) => t.rowZ(i + 1), 'batch.y': (i) => t.rowY(i + 1), logits: (i) => t.logit(i + 1), correct: t.fromZero(t.correct) }),
})
