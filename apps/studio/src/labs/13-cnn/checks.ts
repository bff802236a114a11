// A filter for vertical strokes; the receptive field of the second convolution; parameters of the first.
import { formatNumber } from '../../core/format.ts'
import type { Check } from '../../core/lab.ts'
import { COUNTS, type State, fieldSide } from './model.ts'
import type { Texts } from './texts.ts'

type Compute = typeof import('./compute.ts')
const set = (w: readonly number[]): Partial<State> => ({ edits: [{ w, b: 0 }, null, null, null, null, null] })

export const checks: readonly Check<State, Texts, Compute>[] = [
  {
    id: 'vertical',
    ask: (t) => t.ask.vertical,
    right: { state: set([-1, 2, -1, -1, 2, -1, -1, 2, -1]) },
    wrong: { state: set([-1, -1, -1, 2, 2, 2, -1, -1, -1]) },
    why: (t) => t.why.vertical,
    verify: async (s, engine) => {
      const own = s.edits.flatMap((filter, channel) => (filter === null ? [] : [{ filter, channel }]))
      if (own.length === 0) return { ok: false, say: (t) => t.noEdit }
      // the filter that is looked at first, then the others: one that does it is enough
      own.sort((a, b) => Number(b.channel === s.channel) - Number(a.channel === s.channel))
      const results = []
      for (const { filter, channel } of own) {
        const result = await engine.strokes(filter)
        if (result.ok) return { ok: true, say: (t) => t.finds(channel + 1, result.images, formatNumber(result.ratio, t.lang, 1)) }
        results.push({ result, channel })
      }
      const { result, channel } = results[0]!
      const n = (v: number, t: Texts): string => formatNumber(v, t.lang, 2)
      return { ok: false, say: (t) => {
        const name = t.filterName(channel + 1)
        if (result.why === 'misses') return t.misses(name, result.width, result.at + 1)
        if (result.why === 'flat') return t.flat(name, result.full, n(result.answer, t), n(result.vertical, t))
        if (result.why === 'other') return t.other(name, t.kinds[result.kind], result.width, n(result.answer, t), n(result.vertical, t))
        return t.real(name, result.index, result.label, n(result.vertical, t), n(result.horizontal, t), n(result.ratio, t))
      } }
    },
  },
  {
    id: 'field',
    ask: (t) => t.ask.field,
    answer: { kind: 'number', label: (t) => t.pixelsWide },
    right: { answer: 8 },
    wrong: { answer: 3 },
    why: (t) => t.why.field,
    verify: async (_, __, answer) => {
      const side = fieldSide('conv2')
      if (answer === side) return { ok: true, say: (t) => t.isField(side) }
      return { ok: false, say: (t) => (answer === 3 ? t.onlyWindow : answer === 6 ? t.noConvolution : t.notField(formatNumber(answer, t.lang))) }
    },
  },
  {
    id: 'count',
    ask: (t) => t.ask.count,
    answer: { kind: 'number', label: (t) => t.numbers },
    right: { answer: 60 },
    wrong: { answer: 54 },
    why: (t) => t.why.count,
    verify: async (_, __, answer) => {
      const { parameters } = COUNTS[0]!
      if (answer === parameters) return { ok: true, say: (t) => t.counted(parameters) }
      return { ok: false, say: (t) => (answer === 54 ? t.noBiases : t.miscounted) }
    },
  },
]
