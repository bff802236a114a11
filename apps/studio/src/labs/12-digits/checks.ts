// The place of a pixel in the vector; the number of parameters; the lecture's 1.75 %.
import { formatCount, formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { COLUMNS, GOOD, LECTURE_ERROR, ROWS, type State, layersOf, parameterCount } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
/** The pixel that is asked about, counted from 1. */
export const ASKED = { row: 4, column: 8 } as const

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'place',
    ask: (t) => t.ask.place(ASKED.row, ASKED.column),
    answer: { kind: 'number', label: (t) => t.component },
    right: { answer: 38 },
    wrong: { answer: 47 },
    why: (t) => t.why.place,
    verify: async (_, __, answer) => {
      const place = (ASKED.row - 1) * COLUMNS + ASKED.column
      if (answer === place) return { ok: true, say: (t) => t.isPlace(place) }
      if (!Number.isInteger(answer) || answer < 1 || answer > ROWS * COLUMNS) return { ok: false, say: (t) => t.noPlace(ROWS * COLUMNS) }
      return { ok: false, say: (t) => t.otherPlace(answer, Math.ceil(answer / COLUMNS), ((answer - 1) % COLUMNS) + 1) }
    },
  },
  {
    id: 'count',
    ask: (t, s) => t.ask.count([784, ...s.hidden, 10].join('–')),
    answer: { kind: 'number', label: (t) => t.numbers },
    right: { answer: 101_770 },
    answerFor: (s) => parameterCount(s.hidden),
    wrong: { answer: 101_632 },
    why: (t) => t.why.count,
    verify: async (s, engine, answer) => {
      const all = await engine.parameters(s)
      const weights = layersOf(s.hidden).reduce((n, { inputs, outputs }) => n + inputs * outputs, 0)
      if (answer === all) return { ok: true, say: (t) => t.counted(formatCount(all)) }
      if (answer === weights) return { ok: false, say: (t) => t.noBiases(formatCount(all - weights)) }
      const [first] = layersOf(s.hidden)
      return { ok: false, say: (t) => t.miscounted(first!.outputs, formatCount((first!.inputs + 1) * first!.outputs)) }
    },
  },
  {
    id: 'beat',
    slow: true,
    ask: (t) => t.ask.beat,
    right: { state: { ...GOOD, steps: 3540 } },
    wrong: { state: { steps: 0 } },
    why: (t) => t.why.beat,
    verify: async (s, engine) => {
      const got = await engine.measured(s)
      if (got === null) return { ok: false, say: (t) => t.notMeasured }
      const error = got.wrong / got.count
      const percent = (lang: Texts['lang']): string => formatNumber(100 * error, lang, 2)
      if (error < LECTURE_ERROR) return { ok: true, say: (t) => t.beaten(percent(t.lang), got.count) }
      const [worst] = got.mistakes
      return { ok: false, say: (t) => t.notBeaten(percent(t.lang), worst === undefined ? '' : t.example(worst.index, worst.label, worst.said)) }
    },
  },
]
