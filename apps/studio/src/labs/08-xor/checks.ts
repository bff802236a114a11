// All four rows, both ways; how many a single neuron can have.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { ROWS, SOLVED, type State, XOR, bestOfOne } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

const fourRows = (id: 'layers' | 'lift'): Check<State, Texts, Compute> => ({
  id,
  ask: (t) => t.ask[id],
  right: { state: { ...SOLVED, way: id } },
  wrong: { state: { way: id } },
  why: (t) => t.why[id],
  verify: async (s, engine) => {
    const { z, a } = id === 'layers' ? await engine.layers(s.h1, s.h2, s.out) : await engine.lift(s.lift)
    const bad = XOR.findIndex((want, i) => a[i] !== want)
    if (bad < 0) return { ok: true, say: (t) => t.allFour }
    return { ok: false, say: (t) => t.fails(ROWS[bad]!.join(t.comma), formatNumber(z[bad]!, t.lang), a[bad]!, XOR[bad]!) }
  },
})

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'best',
    ask: (t) => t.ask.best,
    answer: { kind: 'choice', options: () => ['1', '2', '3', '4'] },
    right: { answer: 2 },
    wrong: { answer: 3 },
    why: (t) => t.why.best,
    verify: async (_, __, answer) => {
      const best = bestOfOne()
      const said = answer + 1
      if (said === best) return { ok: true, say: (t) => t.bestRight }
      return { ok: false, say: (t) => (said > best ? t.tooMany : t.tooFew) }
    },
  },
  fourRows('layers'),
  fourRows('lift'),
]
