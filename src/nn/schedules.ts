// Learning-rate schedules: plain functions from the number of updates done so far (0, 1, …) to a rate.
import { functionOf, listOf, optionsOf } from '../base/index.ts'
import { oneOf, requireRange, requireSize } from './checks.ts'

/** step → learning rate. Schedules made here carry their settings, for run records. */
export interface Schedule {
  (step: number): number
  readonly config?: Readonly<Record<string, unknown>>
}

const named = (config: Record<string, unknown>, f: (step: number) => number): Schedule => Object.assign(f, { config })
const rate = (operation: string, value: number): void => requireRange(operation, 'learning rate', value, 0)

/** Always the same. */
export function constant(lr: number): Schedule {
  rate('constant', lr)
  return named({ name: 'constant', lr }, () => lr)
}

/**
 * Multiplied by `factor` (default 0.1) every so many steps, or at given steps.
 *
 * @example
 * ```ts
 * import { stepDecay } from 'gradus/nn'
 *
 * const lr = stepDecay(0.1, { every: 30, factor: 0.5 })
 * lr(29) // → 0.1
 * lr(60) // → 0.025
 * ```
 */
export function stepDecay(lr: number, options: { readonly factor?: number } & ({ readonly every: number } | { readonly at: readonly number[] })): Schedule {
  const { factor = 0.1 } = optionsOf('stepDecay', options, 'options such as { every: 3 }')
  rate('stepDecay', lr)
  requireRange('stepDecay', 'factor', factor, 0)
  if ('every' in options) {
    requireSize('stepDecay', 'every', options.every)
    return named({ name: 'stepDecay', lr, factor, every: options.every }, (step) => lr * factor ** Math.floor(step / options.every))
  }
  const at = [...listOf('stepDecay', 'at', options.at)]
  return named({ name: 'stepDecay', lr, factor, at }, (step) => lr * factor ** at.filter((s) => step >= s).length)
}

/**
 * lr·factor^step
 *
 * @example
 * ```ts
 * import { exponential } from 'gradus/nn'
 *
 * const lr = exponential(1, 0.5)
 * lr(3) // → 0.125
 * ```
 */
export function exponential(lr: number, factor: number): Schedule {
  rate('exponential', lr)
  requireRange('exponential', 'factor', factor, 0)
  return named({ name: 'exponential', lr, factor }, (step) => lr * factor ** step)
}

/**
 * Half a cosine wave from lr down to `min` (default 0) in `steps` steps, then `min` (Loshchilov & Hutter, 2017).
 *
 * @example
 * ```ts
 * import { cosine } from 'gradus/nn'
 *
 * const lr = cosine(1, 100)
 * lr(50) // → 0.5
 * ```
 */
export function cosine(lr: number, steps: number, options: { readonly min?: number } = {}): Schedule {
  const { min = 0 } = optionsOf('cosine', options)
  rate('cosine', lr)
  requireSize('cosine', 'steps', steps)
  requireRange('cosine', 'min', min, 0)
  return named({ name: 'cosine', lr, steps, min }, (step) => min + ((lr - min) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2)
}

/**
 * (1 − step/steps)^power from lr down to `end` (default 0); power 1 (default) is a straight line.
 *
 * @example
 * ```ts
 * import { polynomial } from 'gradus/nn'
 *
 * const lr = polynomial(1, 10)
 * lr(5) // → 0.5
 * ```
 */
export function polynomial(lr: number, steps: number, options: { readonly power?: number; readonly end?: number } = {}): Schedule {
  const { power = 1, end = 0 } = optionsOf('polynomial', options)
  rate('polynomial', lr)
  requireSize('polynomial', 'steps', steps)
  requireRange('polynomial', 'power', power, 0)
  requireRange('polynomial', 'end', end, 0)
  return named({ name: 'polynomial', lr, steps, power, end }, (step) => end + (lr - end) * (1 - Math.min(step, steps) / steps) ** power)
}

/**
 * Another schedule with a linear rise in front: for `steps` steps from `from` (default 1/steps) to all of its first rate;
 * then it begins.
 *
 * @example
 * ```ts
 * import { cosine, warmup } from 'gradus/nn'
 *
 * const lr = warmup(cosine(1, 90), 10)
 * lr(0) // → 0.1
 * lr(10) // → 1
 * ```
 */
export function warmup(schedule: Schedule | number, steps: number, options: { readonly from?: number } = {}): Schedule {
  requireSize('warmup', 'steps', steps)
  const { from = 1 / steps } = optionsOf('warmup', options)
  requireRange('warmup', 'from', from, 0, 1)
  const after = typeof schedule === 'number' ? constant(schedule) : functionOf('warmup', schedule, 'schedule')
  return named({ name: 'warmup', steps, from, schedule: describeRate(after) }, (step) =>
    step < steps ? after(0) * (from + ((1 - from) * step) / steps) : after(step - steps))
}

export interface OneCycleOptions {
  /** Share of the steps spent rising. Default 0.3. */
  readonly rise?: number
  /** The first rate is max/divide. Default 25. */
  readonly divide?: number
  /** The last rate is the first over this. Default 1e4. */
  readonly finalDivide?: number
  readonly shape?: 'cosine' | 'linear'
}
/**
 * Up from max/divide to max, then down to almost nothing, in `steps` steps (Smith & Topin, 2018; PyTorch's OneCycleLR).
 *
 * @example
 * ```ts
 * import { oneCycle } from 'gradus/nn'
 *
 * const lr = oneCycle(1, 100)
 * lr(0) // → 0.04
 * lr(29) // → 1
 * ```
 */
export function oneCycle(max: number, steps: number, options: OneCycleOptions = {}): Schedule {
  const { rise = 0.3, divide = 25, finalDivide = 1e4, shape = 'cosine' } = optionsOf('oneCycle', options)
  rate('oneCycle', max)
  requireSize('oneCycle', 'steps', steps)
  requireRange('oneCycle', 'rise', rise, 0, 1)
  requireRange('oneCycle', 'divide', divide, 1)
  requireRange('oneCycle', 'finalDivide', finalDivide, 1)
  oneOf('oneCycle', 'shape', shape, 'cosine', 'linear')
  const first = max / divide
  const top = rise * steps - 1
  const last = steps - 1
  const between = (from: number, to: number, share: number): number =>
    shape === 'linear' ? from + (to - from) * share : to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share))
  return named({ name: 'oneCycle', max, steps, rise, divide, finalDivide, shape }, (step) => {
    if (step <= top) return between(first, max, top > 0 ? step / top : 1)
    const start = Math.max(top, 0)
    return between(max, first / finalDivide, last > start ? (Math.min(step, last) - start) / (last - start) : 1)
  })
}

/** A rate for a record: the number, the settings of a schedule, or "custom". */
export function describeRate(lr: number | Schedule): unknown {
  return typeof lr === 'number' ? lr : (lr.config ?? { name: 'custom' })
}
