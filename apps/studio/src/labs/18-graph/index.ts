// Lab 18: the computational graph.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'graph', initial, form, light, texts, View, checks, code })
