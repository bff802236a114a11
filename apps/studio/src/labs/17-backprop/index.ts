// Lab 17: the five steps of backpropagation.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { NAMES, type Weight, form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'backprop', initial, form, texts, View, checks, code,
  words: (t) => {
    const weight = (name: string): string => t.field(NAMES[name as Weight])
    return { x: (i) => t.x(i + 1), y: t.y, w: (i, j) => weight(`w${i}${j}`), b: (j) => weight(`b${j}`), v: (j) => weight(`v${j}`), c: weight('c') }
  },
})
