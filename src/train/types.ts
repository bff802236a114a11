// What training is made of: losses, metrics, the run that callbacks see, and the records it leaves.
import type { NDArray } from '../base/index.ts'
import type { Layer } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'

/** (output, target) → a scalar, the mean over the batch. */
export type Loss = (output: Tensor, target: Tensor) => Tensor

/** A number per example, summed over the batch inside the compiled step; reported as the mean. */
export interface Metric {
  readonly name: string
  /** (output, target) → the sum over the batch, a scalar. */
  readonly sum: (output: Tensor, target: Tensor) => Tensor
}

/** One epoch: its number from 1, means over its examples, seconds, and the validation's values as `val_…`. */
export interface EpochRecord {
  readonly epoch: number
  readonly loss: number
  readonly seconds: number
  readonly learningRate: number
  readonly [metric: string]: number
}

/** What is known in the middle of an epoch. */
export interface Progress {
  /** From 1. */
  readonly epoch: number
  /** Batches done and all batches of the epoch (infinite in the first epoch of a stream of unknown length). */
  readonly batch: number
  readonly batches: number
  /** Means since the epoch began. */
  readonly values: { readonly loss: number; readonly [metric: string]: number }
  readonly samplesPerSecond: number
  /** For the epoch. */
  readonly secondsLeft: number
}

export type StopReason = 'finished' | 'aborted' | 'stopped' | 'failed'

/** A training run as its callbacks see it. */
export interface Run {
  /** Holds the current weights whenever a callback runs at an epoch's end. */
  readonly model: Layer
  readonly epochs: number
  /** Epochs completed. */
  readonly epoch: number
  /** Updates made since the beginning. */
  readonly step: number
  readonly history: readonly EpochRecord[]
  /** Multiplies the optimiser's learning rate from now on. */
  scaleLearningRate(factor: number): void
  /** Ends the run after this epoch. */
  stop(why: string): void
  /** Everything needed to go on from here, to the bit. */
  state(): Promise<TrainingState>
}

/** Hooks of a run; all may be asynchronous. `state` and `restore` carry what must survive a resume. */
export interface Callback {
  /** Key of the saved state; needed with `state`. */
  readonly name?: string
  onStart?(run: Run): void | Promise<void>
  /** A few times a second. */
  onProgress?(run: Run, progress: Progress): void | Promise<void>
  onEpoch?(run: Run, record: EpochRecord): void | Promise<void>
  /** After every callback's onEpoch. */
  afterEpoch?(run: Run, record: EpochRecord): void | Promise<void>
  /** The device was lost and is open again; the run goes on from an earlier state, at `run.epoch` and `run.step`. */
  onRecover?(run: Run, error: Error): void | Promise<void>
  onStop?(run: Run, reason: StopReason): void | Promise<void>
  state?(): unknown
  restore?(state: unknown): void
  /** A state of this run kept elsewhere: where the search begins for the step at which a run diverged. */
  kept?(): Promise<TrainingState | null>
}

/** What `fit` returns. */
export interface History {
  readonly epochs: readonly EpochRecord[]
  readonly reason: StopReason
  /** Why a callback stopped it. */
  readonly why: string | null
  /** Updates made since the beginning. */
  readonly steps: number
  /** Time in training since the beginning, earlier parts of a resumed run included. */
  readonly seconds: number
  /** Examples a second in this process. */
  readonly samplesPerSecond: number
}

/** A run frozen between two updates. Numbers only: plain arrays and JSON. */
export interface TrainingState {
  /** Parameters and buffers by path. */
  readonly weights: ReadonlyMap<string, NDArray>
  /** The optimiser's state and the epoch's sums. */
  readonly training: ReadonlyMap<string, NDArray>
  readonly progress: SavedProgress
}
export interface SavedProgress {
  readonly version: 1
  readonly seed: number
  readonly batchSize: number
  readonly examples: number
  readonly epochs: number
  /** Epochs completed, and batches done in the one under way. */
  readonly epoch: number
  readonly batch: number
  readonly step: number
  readonly seconds: number
  /** Seconds in the epoch under way. */
  readonly epochSeconds: number
  readonly rateScale: number
  readonly optimizer: string
  /** Set when the run ended before its last epoch on purpose. */
  readonly stopped: string | null
  readonly history: readonly EpochRecord[]
  readonly callbacks: Readonly<Record<string, unknown>>
}
