// The convolutional networks of seeing.ts once more in plain loops: what the figures of their cards are counted again by.
interface Maps {
  readonly side: number
  /** One after another, each side × side. */
  readonly values: Float64Array
}
type Values = ArrayLike<number>

export const image = (pixels: readonly number[], side: number): Maps => ({ side, values: Float64Array.from(pixels) })
/** k[out][in][3][3] over all maps, a bias each, with a frame of `padding` zeros; then φ. */
export function convolved({ side, values }: Maps, k: Values, b: Values, padding: number, phi: (z: number) => number): Maps {
  const [channels, out, wide] = [values.length / side ** 2, b.length, side + 2 * padding - 2]
  const result = new Float64Array(out * wide * wide)
  for (let o = 0; o < out; o++) {
    for (let r = 0; r < wide; r++) {
      for (let c = 0; c < wide; c++) {
        let z = b[o]!
        for (let i = 0; i < channels; i++) {
          for (let u = 0; u < 3; u++) {
            const row = r + u - padding
            if (row < 0 || row >= side) continue
            const [weight, place] = [((o * channels + i) * 3 + u) * 3, (i * side + row) * side]
            for (let v = 0; v < 3; v++) {
              const column = c + v - padding
              if (column >= 0 && column < side) z += k[weight + v]! * values[place + column]!
            }
          }
        }
        result[(o * wide + r) * wide + c] = phi(z)
      }
    }
  }
  return { side: wide, values: result }
}
/** Squares of 2 × 2 made one number; an odd row or column at the end is left out. */
export function pooled({ side, values }: Maps, by: (four: readonly number[]) => number): Maps {
  const [half, maps] = [Math.floor(side / 2), values.length / side ** 2]
  const at = (i: number, r: number, c: number): number => values[(i * side + r) * side + c]!
  return { side: half, values: Float64Array.from({ length: maps * half * half }, (_, n) => {
    const [i, r, c] = [Math.floor(n / half ** 2), 2 * (Math.floor(n / half) % half), 2 * (n % half)]
    return by([at(i, r, c), at(i, r, c + 1), at(i, r + 1, c), at(i, r + 1, c + 1)])
  }) }
}
/** x·W + b, W row by row. */
export const dense = (x: Float64Array, w: Values, b: Values): Float64Array => Float64Array.from({ length: b.length }, (_, k) => x.reduce((sum, v, j) => sum + v * w[j * b.length + k]!, b[k]!))
export const largest = (x: Float64Array): number => x.indexOf(Math.max(...x))
