// Lab 19: the playground.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'playground', initial, form, texts, View, checks, code, light, examples: [{ activation: 'softplus', loss: 'square' }, { activation: 'linear', loss: 'square', hidden: [3, 2] }, { activation: 'relu', features: ['x1', 'x1x2'] }],
  words: (t) => ({ activation: [t.activation, t.activations], loss: [t.loss, t.losses] }),
})
