// Numbers and plurals as the language writes them: a decimal comma and a true minus in Russian prose, a point in English.
import type { Lang } from './lang.ts'

export const MINUS = '−'

/** At most `digits` after the point; very small and very large numbers as 1.2·10⁻⁵. */
export function formatNumber(value: number, lang: Lang, digits = 3): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`
  const size = Math.abs(value)
  if (size !== 0 && (size < 0.5 * 10 ** -digits || size >= 1e7)) {
    const [mantissa, exponent] = value.toExponential(Math.min(2, digits)).split('e')
    const raised = [...String(Number(exponent))].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('')
    return `${separate(String(Number(mantissa)), lang)}·10${raised}`
  }
  const fixed = value.toFixed(digits)
  return separate(fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed, lang)
}

/** The same with all its digits: for columns of numbers. */
export const formatFixed = (value: number, lang: Lang, digits = 3): string =>
  Number.isFinite(value) ? separate(value.toFixed(digits), lang) : formatNumber(value, lang, digits)

function separate(text: string, lang: Lang): string {
  const signed = text === '-0' ? '0' : text.replace('-', MINUS)
  return lang === 'ru' ? signed.replace('.', ',') : signed
}

/** What a person typed as a number (point or comma, any minus); undefined when it is none. */
export function parseNumber(text: string): number | undefined {
  const plain = text.trim().replace(MINUS, '-').replace(',', '.').replace(/\s/g, '')
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}

/** Integers with thin spaces between thousands, from five digits on: 5000, 10 000. */
export const formatCount = (value: number): string => String(Math.round(value)).replace(/\d{5,}/, (long) => long.replace(/\B(?=(\d{3})+$)/g, '\u202f'))

export interface PluralForms {
  readonly one: string
  readonly few?: string
  readonly many?: string
  readonly other: string
}
const rules: Record<Lang, Intl.PluralRules> = { ru: new Intl.PluralRules('ru'), en: new Intl.PluralRules('en') }
/** «1 шаг, 2 шага, 5 шагов»: the number with the form it asks for. */
export function plural(count: number, lang: Lang, forms: PluralForms): string {
  const form = rules[lang].select(count) as keyof PluralForms
  return `${formatCount(count)}\u00a0${forms[form] ?? forms.other}`
}
