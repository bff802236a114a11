// Compute δ; fill the covered cells; what a zero signal does to a gradient; train until the cost is small.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { DELTAS, type State, differenceDelta, factors, faultOf, initial, product, titleOf, typedIn } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
const EASY: Partial<State> = { w: [[0, 0], [0, 0]], b: [0, 0], v: [1, 1], c: -1, x: [1, 1], y: 1 }

const filled = (signs: readonly number[]): Partial<State> => ({
  step: 4, covered: true, typed: signs.map((sign, i) => ({ cell: DELTAS[i]!, value: sign * Number(differenceDelta(initial, ([2, 0, 1] as const)[i]!).toFixed(5)) })),
})

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'output',
    ask: (t) => t.ask.output,
    answer: { kind: 'number', label: () => 'δ =' },
    right: { state: EASY, answer: -0.125 },
    wrong: { state: EASY, answer: 0.125 },
    why: (t) => t.why.output,
    verify: async (s, engine, answer) => {
      const { deltaOut, a } = await engine.trace(s)
      return Math.abs(answer - deltaOut) < 1e-3 ? { ok: true, say: (t) => t.right(formatNumber(deltaOut, t.lang, 5)) } : { ok: false, say: (t) => t.outputHint(formatNumber(a, t.lang, 4), formatNumber(s.y, t.lang), formatNumber(a * (1 - a), t.lang, 4)) }
    },
  },
  {
    id: 'hidden',
    ask: (t) => t.ask.hidden,
    answer: { kind: 'number', label: () => 'δ₁ =' },
    right: { state: EASY, answer: -0.03125 },
    wrong: { state: EASY, answer: -0.125 },
    why: (t) => t.why.hidden,
    verify: async (s, engine, answer) => {
      const { delta, deltaOut, h } = await engine.trace(s)
      return Math.abs(answer - delta[0]!) < 1e-3 * Math.max(0.1, Math.abs(delta[0]!)) * 10 && Math.sign(answer) === Math.sign(delta[0]!)
        ? { ok: true, say: (t) => t.right(formatNumber(delta[0]!, t.lang, 5)) }
        : { ok: false, say: (t) => t.hiddenHint(formatNumber(s.v[0]!, t.lang), formatNumber(deltaOut, t.lang, 4), formatNumber(h[0]! * (1 - h[0]!), t.lang, 4)) }
    },
  },
  {
    id: 'fill',
    ask: (t) => t.ask.fill,
    right: { state: filled([1, 1, 1]) },
    wrong: { state: filled([1, 1, -1]) },
    why: (t) => t.why.fill,
    verify: async (s, engine) => {
      if (!s.covered) return { ok: false, say: (t) => t.coverFirst }
      const got = await engine.trace(s)
      for (const cell of DELTAS) {
        const typed = typedIn(s, cell)
        if (typed === undefined) return { ok: false, say: (t) => t.fillMissing(titleOf(cell)) }
        const fault = faultOf(s, cell, typed, got)
        if (fault !== null) return { ok: false, say: (t) => t.fault(titleOf(cell), formatNumber(typed, t.lang, 5), fault, factors(s, cell, got)) }
      }
      return { ok: true, say: (t) => t.fillRight(DELTAS.map((cell) => `${titleOf(cell)} = ${formatNumber(product(factors(s, cell, got)), t.lang, 4)}`).join(t.and)) }
    },
  },
  {
    id: 'silent',
    ask: (t) => t.ask.silent,
    answer: { kind: 'choice', options: (t) => t.silentOptions },
    right: { answer: 1 },
    wrong: { answer: 0 },
    why: (t) => t.why.silent,
    verify: async (s, engine, answer) => {
      const { gradient } = await engine.trace({ ...s, x: [0, s.x[1]!] })
      const none = gradient.w00 === 0 && gradient.w01 === 0
      return (answer === 1) === none ? { ok: true, say: (t) => t.silentRight } : { ok: false, say: (t) => t.silentWrong(formatNumber(gradient.w00, t.lang)) }
    },
  },
  {
    id: 'train',
    ask: (t) => t.ask.train,
    right: { state: { c: 4, v: [3, 3], updates: 20 } },
    wrong: { state: { updates: 1 } },
    why: (t) => t.why.train,
    verify: async (s, engine) => {
      const { cost } = await engine.trace(s)
      if (s.updates === 0) return { ok: false, say: (t) => t.noUpdates }
      return cost < 0.001 ? { ok: true, say: (t) => t.trained(s.updates, formatNumber(cost, t.lang, 6)) } : { ok: false, say: (t) => t.notTrained(formatNumber(cost, t.lang, 5)) }
    },
  },
]
