// Lab 10: universal approximation.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'universality', initial, form, texts, View, checks, code, examples: [{ way: 'training', hidden: 12 }],
  words: (t) => ({ heights: (i) => t.point(i + 1), count: t.count, sharpness: t.sharpness, form: [t.joined, t.forms], hidden: t.hidden }),
})
