// A map of signed numbers as text (+ * # for, - = % against) and as a picture over the one it explains.

const FOR = ['+', '*', '#'] as const
const AGAINST = ['-', '=', '%'] as const
/** Shares of the strongest value from which each sign is used. */
const STEPS = [0.15, 0.35, 0.65] as const

const strongest = (map: ArrayLike<number>): number => Array.from(map).reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1

/** Two characters a number, as the picture beside it has. */
export function heatRows(map: ArrayLike<number>, width: number, height: number): string[] {
  const most = strongest(map)
  const sign = (v: number): string => {
    const level = STEPS.filter((step) => Math.abs(v) / most >= step).length
    return level === 0 ? ' ' : (v > 0 ? FOR : AGAINST)[level - 1]!
  }
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => sign(map[y * width + x]!).repeat(2)).join('').trimEnd())
}

interface HeatMap {
  readonly map: ArrayLike<number>
  readonly width: number
  readonly height: number
}

/** RGBA pixels: the grey picture pale, over it blue for and orange against; `scale` pixels for each of the picture's. */
export function heatRgba({ map, width, height }: HeatMap, picture: { readonly pixels: ArrayLike<number>; readonly side: number }, scale: number): Uint8Array {
  const side = picture.side * scale
  const most = strongest(map)
  const out = new Uint8Array(side * side * 4)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const paper = 255 - 0.35 * picture.pixels[Math.floor(y / scale) * picture.side + Math.floor(x / scale)]!
      const value = map[Math.floor((y * height) / side) * width + Math.floor((x * width) / side)]! / most
      const ink = value > 0 ? [0x1f, 0x5f, 0xa8] : [0xc2, 0x57, 0x0c]
      const share = Math.min(1, Math.abs(value))
      const at = 4 * (y * side + x)
      for (let c = 0; c < 3; c++) out[at + c] = Math.round(paper + (ink[c]! - paper) * share)
      out[at + 3] = 255
    }
  }
  return out
}

const SHADES = ' .:-=+*#%@'
/** A token in one line, its spaces and breaks visible. */
export const tokenLabel = (token: string): string => token.replace(/\n/g, '↵').replace(/\t/g, '→').replace(/\p{Cc}/gu, '·').replace(/ /g, '␣')

/** Attention as text: a row for each token that looks, two characters for each it may look at; above them the beginnings of those. */
export function attentionRows(weights: readonly (readonly number[])[], rows: readonly string[], columns: readonly string[]): string[] {
  const [labels, tops] = [rows.map(tokenLabel), columns.map((token) => [...tokenLabel(token)])]
  const width = Math.min(12, Math.max(...labels.map((label) => [...label].length)))
  const depth = Math.min(6, Math.max(...tops.map((top) => top.length)))
  const head = Array.from({ length: depth }, (_, d) => `${' '.repeat(width + 1)}${tops.map((top) => (top[d] ?? ' ').padEnd(2)).join('')}`.trimEnd())
  return [...head, ...weights.map((row, t) => {
    const most = row.reduce((a, b) => Math.max(a, b), 0) || 1
    const label = [...labels[t]!].slice(0, width).join('')
    return `${label}${' '.repeat(width - [...label].length)} ${row.map((w) => SHADES[Math.min(9, Math.floor((w / most) * 9.999))]!.repeat(2)).join('')}`.trimEnd()
  })]
}

/** RGBA pixels, `scale` a cell: white 0, blue each row's strongest look. */
export function attentionRgba(weights: readonly (readonly number[])[], scale: number): Uint8Array {
  const [height, width] = [weights.length * scale, weights[0]!.length * scale]
  const most = weights.map((row) => row.reduce((a, b) => Math.max(a, b), 0) || 1)
  const out = new Uint8Array(height * width * 4)
  for (let y = 0; y < height; y++) {
    const t = Math.floor(y / scale)
    for (let x = 0; x < width; x++) {
      const share = weights[t]![Math.floor(x / scale)]! / most[t]!
      out.set([0x1f, 0x5f, 0xa8].map((ink) => Math.round(255 + (ink - 255) * share)), 4 * (y * width + x))
      out[4 * (y * width + x) + 3] = 255
    }
  }
  return out
}

/** A line for each token: its value, and a bar of + for or - against. */
export function contributionRows(tokens: readonly string[], values: readonly number[]): string[] {
  const [labels, most] = [tokens.map(tokenLabel), strongest(values)]
  const width = Math.max(...labels.map((label) => [...label].length))
  return labels.map((label, i) => `${label}${' '.repeat(width - [...label].length)} ${values[i]!.toFixed(4).padStart(9)} ${(values[i]! > 0 ? '+' : '-').repeat(Math.round((30 * Math.abs(values[i]!)) / most))}`.trimEnd())
}
