// Bumps built neuron by neuron, or the same network trained: gradus/models in the Worker, the curve on tensors.
import { tensor } from 'gradus'
import { type Bump, type LayeredNetwork, applyNetwork, approximateByBumps, supError, trainApproximator } from 'gradus/models'
import { type PlainNetwork, type State, curveAt } from './model.ts'

const INTERVAL = [0, 1] as const
export const GRID = 481
export const COUNTS = [1, 2, 4, 8, 16, 32, 64] as const
/** Even points of [0, 1]. */
export const grid = (n = GRID): number[] => Array.from({ length: n }, (_, i) => i / (n - 1))

async function curveOf(network: LayeredNetwork): Promise<readonly number[]> {
  return Array.from(await applyNetwork(network, tensor(grid(), { shape: [GRID, 1], dtype: 'float64' })).data())
}
const build = (s: Pick<State, 'heights' | 'count' | 'sharpness' | 'form'>) => approximateByBumps((x) => curveAt(s.heights, x), INTERVAL, s.count, { sharpness: s.sharpness, form: s.form })

export interface Built {
  readonly curve: readonly number[]
  readonly bumps: readonly Bump[]
  readonly steepness: number
  /** Hidden neurons of the whole network. */
  readonly hidden: number
  /** sup |f − network| and where. */
  readonly error: number
  readonly at: number
}

/** The network of the first `shown` hidden neurons, and its error. */
export async function bumps(s: Pick<State, 'heights' | 'count' | 'shown' | 'sharpness' | 'form'>): Promise<Built> {
  const { network, bumps: all, steepness } = build(s)
  const hidden = network.layers[0]!.biases.length
  const part = s.shown >= hidden ? network : firstOf(network, s.shown)
  const { error, at } = supError(part, (x) => curveAt(s.heights, x), INTERVAL, 2001)
  return { curve: await curveOf(part), bumps: all, steepness, hidden, error, at }
}
/** The network with its first hidden neurons only; without any a neuron stands in that nobody listens to. */
function firstOf({ layers: [hidden, out] }: LayeredNetwork, n: number): LayeredNetwork {
  const some = Math.max(1, n)
  return {
    layers: [
      { weights: [hidden!.weights[0]!.slice(0, some)], biases: hidden!.biases.slice(0, some), activation: 'sigmoid' },
      { weights: n === 0 ? [[0]] : out!.weights.slice(0, some), biases: out!.biases, activation: 'identity' },
    ],
  }
}

/** The error for several numbers of bumps. */
export async function errors(s: Pick<State, 'heights' | 'sharpness'>): Promise<readonly { readonly count: number; readonly error: number }[]> {
  return COUNTS.map((count) => {
    const { network } = build({ ...s, count, form: 'shared' })
    return { count, error: supError(network, (x) => curveAt(s.heights, x), INTERVAL, 2001).error }
  })
}

export interface Training {
  readonly step: number
  /** [step, mean square error] so far. */
  readonly losses: readonly (readonly [number, number])[]
  /** Only at the end. */
  readonly curve: readonly number[] | null
  readonly error: number | null
  readonly at: number | null
  readonly network: PlainNetwork | null
}
export const STEPS = 2000

/** Trains the network; yields the loss on the way and the curve at the end. Abandoned, it stops at the next report. */
export async function* train(s: Pick<State, 'heights' | 'hidden' | 'seed'>): AsyncGenerator<Training> {
  const losses: [number, number][] = []
  let stopped = false
  let wake: () => void = () => undefined
  const work = trainApproximator((x) => curveAt(s.heights, x), INTERVAL, {
    hidden: s.hidden,
    seed: s.seed,
    steps: STEPS,
    onProgress: (step, loss) => {
      if (stopped) throw new Error('stopped')
      losses.push([step, loss])
      wake()
    },
  })
  let over = false
  const end = work.then(() => undefined, () => undefined).then(() => { over = true; wake() })
  try {
    for (let seen = 0; !over; ) {
      if (losses.length === seen) await new Promise<void>((resolve) => { wake = resolve; if (over) resolve() })
      if (losses.length > seen) {
        seen = losses.length
        yield { step: losses.at(-1)![0], losses: [...losses], curve: null, error: null, at: null, network: null }
      }
    }
    const { network, supError: worst, losses: all } = await work
    yield { step: STEPS, losses: all, curve: await curveOf(network), error: worst.error, at: worst.at, network: { w: network.layers[0]!.weights[0]!, b: network.layers[0]!.biases, v: network.layers[1]!.weights.map((row) => row[0]!), c: network.layers[1]!.biases[0]! } }
  } finally {
    stopped = true
    await end
  }
}

let last: { readonly key: string; readonly end: Promise<Training> } | null = null
/** The end of a training: how near the network came. The last one asked for is kept. */
export function trained(s: Pick<State, 'heights' | 'hidden' | 'seed'>): Promise<Training> {
  const key = JSON.stringify([s.heights, s.hidden, s.seed])
  if (last?.key === key) return last.end
  const end = (async () => {
    let found: Training | null = null
    for await (const now of train(s)) found = now
    return found!
  })()
  last = { key, end }
  return end
}

/** The loss at one step once more: the same network trained again from its seed, up to there. */
export async function lossAt(s: Pick<State, 'heights' | 'hidden' | 'seed'>, step: number): Promise<number> {
  let found = Number.NaN
  const there = new Error('there')
  await trainApproximator((x) => curveAt(s.heights, x), INTERVAL, {
    hidden: s.hidden,
    seed: s.seed,
    steps: STEPS,
    onProgress: (at, loss) => {
      if (at < step) return
      if (at === step) found = loss
      throw there
    },
  }).then(({ losses }) => { found = losses.at(-1)![1] }, (error: unknown) => { if (error !== there) throw error })
  return found
}
