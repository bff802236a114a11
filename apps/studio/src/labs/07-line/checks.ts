// Separate the clouds; predict where the line crosses the axis; the bias locked.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { CENTRED, type Labelled, SHIFTED, type State, classOf, throughOrigin } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

const same = (a: readonly Labelled[], b: readonly Labelled[]): boolean =>
  a.length === b.length && a.every((p, i) => p.x === b[i]!.x && p.y === b[i]!.y && p.c === b[i]!.c)

const separate = (id: 'separate' | 'through', cloud: readonly Labelled[], needsLock: boolean, right: Partial<State>): Check<State, Texts, Compute> => ({
  id,
  ask: (t) => t.ask[id],
  right: { state: { ...right, points: cloud } },
  wrong: { state: { ...right, w1: -1, w2: 0.1, points: cloud } },
  why: (t) => t.why[id],
  verify: async (s, engine) => {
    if (!same(s.points, cloud)) return { ok: false, say: (t) => t.otherCloud(needsLock ? t.centred : t.shifted) }
    if (needsLock && !s.locked) return { ok: false, say: (t) => t.lockFirst }
    const { z } = await engine.line(s.points.map(({ x, y }) => [x, y] as const), [s.w1, s.w2], s.b)
    const bad = s.points.findIndex((p, i) => classOf(z[i]!) !== p.c)
    if (bad < 0) return { ok: true, say: (t) => t.separated(s.points.length) }
    const p = s.points[bad]!
    return { ok: false, say: (t) => t.onWrongSide(`${formatNumber(p.x, t.lang)}${t.comma}${formatNumber(p.y, t.lang)}`, formatNumber(z[bad]!, t.lang), p.c) }
  },
})

export const checks: readonly Check<State, Texts, Compute>[] = [
  separate('through', CENTRED, true, { w1: 1, w2: 1.2, b: 0, locked: true }),
  separate('separate', SHIFTED, false, { w1: 1, w2: 1, b: -3, locked: false }),
  {
    id: 'impossible',
    ask: (t) => t.ask.impossible,
    answer: { kind: 'choice', options: (t) => [t.yes, t.no] },
    right: { answer: 1 },
    wrong: { answer: 0 },
    why: (t) => t.why.impossible,
    verify: async (_, __, answer) => {
      const possible = throughOrigin(SHIFTED) !== null
      return (answer === 0) === possible ? { ok: true, say: (t) => t.triedAll(SHIFTED.length) } : { ok: false, say: (t) => t.wrongTried }
    },
  },
  {
    id: 'intercept',
    ask: (t) => t.ask.intercept,
    answer: { kind: 'number', label: () => 'x₂ =' },
    right: { answer: 1.5 },
    wrong: { answer: -1.5 },
    why: (t) => t.why.intercept,
    verify: async (_, engine, answer) => {
      const { intercept, z } = await engine.line([[0, answer]], [1, 2], -3)
      if (Math.abs(answer - intercept) < 5e-3) return { ok: true, say: (t) => t.interceptRight }
      return { ok: false, say: (t) => t.interceptWrong(formatNumber(answer, t.lang), formatNumber(z[0]!, t.lang)) }
    },
  },
]
