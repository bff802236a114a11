// A run as one web page: curves, the table of epochs, what the model wrote; nothing is loaded from elsewhere.
import { optionsOf, textOf } from '../../base/index.ts'
import { writeFileAtomic } from '../checkpoint/atomic-file.ts'
import type { Callback, EpochRecord } from '../types.ts'

export interface ReportSection {
  readonly title: string
  /** Plain text; lines are kept. */
  readonly text: string
}
export interface ReportOptions {
  readonly title: string
  /** What to show besides, asked for at every writing. */
  readonly sections?: () => readonly ReportSection[]
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
const short = (x: number): string => (Number.isFinite(x) ? Number(x.toPrecision(5)).toString() : String(x))
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [640, 260, 56, 28]
/** Told apart by dash as well as by colour. */
const STYLES = [['#1f5fa8', ''], ['#c2570c', '6 4'], ['#3d7a3a', '2 3'], ['#7b4397', '9 3 2 3']] as const

/**
 * Writes `file` anew after every epoch: a page with the curves of all values.
 *
 * @example
 * ```ts no-run
 * import { Dataset } from 'gradus/data'
 * import { Linear, SGD, mse } from 'gradus/nn'
 * import { fit, htmlReport } from 'gradus/train'
 *
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * await fit(new Linear(1, 1), data, { epochs: 10, loss: mse, optimizer: new SGD(0.01), callbacks: [htmlReport('report.html', { title: 'A line' })] })
 * ```
 */
export function htmlReport(file: string, options: ReportOptions): Callback {
  textOf('htmlReport', 'file', file)
  optionsOf('htmlReport', options, 'options such as { title, sections }')
  const write = (history: readonly EpochRecord[]): Promise<void> => writeFileAtomic(file, new TextEncoder().encode(reportPage(history, options)))
  return { afterEpoch: (run) => write(run.history) }
}

/** @internal The page. */
export function reportPage(history: readonly EpochRecord[], { title, sections }: ReportOptions): string {
  const columns = [...new Set(history.flatMap((record) => Object.keys(record)))]
  const names = columns.filter((name) => !['epoch', 'seconds', 'learningRate'].includes(name))
  // a value and its validation share a picture
  const groups = [...new Set(names.map((name) => name.replace(/^val_/, '')))].map((base) => names.filter((name) => name === base || name === `val_${base}`))
  const rows = history.map((record) => `<tr>${columns.map((c) => `<td>${record[c] === undefined ? '' : escapeHtml(short(record[c]))}</td>`).join('')}</tr>`)
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
svg { width: 100%; height: auto; overflow: visible } text { font: 12px system-ui, sans-serif; fill: currentColor }
.axis { stroke: currentColor; opacity: .35 } pre { white-space: pre-wrap; padding: .75rem; border: 1px solid; border-radius: 4px }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums } td, th { padding: .15rem .6rem; text-align: right }
</style>
<h1>${escapeHtml(title)}</h1>
${groups.map((group) => chart(group, history)).join('\n')}
<h2>Epochs</h2>
<div class="scroll"><table><tr>${columns.map((c) => `<th>${escapeHtml(c.replace('_', ' '))}</th>`).join('')}</tr>
${rows.join('\n')}
</table></div>
${(sections?.() ?? []).map(({ title: head, text }) => `<h2>${escapeHtml(head)}</h2>\n<pre>${escapeHtml(text)}</pre>`).join('\n')}
</html>
`
}

function chart(names: readonly string[], history: readonly EpochRecord[]): string {
  const lines = names.map((name) => history.flatMap((r) => (Number.isFinite(r[name]) ? [[r.epoch, r[name]!] as const] : [])))
  const values = lines.flat().map(([, v]) => v)
  if (values.length === 0) return ''
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const [first, last] = [history[0]!.epoch, Math.max(history.at(-1)!.epoch, history[0]!.epoch + 1)]
  const x = (epoch: number): number => LEFT + ((epoch - first) / (last - first)) * (WIDTH - LEFT)
  const y = (v: number): number => HEIGHT - BOTTOM - ((v - low) / (high - low || 1)) * (HEIGHT - BOTTOM - 10)
  const curves = lines.map((line, i) => {
    const [color, dash] = STYLES[i % STYLES.length]!
    const points = line.map(([e, v]) => `${x(e).toFixed(1)},${y(v).toFixed(1)}`).join(' ')
    return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>${line.map(([e, v]) => `<circle cx="${x(e).toFixed(1)}" cy="${y(v).toFixed(1)}" r="3" fill="${color}"><title>epoch ${e}: ${short(v)}</title></circle>`).join('')}`
  })
  const legend = names.map((name, i) => `<line x1="${LEFT + 10 + 160 * i}" x2="${LEFT + 40 + 160 * i}" y1="4" y2="4" stroke="${STYLES[i % STYLES.length]![0]}" stroke-width="2" stroke-dasharray="${STYLES[i % STYLES.length]![1]}"/><text x="${LEFT + 46 + 160 * i}" y="8">${escapeHtml(name.replace(/^val_(.*)/, '$1, validation'))}</text>`)
  const label = names[0]!.replace('_', ' ')
  return `<h2>${escapeHtml(label)}</h2>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${label}: from ${short(lines[0]![0]?.[1] ?? Number.NaN)} to ${short(lines[0]!.at(-1)?.[1] ?? Number.NaN)} in ${history.length} epochs`)}">
<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/><line class="axis" x1="${LEFT}" x2="${LEFT}" y1="10" y2="${HEIGHT - BOTTOM}"/>
<text x="${LEFT - 6}" y="${y(high) + 4}" text-anchor="end">${short(high)}</text><text x="${LEFT - 6}" y="${y(low) + 4}" text-anchor="end">${short(low)}</text>
<text x="${LEFT}" y="${HEIGHT - 8}">epoch ${first}</text><text x="${WIDTH}" y="${HEIGHT - 8}" text-anchor="end">${last}</text>
${curves.join('\n')}
${legend.join('')}
</svg>`
}
