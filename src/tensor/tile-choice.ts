// Which register tile products take: candidates are timed in turns. The first one, good anywhere, is left only for one that
// is clearly faster, and where the clock or the engine leaves a doubt there is no choice.
import type { Tile } from '../compile/index.ts'

export interface TileTiming {
  /** Runs a candidate so often. */
  readonly run: (candidate: number, times: number) => void
  /** Multiplications in one run of a candidate: times are compared per multiplication. */
  readonly work: (candidate: number) => number
  /** The clock, ms. */
  readonly now: () => number
  /** Time to spend, ms. */
  readonly budget: number
}

/** How much of the first one's time another one may take. */
const CLEARLY = 0.93
/** What is timed takes this many steps of the clock, at least and at most so many ms. */
const STEPS = 20
const [SHORTEST, LONGEST] = [0.3, 3]
/** Turns without which nothing is decided: engines compile anew what runs often. */
const TURNS = 6
/** Candidates differ less than code that was compiled well and code that was not yet. */
const PLAUSIBLE = 2.5

/** The tile to take, or null: not decided. */
export function chooseTile(candidates: readonly Tile[], { run, work, now, budget }: TileTiming): Tile | null {
  const begin = now()
  const length = Math.max(SHORTEST, STEPS * clockStep(now))
  if (length > LONGEST) return null
  const best = candidates.map(() => Number.POSITIVE_INFINITY)
  const times = candidates.map(() => 1)
  for (let turn = 0; turn < TURNS || now() < begin + budget; turn++) {
    if (now() > begin + 2 * budget) return null // a machine with much else to do
    for (const i of candidates.keys()) {
      const since = now()
      run(i, times[i]!)
      const passed = now() - since
      if (passed < length) times[i]! *= 2
      else best[i] = Math.min(best[i]!, passed / times[i]! / work(i))
    }
  }
  const least = Math.min(...best)
  if (!(best[0]! < PLAUSIBLE * least)) return null
  return candidates[least < CLEARLY * best[0]! ? best.indexOf(least) : 0]!
}

/** The least step the clock was seen to make, ms. */
function clockStep(now: () => number): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 3; i++) {
    const begin = now()
    let next = now()
    for (let look = 0; next === begin && look < 1e5; look++) next = now()
    if (next > begin) least = Math.min(least, next - begin)
  }
  return least
}
