// Rosenblatt's perceptron and its learning rule w ← w + η(y − a)x, step by step, forwards and back. (A2)
// F. Rosenblatt. The perceptron. Psychological Review 65, 1958; A. Novikoff. On convergence proofs on perceptrons, 1962.
import { ValueError, listOf, objectOf, threefry2x32 } from '../base/index.ts'
import { type Bit, checkCount, checkExamples, checkNeuron, checkNumber, checkPositive, checkVector } from './checks.ts'
import { nearestPoint } from './margin.ts'

export interface LabelledPoints {
  readonly points: readonly (readonly number[])[]
  /** 0 or 1 each. */
  readonly labels: readonly number[]
}
/** Where the learning stands: plain data. */
export interface PerceptronState {
  readonly weights: readonly number[]
  readonly bias: number
  /** Examples looked at so far. */
  readonly steps: number
  /** Corrections made so far. */
  readonly mistakes: number
}
/** One look at one example. */
export interface PerceptronStep {
  /** Which example. */
  readonly row: number
  readonly x: readonly number[]
  readonly y: Bit
  /** z = b + Σ wᵢxᵢ before the correction */
  readonly z: number
  readonly a: Bit
  /** y − a: 0 (right), 1 or −1 */
  readonly error: number
  readonly before: PerceptronState
  readonly after: PerceptronState
}

/** φ(z) = 0 for z ≤ 0, 1 for z > 0. */
const threshold = (z: number): Bit => (z > 0 ? 1 : 0)
const potential = (state: Pick<PerceptronState, 'weights' | 'bias'>, x: readonly number[]): number => state.weights.reduce((sum, w, i) => sum + w * x[i]!, state.bias)

/** The beginning: zero weights, or given ones. */
export function perceptronStart(inputs: number, initial: { readonly weights?: readonly number[]; readonly bias?: number } = {}): PerceptronState {
  checkCount('perceptronStart', 'inputs', inputs, 0, 1e6)
  const { weights = Array.from({ length: inputs }, () => 0), bias = 0 } = initial
  checkVector('perceptronStart', 'weights', weights, inputs)
  checkNumber('perceptronStart', 'bias', bias)
  return { weights: [...weights], bias, steps: 0, mistakes: 0 }
}

/** The perceptron's answer. */
export function perceive(state: Pick<PerceptronState, 'weights' | 'bias'>, x: readonly number[]): Bit {
  objectOf('perceive', 'state', state, 'an object { weights, bias }', 'weights')
  checkVector('perceive', 'x', x, state.weights.length)
  return threshold(potential(state, x))
}

/** Looks at one example and corrects the weights if the answer is wrong. To undo the step, go back to `before`. */
export function perceptronStep(state: PerceptronState, data: LabelledPoints, row: number, learningRate = 1): PerceptronStep {
  objectOf('perceptronStep', 'state', state, 'an object { weights, bias }', 'weights')
  objectOf('perceptronStep', 'data', data, 'an object { points, labels }', 'points')
  checkPositive('perceptronStep', 'learningRate', learningRate)
  checkCount('perceptronStep', 'row', row, 0, data.points.length - 1)
  const x = data.points[row]!
  checkVector('perceptronStep', 'x', x, state.weights.length)
  const y = data.labels[row] as Bit
  if (y !== 0 && y !== 1) throw new ValueError('perceptronStep', 'bad label', { expected: '0 or 1', received: String(y) })
  const z = potential(state, x)
  const a = threshold(z)
  const error = y - a
  const after: PerceptronState = {
    weights: error === 0 ? state.weights : state.weights.map((w, i) => w + learningRate * error * x[i]!),
    bias: error === 0 ? state.bias : state.bias + learningRate * error,
    steps: state.steps + 1,
    mistakes: state.mistakes + Math.abs(error),
  }
  return { row, x, y, z, a, error, before: state, after }
}

/** A lesson one can walk through: plain data, JSON in and out. The last step's `after` is where it stands. */
export interface PerceptronLesson {
  readonly data: LabelledPoints
  readonly learningRate: number
  readonly start: PerceptronState
  readonly steps: readonly PerceptronStep[]
}
export function perceptronLesson(data: LabelledPoints, options: { readonly learningRate?: number; readonly weights?: readonly number[]; readonly bias?: number } = {}): PerceptronLesson {
  objectOf('perceptronLesson', 'data', data, 'an object { points, labels }', 'points')
  checkExamples('perceptronLesson', data.points, data.labels)
  const { learningRate = 1 } = options
  checkPositive('perceptronLesson', 'learningRate', learningRate)
  return { data, learningRate, start: perceptronStart(data.points[0]!.length, options), steps: [] }
}
export const lessonState = (lesson: PerceptronLesson): PerceptronState => stepsOf('lessonState', lesson).at(-1)?.after ?? lesson.start
/**
 * The lesson after one more example, taken in turn.
 *
 * @example
 * ```ts
 * import { allInputs, lessonBack, lessonForward, lessonState, perceptronLesson } from 'gradus/models'
 *
 * let lesson = perceptronLesson({ points: allInputs(2), labels: [0, 1, 1, 1] })
 * lesson = lessonForward(lessonForward(lesson))
 * lessonState(lesson).weights // → [0, 1]
 * lessonState(lessonBack(lesson)).weights // → [0, 0]
 * ```
 */
export function lessonForward(lesson: PerceptronLesson): PerceptronLesson {
  objectOf('lessonForward', 'lesson', lesson, 'what perceptronLesson(data) gives', 'steps')
  const state = lessonState(lesson)
  const step = perceptronStep(state, lesson.data, state.steps % lesson.data.points.length, lesson.learningRate)
  return { ...lesson, steps: [...lesson.steps, step] }
}
/** The lesson before the last example; unchanged at the beginning. */
export const lessonBack = (lesson: PerceptronLesson): PerceptronLesson => ({ ...lesson, steps: stepsOf('lessonBack', lesson).slice(0, -1) })
const stepsOf = (operation: string, lesson: PerceptronLesson): PerceptronLesson['steps'] =>
  listOf(operation, 'lesson', objectOf(operation, 'lesson', lesson, 'a lesson from perceptronLesson', 'steps').steps)

/** Examples the perceptron gets wrong. */
export function countErrors(state: Pick<PerceptronState, 'weights' | 'bias'>, data: LabelledPoints): number {
  checkNeuron('countErrors', state)
  objectOf('countErrors', 'data', data, 'examples { points, labels }', 'points')
  checkExamples('countErrors', data.points, data.labels)
  return errorsOf(state, data)
}
const errorsOf = (state: Pick<PerceptronState, 'weights' | 'bias'>, data: LabelledPoints): number =>
  data.points.reduce((n, x, i) => n + (threshold(potential(state, x)) === data.labels[i] ? 0 : 1), 0)

export interface PerceptronResult {
  /** True if one whole pass brought no mistake: the data is separated, and learning is over. */
  readonly converged: boolean
  readonly epochs: number
  readonly mistakes: number
  readonly mistakesPerEpoch: readonly number[]
  readonly state: PerceptronState
  /** The weights with the fewest errors met on the way (S. Gallant's pocket, 1990): what to use if there was no convergence. */
  readonly pocket: { readonly weights: readonly number[]; readonly bias: number; readonly errors: number }
  /** Every correction made (not the examples answered rightly), at most `keep` of them. */
  readonly corrections: readonly PerceptronStep[]
}

/**
 * Passes over the data until an epoch without a mistake, or until `maxEpochs`. On separable data it always stops (see
 * `novikoffBound`); if it did not, `separate` tells whether the data can be separated at all. Examples come in turn, or with
 * a `seed` in a random order that changes every epoch: the pocket needs that, for in turn the weights may run in a circle
 * that leaves out the best ones.
 *
 * @example
 * ```ts
 * import { allInputs, trainPerceptron } from 'gradus/models'
 *
 * const { converged, mistakes, state } = trainPerceptron({ points: allInputs(2), labels: [0, 1, 1, 1] })
 * converged // → true
 * mistakes // → 4
 * state.weights // → [1, 1]
 * ```
 */
export function trainPerceptron(
  data: LabelledPoints,
  options: { readonly learningRate?: number; readonly maxEpochs?: number; readonly weights?: readonly number[]; readonly bias?: number; readonly keep?: number; readonly seed?: number } = {},
): PerceptronResult {
  objectOf('trainPerceptron', 'data', data, 'an object { points, labels }', 'points')
  checkExamples('trainPerceptron', data.points, data.labels)
  const { learningRate = 1, maxEpochs = 1000, keep = 1000, seed } = options
  checkCount('trainPerceptron', 'maxEpochs', maxEpochs, 1, 1e9)
  let state = perceptronStart(data.points[0]!.length, options)
  let pocket = { weights: state.weights, bias: state.bias, errors: errorsOf(state, data) }
  const mistakesPerEpoch: number[] = []
  const corrections: PerceptronStep[] = []
  while (mistakesPerEpoch.length < maxEpochs && mistakesPerEpoch.at(-1) !== 0) {
    const before = state.mistakes
    for (const row of epochOrder(data.points.length, mistakesPerEpoch.length, seed)) {
      const step = perceptronStep(state, data, row, learningRate)
      state = step.after
      if (step.error === 0) continue
      if (corrections.length < keep) corrections.push(step)
      const errors = errorsOf(state, data)
      if (errors < pocket.errors) pocket = { weights: state.weights, bias: state.bias, errors }
    }
    mistakesPerEpoch.push(state.mistakes - before)
  }
  return { converged: mistakesPerEpoch.at(-1) === 0, epochs: mistakesPerEpoch.length, mistakes: state.mistakes, mistakesPerEpoch, state, pocket, corrections }
}

/** 0 … n − 1, in turn or shuffled (Fisher and Yates) by the seed and the epoch. */
function epochOrder(n: number, epoch: number, seed: number | undefined): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  if (seed === undefined) return order
  for (let i = n - 1; i > 0; i--) {
    const [bits] = threefry2x32(seed | 0, epoch, i, 0)
    const other = Math.floor(((bits >>> 0) / 2 ** 32) * (i + 1))
    ;[order[i], order[other]] = [order[other]!, order[i]!]
  }
  return order
}

export interface MistakeBound {
  /** R: the length of the longest (1, x). */
  readonly radius: number
  /** γ: the widest margin of the classes by a plane through the origin of the (1, x); 0 if not separable. */
  readonly margin: number
  /** (R/γ)²: no perceptron that starts from zero makes more mistakes, whatever η and the order. Infinity if γ = 0. */
  readonly bound: number
  /** The unit weights that reach the margin, and the bias; null if there are none. */
  readonly weights: readonly number[] | null
  readonly bias: number
}

/**
 * Novikoff's bound on the mistakes, computed from the data.
 *
 * @example
 * ```ts
 * import { novikoffBound } from 'gradus/models'
 *
 * novikoffBound({ points: [[1], [-1]], labels: [1, 0] }).bound // → 2
 * ```
 */
export function novikoffBound(data: LabelledPoints): MistakeBound {
  objectOf('novikoffBound', 'data', data, 'an object { points, labels }', 'points')
  checkExamples('novikoffBound', data.points, data.labels)
  const signed = data.points.map((x, i) => [1, ...x].map((v) => (data.labels[i] === 1 ? v : -v)))
  const radius = Math.max(...signed.map((p) => Math.hypot(...p)))
  const { point } = nearestPoint(signed)
  const length = Math.hypot(...point)
  if (length <= 1e-7 * radius) return { radius, margin: 0, bound: Infinity, weights: null, bias: 0 }
  const unit = point.map((v) => v / length)
  // by definition, and not the length: the bound must hold for these very weights
  const margin = Math.min(...signed.map((p) => p.reduce((sum, v, i) => sum + v * unit[i]!, 0)))
  if (margin <= 0) return { radius, margin: 0, bound: Infinity, weights: null, bias: 0 }
  return { radius, margin, bound: (radius / margin) ** 2, weights: unit.slice(1), bias: unit[0]! }
}
