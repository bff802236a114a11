// Compute a neuron, cover and type all of them, rebuild the function, count the parameters.
import { formatCount, formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { parameterCount, setNetBias, sizesOf, sizesText } from '../../core/layered.ts'
import { type State, bits, close, initial, typedOf } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
const CASE = [1, 0.5, 0, 1] as const
const MNIST = [784, 30, 10] as const

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'potential',
    ask: (t) => t.ask.potential,
    answer: { kind: 'number', label: () => 'z =' },
    right: { answer: 0 },
    wrong: { answer: 1.5 },
    why: (t) => t.why.potential,
    verify: async (_, engine, answer) => {
      const { z } = await engine.signals(initial.net, CASE)
      const truth = z[0]![0]!
      return close(answer, truth) ? { ok: true, say: (t) => t.potentialRight } : { ok: false, say: (t) => t.potentialWrong(formatNumber(answer - truth, t.lang)) }
    },
  },
  {
    id: 'cover',
    ask: (t) => t.ask.cover,
    right: { state: { covered: true, typed: [{ layer: 1, k: 0, z: 0.5, a: 1 }, { layer: 1, k: 1, z: -0.5, a: 0 }, { layer: 2, k: 0, z: 0.5, a: 1 }] } },
    wrong: { state: { covered: true, typed: [{ layer: 1, k: 0, z: 0.5, a: 1 }, { layer: 1, k: 1, z: 0.5, a: 1 }] } },
    why: (t) => t.why.cover,
    verify: async (s, engine) => {
      const { z, a } = await engine.signals(s.net, s.x)
      for (const [i, row] of z.entries()) {
        for (const k of row.keys()) {
          const entry = typedOf(s, i + 1, k)
          if (entry === undefined) return { ok: false, say: (t) => t.coverMissing(k + 1, i + 2) }
          if (!close(entry.z, row[k]!)) return { ok: false, say: (t) => t.coverZ(k + 1, i + 2, formatNumber(entry.z, t.lang)) }
          if (!close(entry.a, a[i]![k]!)) return { ok: false, say: (t) => t.coverA(k + 1, i + 2, formatNumber(entry.z, t.lang), formatNumber(entry.a, t.lang)) }
        }
      }
      return { ok: true, say: (t) => t.coverRight(z.flat().length) }
    },
  },
  {
    id: 'both',
    ask: (t) => t.ask.both,
    right: { state: { net: setNetBias(setNetBias(setNetBias(initial.net, 0, 0, -0.5), 0, 1, -0.5), 1, 0, -1.5) } },
    wrong: {},
    why: (t) => t.why.both,
    verify: async (s, engine) => {
      if (sizesOf(s.net)[0] !== 4) return { ok: false, say: (t) => t.needFour(sizesText(s.net)) }
      const rows = bits(4)
      const got = await engine.outputs(s.net, rows)
      const want = rows.map(([p, q, r, u]) => (p! | q!) & (r! | u!))
      const bad = want.findIndex((v, i) => v !== got[i])
      return bad < 0 ? { ok: true, say: (t) => t.bothRight } : { ok: false, say: (t) => t.bothWrong(rows[bad]!.join(t.comma), formatNumber(got[bad]!, t.lang), want[bad]!) }
    },
  },
  {
    id: 'count',
    ask: (t) => t.ask.count,
    answer: { kind: 'number', label: (t) => t.countLabel },
    right: { answer: 23860 },
    wrong: { answer: 23820 },
    why: (t) => t.why.count,
    verify: async (_, __, answer) => {
      const truth = parameterCount(MNIST)
      if (answer === truth) return { ok: true, say: (t) => t.countRight(formatCount(truth)) }
      return { ok: false, say: (t) => (answer === 784 * 30 + 30 * 10 ? t.countNoBias : t.countWrong(parameterCount([4, 2, 1]))) }
    },
  },
]
