// Groups of touching pixels (all eight neighbours) above a threshold, and how much ink each holds.
import type { Plane } from './resample.ts'

/** `labels[i]` is the group of pixel i, or −1. */
export function groups({ width, height, data }: Plane, threshold: number): { labels: Int32Array; sums: number[] } {
  const labels = new Int32Array(width * height).fill(-1)
  const sums: number[] = []
  const queue: number[] = []
  for (let start = 0; start < labels.length; start++) {
    if (data[start]! <= threshold || labels[start] !== -1) continue
    const label = sums.length
    let sum = 0
    labels[start] = label
    queue.push(start)
    while (queue.length > 0) {
      const at = queue.pop()!
      sum += data[at]!
      const [x, y] = [at % width, Math.floor(at / width)]
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx
          if (data[next]! <= threshold || labels[next] !== -1) continue
          labels[next] = label
          queue.push(next)
        }
      }
    }
    sums.push(sum)
  }
  return { labels, sums }
}
