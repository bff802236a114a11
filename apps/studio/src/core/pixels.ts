// A small grey picture as text (two hexadecimal digits a pixel), so that a state and a link can hold it; and strokes on it.
import { type Form, ShapeFault } from './shape.ts'

/** Bytes 0 … 255 as text. */
export const toHex = (bytes: ArrayLike<number>): string => Array.from(bytes, (v) => v.toString(16).padStart(2, '0')).join('')
export const fromHex = (text: string): Uint8Array => Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))

/** A picture of so many pixels. */
export const pixels =
  (count: number): Form<string> =>
  (value, path = '') => {
    if (typeof value !== 'string' || value.length !== 2 * count || !/^[0-9a-f]*$/.test(value)) throw new ShapeFault(path, { kind: 'pixels', count }, value)
    return value
  }

/** A round soft brush at (row, column): full ink inside `radius`, fading over one pixel. `ink` 0 wipes. */
export function dab(text: string, side: number, row: number, column: number, ink: 0 | 255, radius = 0.9): string {
  const bytes = fromHex(text)
  const reach = Math.ceil(radius + 1)
  for (let y = Math.max(0, row - reach); y <= Math.min(side - 1, row + reach); y++) {
    for (let x = Math.max(0, column - reach); x <= Math.min(side - 1, column + reach); x++) {
      const share = Math.max(0, Math.min(1, radius + 1 - Math.hypot(y - row, x - column)))
      const old = bytes[y * side + x]!
      bytes[y * side + x] = ink === 255 ? Math.max(old, Math.round(255 * share)) : Math.round(old * (1 - share))
    }
  }
  return toHex(bytes)
}
/** The cells of a straight line, so that a fast stroke has no holes. */
export function between(from: readonly [number, number], to: readonly [number, number]): readonly (readonly [number, number])[] {
  const n = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]))
  return Array.from({ length: n + 1 }, (_, i) => (n === 0 ? to : [Math.round(from[0] + ((to[0] - from[0]) * i) / n), Math.round(from[1] + ((to[1] - from[1]) * i) / n)]))
}
