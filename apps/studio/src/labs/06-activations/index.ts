// Lab 6: activation functions and the gradient that passes through them.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'activations', initial, form, texts, View, checks, code, words: (t) => ({ kind: [t.kind, t.kinds], z: t.z, depth: t.depth, w: t.w }) })
