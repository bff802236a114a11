// Lab 13: a convolutional network.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial, light } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'cnn', initial, form, light, texts, View, checks, code })
