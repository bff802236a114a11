// Fit by hand; read the least-squares line; why the threshold cannot be fitted by a gradient.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { CLASSES, LINE, type State, initial } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

const reach = (id: 'line' | 'logistic', kind: State['kind'], points: State['points'], target: number, right: Partial<State>): Check<State, Texts, Compute> => ({
  id,
  ask: (t) => t.ask[id],
  right: { state: { kind, points, ...right } },
  wrong: { state: { kind, points, w: -1, b: 0 } },
  why: (t) => t.why[id],
  verify: async (s, engine) => {
    if (s.kind !== kind || JSON.stringify(s.points) !== JSON.stringify(points)) return { ok: false, say: (t) => t.takeFirst(t.kinds[kind], id === 'line' ? t.clouds.line : t.clouds.classes) }
    const { mse } = await engine.fit(s, [0])
    return mse < target ? { ok: true, say: (t) => t.reached(formatNumber(mse, t.lang, 5)) } : { ok: false, say: (t) => t.notReached(formatNumber(mse, t.lang, 4), formatNumber(target, t.lang)) }
  },
})

export const checks: readonly Check<State, Texts, Compute>[] = [
  reach('line', 'linear', LINE, 0.03, { w: 0.31, b: 0.5 }),
  reach('logistic', 'logistic', CLASSES, 0.08, { w: 1.5, b: 0 }),
  {
    id: 'flat',
    ask: (t) => t.ask.flat,
    answer: { kind: 'choice', options: (t) => t.flatOptions },
    right: { answer: 0 },
    wrong: { answer: 1 },
    why: (t) => t.why.flat,
    verify: async (_, engine, answer) => {
      const at = async (w: number): Promise<number> => (await engine.fit({ ...initial, kind: 'threshold', w, b: -0.3, points: CLASSES }, [0])).mse
      const [here, there] = [await at(1), await at(1.001)]
      return (answer === 0) === (here === there) ? { ok: true, say: (t) => t.flatRight(formatNumber(here, t.lang)) } : { ok: false, say: (t) => t.flatWrong(formatNumber(here, t.lang), formatNumber(there, t.lang)) }
    },
  },
]
