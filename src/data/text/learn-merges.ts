// Learning byte pairs: again and again the most frequent pair of neighbours in the words becomes a token of its own.

/** Two tokens that are joined to one. */
export type Merge = readonly [left: number, right: number]

/** A different word, as tokens, and how often it occurs. */
export interface CountedWord {
  readonly tokens: readonly number[]
  readonly count: number
}

interface Pair {
  readonly left: number
  readonly right: number
  count: number
  /** Words in which it may stand. */
  readonly words: Set<number>
}

/**
 * Up to `most` joins, the most frequent pair first; of equally frequent ones that of the smaller tokens. Pairs that occur once
 * are left alone. The first joined token gets the id 256.
 */
export function learnMerges(words: readonly CountedWord[], most: number): Merge[] {
  const tokens = words.map((w) => [...w.tokens])
  const pairs = new Map<number, Pair>()
  const key = (left: number, right: number): number => left * 0x200000 + right
  const heap = new Heap()
  const touched = new Set<Pair>()
  const change = (left: number, right: number, by: number, word: number): void => {
    const k = key(left, right)
    let pair = pairs.get(k)
    if (pair === undefined) pairs.set(k, (pair = { left, right, count: 0, words: new Set() }))
    pair.count += by
    if (by > 0) pair.words.add(word)
    touched.add(pair)
  }
  const settle = (): void => {
    for (const pair of touched) if (pair.count > 1) heap.push({ count: pair.count, pair })
    touched.clear()
  }
  tokens.forEach((ids, w) => {
    for (let i = 0; i + 1 < ids.length; i++) change(ids[i]!, ids[i + 1]!, words[w]!.count, w)
  })
  settle()

  const merges: Merge[] = []
  while (merges.length < most) {
    const top = heap.pop()
    if (top === null) break
    const { pair } = top
    if (pair.count !== top.count) continue // an older count: the present one is in the heap too
    const joined = 256 + merges.length
    merges.push([pair.left, pair.right])
    for (const w of pair.words) {
      const count = words[w]!.count
      const before = tokens[w]!
      const after = replaced(before, pair, joined)
      if (after.length === before.length) continue
      for (let i = 0; i + 1 < before.length; i++) change(before[i]!, before[i + 1]!, -count, w)
      for (let i = 0; i + 1 < after.length; i++) change(after[i]!, after[i + 1]!, count, w)
      tokens[w] = after
    }
    settle()
  }
  return merges
}

function replaced(ids: readonly number[], { left, right }: Pair, joined: number): number[] {
  const out: number[] = []
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      out.push(joined)
      i++
    } else out.push(ids[i]!)
  }
  return out
}

interface Entry {
  readonly count: number
  readonly pair: Pair
}
/** The larger count first; then the smaller left, then the smaller right token. */
const before = (a: Entry, b: Entry): boolean => a.count > b.count || (a.count === b.count && (a.pair.left < b.pair.left || (a.pair.left === b.pair.left && a.pair.right < b.pair.right)))

class Heap {
  private readonly items: Entry[] = []
  push(item: Entry): void {
    const { items } = this
    let i = items.length
    items.push(item)
    while (i > 0) {
      const up = (i - 1) >> 1
      if (!before(item, items[up]!)) break
      items[i] = items[up]!
      i = up
    }
    items[i] = item
  }
  pop(): Entry | null {
    const { items } = this
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined) return null
    if (items.length === 0) return top
    let i = 0
    for (;;) {
      let down = 2 * i + 1
      if (down >= items.length) break
      if (down + 1 < items.length && before(items[down + 1]!, items[down]!)) down++
      if (!before(items[down]!, last)) break
      items[i] = items[down]!
      i = down
    }
    items[i] = last
    return top
  }
}
