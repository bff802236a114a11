// Where the slope is largest; the depth at which the gradient dies; a chain in which it lives.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { type State, initial } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'steepest',
    ask: (t) => t.ask.steepest,
    answer: { kind: 'number', label: () => 'σ′ =' },
    right: { answer: 0.25 },
    wrong: { answer: 1 },
    why: (t) => t.why.steepest,
    verify: async (_, engine, answer) => {
      const { slope } = await engine.curve('sigmoid', [-1, 0, 1])
      const best = Math.max(...slope)
      return Math.abs(answer - best) < 1e-3 ? { ok: true, say: (t) => t.steepestRight } : { ok: false, say: (t) => t.steepestWrong(formatNumber(answer, t.lang), formatNumber(slope[0]!, t.lang, 4)) }
    },
  },
  {
    id: 'depth',
    ask: (t) => t.ask.depth,
    answer: { kind: 'number', label: (t) => t.layers },
    right: { answer: 5 },
    wrong: { answer: 10 },
    why: (t) => t.why.depth,
    verify: async (_, engine, answer) => {
      const { products } = await engine.chain({ ...initial, kind: 'sigmoid', z: 1, w: 1, depth: 20 })
      const first = products.findIndex((p) => Math.abs(p) < 1e-3) + 1
      if (answer === first) return { ok: true, say: (t) => t.depthRight(formatNumber(products[first - 1]!, t.lang, 5)) }
      const at = Math.max(1, Math.min(20, Math.round(answer)))
      return { ok: false, say: (t) => t.depthWrong(at, formatNumber(products[at - 1]!, t.lang, 6)) }
    },
  },
  {
    id: 'alive',
    ask: (t) => t.ask.alive,
    right: { state: { kind: 'relu', depth: 30, w: 1, z: 1 } },
    wrong: { state: { kind: 'sigmoid', depth: 30, w: 1, z: 1 } },
    why: (t) => t.why.alive,
    verify: async (s, engine) => {
      if (s.depth < 30) return { ok: false, say: (t) => t.tooShallow(s.depth) }
      const { gradient } = await engine.chain(s)
      const size = Math.abs(gradient)
      if (size >= 0.1 && size <= 10) return { ok: true, say: (t) => t.lives(formatNumber(gradient, t.lang, 4)) }
      return { ok: false, say: (t) => (size < 0.1 ? t.dies : t.explodes)(formatNumber(gradient, t.lang, 4)) }
    },
  },
]
