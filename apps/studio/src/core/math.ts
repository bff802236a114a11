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
  /** A name; w₁₁ is a w with an index, as formulas set it. */
  i: (name: string): string => {
    const [, letter, index] = /^(\p{L})([₀-₉]+)$/u.exec(name) ?? []
    return letter === undefined ? `<mi>${escaped(name)}</mi>` : m.sub(`<mi>${letter}</mi>`, `<mn>${[...index!].map((c) => '₀₁₂₃₄₅₆₇₈₉'.indexOf(c)).join('')}</mn>`)
  },
  o: (sign: string): string => `<mo>${escaped(sign)}</mo>`,
  /** A sign between two terms where a piece begins with it. */
  infix: (sign: string): string => `<mo form="infix">${escaped(sign)}</mo>`,
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
  inPieces(...terms.map((term, i) => (i === 0 ? lead : m.infix('+')) + term), ...(end === '' ? [] : [end]))

/** A formula in pieces that may stand in several lines, as they are. */
export const inPieces = (...all: readonly string[]): Html => ({ html: all.map((piece) => math(piece, false).html).join(' ') })

/** The terms joined with + signs. */
export const sum = (terms: readonly string[]): string => terms.join('<mo>+</mo>')

// ---- formulas that stand in several lines ---------------------------------------------------------------------------

const BEFORE = new Set(['+', '−', '-', '=', '≈', '≤', '≥', '<', '>', '&lt;', '&gt;', '·', '×', '→', '⇒', '∈', ':'])
const AFTER = new Set([',', ';'])
const [OPENING, CLOSING] = [new Set(['(', '[', '{']), new Set([')', ']', '}'])]
/** The elements side by side in some markup. */
function elementsOf(html: string): readonly string[] {
  const out: string[] = []
  let [depth, start] = [0, 0]
  for (const tag of html.matchAll(/<(\/?)\w[^>]*?(\/?)>/g)) {
    if (depth === 0 && tag[1] === '') start = tag.index
    depth += tag[1] === '/' ? -1 : tag[2] === '/' ? 0 : 1
    if (depth === 0) out.push(html.slice(start, tag.index + tag[0].length))
  }
  return out
}
const SIGN = /^<mo\b[^>]*>([^<]*)<\/mo>$/
/** Brackets around a fraction, by where they begin and end: torn apart they would not be as high as it is. */
function tallBrackets(elements: readonly string[]): readonly (readonly [number, number])[] {
  const open: number[] = []
  return elements.flatMap((element, at): (readonly [number, number])[] => {
    const sign = SIGN.exec(element)?.[1] ?? ''
    if (OPENING.has(sign)) open.push(at)
    const from = CLOSING.has(sign) ? open.pop() : undefined
    return from !== undefined && elements.slice(from, at).some((one) => one.includes('<mfrac')) ? [[from, at]] : []
  })
}
/** A row cut where a line may end: before a sign between two terms, after a comma, between words; in brackets too, unless they hold a fraction. */
function cut(inside: string): readonly string[] {
  const found = elementsOf(inside)
  if (found.length === 1 && found[0]!.startsWith('<mrow')) return cut(found[0]!.replace(/^<mrow[^>]*>|<\/mrow>$/g, ''))
  const pieces = ['']
  const tall = tallBrackets(found)
  let before = ''
  for (const [at, element] of found.entries()) {
    const sign = SIGN.exec(element)?.[1]
    const free = !tall.some(([from, to]) => from < at && at <= to)
    const between = pieces.at(-1) !== '' && !(SIGN.test(before) && !/[)\]}|′!%…]/.test(before))
    if (free && between && sign !== undefined && BEFORE.has(sign)) pieces.push(element.replace(/^<mo\b/, '<mo form="infix"'))
    else {
      const words = /^<mtext>(.*)<\/mtext>$/.exec(element)?.[1]
      if (words !== undefined && words.trim().length > 16 && /\S[ \u00a0]\S/.test(words)) for (const [i, word] of words.trim().split(/[ \u00a0]/).entries()) {
        if (i > 0) pieces.push('')
        pieces[pieces.length - 1] += `<mtext>${word}</mtext>`
      } else pieces[pieces.length - 1] += element
      if (free && sign !== undefined && AFTER.has(sign)) pieces.push('')
    }
    before = element
  }
  return pieces.filter((piece) => piece !== '')
}
/** The same formulas in pieces that flow like words: for the narrow panels of proofs. Each formula begins a line of its own. */
export const flowing = ({ html }: Html): Html =>
  ({ html: html.replace(/<math display="block">([\s\S]*?)<\/math>/g, (_, inside: string) => `<span class="flowing">${cut(inside).map((piece) => `<math displaystyle="true"><mrow>${piece}</mrow></math>`).join(' ')}</span>`) })

/** A share of a softmax with its outputs put in: the sum of the powers has a line of its own. */
export function softmaxInNumbers(outputs: ArrayLike<number>, which: number, share: number, lang: Lang): Html {
  const total = m.i('S')
  const power = (z: number, digits: number): string => m.sup(m.i('e'), m.n(z, lang, digits))
  const size = Array.from(outputs, Math.exp).reduce((a, b) => a + b, 0)
  const parts = [total + m.o('=') + sum(Array.from(outputs, (z) => power(z, 2))) + m.o('≈') + m.n(size, lang, 3), m.sub(m.i('p'), `<mn>${which}</mn>`) + m.o('=') + m.frac(power(outputs[which]!, 2), total) + m.o('≈') + m.n(share, lang, 4)]
  return { html: parts.map((part) => math(part).html).join('') }
}
