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
