// What a stream can show: colours (unless NO_COLOR), cursor movements (a terminal only), its width; numbers as people read them.

export interface Terminal {
  readonly stream: NodeJS.WriteStream
  /** A terminal that understands control codes. */
  readonly live: boolean
  readonly columns: number
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  cyan(text: string): string
}

export function terminal(stream: NodeJS.WriteStream): Terminal {
  const live = stream.isTTY === true && process.env.TERM !== 'dumb'
  const color = live && !process.env.NO_COLOR
  const paint = (code: number) => (text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  return {
    stream, live,
    get columns() {
      return stream.columns || 80
    },
    bold: paint(1), dim: paint(2), green: paint(32), cyan: paint(36),
  }
}

/** 12345.6 → "12 346" */
export const grouped = (x: number): string => Math.round(x).toString().replace(/\B(?=(\d{3})+$)/g, ' ')
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
/** Seconds as "0:07", "12:30", "1:02:03". */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`
}
/** Four digits that matter. */
export const short = (x: number): string => (x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(2) : Number(x.toPrecision(4)).toString())

/** Columns aligned right, the first one left. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ').trimEnd())
}
