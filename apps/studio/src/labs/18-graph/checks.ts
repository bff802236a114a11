// The gradient of a given node; a variable used twice; an expression with a chosen gradient.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { type State, graphOf, initial, parse, valueAt } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

const gradientOf = async (engine: { passes: (s: State) => Promise<{ gradients: readonly number[] }> }, s: State, name: string): Promise<number | null> => {
  const at = graphOf(parse(s.formula)).findIndex((n) => n.op === 'variable' && n.name === name)
  return at < 0 ? null : (await engine.passes(s)).gradients[at]!
}

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'product',
    ask: (t) => t.ask.product,
    answer: { kind: 'number', label: () => '∂f/∂x =' },
    right: { answer: 5 },
    wrong: { answer: 2 },
    why: (t) => t.why.product,
    verify: async (_, engine, answer) => {
      const truth = (await gradientOf(engine, { ...initial, formula: 'x*y + 2*x', x: 4, y: 3 }, 'x'))!
      return Math.abs(answer - truth) < 1e-3 ? { ok: true, say: (t) => t.productRight } : { ok: false, say: (t) => t.productWrong(formatNumber(answer, t.lang)) }
    },
  },
  {
    id: 'here',
    ask: (t) => t.ask.here,
    answer: { kind: 'number', label: () => '∂f/∂w =' },
    right: { state: { formula: 'w*x + b', x: 3 }, answer: 3 },
    wrong: { state: { formula: 'w*x + b', x: 3 }, answer: 0.5 },
    why: (t) => t.why.here,
    verify: async (s, engine, answer) => {
      if (s.mode === 'network') return { ok: false, say: (t) => t.takeFormula }
      const truth = await gradientOf(engine, s, 'w')
      if (truth === null) return { ok: false, say: (t) => t.noW }
      return Math.abs(answer - truth) < 1e-3 * Math.max(1, Math.abs(truth)) ? { ok: true, say: (t) => t.hereRight(formatNumber(truth, t.lang, 4)) } : { ok: false, say: (t) => { const n = (v: number): string => formatNumber(v, t.lang, 5); return t.hereWrong(formatNumber(answer, t.lang, 4), n(valueAt(s)), n(valueAt({ ...s, w: s.w + 0.01 })), n(valueAt(s) + 0.01 * answer)) } }
    },
  },
  {
    id: 'make',
    ask: (t) => t.ask.make,
    right: { state: { formula: '3*x + y', x: 1, y: 2 } },
    wrong: { state: { formula: 'x + y', x: 1, y: 2 } },
    why: (t) => t.why.make,
    verify: async (s, engine) => {
      if (s.mode === 'network') return { ok: false, say: (t) => t.takeFormula }
      const [gx, gy] = [await gradientOf(engine, s, 'x'), await gradientOf(engine, s, 'y')]
      if (gx === null || gy === null) return { ok: false, say: (t) => t.useBoth }
      return Math.abs(gx - 3) < 1e-6 && Math.abs(gy - 1) < 1e-6 ? { ok: true, say: (t) => t.made } : { ok: false, say: (t) => t.notMade(formatNumber(gx, t.lang), formatNumber(gy, t.lang)) }
    },
  },
]
