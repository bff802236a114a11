// Beam search (Lowerre, 1976; Sutskever et al., 2014): the likeliest sequence found by keeping, at every step, the few
// likeliest beginnings. Plain lists on the JavaScript side; the model says how likely every next token is.
import { functionOf, optionsOf } from '../base/index.ts'
import { checkCount } from './checks.ts'

export interface BeamOptions<State> {
  /** Beginnings kept; 1 is greedy. Default 4. */
  readonly width?: number
  /** Longest sequence, the end token included. */
  readonly maxLength: number
  /** Token every sequence begins with (not part of the result). */
  readonly begin: number
  /** Token that ends a sequence. */
  readonly end: number
  /** The score is the log-probability over length^penalty; 0 prefers short sequences, 1 (default) takes the mean. */
  readonly lengthPenalty?: number
  readonly state: State
  /**
   * For every beginning kept: ln p of each next token, and the state after the last one. `tokens` are their last tokens,
   * `states` what was returned for them.
   */
  readonly step: (tokens: readonly number[], states: readonly State[]) => Promise<readonly { readonly logs: ArrayLike<number>; readonly state: State }[]>
}
export interface Beam {
  /** Without the begin and end tokens. */
  readonly tokens: readonly number[]
  /** ln p of the whole sequence, its end included. */
  readonly logProbability: number
  readonly score: number
  /** Whether it came to its end before maxLength. */
  readonly finished: boolean
}

/**
 * Sequences by falling score.
 *
 * @example
 * ```ts
 * import { beamSearch } from 'gradus/models'
 *
 * // token 0 ends; after 1 comes 2, after 2 the end
 * const logs = [[0, 0, 0], [-9, -9, -0.1], [-0.1, -9, -9]]
 * const step = async (tokens: readonly number[]) => tokens.map((t) => ({ logs: logs[t], state: null }))
 * const [best] = await beamSearch({ begin: 1, end: 0, maxLength: 5, state: null, step })
 * best.tokens // → [2]
 * ```
 */
export async function beamSearch<State>(options: BeamOptions<State>): Promise<Beam[]> {
  functionOf('beamSearch', optionsOf('beamSearch', options, 'options with maxLength, begin, end and step').step, 'step')
  const { width = 4, maxLength, begin, end, lengthPenalty = 1, step } = options
  checkCount('beamSearch', 'width', width, 1, 1024)
  checkCount('beamSearch', 'maxLength', maxLength, 1, 1e6)
  const scored = (tokens: readonly number[], logProbability: number, finished: boolean): Beam => ({
    tokens, logProbability, finished, score: logProbability / Math.max(1, tokens.length + (finished ? 1 : 0)) ** lengthPenalty,
  })
  let open: { tokens: readonly number[]; logProbability: number; state: State }[] = [{ tokens: [], logProbability: 0, state: options.state }]
  const done: Beam[] = []
  for (let n = 0; n < maxLength && open.length > 0; n++) {
    const after = await step(open.map(({ tokens }) => tokens.at(-1) ?? begin), open.map(({ state }) => state))
    const all = open.flatMap((beam, i) => {
      const { logs, state } = after[i]!
      return best(logs, width + 1).map((token) => ({ tokens: [...beam.tokens, token], logProbability: beam.logProbability + logs[token]!, state }))
    })
    all.sort((a, b) => b.logProbability - a.logProbability)
    open = []
    for (const beam of all) {
      if (beam.tokens.at(-1) === end) {
        if (open.length < width) done.push(scored(beam.tokens.slice(0, -1), beam.logProbability, true))
      } else if (open.length < width) open.push(beam)
    }
    // enough have come to their end, and none of those still open scores better now
    if (done.length < width || open.length === 0) continue
    done.sort((a, b) => b.score - a.score)
    if (open[0]!.logProbability / (n + 1) ** lengthPenalty < done[width - 1]!.score) break
  }
  if (done.length < width) done.push(...open.map((beam) => scored(beam.tokens, beam.logProbability, false)))
  return done.sort((a, b) => b.score - a.score).slice(0, width)
}

/** Places of the k largest numbers, NaN and −∞ left out. */
function best(values: ArrayLike<number>, k: number): number[] {
  const order: number[] = []
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    if (!(v > -Infinity)) continue
    let at = order.length
    while (at > 0 && values[order[at - 1]!]! < v) at--
    if (at < k) {
      order.splice(at, 0, i)
      if (order.length > k) order.pop()
    }
  }
  return order
}
