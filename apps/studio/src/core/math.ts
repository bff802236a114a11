// Formulas as MathML. Static ones are set while building (tex`…`, rich`…`, see build/formulas.mjs); live values are
// put into their slots here; formulas of changing length are built from the small parts of `m`.
import { formatNumber } from './format.ts'
import type { Lang } from './language.svelte.ts'

/** Markup made by this file or while building, never from what a person typed. */
export interface Html {
  readonly html: string
}

/** Replaced while building; what remains in a test without the plugin is the source. */
export const tex = (parts: TemplateStringsArray): Html => ({ html: parts.raw.join('') })
export const rich = tex

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export type Values = Readonly<Record<string, number | string | undefined>>

/** A value on the line: a number as the language writes it, in brackets if asked and negative. */
function shown(value: number | string | undefined, lang: Lang, digits: number, brackets: boolean, name = ''): string {
  if (value === undefined) return '<mi>…</mi>'
  if (typeof value === 'string') return `<mtext>${escaped(value)}</mtext>`
  const text = `<mn class="live"${name === '' ? '' : ` data-slot="${name}"`}>${formatNumber(value, lang, digits)}</mn>`
  return brackets && value < 0 ? `<mrow><mo stretchy="false">(</mo>${text}<mo stretchy="false">)</mo></mrow>` : text
}

const space = (text: string): string => (text === '' ? '' : '<mspace width="0.3em"></mspace>')

/** Puts live values into the slots of a formula. */
export function fill(formula: Html, values: Values, lang: Lang, digits = 3): Html {
  const html = formula.html.replace(/<mtext>([\s\u00a0]*)@(\(?)(\w+)@([\s\u00a0]*)<\/mtext>/g, (_, before: string, bracket: string, name: string, after: string) => {
    return space(before) + shown(values[name], lang, digits, bracket === '(', name) + space(after)
  })
  return { html }
}

/** The decimal points of a formula set while building, as the language writes them. */
export const localized = (formula: Html, lang: Lang): Html => (lang === 'ru' ? { html: formula.html.replace(/<mn>(\d+)\.(\d+)<\/mn>/g, '<mn>$1,$2</mn>') } : formula)

/** Parts of formulas built while running. All take and give MathML. */
export const m = {
  i: (name: string): string => `<mi>${escaped(name)}</mi>`,
  o: (sign: string): string => `<mo>${escaped(sign)}</mo>`,
  text: (words: string): string => `<mtext>${escaped(words)}</mtext>`,
  n: (value: number, lang: Lang, digits = 3): string => shown(value, lang, digits, false),
  /** In brackets when negative. */
  p: (value: number, lang: Lang, digits = 3): string => shown(value, lang, digits, true),
  /** The same as a slot with a name: a number of the state that `Formula` lets change. */
  v: (name: string, value: number, lang: Lang, digits = 3): string => shown(value, lang, digits, false, name),
  vp: (name: string, value: number, lang: Lang, digits = 3): string => shown(value, lang, digits, true, name),
  sub: (base: string, index: string): string => `<msub>${row(base)}${row(index)}</msub>`,
  sup: (base: string, power: string): string => `<msup>${row(base)}${row(power)}</msup>`,
  subsup: (base: string, index: string, power: string): string => `<msubsup>${row(base)}${row(index)}${row(power)}</msubsup>`,
  frac: (top: string, bottom: string): string => `<mfrac>${row(top)}${row(bottom)}</mfrac>`,
  row: (...parts: string[]): string => row(parts.join('')),
} as const

const row = (inside: string): string => `<mrow>${inside}</mrow>`

/** A whole formula; `block` sets it on a line of its own. */
export const math = (inside: string, block = true): Html => ({ html: `<math${block ? ' display="block"' : ''}>${row(inside)}</math>` })

/** A long sum in pieces that may stand in several lines: `lead` before the first term, a sign before each other one, `end` last. */
export const pieces = (lead: string, terms: readonly string[], end = ''): Html =>
  ({ html: [...terms.map((term, i) => (i === 0 ? lead : '<mo form="infix">+</mo>') + term), ...(end === '' ? [] : [end])].map((part) => math(part, false).html).join(' ') })

/** The terms joined with + signs. */
export const sum = (terms: readonly string[]): string => terms.join('<mo>+</mo>')
