// The carry of a run as plain numbers and back: what a checkpoint holds.
import { type NDArray, ValueError, sameShape, showShape } from '../base/index.ts'
import { toTensor } from '../data/index.ts'
import type { Module, Optimizer } from '../nn/index.ts'
import { type Tensor, treeEntries, treeMap } from '../tensor/index.ts'
import { type Carry, buffersOf, zeroSums } from './step.ts'
import type { Metric, SavedProgress, TrainingState } from './types.ts'

const toArray = async (t: Tensor): Promise<NDArray> => ({ dtype: t.dtype, shape: t.shape, data: await t.data() })
/** A tensor with memory of its own. */
export const copyOf = async (t: Tensor): Promise<Tensor> => toTensor(await toArray(t))

/** The state before the first step. The model keeps its own tensors: the steps overwrite copies. */
export async function firstCarry(model: Module, optimizer: Optimizer, metrics: readonly Metric[]): Promise<Carry> {
  const params = await Promise.all([...model.namedParameters()].map(([, t]) => copyOf(t)))
  if (params.length === 0) throw new ValueError('fit', 'the model has no parameters', { remedy: 'Is it built from modules such as Linear, kept in its fields?' })
  const buffers = await Promise.all(Object.entries(buffersOf(model)).map(async ([path, t]) => [path, await copyOf(t)] as const))
  return { params, buffers: Object.fromEntries(buffers), optimizer: await ownCopies(optimizer.init(params)), sums: zeroSums(metrics) }
}

/** A tree with memory of its own for every tensor: steps are given tensors away, so none may stand in two places. */
export async function ownCopies<T>(tree: T): Promise<T> {
  const copies = await Promise.all(treeEntries(tree).map(([, t]) => copyOf(t)))
  let at = 0
  return treeMap(() => copies[at++]!, tree)
}

/** Parts of a carry beside the weights, by path. */
const training = (carry: Carry): [string, Tensor][] => treeEntries({ optimizer: carry.optimizer, sums: carry.sums })

/** Reads a carry into plain arrays. */
export async function freeze(carry: Carry, paths: readonly string[], progress: SavedProgress): Promise<TrainingState> {
  const read = async (entries: readonly (readonly [string, Tensor])[]): Promise<Map<string, NDArray>> =>
    new Map(await Promise.all(entries.map(async ([path, t]) => [path, await toArray(t)] as const)))
  const weights = [...paths.map((path, i) => [path, carry.params[i]!] as const), ...Object.entries(carry.buffers)]
  return { weights: await read(weights), training: await read(training(carry)), progress }
}

/** What must be the same for a run to go on as if it had never stopped. */
type Settings = Pick<SavedProgress, 'seed' | 'batchSize' | 'examples' | 'optimizer'>

/**
 * A carry from plain arrays, in the form of `like` (a fresh one).
 *
 * @throws ValueError when the state belongs to another model, data set or setting.
 */
export function thaw(state: TrainingState, like: Carry, paths: readonly string[], settings: Settings): Carry {
  for (const name of ['seed', 'batchSize', 'examples', 'optimizer'] as const) {
    if (state.progress[name] !== settings[name]) {
      throw new ValueError('fit', `the run to resume had another ${name}`, { expected: String(state.progress[name]), received: String(settings[name]), remedy: 'Resume with the settings the run began with, or begin a new one.' })
    }
  }
  const one = (from: ReadonlyMap<string, NDArray>, path: string, t: Tensor): Tensor => {
    const saved = from.get(path)
    if (saved === undefined) throw new ValueError('fit', `the run to resume has no "${path}"`, { remedy: 'It belongs to another model or optimiser.' })
    if (saved.dtype !== t.dtype || !sameShape(saved.shape, t.shape)) {
      throw new ValueError('fit', `"${path}" has another form in the run to resume`, { expected: `${t.dtype} ${showShape(t.shape)}`, received: `${saved.dtype} ${showShape(saved.shape)}` })
    }
    return toTensor(saved)
  }
  const entries = training(like)
  let at = 0
  const rest = treeMap((t) => one(state.training, entries[at++]![0], t), { optimizer: like.optimizer, sums: like.sums })
  return {
    params: like.params.map((t, i) => one(state.weights, paths[i]!, t)),
    buffers: Object.fromEntries(Object.entries(like.buffers).map(([path, t]) => [path, one(state.weights, path, t)])),
    ...rest,
  }
}
