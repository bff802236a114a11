// Lab 13: a convolutional network.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'cnn', initial, form, light, texts, View, checks, code,
  words: (t) => ({
    layer: [t.layerName, t.short], channel: t.fromZero(t.channel), row: t.fromZero(t.row), column: t.fromZero(t.column), seed: t.seed,
    'edits.w': (k, i) => `${t.filter(k + 1)}: ${t.weightAt(Math.floor(i / 3) + 1, (i % 3) + 1)}`, 'edits.b': (k) => `${t.filter(k + 1)}: ${t.biasLabel}`,
  }),
})
