// Arena planning: temporaries that live at different times share bytes (first fit by decreasing size).

export interface Lifetime {
  readonly bytes: number
  start: number
  end: number
}


/** Byte offset of each temporary, and the arena's size. */
export function planArena(temps: readonly Lifetime[], alignment = 64): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(temps.length).fill(0)
  const order = temps.map((_, i) => i).sort((a, b) => temps[b]!.bytes - temps[a]!.bytes || a - b)
  const placed: { from: number; to: number; start: number; end: number }[] = []
  let total = 0
  for (const i of order) {
    const t = temps[i]!
    const size = Math.ceil(Math.max(t.bytes, 1) / alignment) * alignment
    const busy = placed.filter((p) => p.start <= t.end && t.start <= p.end).sort((a, b) => a.from - b.from)
    let at = 0
    for (const p of busy) {
      if (p.from - at >= size) break
      at = Math.max(at, p.to)
    }
    offsets[i] = at
    placed.push({ from: at, to: at + size, start: t.start, end: t.end })
    total = Math.max(total, at + size)
  }
  return { offsets, bytes: total }
}
