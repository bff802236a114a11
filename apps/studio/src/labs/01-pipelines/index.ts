// Lab 1: classical machine learning against deep learning.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'pipelines', initial, form, texts, View, checks, code })
