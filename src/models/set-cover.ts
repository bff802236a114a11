// The least number of sets that cover all elements: reductions (essential sets, dominance), then branch and bound. Stops
// after a fixed amount of work with the best cover so far, so that the answer does not depend on the machine's speed.
import { listOf } from '../base/index.ts'

export interface Cover {
  /** Numbers of the chosen sets. */
  readonly chosen: readonly number[]
  /** True if it is proved that no smaller cover exists. */
  readonly minimal: boolean
}
interface Problem {
  /** Elements still to cover, each with the sets that contain it. */
  readonly elements: Map<number, Set<number>>
  /** Sets still allowed, each with the open elements in it. */
  readonly sets: Map<number, Set<number>>
  readonly taken: number[]
}

/** Covers every element of the union of the sets. `work` bounds the steps of the search. */
export function leastCover(sets: readonly (readonly number[])[], work = 2_000_000): Cover {
  for (const set of listOf('leastCover', 'sets', sets)) listOf('leastCover', 'set', set)
  const first: Problem = { elements: new Map(), sets: new Map(), taken: [] }
  sets.forEach((list, s) => {
    first.sets.set(s, new Set(list))
    for (const e of list) {
      const known = first.elements.get(e)
      if (known === undefined) first.elements.set(e, new Set([s]))
      else known.add(s)
    }
  })
  const meter = { left: work }
  reduce(first, meter)
  let best = [...first.taken, ...greedy(first)]
  const search = (problem: Problem): void => {
    reduce(problem, meter)
    if (problem.elements.size === 0) {
      if (problem.taken.length < best.length) best = [...problem.taken]
      return
    }
    if (problem.taken.length + independent(problem, meter) >= best.length) return
    // the element with the fewest sets: one of them must be taken, the largest first
    let hardest: Set<number> | null = null
    for (const options of problem.elements.values()) if (hardest === null || options.size < hardest.size) hardest = options
    const options = [...hardest!].sort((a, b) => problem.sets.get(b)!.size - problem.sets.get(a)!.size || a - b)
    for (const s of options) {
      if (meter.left <= 0) return
      const next = copy(problem, meter)
      take(next, s)
      search(next)
      // from here on the cover does without this set
      drop(problem, s)
    }
  }
  search(copy(first, meter))
  return { chosen: best.sort((a, b) => a - b), minimal: meter.left > 0 }
}

interface Meter {
  left: number
}

function take(problem: Problem, s: number): void {
  problem.taken.push(s)
  for (const e of [...problem.sets.get(s)!]) forget(problem, e)
  drop(problem, s)
}
/** The element needs no more attention. */
function forget(problem: Problem, e: number): void {
  for (const s of problem.elements.get(e)!) problem.sets.get(s)!.delete(e)
  problem.elements.delete(e)
}
/** The set is out of the game. */
function drop(problem: Problem, s: number): void {
  for (const e of problem.sets.get(s)!) problem.elements.get(e)!.delete(s)
  problem.sets.delete(s)
}
function copy(problem: Problem, meter: Meter): Problem {
  const elements = new Map<number, Set<number>>()
  for (const [e, s] of problem.elements) {
    elements.set(e, new Set(s))
    meter.left -= s.size
  }
  const sets = new Map<number, Set<number>>()
  for (const [s, e] of problem.sets) sets.set(s, new Set(e))
  return { elements, sets, taken: [...problem.taken] }
}

/** Takes sets that must be taken, and leaves out elements and sets that cannot matter, until nothing changes. */
function reduce(problem: Problem, meter: Meter): void {
  for (let changed = true; changed && meter.left > 0; ) {
    changed = false
    for (const options of [...problem.elements.values()]) {
      if (options.size !== 1) continue
      const [only] = options
      if (problem.sets.has(only!)) {
        take(problem, only!)
        changed = true
      }
    }
    for (const [s, inside] of [...problem.sets]) {
      meter.left -= inside.size
      if (inside.size === 0 || contained(s, inside, problem.elements, meter)) {
        drop(problem, s)
        changed = true
      }
    }
    // an element is covered with any set that covers e if all sets of e hold it
    for (const [e, options] of [...problem.elements]) {
      meter.left -= options.size
      if (problem.elements.has(e) && contained(e, options, problem.sets, meter, (other) => forget(problem, other))) changed = true
    }
  }
}

/**
 * True if another one of the same kind holds all `members` of x. With `each`, it is called for all the others that do
 * instead (they are dominated by x). `holders`: for a member, those that hold it.
 */
function contained(x: number, members: ReadonlySet<number>, holders: ReadonlyMap<number, Set<number>>, meter: Meter, each?: (other: number) => void): boolean {
  let few: Set<number> | null = null
  for (const m of members) {
    const h = holders.get(m)
    if (h !== undefined && (few === null || h.size < few.size)) few = h
  }
  if (few === null) return false
  let any = false
  for (const other of [...few]) {
    if (other === x) continue
    let all = true
    for (const m of members) {
      meter.left--
      if (holders.get(m)!.has(other)) continue
      all = false
      break
    }
    if (!all) continue
    any = true
    if (each === undefined) return true
    each(other)
  }
  return any
}

/** Elements no two of which are in one set: as many sets are needed at least. */
function independent(problem: Problem, meter: Meter): number {
  const blocked = new Set<number>()
  let count = 0
  const order = [...problem.elements].sort((a, b) => a[1].size - b[1].size || a[0] - b[0])
  for (const [e, options] of order) {
    meter.left -= options.size
    if (blocked.has(e)) continue
    count++
    for (const s of options) for (const other of problem.sets.get(s)!) blocked.add(other)
  }
  return count
}

/** The set with the most open elements, again and again; then sets that turned out superfluous are put back. */
function greedy(problem: Problem): number[] {
  const open = new Set(problem.elements.keys())
  const gains = new Map([...problem.sets].map(([s, inside]) => [s, inside.size]))
  const chosen: number[] = []
  while (open.size > 0) {
    let best = -1
    for (const [s, gain] of gains) if (best < 0 || gain > gains.get(best)!) best = s
    chosen.push(best)
    for (const e of problem.sets.get(best)!) {
      if (!open.delete(e)) continue
      for (const s of problem.elements.get(e)!) gains.set(s, gains.get(s)! - 1)
    }
  }
  const times = new Map<number, number>()
  for (const s of chosen) for (const e of problem.sets.get(s)!) times.set(e, (times.get(e) ?? 0) + 1)
  return chosen.filter((s) => {
    const inside = [...problem.sets.get(s)!]
    if (inside.some((e) => times.get(e) === 1)) return true
    for (const e of inside) times.set(e, times.get(e)! - 1)
    return false
  })
}
