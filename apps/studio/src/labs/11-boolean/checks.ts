// How many neurons; the function that needs most; a formula; a polygon round the right points with three neurons.
import type { Check } from '../../core/lab.ts'
import { PRESETS, type State, TASK, initial } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'count',
    ask: (t) => t.ask.count,
    answer: { kind: 'number', label: (t) => t.hiddenLabel },
    right: { answer: 3 },
    wrong: { answer: 4 },
    why: (t) => t.why.count,
    verify: async (_, engine, answer) => {
      const { least } = await engine.build(PRESETS.majority, true)
      if (answer === least) return { ok: true, say: (t) => t.countRight }
      return { ok: false, say: (t) => (answer === 4 ? t.countRows : t.countWrong(answer)) }
    },
  },
  {
    id: 'most',
    ask: (t) => t.ask.most,
    right: { state: { n: 4, table: PRESETS.parity } },
    wrong: { state: { n: 4, table: PRESETS.parity.map((v, r) => (r < 8 ? v : 1 - v)) } },
    why: (t) => t.why.most,
    verify: async (s, engine) => {
      const { least, wrong } = await engine.build(s.table, true)
      if (s.n !== 4) return { ok: false, say: (t) => t.needFour(s.n) }
      if (wrong.length > 0) return { ok: false, say: (t) => t.rowsWrong(wrong.length) }
      return least >= 8 ? { ok: true, say: (t) => t.mostRight } : { ok: false, say: (t) => t.mostWrong(least) }
    },
  },
  {
    id: 'single',
    ask: (t) => t.ask.single,
    right: { state: { n: 3, table: [0, 0, 0, 0, 0, 1, 0, 1] } },
    wrong: { state: { n: 3, table: initial.table } },
    why: (t) => t.why.single,
    verify: async (s, engine) => {
      const { least } = await engine.build(s.table, true)
      const ones = s.table.filter((v) => v === 1).length
      if (ones < 2) return { ok: false, say: (t) => t.singleFew(ones) }
      if (ones === s.table.length) return { ok: false, say: (t) => t.singleAll }
      return least === 1 ? { ok: true, say: (t) => t.singleRight(ones) } : { ok: false, say: (t) => t.singleWrong(least) }
    },
  },
  {
    id: 'triangle',
    ask: (t) => t.ask.triangle,
    right: { state: { part: 'polygon', corners: [[-3, -1.8], [3, -1.8], [0, 2.4]] } },
    wrong: { state: { part: 'polygon', corners: [[-3, -3], [3, -3], [0, 3]] } },
    why: (t) => t.why.triangle,
    verify: async (s, engine) => {
      const shape = await engine.polygon(s.corners)
      if (!shape.ok) return { ok: false, say: (t) => t.faults[shape.reason] }
      if (shape.faces.length > 3) return { ok: false, say: (t) => t.tooMany(shape.faces.length) }
      const { a } = await engine.answers(shape.network, TASK.map((p) => p.at))
      const bad = TASK.findIndex((p, i) => a[i] !== p.inside)
      if (bad < 0) return { ok: true, say: (t) => t.triangleRight(TASK.length) }
      return { ok: false, say: (t) => t.triangleWrong(TASK[bad]!.at, a[bad]!) }
    },
  },
]
