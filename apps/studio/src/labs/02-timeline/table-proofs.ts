// Where a number in a model's table comes from, with the numbers of its row.
import type { Lang } from '../../core/language.svelte.ts'
import { type Html, m, math, sum, tex } from '../../core/math.ts'

const FORMULAS: Readonly<Record<string, readonly Html[]>> = {
  adder: [tex`\text{carry} = [\,x_1 + x_2 + x_3 - 1.5 > 0\,]`, tex`\text{sum} = [\,x_1 + x_2 + x_3 - 2 \cdot \text{carry} - 0.5 > 0\,]`],
  functions: [tex`f(x_1, x_2) = [\,w_1 x_1 + w_2 x_2 + b > 0\,]`],
  passes: [tex`3n + n + n + 1`, tex`1 + 1`, tex`2 \cdot (3n + n + n + 1)`],
  translations: [tex`\hat y_t = \arg\max_s P(y_t = s \mid x, \hat y_1 \dots \hat y_{t-1})`],
  gaps: [tex`\hat x_t = \arg\max_s P(x_t = s \mid x_1 \dots x_{t-1},\, x_{t+1} \dots x_T)`],
}
type Cells = readonly (string | number)[]
/** The first computed column: what stands before it was given. */
const FIRST: Readonly<Record<string, number>> = { adder: 3, functions: 4, passes: 1, translations: 1, gaps: 1 }

const bits = (cells: Cells): readonly number[] => cells.map(Number)
/** The four demands of a function's rows on the weights. */
function demands(cells: Cells, lang: Lang): Html {
  const [w1, w2, b] = bits(cells.slice(4)) as [number, number, number]
  return { html: [[0, 0], [0, 1], [1, 0], [1, 1]].map(([x1, x2], row) => math(m.n(w1 * x1! + w2 * x2! + b, lang) + m.o(cells[row] === '1' ? '>' : '≤') + '<mn>0</mn>' + m.text(`\u00a0(${x1}${x2})${row < 3 ? ';' : ''}`), false).html).join(' ') }
}
function substituted(key: string, cells: Cells, column: number, lang: Lang): Html {
  if (key === 'adder') {
    const [x1, x2, x3, carry] = bits(cells) as [number, number, number, number]
    const inputs = sum([x1, x2, x3].map((v) => m.n(v, lang)))
    const z = column === 3 ? x1 + x2 + x3 - 1.5 : x1 + x2 + x3 - 2 * carry - 0.5
    return math((column === 3 ? inputs + m.o('−') + m.n(1.5, lang) : inputs + m.o('−') + '<mn>2</mn>' + m.o('·') + m.n(carry, lang) + m.o('−') + m.n(0.5, lang)) + m.o('=') + m.n(z, lang) + m.o(z > 0 ? '>' : '≤') + '<mn>0</mn>')
  }
  if (key === 'functions') return demands(cells, lang)
  if (key === 'passes') {
    const n = `<mn>${String(cells[0]).split('-')[1]}</mn>`
    const weights = `<mn>3</mn>${m.o('·')}${n}${m.o('+')}${n}${m.o('+')}${n}${m.o('+')}<mn>1</mn>`
    return math(column === 1 ? weights : column === 2 ? `<mn>1</mn>${m.o('+')}<mn>1</mn>` : `<mn>2</mn>${m.o('·')}${m.o('(')}${weights}${m.o(')')}`)
  }
  return math(m.text(String(cells[0])) + m.o('→') + m.text(String(cells[column])))
}
/** Formula and numbers of a computed cell. */
export function cellProof(key: string, cells: Cells, column: number, lang: Lang): { readonly formula: Html; readonly substituted: Html } {
  const all = FORMULAS[key]!
  return { formula: all[Math.min(all.length - 1, column - FIRST[key]!)]!, substituted: substituted(key, cells, column, lang) }
}
