// What a person thought of: numbers that describe a digit, in plain loops over its pixels (28 × 28, ink 0 … 1).
import type { Group } from './model.ts'

export const SIDE = 28
type Pixels = ArrayLike<number>
const at = (p: Pixels, row: number, column: number): number => (row < 0 || column < 0 || row >= SIDE || column >= SIDE ? 0 : p[row * SIDE + column]!)

/** How much of the picture is ink. */
function ink(p: Pixels): number[] {
  let sum = 0
  for (let i = 0; i < p.length; i++) sum += p[i]!
  return [sum / (SIDE * SIDE)]
}
/** Mean ink of 4 × 4 zones of 7 × 7 pixels. */
function zones(p: Pixels): number[] {
  const out = new Array<number>(16).fill(0)
  for (let r = 0; r < SIDE; r++) for (let c = 0; c < SIDE; c++) out[4 * Math.floor(r / 7) + Math.floor(c / 7)]! += at(p, r, c) / 49
  return out
}
/** Mean ink of 14 bands of rows, then of 14 bands of columns. */
function profiles(p: Pixels): number[] {
  const out = new Array<number>(28).fill(0)
  for (let r = 0; r < SIDE; r++) {
    for (let c = 0; c < SIDE; c++) {
      out[Math.floor(r / 2)]! += at(p, r, c) / 56
      out[14 + Math.floor(c / 2)]! += at(p, r, c) / 56
    }
  }
  return out
}
/** How like its mirror image the digit is: Σ x·x′ / Σ x², left to right, then top to bottom. */
function symmetry(p: Pixels): number[] {
  let [own, sides, ends] = [1e-9, 0, 0]
  for (let r = 0; r < SIDE; r++) {
    for (let c = 0; c < SIDE; c++) {
      own += at(p, r, c) ** 2
      sides += at(p, r, c) * at(p, r, SIDE - 1 - c)
      ends += at(p, r, c) * at(p, SIDE - 1 - r, c)
    }
  }
  return [sides / own, ends / own]
}
/** Pieces minus holes (Euler number), counted on squares of 2 × 2 pixels (Gray, 1971): 8 has −1, 0 has 0, 1 has 1. */
function holes(p: Pixels): number[] {
  let quarter = 0
  for (let r = -1; r < SIDE; r++) {
    for (let c = -1; c < SIDE; c++) {
      const [a, b, d, e] = [at(p, r, c) > 0.35, at(p, r, c + 1) > 0.35, at(p, r + 1, c) > 0.35, at(p, r + 1, c + 1) > 0.35]
      const count = Number(a) + Number(b) + Number(d) + Number(e)
      if (count === 1) quarter++
      else if (count === 3) quarter--
      else if (count === 2 && a === e) quarter -= 2
    }
  }
  return [quarter / 4]
}
/** Directions of strokes: slopes of the ink in 4 × 4 zones, sorted into 4 directions; which side is darker does not matter (as in HOG; Dalal and Triggs, 2005). */
function strokes(p: Pixels): number[] {
  const out = new Array<number>(64).fill(0)
  for (let r = 0; r < SIDE; r++) {
    for (let c = 0; c < SIDE; c++) {
      const [dx, dy] = [at(p, r, c + 1) - at(p, r, c - 1), at(p, r + 1, c) - at(p, r - 1, c)]
      const size = Math.hypot(dx, dy)
      if (size < 1e-6) continue
      const turn = ((Math.atan2(dy, dx) / Math.PI) * 4 + 8) % 4
      const [low, share] = [Math.floor(turn), turn % 1]
      const zone = 4 * (4 * Math.floor(r / 7) + Math.floor(c / 7))
      out[zone + (low % 4)]! += (size * (1 - share)) / 49
      out[zone + ((low + 1) % 4)]! += (size * share) / 49
    }
  }
  return out
}
const OF: Readonly<Record<Group, (p: Pixels) => number[]>> = { ink, zones, profiles, symmetry, holes, strokes }

export const featuresOf = (group: Group, pixels: Pixels): number[] => OF[group](pixels)
export const allFeatures = (groups: readonly Group[], pixels: Pixels): number[] => groups.flatMap((g) => OF[g](pixels))
