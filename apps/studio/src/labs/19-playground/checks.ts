// Spirals under a test loss; the ring with features and no hidden neuron.
import { formatNumber } from '../../core/format.ts'
import type { Check, Verdict } from '../../core/lab.ts'
import type { Remote } from '../../core/engine.svelte.ts'
import type { Trained } from './compute.ts'
import { type State, samples } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

/** The training as far as the state asks for. */
async function whole(s: State, engine: Remote<Compute>): Promise<Trained> {
  for (;;) {
    const got = await engine.run(s, 300)
    if (got.broken || got.seen >= s.seen) return got
  }
}
async function below(s: State, engine: Remote<Compute>, limit: number): Promise<Verdict<Texts>> {
  if (s.loss !== 'log') return { ok: false, say: (t) => t.takeLog }
  const { testLoss, accuracy, testAnswers } = await whole(s, engine)
  if (testLoss < limit) return { ok: true, say: (t) => t.under(formatNumber(testLoss, t.lang), formatNumber(accuracy * 100, t.lang, 1)) }
  const { test } = samples(s)
  const miss = test.map((p, i) => Math.abs(p.c - testAnswers[i]!))
  const at = miss.indexOf(Math.max(...miss))
  const p = test[at]
  return { ok: false, say: (t) => t.over(formatNumber(testLoss, t.lang), formatNumber(limit, t.lang), p === undefined ? '' : t.worst(formatNumber(p.x, t.lang, 1), formatNumber(p.y, t.lang, 1), p.c, formatNumber(testAnswers[at]!, t.lang, 2))) }
}

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'ring',
    ask: (t) => t.ask.ring,
    right: { state: { set: 'ring', hidden: [], features: ['x1^2', 'x2^2'], seen: 3000 } },
    wrong: { state: { set: 'ring', hidden: [], features: ['x1', 'x2'], seen: 3000 } },
    why: (t) => t.why.ring,
    verify: async (s, engine) => {
      if (s.set !== 'ring') return { ok: false, say: (t) => t.takeSet(t.sets.ring) }
      if (s.hidden.length > 0) return { ok: false, say: (t) => t.noHidden(s.hidden.length) }
      return below(s, engine, 0.2)
    },
  },
  {
    id: 'spirals',
    ask: (t) => t.ask.spirals,
    right: { state: { set: 'spirals', noise: 0, hidden: [8], features: ['x1', 'x2', 'sin x1', 'sin x2'], penalty: 'l2', decay: 0.003, seen: 6000 } },
    wrong: { state: { set: 'spirals', noise: 0, hidden: [2], seen: 6000 } },
    why: (t) => t.why.spirals,
    verify: async (s, engine) => (s.set === 'spirals' ? below(s, engine, 0.35) : { ok: false, say: (t) => t.takeSet(t.sets.spirals) }),
  },
]
