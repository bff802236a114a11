// Reach a minimum; predict a step; find the edge of the safe band.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { SURFACES, type State, isSame } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'step',
    ask: (t) => t.ask.step,
    answer: { kind: 'number', label: () => 'x =' },
    right: { answer: 1.8 },
    wrong: { answer: 3.6 },
    why: (t) => t.why.step,
    verify: async (_, engine, answer) => {
      const { path } = await engine.walk({ formula: SURFACES.bowl, start: [3, 0], method: 'plain', eta: 0.2, steps: 1 })
      const truth = path[1]!.x
      return Math.abs(answer - truth) < 5e-3 ? { ok: true, say: (t) => t.stepRight } : { ok: false, say: (t) => t.stepWrong(formatNumber(path[0]!.g[0], t.lang)) }
    },
  },
  {
    id: 'ravine',
    ask: (t) => t.ask.ravine,
    right: { state: { formula: SURFACES.ravine, start: [-4, 2.5], method: 'momentum', eta: 0.15, steps: 100 } },
    wrong: { state: { formula: SURFACES.ravine, start: [-4, 2.5], method: 'plain', eta: 0.05, steps: 100 } },
    why: (t) => t.why.ravine,
    verify: async (s, engine) => {
      if (!isSame(s.formula, SURFACES.ravine)) return { ok: false, say: (t) => t.chooseRavine }
      if (Math.hypot(s.start[0]!, s.start[1]!) < 3) return { ok: false, say: (t) => t.startFar }
      if (s.steps > 100) return { ok: false, say: (t) => t.fewer(s.steps) }
      const { path, outcome } = await engine.walk(s)
      const { f } = path.at(-1)!
      return outcome !== 'diverged' && outcome !== 'undefined' && f < 0.01 ? { ok: true, say: (t) => t.reached(path.length - 1, formatNumber(f, t.lang, 6)) } : { ok: false, say: (t) => t.notReached(path.length - 1, formatNumber(f, t.lang, 4)) }
    },
  },
  {
    id: 'band',
    ask: (t) => t.ask.band,
    answer: { kind: 'number', label: () => 'η <' },
    right: { answer: 1 },
    wrong: { answer: 2 },
    why: (t) => t.why.band,
    verify: async (_, engine, answer) => {
      const { safe, curvature } = await engine.walk({ formula: SURFACES.bowl, start: [2, 1], method: 'plain', eta: 0.1, steps: 1 })
      if (Math.abs(answer - safe!) < 0.01) return { ok: true, say: (t) => t.bandRight(formatNumber(curvature, t.lang)) }
      const eta = Math.min(2, Math.max(0.01, answer * 0.99))
      const { outcome, path } = await engine.walk({ formula: SURFACES.bowl, start: [2, 1], method: 'plain', eta, steps: 40 })
      return { ok: false, say: (t) => (outcome === 'diverged' || path.at(-1)!.f > path[0]!.f ? t.bandTooLarge(formatNumber(eta, t.lang)) : t.bandTooSmall(formatNumber(answer, t.lang))) }
    },
  },
]
