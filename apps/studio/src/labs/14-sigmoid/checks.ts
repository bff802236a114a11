// Predict Δa; find where the neuron stops listening; why the step cannot be trained.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { type State, initial } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
/** The fixed case of the first question: z = 0, where a′ = 1/4. */
const CASE: State = { ...initial, w: 0.5, b: -1, x: 2, k: 1, dw: 0.1 }

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'predict',
    ask: (t) => t.ask.predict,
    answer: { kind: 'number', label: () => 'Δa ≈' },
    right: { answer: 0.05 },
    wrong: { answer: 0.1 },
    why: (t) => t.why.predict,
    verify: async (_, engine, answer) => {
      const { changes, slope } = await engine.nudge(CASE, [CASE.dw])
      const truth = changes[0]!
      if (Math.abs(answer - truth) <= 0.002) return { ok: true, say: (t) => t.predictRight(formatNumber(truth, t.lang, 5), formatNumber(slope * CASE.dw, t.lang, 5)) }
      return { ok: false, say: (t) => t.predictWrong(formatNumber(answer, t.lang, 4), formatNumber(slope, t.lang, 4)) }
    },
  },
  {
    id: 'jump',
    ask: (t) => t.ask.jump,
    right: { state: { w: 0.45, b: -0.5, x: 1, dw: 0.1 } },
    wrong: { state: { w: 2, b: -0.5, x: 1, dw: 0.1 } },
    why: (t) => t.why.jump,
    verify: async (s, engine) => {
      const { hard, soft } = await engine.nudge(s, [s.dw])
      if (Math.abs(s.dw) > 0.1 + 1e-9) return { ok: false, say: (t) => t.tooFar(formatNumber(s.dw, t.lang)) }
      if (hard[0] !== hard[1]) return { ok: true, say: (t) => t.jumped(hard[0], hard[1], formatNumber(soft[1] - soft[0], t.lang, 4)) }
      return { ok: false, say: (t) => t.stayed(hard[0]) }
    },
  },
  {
    id: 'saturate',
    ask: (t) => t.ask.saturate,
    right: { state: { w: 4, b: 4, x: 1, k: 1 } },
    wrong: { state: { w: 1, b: 0, x: 1, k: 1 } },
    why: (t) => t.why.saturate,
    verify: async (s, engine) => {
      const { slope, z } = await engine.nudge(s, [s.dw])
      if (s.x === 0) return { ok: false, say: (t) => t.noInput }
      if (s.k !== 1) return { ok: false, say: (t) => t.plainSteepness }
      return Math.abs(slope) < 0.01 ? { ok: true, say: (t) => t.saturated(formatNumber(slope, t.lang, 5)) } : { ok: false, say: (t) => t.stillListens(formatNumber(slope, t.lang, 4), formatNumber(z, t.lang)) }
    },
  },
  {
    id: 'order',
    ask: (t) => t.ask.order,
    answer: { kind: 'choice', options: (t) => t.orderOptions },
    right: { answer: 1 },
    wrong: { answer: 0 },
    why: (t) => t.why.order,
    verify: async (_, engine, answer) => {
      const { slope, changes } = await engine.nudge({ ...CASE, w: 1 }, [0.02, 0.01])
      const ratio = Math.abs(changes[0]! - slope * 0.02) / Math.abs(changes[1]! - slope * 0.01)
      const right = Math.round(Math.log2(ratio)) - 1
      return answer === right ? { ok: true, say: (t) => t.orderRight(formatNumber(ratio, t.lang, 2)) } : { ok: false, say: (t) => t.orderWrong(formatNumber(ratio, t.lang, 2)) }
    },
  },
]
