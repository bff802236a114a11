// Lab 11: Boolean functions and convex polygons by two layers.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, rows } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({
  id: 'boolean', initial, form, texts, View, checks, code,
  words: (t, { n }) => ({
    table: (r) => `f(${rows(n)[r]!.join('')})`, point: (d) => [t.pointX, t.pointY][d]!, corners: (i, d) => t.ofCorner(i + 1, d),
  }),
})
