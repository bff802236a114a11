// Scaling a grey image with a triangle filter as wide as the scale asks: averages when shrinking, interpolates when growing.

/** Grey values in row-major order; the range is the caller's. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

/** The rectangle (x, y, width, height) of an image, scaled to a new size. */
export function resample(image: Plane, box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }, width: number, height: number): Plane {
  const columns = weights(box.x, box.width, width, image.width)
  const rows = weights(box.y, box.height, height, image.height)
  const narrow = new Float32Array(width * image.height)
  const first = rows[0]!.from
  const last = rows[height - 1]!
  for (let y = first; y < last.from + last.values.length; y++) {
    for (let x = 0; x < width; x++) {
      const { from, values } = columns[x]!
      let sum = 0
      for (let i = 0; i < values.length; i++) sum += values[i]! * image.data[y * image.width + from + i]!
      narrow[y * width + x] = sum
    }
  }
  const data = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    const { from, values } = rows[y]!
    for (let i = 0; i < values.length; i++) {
      for (let x = 0; x < width; x++) data[y * width + x]! += values[i]! * narrow[(from + i) * width + x]!
    }
  }
  return { width, height, data }
}

/** For every target pixel the source pixels it is made of, and their shares (they sum to 1). */
function weights(start: number, length: number, count: number, available: number): { from: number; values: number[] }[] {
  const scale = length / count
  const reach = Math.max(1, scale)
  return Array.from({ length: count }, (_, i) => {
    const middle = start + (i + 0.5) * scale
    const from = Math.max(0, Math.floor(middle - reach))
    const to = Math.min(available, Math.ceil(middle + reach))
    const values: number[] = []
    for (let p = from; p < to; p++) values.push(Math.max(0, 1 - Math.abs(p + 0.5 - middle) / reach))
    const sum = values.reduce((a, b) => a + b, 0)
    return { from, values: values.map((v) => v / sum) }
  })
}
