// Build AND, OR, NOT and majority: every row of the truth table is computed and compared.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { type State, TARGETS, type Target, rows } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

function build(target: Target, w: readonly number[], b: number): Check<State, Texts, Compute> {
  const { n, of } = TARGETS[target]
  return {
    id: target,
    ask: (t) => t.build[target],
    right: { state: { n, w, b } },
    wrong: { state: { n, w: [1, 1, 1, 1], b: 1 } },
    why: (t) => t.why[target],
    verify: async (s, engine) => {
      if (s.n !== n) return { ok: false, say: (t) => t.wrongCount(n, s.n) }
      const all = rows(n)
      const { z, a } = await engine.forward(all, s.w.slice(0, n), s.b)
      const bad = all.findIndex((x, r) => a[r] !== of(x))
      if (bad < 0) return { ok: true, say: (t) => t.allRows(all.length) }
      return { ok: false, say: (t) => t.fails(all[bad]!.join(t.comma), formatNumber(z[bad]!, t.lang), a[bad]!, of(all[bad]!)) }
    },
  }
}

export const checks: readonly Check<State, Texts, Compute>[] = [
  build('and', [1, 1, 1, 1], -1.5),
  build('or', [1, 1, 1, 1], -0.5),
  build('not', [-1, 1, 1, 1], 0.5),
  build('majority', [1, 1, 1, 1], -1.5),
  {
    id: 'zero',
    ask: (t) => t.askZero,
    answer: { kind: 'choice', options: () => ['0', '1'] },
    right: { answer: 0 },
    wrong: { answer: 1 },
    why: (t) => t.whyZero,
    verify: async (_, engine, answer) => {
      const { a } = await engine.forward([[1, 1]], [1, 1], -2)
      return answer === a[0] ? { ok: true, say: (t) => t.rightZero } : { ok: false, say: (t) => t.wrongZero }
    },
  },
]
