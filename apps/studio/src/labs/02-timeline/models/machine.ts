// What every model of the timeline is: it starts from a seed, goes on by steps, and shows itself between them.
import { type Tensor, jit, tensor, valueAndGrad } from 'gradus'
import { Adam, type OptimizerState } from 'gradus/nn'
import { gaussian } from '../../../core/random.ts'

/** What is drawn. `key` names it in the texts. `learned`: the numbers are weights themselves; `given`: data that was not computed; numbers among the cells of a table were. */
export type Picture =
  | { readonly kind: 'cells'; readonly key: string; readonly rows: number; readonly columns: number; readonly signed: boolean; readonly learned?: true; readonly items: readonly { readonly values: readonly number[]; readonly mark?: string; readonly given?: true }[] }
  | { readonly kind: 'matrix'; readonly key: string; readonly rows: readonly string[]; readonly columns: readonly string[]; readonly values: readonly number[]; readonly limit?: number }
  | { readonly kind: 'cloud'; readonly key: string; readonly reach: number; readonly real: readonly (readonly [number, number])[]; readonly made: readonly (readonly [number, number])[] }
  | { readonly kind: 'plane'; readonly key: string; readonly reach: number; readonly size: number; readonly answers: readonly number[]; readonly points: readonly { readonly x: number; readonly y: number; readonly c: 0 | 1 }[] }
  | { readonly kind: 'table'; readonly key: string; readonly head: readonly string[]; readonly rows: readonly { readonly cells: readonly (string | number)[]; readonly good?: boolean }[] }

export interface Look {
  /** One value of each curve. */
  readonly curves: Readonly<Record<string, number>>
  readonly figures: Readonly<Record<string, number>>
  /** Of how many cases a figure is a share. */
  readonly cases?: Readonly<Record<string, number>>
  readonly pictures: readonly Picture[]
}
export interface Running {
  readonly advance: (from: number, to: number) => Promise<void>
  readonly look: () => Promise<Look>
  /** The figures once more by another way; without it: `look` on the reference device, from the weights as they are. */
  readonly recount?: () => Promise<Readonly<Record<string, number>>>
  /** The pictures once more by another way; without it as the figures are. */
  readonly redraw?: () => Promise<readonly Picture[]>
}
export interface Machine {
  /** The length of a whole run. */
  readonly steps: number
  /** After how many steps it shows itself. */
  readonly every: number
  readonly start: (seed: number, variant: number) => Running
}

export type Params = Readonly<Record<string, Tensor>>
export type Draw = () => number

/** Weights (rows, columns): normal, scaled by the number of inputs, so that signals keep their size (He et al., 2015). */
export function weights(shape: readonly number[], draw: Draw, gain = 1): Tensor {
  const normal = gaussian(draw)
  const size = shape.reduce((a, b) => a * b, 1)
  const inputs = shape.length === 4 ? shape[1]! * shape[2]! * shape[3]! : shape[0]!
  return tensor(Float32Array.from({ length: size }, () => (normal() * gain) / Math.sqrt(inputs)), { shape })
}
export const flat = (...shape: number[]): Tensor => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape })

export interface Trainer<P extends Params> {
  /** The weights as they are now. */
  readonly params: P
  /** One update on a batch. */
  readonly step: (...batch: Tensor[]) => void
}
/** Training by Adam; loss, gradients and update are one compiled program. */
export function trainer<P extends Params>(start: P, lossOf: (p: P, ...batch: Tensor[]) => Tensor, rate = 0.01): Trainer<P> {
  const names = Object.keys(start)
  const adam = new Adam(rate)
  const pack = (list: readonly Tensor[]): P => Object.fromEntries(names.map((name, i) => [name, list[i]!])) as P
  const update = jit((now: readonly Tensor[], state: OptimizerState, lr: Tensor, batch: readonly Tensor[]) => {
    const [, grads] = valueAndGrad((list: readonly Tensor[]) => lossOf(pack(list), ...batch))(now)
    return adam.update(now, grads, state, lr)
  })
  let now: readonly Tensor[] = Object.values(start)
  let state = adam.init(now)
  const lr = tensor(rate)
  return {
    get params() {
      return pack(now)
    },
    step: (...batch) => {
      const next = update(now, state, lr, batch)
      now = next.params
      state = next.state
    },
  }
}

/** Share of rows whose largest logit is the label. */
export async function accuracy(logits: Tensor, labels: readonly number[]): Promise<number> {
  const guesses = await logits.argmax(-1).data()
  return labels.filter((label, i) => guesses[i] === label).length / labels.length
}
export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
export const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor => tensor(Int32Array.from(values), { shape, dtype: 'int32' })
