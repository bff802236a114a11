// Find the crossover; what hand-made features can do with few examples; what a shift does.
import { formatCount, formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { GROUPS, LEAST, MOST, type State } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
const percent = (v: number, lang: 'ru' | 'en'): string => formatNumber(100 * v, lang, 1)

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'crossover',
    ask: (t) => t.ask.crossover,
    answer: { kind: 'number', label: () => 'n =' },
    slow: true, // trains on 5000 digits: in the browser tests; its verdicts on measured shares in model.test.ts
    right: { state: { groups: GROUPS }, answer: 3000 }, // the answer belongs to these features
    wrong: { state: { groups: ['ink'] }, answer: 150 },
    why: (t) => t.why.crossover,
    // Right is any n around which the order turns: at a third of it the features lead, at three times the network does.
    verify: async (s, engine, answer) => {
      if (!(answer >= LEAST && answer <= MOST)) return { ok: false, say: (t) => t.outside }
      const around = [Math.max(LEAST, Math.round(answer / 3)), Math.min(MOST, Math.round(answer * 3))]
      const measure = (n: number) => engine.outcome({ n, groups: s.groups, seed: s.seed })
      const tell = (o: Awaited<ReturnType<typeof measure>>) => (t: Texts): string => t.measured(formatCount(o.n), percent(o.hand.test, t.lang), percent(o.network.test, t.lang))
      const low = await measure(around[0]!)
      if (low.hand.test <= low.network.test) return { ok: false, say: (t) => `${t.already} ${tell(low)(t)}` }
      const high = await measure(around[1]!)
      if (high.network.test <= high.hand.test) return { ok: false, say: (t) => `${t.notYet} ${tell(high)(t)}` }
      return { ok: true, say: (t) => `${t.turns} ${tell(low)(t)} ${tell(high)(t)}` }
    },
  },
  {
    id: 'features',
    ask: (t) => t.ask.features,
    right: { state: { n: 500, groups: [...GROUPS] } },
    wrong: { state: { n: 500, groups: ['ink', 'symmetry'] } },
    why: (t) => t.why.features,
    verify: async (s, engine) => {
      if (s.n > 500) return { ok: false, say: (t) => t.fewer }
      const { test } = await engine.handOnly({ n: s.n, groups: s.groups, seed: s.seed })
      return { ok: test >= 0.9, say: (t) => t.reached(formatCount(s.n), percent(test, t.lang)) }
    },
  },
  {
    id: 'ink',
    ask: (t) => t.ask.ink,
    answer: { kind: 'choice', options: () => ['10 %', '20 %', '50 %'] },
    right: { answer: 1 },
    wrong: { answer: 2 },
    why: (t) => t.why.ink,
    verify: async (s, engine, answer) => {
      const { test } = await engine.handOnly({ n: 500, groups: ['ink'], seed: s.seed })
      const nearest = [0.1, 0.2, 0.5].map((v) => Math.abs(v - test)).reduce((at, d, i, all) => (d < all[at]! ? i : at), 0)
      return { ok: answer === nearest, say: (t) => t.inkMeasured(percent(test, t.lang)) }
    },
  },
]
