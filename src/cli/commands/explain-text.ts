// gradus explain for texts: where attention looks, or what each token adds, as text, as a picture and as a page.
import type { Reader, TextMap } from '../../recipes/index.ts'
import { writeFileAtomic } from '../../train/index.ts'
import { UsageError } from '../errors.ts'
import { unknownName } from '../suggest.ts'
import { attentionPage } from '../ui/attention-page.ts'
import { attentionRows, attentionRgba, contributionRows } from '../ui/heat.ts'
import { short, terminal } from '../ui/style.ts'

/** What `gradus explain` was given, for pictures and texts. */
export interface ExplainOptions {
  readonly device: string
  readonly method?: string
  readonly class?: string
  readonly layer?: string
  readonly head?: number
  readonly out?: string
  readonly json?: boolean
}

const METHODS = ['attention', 'integrated', 'saliency'] as const
/** Pixels of a cell in a picture, and the longer side that is not exceeded as long as cells have one pixel. */
const CELL = 16
const SIDE = 2048

export async function explainText(reader: Reader, text: string, options: ExplainOptions): Promise<number> {
  const method = METHODS.find((name) => name === options.method)
  if (options.method !== undefined && method === undefined) throw unknownName('method', options.method, METHODS)
  const attention = method === undefined || method === 'attention' ? await reader.attention(text) : null
  if (attention !== null && attention.maps.length > 0) {
    if (options.class !== undefined) throw new UsageError('attention looks the same for every class; --class needs --method integrated or saliency.')
    return showAttention(text, attention, options)
  }
  if (method === 'attention') throw new UsageError('this network has no attention; use --method integrated or saliency.')
  if (options.layer !== undefined || options.head !== undefined) throw new UsageError('--layer and --head need --method attention.')
  if (options.out !== undefined) throw new UsageError('what tokens add is shown as text or with --json only; --out needs --method attention.')
  return showContributions(reader, text, method ?? 'integrated', options)
}

async function showAttention(text: string, { decision, maps }: { readonly decision: string; readonly maps: readonly TextMap[] }, options: ExplainOptions): Promise<number> {
  const layers = maps.map(({ layer }) => layer)
  if (options.layer !== undefined && !layers.includes(options.layer)) throw unknownName('layer', options.layer, layers)
  const map = maps.find(({ layer }) => layer === options.layer) ?? maps.at(-1)!
  const { rows, columns, heads } = map
  if (options.head !== undefined && options.head > heads.length) throw new UsageError(`${map.layer} has ${heads.length} ${heads.length === 1 ? 'head' : 'heads'}; --head ${options.head} is not among them.`)
  const weights = options.head === undefined ? meanOf(heads) : heads[options.head - 1]!
  if (options.out !== undefined) {
    const kind = /\.(png|html)$/i.exec(options.out)?.[1]?.toLowerCase()
    if (kind === undefined) throw new UsageError(`${options.out}: expected a file name that ends with .png or .html.`)
    await writeFileAtomic(options.out, kind === 'html' ? new TextEncoder().encode(attentionPage({ text, decision, maps })) : await png(weights))
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ text, method: 'attention', decision, layer: map.layer, head: options.head ?? null, rows, columns, weights, maps, ...(options.out === undefined ? {} : { out: options.out }) })}\n`)
    return 0
  }
  const screen = terminal(process.stdout)
  const which = options.head === undefined ? (heads.length === 1 ? 'its head' : `the mean of ${heads.length} heads`) : `head ${options.head} of ${heads.length}`
  const lines = [
    screen.bold(`${text}  ${decision}`),
    `${map.layer}, ${which}: each row shows where its token looks (the row’s darkest sign: its strongest look)`,
    ...attentionRows(weights, rows, columns),
    ...(layers.length === 1 ? [] : [`layers: ${layers.join(', ')}`]),
    ...(options.out === undefined ? [] : [`Written to ${options.out}`]),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

async function showContributions(reader: Reader, text: string, method: 'integrated' | 'saliency', options: ExplainOptions): Promise<number> {
  const { decision, target, tokens, values } = await reader.contributions(text, { method, ...(options.class === undefined ? {} : { target: options.class }) })
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ text, method, decision, target, tokens, values })}\n`)
    return 0
  }
  const screen = terminal(process.stdout)
  const about = method === 'integrated' ? 'integrated gradients: what each token adds to the score, beside a vector of zeros' : 'saliency: how strongly the score changes with each token’s vector'
  const sum = values.reduce((a, b) => a + b, 0)
  process.stdout.write(`${[screen.bold(`${text}  ${decision}`), `${about} — for ${target}`, ...contributionRows(tokens, values), ...(method === 'integrated' ? [`together ${short(sum)}`] : [])].join('\n')}\n`)
  return 0
}

const meanOf = (heads: TextMap['heads']): number[][] => heads[0]!.map((row, t) => row.map((_, s) => heads.reduce((sum, head) => sum + head[t]![s]!, 0) / heads.length))

async function png(weights: readonly (readonly number[])[]): Promise<Uint8Array> {
  const { default: pngjs } = await import('pngjs')
  const [height, width] = [weights.length, weights[0]!.length]
  const scale = Math.max(1, Math.min(CELL, Math.floor(SIDE / Math.max(height, width))))
  const picture = new pngjs.PNG({ width: width * scale, height: height * scale })
  picture.data = Buffer.from(attentionRgba(weights, scale))
  return pngjs.PNG.sync.write(picture)
}
