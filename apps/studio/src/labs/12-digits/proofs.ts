// Where the shares of the ten digits come from: a softmax of the outputs, or, of the lecture's network, its signals by their sum.
import type { Lang } from '../../core/language.svelte.ts'
import { type Html, m, math, softmaxInNumbers, sum } from '../../core/math.ts'

/** How a network's outputs become shares that sum to 1. */
export type Rule = 'softmax' | 'sum'

/** A share out of outputs that were computed anew, digit by digit; a softmax by how much larger each power is than this one. */
export function plainShare(rule: Rule, outputs: ArrayLike<number>, digit: number): number {
  let total = 0
  if (rule === 'softmax') {
    for (let j = 0; j < outputs.length; j++) total += Math.exp(outputs[j]! - outputs[digit]!)
    return 1 / total
  }
  for (let j = 0; j < outputs.length; j++) total += outputs[j]!
  return total === 0 ? 1 / outputs.length : outputs[digit]! / total
}

export function shareFormula(rule: Rule): Html {
  const of = (index: string): string => (rule === 'softmax' ? m.sup(m.i('e'), m.sub(m.i('z'), m.i(index))) : m.sub(m.i('a'), m.i(index)))
  return math(m.sub(m.i('p'), m.i('i')) + m.o('=') + m.frac(of('i'), m.o('∑') + of('j')))
}
export function shareInNumbers(rule: Rule, outputs: readonly number[], digit: number, share: number, lang: Lang): Html {
  if (rule === 'softmax') return softmaxInNumbers(outputs, digit, share, lang)
  const total = outputs.reduce((all, a) => all + a, 0)
  const parts = [m.i('S') + m.o('=') + sum(outputs.map((a) => m.n(a, lang, 3))) + m.o('≈') + m.n(total, lang, 4), m.sub(m.i('p'), `<mn>${digit}</mn>`) + m.o('=') + m.frac(m.n(outputs[digit]!, lang, 4), m.i('S')) + m.o('≈') + m.n(share, lang, 4)]
  return { html: parts.map((part) => math(part).html).join('') }
}
