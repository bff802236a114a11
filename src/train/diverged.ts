// A run whose loss or weights are no numbers any more: the steps since the last good state are made again, with a look at every
// gradient, to say where it began. Healthy runs pay nothing for this.
import { ValueError } from '../base/index.ts'
import { type Batch, type TrainingData, stepKey } from '../data/index.ts'
import { tensor } from '../tensor/index.ts'
import { breathe } from './evaluate.ts'
import type { Carry, Probe, Step } from './step.ts'

/** A place in a run; steps count from 1. */
interface Place {
  readonly epoch: number
  readonly step: number
  /** Path of the parameter. */
  readonly parameter: string
  /** The largest absolute value in its gradient. */
  readonly largest: number
}
/** What was found. */
export interface Divergence {
  /** The first step whose loss is NaN or infinite; null: the loss stayed a number, the weights did not. */
  readonly loss: { readonly epoch: number; readonly step: number; readonly value: number } | null
  /** A parameter that was beyond all bounds when that loss was computed. */
  readonly wild: string | null
  /** The first gradient that is NaN or infinite. */
  readonly notFinite: Place | null
  /** The first gradient much larger than it was in the steps before (`usual`). */
  readonly exploded: (Place & { /** null: it was that large already where the search began. */ readonly usual: number | null }) | null
}

/**
 * Training ran away. `divergence` says where, if that could be found out.
 */
export class DivergedError extends ValueError {
  override name = 'DivergedError'
  readonly divergence: Divergence | null
  constructor(problem: string, remedy: string, divergence: Divergence | null) {
    super('fit', problem, { remedy })
    this.divergence = divergence
  }
}

/** Where the search begins and how the run goes on from there. */
export interface Trail {
  readonly carry: Carry
  readonly epoch: number
  readonly batch: number
  readonly step: number
  /** The step that is known to be bad: the search goes no further. */
  readonly until: number
  readonly data: TrainingData
  readonly order: { readonly batchSize: number; readonly shuffle: boolean; readonly dropLast?: boolean }
  readonly seed: number
  readonly rate: (step: number) => number
  readonly paths: readonly string[]
  readonly take: Step
  readonly probe: Probe
  readonly signal?: AbortSignal | undefined
}

/** Weights this large mean that training has run away. */
export const WILD = 1e4
/** A gradient that grew this much within a few steps has exploded, and so has one that is this large where the search begins. */
const EXPLODED = 1000
const HUGE = 1e6
/** Steps that "usual" is the median of. */
const MEMORY = 32
/** Milliseconds of search; then it is given up. */
const PATIENCE = 120_000

/** Makes the steps again. null: nothing bad was found in time. */
export async function findDivergence(trail: Trail): Promise<Divergence | null> {
  const { data, order, seed, rate, paths, take, probe, until, signal } = trail
  const began = performance.now()
  const before: number[][] = paths.map(() => [])
  let { carry, step, batch: start } = trail
  let exploded: Divergence['exploded'] = null
  for (let epoch = trail.epoch; step < until; epoch++) {
    for await (const batch of data.batches({ ...order, seed, epoch, augment: true, start })) {
      if (step >= until || performance.now() - began > PATIENCE || signal?.aborted === true) return exploded === null ? null : { loss: null, wild: null, notFinite: null, exploded }
      const { value, weights, largest } = await look(carry, batch, step)
      step++
      const here = (i: number): Place => ({ epoch: epoch + 1, step, parameter: paths[i]!, largest: largest[i]! })
      exploded ??= explosion(largest, before, here)
      // backwards a NaN spreads from the end of the network to its beginning: the last one is where it came from
      const bad = largest.findLastIndex((x) => !Number.isFinite(x))
      if (bad !== -1 || !Number.isFinite(value)) {
        return { loss: Number.isFinite(value) ? null : { epoch: epoch + 1, step, value }, wild: paths[weights.findIndex((x) => !(x < WILD))] ?? null, notFinite: bad === -1 ? null : here(bad), exploded }
      }
      largest.forEach((x, i) => {
        if (before[i]!.push(x) > MEMORY) before[i]!.shift()
      })
      await breathe()
    }
    start = 0
  }
  return exploded === null ? null : { loss: null, wild: null, notFinite: null, exploded }

  async function look(now: Carry, { inputs, targets }: Batch, at: number): Promise<{ value: number; weights: Float32Array; largest: Float32Array }> {
    const key = tensor(stepKey(seed, at))
    const speed = tensor(rate(at))
    const seen = probe(now, inputs, targets, key)
    const found = { value: await seen.loss.item(), weights: Float32Array.from(await seen.weights.data()), largest: Float32Array.from(await seen.largest.data()) }
    carry = take(now, inputs, targets, key, speed)
    for (const used of [inputs, targets, key, speed, seen.loss, seen.weights, seen.largest]) used.dispose()
    return found
  }
}

/** The gradient that grew most against its usual size, if that is much. */
function explosion(largest: Float32Array, before: readonly (readonly number[])[], here: (i: number) => Place): Divergence['exploded'] {
  let worst = EXPLODED
  let found: Divergence['exploded'] = null
  largest.forEach((x, i) => {
    const usual = before[i]!.length === 0 ? null : median(before[i]!)
    // a gradient that was zero until now grows without measure: it is compared with 1e-3
    const growth = usual === null ? (x / HUGE) * EXPLODED : x / Math.max(usual, 1e-3)
    if (growth > worst) {
      worst = growth
      found = { ...here(i), usual }
    }
  })
  return found
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

export interface Ending {
  readonly loss: number
  readonly epoch: number
  readonly step: number
  readonly rate: number
  readonly clipped: boolean
  /** A parameter whose values are beyond all bounds at the end. */
  readonly wild: string | null
  readonly divergence: Divergence | null
}
/** The error: where, the likely cause, what helps. */
export function divergedError({ loss, epoch, step, rate, clipped, wild, divergence }: Ending): DivergedError {
  const at = divergence?.loss ?? null
  const what = Number.isFinite(loss) ? 'the weights became NaN or infinite' : `the loss became ${Number.isNaN(at?.value ?? loss) ? 'NaN' : 'infinite'}`
  const where = at === null ? `in epoch ${epoch}, at or before step ${step}` : `in epoch ${at.epoch}, at step ${at.step}`
  const gradient = divergence === null ? '' : storyOf(divergence)
  const late = at === null ? wild : divergence!.wild
  // the loss overflows while the weights are as usual: an example's fault
  const updates = at === null ? gradient !== '' || late !== null : late !== null || (divergence!.exploded !== null && divergence!.exploded.step < at.step)
  const cause = updates
    ? `${gradient}${late === null ? 'the updates were too large' : `the weights have grown beyond all bounds ("${late}"), so the updates were too large`}`
    : 'the weights are as usual, so the loss itself overflows on some example'
  const short = (x: number): string => String(Number(x.toPrecision(3)))
  // the loss a number and no gradient large: not the size of the updates, but a function without a derivative
  const sudden = divergence !== null && divergence.loss === null && divergence.notFinite !== null && divergence.exploded === null
  if (sudden) return new DivergedError(`${gradient.replace(/: $/, '')} in epoch ${divergence.notFinite!.epoch}, while the loss was a number still`, `A function has no derivative there (√ or a logarithm of 0, 0/0): add a small number under it. Or the updates are too large: lower the learning rate (now ${short(rate)}: --lr).`, divergence)
  const remedy = updates
    ? `Lower the learning rate (now ${short(rate)}; try ${short(rate / 10)}: --lr)${clipped ? '' : ', or clip the gradients (clipNorm: 1, --clip 1)'}. The model holds the weights of the last complete epoch.`
    : 'Scale the inputs and targets to about 1, look for one that is off the scale, and use a loss that takes logits.'
  return new DivergedError(`${what} ${where}: ${cause}`, remedy, divergence)
}

function storyOf({ loss, exploded, notFinite }: Divergence): string {
  const size = (x: number): string => Number(x.toPrecision(3)).toExponential().replace('+', '')
  const parts: string[] = []
  if (exploded !== null && !(notFinite?.step === exploded.step && notFinite.parameter === exploded.parameter)) {
    const { parameter, step, largest, usual } = exploded
    parts.push(usual === null ? `the gradient of "${parameter}" had exploded before step ${step} (largest value ${size(largest)})` : `the gradient of "${parameter}" exploded at step ${step} (largest value ${size(largest)}, before that about ${size(usual)})`)
  }
  // once the loss is no number, neither are its gradients: they are named only when there is nothing better
  if (notFinite !== null && (loss === null || loss.step !== notFinite.step || parts.length === 0)) parts.push(`the gradient of "${notFinite.parameter}" became ${Number.isNaN(notFinite.largest) ? 'NaN' : 'infinite'} at step ${notFinite.step}`)
  return parts.length === 0 ? '' : `${parts.join(', ')}: `
}
