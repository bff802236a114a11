// The loss at a coin toss; the loss that still learns when confidently wrong; three classes.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import type { State } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'coin',
    ask: (t) => t.ask.coin,
    answer: { kind: 'number', label: () => 'LogLoss =' },
    right: { answer: Math.LN2 },
    wrong: { answer: 0.5 },
    why: (t) => t.why.coin,
    verify: async (_, engine, answer) => {
      const { value } = await engine.curves('logloss', [0], 1)
      return Math.abs(answer - value[0]!) < 5e-3 ? { ok: true, say: (t) => t.coinRight(formatNumber(value[0]!, t.lang, 5)) } : { ok: false, say: (t) => t.coinWrong }
    },
  },
  {
    id: 'learns',
    ask: (t) => t.ask.learns,
    right: { state: { loss: 'logloss', z: -6, y: 1 } },
    wrong: { state: { loss: 'mse', z: -6, y: 1 } },
    why: (t) => t.why.learns,
    verify: async (s, engine) => {
      const a = 1 / (1 + Math.exp(-s.z))
      if (Math.abs(a - s.y) < 0.99) return { ok: false, say: (t) => t.notWrongEnough(formatNumber(a, t.lang, 4), s.y) }
      const { slope } = await engine.curves(s.loss, [s.z], s.y)
      const size = Math.abs(slope[0]!)
      return size > 0.5 ? { ok: true, say: (t) => t.learns(formatNumber(slope[0]!, t.lang, 4)) } : { ok: false, say: (t) => t.stuck(formatNumber(slope[0]!, t.lang, 5)) }
    },
  },
  {
    id: 'uniform',
    ask: (t) => t.ask.uniform,
    right: { state: { logits: [1, 1, 1] } },
    wrong: { state: { logits: [3, 0, 0] } },
    why: (t) => t.why.uniform,
    verify: async (s, engine) => {
      const all = await Promise.all([0, 1, 2].map((c) => engine.crossEntropy(s.logits, c)))
      const losses = all.map((r) => r!.loss)
      const spread = Math.max(...losses) - Math.min(...losses)
      return spread < 1e-3 ? { ok: true, say: (t) => t.uniformRight(formatNumber(losses[0]!, t.lang, 4)) } : { ok: false, say: (t) => t.uniformWrong(losses.map((v) => formatNumber(v, t.lang)).join(t.lang === 'ru' ? '; ' : ', ')) }
    },
  },
]
