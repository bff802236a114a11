// A small error with few neurons; how many neurons bumps take; a curve that twenty bumps cannot follow; one bump alone.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { PRESETS, type State, hiddenOf, initial, withCount } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
const SPAN = 2
const span = (heights: readonly number[]): number => Math.max(...heights) - Math.min(...heights)

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'small',
    ask: (t) => t.ask.small,
    right: { state: { count: 41, shown: 40, form: 'shared', sharpness: 8 } },
    wrong: {},
    why: (t) => t.why.small,
    verify: async (s, engine) => {
      if (span(s.heights) < SPAN) return { ok: false, say: (t) => t.tooFlat(formatNumber(span(s.heights), t.lang)) }
      // the network that is on the screen: trained, or as many of the steps as stand in it
      const hidden = s.way === 'training' ? s.hidden : Math.min(s.shown, hiddenOf(s))
      if (hidden > 40) return { ok: false, say: (t) => t.tooMany(hidden) }
      if (s.way === 'training' && !s.trained) return { ok: false, say: (t) => t.untrained }
      const { error, at } = s.way === 'training' ? await engine.trained(s) : await engine.bumps(s)
      if (error === null || at === null) return { ok: false, say: (t) => t.untrained }
      return error < 0.2 ? { ok: true, say: (t) => t.smallRight(formatNumber(error, t.lang), hidden) } : { ok: false, say: (t) => t.smallWrong(formatNumber(error, t.lang), formatNumber(at, t.lang), hidden) }
    },
  },
  {
    id: 'neurons',
    ask: (t) => t.ask.neurons,
    answer: { kind: 'choice', options: () => ['10', '19', '20', '21'] },
    right: { answer: 2 },
    wrong: { answer: 0 },
    why: (t) => t.why.neurons,
    verify: async (_, engine, answer) => {
      const { hidden } = await engine.bumps({ ...initial, count: 10, form: 'pairs' })
      return [10, 19, 20, 21][answer] === hidden ? { ok: true, say: (t) => t.neuronsRight } : { ok: false, say: (t) => t.neuronsWrong(hiddenOf({ count: 1, form: 'pairs' })) }
    },
  },
  {
    id: 'steep',
    ask: (t) => t.ask.steep,
    right: { state: { heights: PRESETS.cliff } },
    wrong: { state: { heights: PRESETS.hill } },
    why: (t) => t.why.steep,
    verify: async (s, engine) => {
      const { error, at } = await engine.bumps({ ...withCount(s, 20), sharpness: 30 })
      return error > 0.6 ? { ok: true, say: (t) => t.steepRight(formatNumber(error, t.lang), formatNumber(at, t.lang)) } : { ok: false, say: (t) => t.steepWrong(formatNumber(error, t.lang), formatNumber(at, t.lang)) }
    },
  },
  {
    id: 'half',
    ask: (t) => t.ask.half,
    answer: { kind: 'choice', options: (t) => t.halfOptions },
    right: { answer: 1 },
    wrong: { answer: 0 },
    why: (t) => t.why.half,
    verify: async (_, engine, answer) => {
      const rows = await engine.errors({ heights: PRESETS.wave, sharpness: 30 })
      const [few, many] = [rows.find((r) => r.count === 32)!.error, rows.find((r) => r.count === 64)!.error]
      const ratio = few / many
      const right = ratio < 1.4 ? 0 : ratio < 2.8 ? 1 : 2
      return answer === right ? { ok: true, say: (t) => t.halfRight(formatNumber(few, t.lang), formatNumber(many, t.lang)) } : { ok: false, say: (t) => t.halfWrong(formatNumber(few, t.lang), formatNumber(many, t.lang)) }
    },
  },
]
