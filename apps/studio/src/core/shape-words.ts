// What a state must hold at a place and what stands there instead, in both languages. Without Svelte: forms are checked in the Worker too.
import { formatNumber, plural } from './format.ts'
import type { Lang } from './lang.ts'

/** What must stand at a place of a state. */
export type Wanted =
  | { readonly kind: 'number' | 'whole'; readonly min: number; readonly max: number }
  | { readonly kind: 'truth' | 'record' | 'neuron' | 'classes' }
  | { readonly kind: 'text'; readonly longest: number }
  | { readonly kind: 'choice'; readonly of: readonly (string | number)[] }
  | { readonly kind: 'list' | 'layers'; readonly min: number; readonly max: number }
  | { readonly kind: 'matrix'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'parameters' | 'cells' | 'pixels' | 'packed'; readonly count: number }
/** What stands there: as JSON, or how long it is where its length tells more. */
export type Found = { readonly kind: 'nothing' } | { readonly kind: 'value'; readonly json: string } | { readonly kind: 'length'; readonly count: number }

interface Words {
  readonly wanted: (w: Wanted) => string
  readonly found: (f: Found) => string
}
const en = (n: number): string => formatNumber(n, 'en', 6)
const ru = (n: number): string => formatNumber(n, 'ru', 6)
export const shapeWords: Readonly<Record<Lang, Words>> = {
  en: {
    wanted: (w) => {
      switch (w.kind) {
        case 'number': return `a number from ${en(w.min)} to ${en(w.max)}`
        case 'whole': return `a whole number from ${en(w.min)} to ${en(w.max)}`
        case 'truth': return 'true or false'
        case 'record': return 'an object'
        case 'neuron': return 'a neuron of the network'
        case 'classes': return 'points of both classes'
        case 'text': return `a text of at most ${w.longest} characters`
        case 'choice': return `one of ${w.of.join(', ')}`
        case 'list': return w.min === w.max ? `a list of ${w.min}` : `a list of ${w.min} to ${w.max}`
        case 'layers': return plural(w.max, 'en', { one: 'layer', other: 'layers' })
        case 'matrix': return `weights ${w.rows} × ${w.columns}`
        case 'parameters': return `at most ${w.count} weights and biases`
        case 'cells': return `${w.count} cells of 0 or 1`
        case 'pixels': return `${w.count} pixels of two hexadecimal digits`
        case 'packed': return `${w.count} weights of 32 bits in base64`
      }
    },
    found: (f) => (f.kind === 'nothing' ? 'nothing' : f.kind === 'value' ? f.json : plural(f.count, 'en', { one: 'character', other: 'characters' })),
  },
  ru: {
    wanted: (w) => {
      switch (w.kind) {
        case 'number': return `число от ${ru(w.min)} до ${ru(w.max)}`
        case 'whole': return `целое число от ${ru(w.min)} до ${ru(w.max)}`
        case 'truth': return 'true или false'
        case 'record': return 'объект'
        case 'neuron': return 'нейрон этой сети'
        case 'classes': return 'точки обоих классов'
        case 'text': return `текст не длиннее ${plural(w.longest, 'ru', { one: 'знака', few: 'знаков', many: 'знаков', other: 'знака' })}`
        case 'choice': return `одно из: ${w.of.join(', ')}`
        case 'list': return `список длины ${w.min === w.max ? w.min : `от ${w.min} до ${w.max}`}`
        case 'layers': return plural(w.max, 'ru', { one: 'слой', few: 'слоя', many: 'слоёв', other: 'слоя' })
        case 'matrix': return `веса ${w.rows} × ${w.columns}`
        case 'parameters': return `не больше ${w.count} весов и смещений`
        case 'cells': return `${plural(w.count, 'ru', { one: 'клетка', few: 'клетки', many: 'клеток', other: 'клетки' })} из 0 и 1`
        case 'pixels': return `${plural(w.count, 'ru', { one: 'пиксель', few: 'пикселя', many: 'пикселей', other: 'пикселя' })} по две шестнадцатеричные цифры`
        case 'packed': return `${plural(w.count, 'ru', { one: 'вес', few: 'веса', many: 'весов', other: 'веса' })} по 32 бита в base64`
      }
    },
    found: (f) => (f.kind === 'nothing' ? 'ничего' : f.kind === 'value' ? f.json : plural(f.count, 'ru', { one: 'знак', few: 'знака', many: 'знаков', other: 'знака' })),
  },
}
