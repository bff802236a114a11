// Spirals under a test loss; the ring with one layer of features and no hidden neuron; seeds.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import type { State } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'ring',
    ask: (t) => t.ask.ring,
    right: { state: { set: 'ring', hidden: [], features: ['x1^2', 'x2^2'], epochs: 150, eta: 0.1 } },
    wrong: { state: { set: 'ring', hidden: [], features: ['x1', 'x2'], epochs: 150, eta: 0.1 } },
    why: (t) => t.why.ring,
    verify: async (s, engine) => {
      if (s.set !== 'ring') return { ok: false, say: (t) => t.takeSet(t.sets.ring) }
      if (s.hidden.length > 0) return { ok: false, say: (t) => t.noHidden(s.hidden.length) }
      const { testLoss, accuracy } = await engine.run(s)
      return testLoss < 0.2 ? { ok: true, say: (t) => t.under(formatNumber(testLoss, t.lang), formatNumber(accuracy * 100, t.lang, 1)) } : { ok: false, say: (t) => t.over(formatNumber(testLoss, t.lang), '0.2'.replace('.', t.lang === 'ru' ? ',' : '.')) }
    },
  },
  {
    id: 'spirals',
    ask: (t) => t.ask.spirals,
    right: { state: { set: 'spirals', noise: 0, hidden: [8], features: ['x1', 'x2', 'sin x1', 'sin x2'], activation: 'tanh', eta: 0.05, decay: 0.003, epochs: 250 } },
    wrong: { state: { set: 'spirals', noise: 0, hidden: [2], epochs: 60 } },
    why: (t) => t.why.spirals,
    verify: async (s, engine) => {
      if (s.set !== 'spirals') return { ok: false, say: (t) => t.takeSet(t.sets.spirals) }
      const { testLoss, accuracy } = await engine.run(s)
      return testLoss < 0.35 ? { ok: true, say: (t) => t.under(formatNumber(testLoss, t.lang), formatNumber(accuracy * 100, t.lang, 1)) } : { ok: false, say: (t) => t.over(formatNumber(testLoss, t.lang), '0.35'.replace('.', t.lang === 'ru' ? ',' : '.')) }
    },
  },
]
