// Lab 2: the timeline, a runnable model for every card.
import { defineLab } from '../../core/lab.ts'
import { checks } from './checks.ts'
import { code } from './code.ts'
import { CARDS, form, initial } from './model.ts'
import { texts } from './texts.ts'
import View from './view.svelte'

export const lab = defineLab({ id: 'timeline', initial, form, texts, View, checks, code, examples: CARDS.map((card) => ({ card })) })
