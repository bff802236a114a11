// Lab 9: the signals of a fully connected network.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'signals', initial, form, texts, View, checks, code, light,
  examples: [{ net: { layers: [{ ...initial.net.layers[0]!, activation: 'tanh' }, { ...initial.net.layers[1]!, activation: 'identity' }] } }],
  words: (t) => ({
    x: (j) => t.inputValue(j + 1), 'net.layers.weights': (l, j, k) => t.inLayer(t.weight(j + 1, k + 1), l + 2), 'net.layers.biases': (l, k) => t.inLayer(t.bias(k + 1), l + 2),
    'net.layers.activation': [(l?: number) => (l === undefined ? t.kind : t.inLayer(t.kind, l + 2)), t.kinds],
  }),
})
