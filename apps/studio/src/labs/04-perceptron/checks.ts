// Predict the next update; learn to the end; what the learning rate changes; what cannot be learned.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { MIXED, NARROW, type State, initial } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'predict',
    ask: (t, s) => t.ask.predict(s.steps + 1),
    answer: { kind: 'number', label: () => 'w₁ =' },
    right: { state: { steps: 1 }, answer: 2.2 },
    wrong: { state: { steps: 0 }, answer: 1.4 },
    why: (t) => t.why.predict,
    verify: async (s, engine, answer) => {
      const { next } = await engine.learn(s)
      const p = s.points[next.row]!
      if (Math.abs(answer - next.after[0]!) < 5e-3) return { ok: true, say: (t) => (next.error === 0 ? t.noChange(formatNumber(next.z, t.lang)) : t.moved(formatNumber(next.before[0]!, t.lang), formatNumber(next.after[0]!, t.lang))) }
      return { ok: false, say: (t) => t.work(formatNumber(p.x, t.lang), formatNumber(p.y, t.lang), p.c, formatNumber(next.z, t.lang), next.a) }
    },
  },
  {
    id: 'learn',
    ask: (t) => t.ask.learn,
    right: { state: { points: NARROW, steps: 200 } },
    wrong: { state: { points: NARROW, steps: 3 } },
    why: (t) => t.why.learn,
    verify: async (s, engine) => {
      if (s.points.length < 6) return { ok: false, say: (t) => t.tooFew }
      const { errorsNow, bound, mistakes } = await engine.learn(s)
      if (bound === null) return { ok: false, say: (t) => t.notSeparable }
      if (errorsNow > 0) return { ok: false, say: (t) => t.stillWrong(errorsNow) }
      return { ok: true, say: (t) => t.learned(mistakes, formatNumber(bound, t.lang, 1)) }
    },
  },
  {
    id: 'eta',
    ask: (t) => t.ask.eta,
    answer: { kind: 'choice', options: (t) => t.etaOptions },
    right: { answer: 2 },
    wrong: { answer: 0 },
    why: (t) => t.why.eta,
    verify: async (_, engine, answer) => {
      const [slow, fast] = await Promise.all([0.5, 2].map((eta) => engine.learn({ ...initial, eta, steps: 60 })))
      const same = slow!.mistakes === fast!.mistakes
      return (answer === 2) === same ? { ok: true, say: (t) => t.etaRight(slow!.mistakes) } : { ok: false, say: (t) => t.etaWrong(slow!.mistakes, fast!.mistakes) }
    },
  },
  {
    id: 'never',
    ask: (t) => t.ask.never,
    answer: { kind: 'choice', options: (t) => [t.yes, t.no] },
    right: { answer: 1 },
    wrong: { answer: 0 },
    why: (t) => t.why.never,
    verify: async (_, engine, answer) => {
      const { bound, mistakes } = await engine.learn({ points: MIXED, eta: 1, steps: 400 })
      return (answer === 0) === (bound !== null) ? { ok: true, say: (t) => t.neverRight(mistakes) } : { ok: false, say: (t) => t.neverWrong(mistakes) }
    },
  },
]
