// Match each limit to what lifted it; then three predictions, each settled by running the model.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { LIFTED, LIMITS, CARDS, type State, solved } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
const percent = (share: number, lang: 'ru' | 'en'): string => formatNumber(share * 100, lang, 0)

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'match',
    ask: (t) => t.ask.match,
    right: { state: { match: solved } },
    wrong: { state: { match: solved.map((at, i) => (i === 2 ? CARDS.indexOf('gan') : at)) } },
    why: (t) => t.why.match,
    verify: async (s) => {
      const open = s.match.filter((at) => at < 0).length
      if (open > 0) return { ok: false, say: (t) => t.unmatched(open) }
      const wrong = LIMITS.findIndex((limit, i) => !LIFTED[limit].includes(CARDS[s.match[i]!]!))
      if (wrong < 0) return { ok: true, say: (t) => t.matched }
      const chosen = CARDS[s.match[wrong]!]!
      return { ok: false, say: (t) => t.mismatch(t.limits[LIMITS[wrong]!], t.cards[chosen].short, t.cards[chosen].limit) }
    },
  },
  {
    id: 'sixteen',
    ask: (t) => t.ask.sixteen,
    answer: { kind: 'number', label: (t) => t.count },
    right: { answer: 14 },
    wrong: { answer: 16 },
    why: (t) => t.why.sixteen,
    verify: async (_, engine, answer) => {
      const { figures } = await engine.last({ card: 'minsky', seed: 1, variant: 0, steps: 16 })
      return answer === figures.possible ? { ok: true, say: (t) => t.sixteenRight } : { ok: false, say: (t) => t.sixteenWrong(figures.possible!, figures.impossible!) }
    },
  },
  {
    id: 'shots',
    ask: (t) => t.ask.shots,
    answer: { kind: 'choice', options: () => ['20 %', '50 %', '100 %'] },
    right: { answer: 0 },
    wrong: { answer: 2 },
    why: (t) => t.why.shots,
    verify: async (_, engine, answer) => {
      const { figures } = await engine.last({ card: 'gpt', seed: 1, variant: 0, steps: 220 })
      const nearest = [0.2, 0.5, 1].map((v) => Math.abs(v - figures.zeroShot!)).reduce((best, d, i, all) => (d < all[best]! ? i : best), 0)
      return { ok: answer === nearest, say: (t) => t.shotsMeasured(percent(figures.zeroShot!, t.lang), percent(figures.oneShot!, t.lang)) }
    },
  },
  {
    id: 'forget',
    ask: (t) => t.ask.forget,
    answer: { kind: 'choice', options: (t) => t.forgetOptions },
    right: { answer: 1 },
    wrong: { answer: 0 },
    why: (t) => t.why.forget,
    verify: async (_, engine, answer) => {
      const { figures } = await engine.last({ card: 'continual', seed: 1, variant: 0, steps: 300 })
      return { ok: (answer === 1) === (figures.taskA! < 0.6), say: (t) => t.forgetMeasured(percent(figures.taskA!, t.lang), percent(figures.taskB!, t.lang)) }
    },
  },
]
