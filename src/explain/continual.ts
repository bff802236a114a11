// Learning without forgetting: what old tasks need is held fast where it matters (elastic weight consolidation, Kirkpatrick et
// al. 2017), or shown again now and then (replay), with a sample of everything seen so far (reservoir sampling, Vitter 1985).
import { given } from './given.ts'
import { listOf, objectOf, optionsOf } from '../base/index.ts'
import { type Layer, type Loss, crossEntropy, withTensors } from '../nn/index.ts'
import { ShapeError, type Tensor, ValueError, grad, tensor, vmap, zerosLike } from '../tensor/index.ts'

type Tensors = Record<string, Tensor>

export interface FisherOptions {
  /** Default cross-entropy. Its gradients, squared, say how much the decision hangs on a parameter. */
  readonly loss?: Loss
}

/**
 * The diagonal of the (empirical) Fisher information: the mean over the examples of the squared gradient of each one's loss. By
 * path, like `namedParameters`. x (B, …), y (B, …).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { fisherDiagonal } from 'gradus/explain'
 * import { Linear, quadratic } from 'gradus/nn'
 *
 * const model = new Linear(1, 1, { bias: false })
 * model.weight = tensor([[2]])
 * // loss (2x − y)²/2, slope (2x − y)·x: 1 and 4; the mean of the squares
 * const { weight } = fisherDiagonal(model, tensor([[1], [2]]), tensor([[1], [2]]), { loss: quadratic })
 * await weight.array() // → [[8.5]]
 * ```
 */
export function fisherDiagonal(model: Layer, x: Tensor, y: Tensor, options: FisherOptions = {}): Tensors {
  given('fisherDiagonal', model, x, y)
  optionsOf('fisherDiagonal', options)
  const { loss = crossEntropy } = options
  if (x.shape[0] !== y.shape[0]) throw new ShapeError('fisherDiagonal', 'inputs and targets differ in length', { expected: `${x.shape[0]} targets`, received: String(y.shape[0]) })
  const params = Object.fromEntries(model.namedParameters())
  const one = (p: Tensors, input: Tensor, target: Tensor): Tensor => {
    const copy = withTensors(model, p)
    copy.eval()
    return loss(copy.call(input.unsqueeze(0)), target.unsqueeze(0))
  }
  const each = vmap(grad(one), [null, 0, 0])(params, x, y)
  return Object.fromEntries(Object.entries(each).map(([path, g]) => [path, g.square().mean(0)]))
}

/** The parameters of an old task and how much each mattered there. */
export interface Anchor {
  readonly params: Readonly<Tensors>
  readonly importance: Readonly<Tensors>
}

/** An anchor at the model's present parameters. */
export function anchorOf(model: Layer, importance: Readonly<Tensors>): Anchor {
  given('anchorOf', model)
  objectOf('anchorOf', 'importance', importance, 'tensors by path')
  return { params: Object.fromEntries(model.namedParameters()), importance }
}

/**
 * λ/2 · Σ Fᵢ (θᵢ − θᵢ*)² over all anchors: added to the loss of a new task, it holds what the old ones need.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { ewcPenalty } from 'gradus/explain'
 *
 * const anchor = { params: { w: tensor([1, 1]) }, importance: { w: tensor([10, 0]) } }
 * await ewcPenalty({ w: tensor([2, 5]) }, [anchor], 3).item() // → 15
 * ```
 */
export function ewcPenalty(params: Readonly<Tensors>, anchors: readonly Anchor[], strength: number): Tensor {
  objectOf('ewcPenalty', 'parameters', params, 'tensors by path')
  for (const anchor of listOf('ewcPenalty', 'anchors', anchors)) optionsOf('ewcPenalty', objectOf('ewcPenalty', 'anchor', anchor, 'what anchorOf(model, importance) gives').params, 'tensors by path')
  let sum = tensor(0)
  for (const anchor of anchors) {
    for (const [path, old] of Object.entries(anchor.params)) {
      const now = params[path]
      if (now === undefined) throw new ValueError('ewcPenalty', 'a parameter is missing', { expected: path, received: Object.keys(params).join(', ') })
      sum = sum.add(now.sub(old).square().mul(anchor.importance[path] ?? zerosLike(old)).sum())
    }
  }
  return sum.mul(strength / 2)
}

/**
 * A sample of a stream in which everything seen so far is equally likely to be: a memory for replay.
 *
 * @example
 * ```ts
 * import { Reservoir } from 'gradus/explain'
 *
 * const memory = new Reservoir<number>(3, Math.random)
 * for (let i = 0; i < 100; i++) memory.add(i)
 * memory.items.length // → 3
 * ```
 */
export class Reservoir<T> {
  readonly items: T[] = []
  readonly size: number
  private seen = 0
  private readonly random: () => number

  /** @param random uniform in [0, 1). */
  constructor(size: number, random: () => number) {
    if (!Number.isSafeInteger(size) || size < 1) throw new ValueError('Reservoir', 'bad size', { expected: 'a whole number from 1', received: String(size) })
    this.size = size
    this.random = random
  }
  add(item: T): void {
    this.seen++
    if (this.items.length < this.size) this.items.push(item)
    else {
      const place = Math.floor(this.random() * this.seen)
      if (place < this.size) this.items[place] = item
    }
  }
}

/** What is left of each task after each stage of learning. */
export interface Forgetting {
  /** Mean accuracy over all tasks at the end. */
  readonly average: number
  /** Mean over the earlier tasks of best accuracy so far minus accuracy at the end. */
  readonly forgetting: number
}

/**
 * Summary of a table `accuracy[stage][task]`: task i is learned in stage i, and measured after every stage.
 *
 * @example
 * ```ts
 * import { forgetting } from 'gradus/explain'
 *
 * forgetting([[0.9, 0.1], [0.5, 0.8]]) // → { average: 0.65, forgetting: 0.4 }
 * ```
 */
export function forgetting(accuracy: readonly (readonly number[])[]): Forgetting {
  for (const row of listOf('forgetting', 'table', accuracy)) listOf('forgetting', 'row', row)
  const last = accuracy.at(-1)
  if (last === undefined || accuracy.some((row) => row.length !== accuracy.length)) throw new ShapeError('forgetting', 'not a square table', { expected: 'accuracy[stage][task]', received: `${accuracy.length} stages of ${accuracy.map((row) => row.length).join(', ')} tasks` })
  const lost = last.slice(0, -1).map((end, task) => Math.max(...accuracy.slice(task, -1).map((row) => row[task]!)) - end)
  const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length)
  return { average: mean(last), forgetting: mean(lost) }
}
