// fit: epochs of compiled steps over a data set. The whole state lives in one carry of tensors between the steps, so that
// a run can be frozen after any update and continued to the bit.
import { DeviceError, ValueError, functionOf, objectOf, optionsOf } from '../base/index.ts'
import { type Batch, type TrainingData, stepKey, toTensor } from '../data/index.ts'
import type { Layer, Optimizer, OptimizerState } from '../nn/index.ts'
import { backend, tensor, treeLeaves } from '../tensor/index.ts'
import { checkBatch, checkFit, checkLabels } from './checks.ts'
import { type Trail, WILD, divergedError, findDivergence } from './diverged.ts'
import { breathe, evaluate } from './evaluate.ts'
import { metricsFor } from './metrics.ts'
import { copyOf, firstCarry, freeze, ownCopies, thaw } from './state.ts'
import { type Carry, type Step, type StepParts, gradientProbe, readSums, trainStep, zeroSums } from './step.ts'
import type { Callback, EpochRecord, History, Loss, Metric, Run, StopReason, TrainingState } from './types.ts'

export interface FitOptions {
  readonly epochs: number
  readonly loss: Loss
  readonly optimizer: Optimizer
  /** Default 32. */
  readonly batchSize?: number
  /** Default: accuracy where the targets are classes. */
  readonly metrics?: readonly Metric[]
  /** Evaluated after every epoch; its values are called val_loss, val_accuracy … */
  readonly validation?: TrainingData
  readonly callbacks?: readonly Callback[]
  /** Orders the examples, the augmentation and the random layers; default 0. */
  readonly seed?: number
  /** A new order every epoch; default true. A stream comes in its own order: it has a `shuffle` of its own. */
  readonly shuffle?: boolean
  /** Leave out an epoch's last batch when it is smaller; default false. */
  readonly dropLast?: boolean
  /** Shrinks the gradient of a step to this global norm if it is longer (Pascanu et al. 2013); default: never. */
  readonly clipNorm?: number
  /** Stops the run between two updates. */
  readonly signal?: AbortSignal
  /** Goes on where this state was taken, bit for bit. */
  readonly resume?: TrainingState
}

/** Milliseconds between looks at the numbers, and between turns of the event loop. */
const LOOK = 250
const TURN = 40
/** Bytes of an optimiser's state that are kept at an epoch's beginning, for the search after a divergence. */
const MOST_KEPT = 2 ** 26
/** How often a run goes on from one state after its device was lost. */
const MOST_RECOVERIES = 3

/**
 * Trains a model. Afterwards (and whenever a callback runs at an epoch's end) the model holds the current weights.
 *
 * A device that was lost (webgpu) is opened again, and the run goes on from the last state there is in memory or with a callback
 * (of the last epoch's end, as a rule): the result is that of a run without the interruption.
 *
 * @throws ValueError for options or labels that cannot be right; DivergedError when loss or weights are no finite numbers any more;
 * DeviceError when the device is lost again and again.
 * @example
 * ```ts
 * import { manualSeed } from 'gradus'
 * import { Dataset } from 'gradus/data'
 * import { Adam, Linear, mse } from 'gradus/nn'
 * import { fit } from 'gradus/train'
 *
 * manualSeed(1)
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * const { epochs } = await fit(new Linear(1, 1), data, { epochs: 200, loss: mse, optimizer: new Adam(0.1) })
 * epochs.at(-1)!.loss < 0.1 // → true
 * ```
 */
export async function fit(model: Layer, data: TrainingData, options: FitOptions): Promise<History> {
  objectOf('fit', 'model', model, 'a module', 'namedParameters')
  objectOf('fit', 'data', data, 'a data set, as Dataset.of(inputs, targets)', 'batches')
  optionsOf('fit', options, 'options with epochs, loss and optimizer')
  functionOf('fit', options.loss, 'loss')
  objectOf('fit', 'optimizer', options.optimizer, 'an optimizer, as new Adam(1e-3)', 'update')
  const batchSize = options.batchSize ?? 32
  checkFit(data, options, batchSize)
  const metrics = options.metrics ?? (await metricsFor(data))
  return new Fit(model, data, { ...options, metrics }, batchSize).run()
}

class Fit implements Run {
  readonly model: Layer
  readonly epochs: number
  epoch = 0
  step = 0
  readonly history: EpochRecord[] = []
  private batch = 0
  private seconds = 0
  private epochSeconds = 0
  private rateScale = 1
  private stopped: string | null = null
  private readonly data: TrainingData
  private readonly options: FitOptions
  private readonly batchSize: number
  /** Infinite as long as it is not known. */
  private batches: number
  private readonly seed: number
  private readonly metrics: readonly Metric[]
  private readonly callbacks: readonly Callback[]
  private readonly paths: readonly string[]
  private readonly parts: StepParts
  private readonly take: Step
  /** The optimiser's state at the beginning of the epoch, if it is small and no callback keeps states. */
  private begun: OptimizerState | null = null
  /** On devices that can be lost: where the run goes on then, and how often it did. */
  private safe: TrainingState | null = null
  private recoveries = 0
  private outputShape: readonly number[] | null = null
  private carry!: Carry
  private samples = 0
  private clock = 0

  constructor(model: Layer, data: TrainingData, options: FitOptions & { readonly metrics: readonly Metric[] }, batchSize: number) {
    this.model = model
    this.data = data
    this.options = options
    this.epochs = options.epochs
    this.batchSize = batchSize
    this.batches = data.batchCount(batchSize, options.dropLast) ?? Number.POSITIVE_INFINITY
    this.seed = options.seed ?? 0
    this.metrics = options.metrics
    this.callbacks = options.callbacks ?? []
    this.paths = [...model.namedParameters()].map(([path]) => path)
    this.parts = { model, data, loss: options.loss, metrics: this.metrics, clipNorm: options.clipNorm }
    this.take = trainStep(this.parts, options.optimizer, this.paths, (shape) => (this.outputShape = shape))
  }

  async run(): Promise<History> {
    const training = this.model.training
    let reason: StopReason = 'failed'
    try {
      this.carry = await firstCarry(this.model, this.options.optimizer, this.metrics)
      if (this.options.resume !== undefined) this.restore(this.options.resume)
      await this.secure()
      await this.tell((c) => c.onStart?.(this))
      const started = performance.now()
      this.clock = started
      const before = this.seconds
      reason = 'finished'
      while (this.stopped === null && this.epoch < this.epochs) {
        try {
          if (await this.trainEpoch()) continue
        } catch (error) {
          if (await this.recovered(error)) continue
          throw error
        }
        reason = 'aborted'
        break
      }
      if (this.stopped !== null) reason = 'stopped'
      await this.hand()
      await this.tell((c) => c.onStop?.(this, reason))
      return { epochs: this.history, reason, why: this.stopped, steps: this.step, seconds: this.seconds, samplesPerSecond: this.seconds > before ? this.samples / (this.seconds - before) : 0 }
    } catch (error) {
      for (const c of this.callbacks) await c.onStop?.(this, 'failed')
      throw error
    } finally {
      if (training) this.model.train()
      else this.model.eval()
    }
  }

  /** One epoch, or what is left of it. False: the signal stopped it. */
  private async trainEpoch(): Promise<boolean> {
    const { options, seed, epoch, batchSize } = this
    const startBatch = this.batch
    const startSeconds = this.epochSeconds
    let looked = performance.now()
    let turned = looked
    const aborted = (): boolean => options.signal?.aborted === true
    let ended = true
    for await (const batch of this.data.batches({ batchSize, seed, epoch, shuffle: options.shuffle ?? true, augment: true, start: startBatch, ...(options.dropLast === undefined ? {} : { dropLast: options.dropLast }) })) {
      if (aborted()) {
        ended = false
        break
      }
      try {
        this.update(batch)
      } catch (error) {
        // Ctrl-C in a terminal also ends a C compiler that is at work for us: no failure, the run stops before this update
        await breathe()
        if (!(aborted() && error instanceof DeviceError)) throw error
        ended = false
        break
      }
      const now = performance.now()
      if (now - turned > TURN) {
        await breathe()
        turned = performance.now()
      }
      if (now - looked > LOOK && this.batch < this.batches) {
        await this.look(startBatch, startSeconds)
        looked = performance.now()
      }
    }
    this.tick()
    if (!ended) return false
    if (this.batch === 0) throw new ValueError('fit', 'the data set is empty')
    this.batches = this.batch
    await this.endEpoch()
    return !aborted() || this.epoch >= this.epochs
  }

  private update(batch: Batch): void {
    const key = tensor(stepKey(this.seed, this.step))
    const rate = tensor(this.options.optimizer.rate(this.step) * this.rateScale)
    const first = this.outputShape === null
    this.carry = this.take(this.carry, batch.inputs, batch.targets, key, rate)
    // not left to the collector: thousands of steps a second would outrun it
    for (const used of [batch.inputs, batch.targets, key, rate]) used.dispose()
    if (first) checkLabels(this.data, this.outputShape!)
    if (batch.labels !== undefined) checkBatch(batch.labels, this.outputShape!, batch.examples)
    this.step++
    this.batch++
    this.samples += batch.size
  }

  private async look(startBatch: number, startSeconds: number): Promise<void> {
    this.tick()
    const values = await readSums(this.carry.sums)
    if (!Number.isFinite(values.loss)) throw await this.broken(values.loss)
    const perBatch = (this.epochSeconds - startSeconds) / (this.batch - startBatch)
    const progress = {
      epoch: this.epoch + 1, batch: this.batch, batches: this.batches, values,
      samplesPerSecond: this.batchSize / perBatch, secondsLeft: perBatch * (this.batches - this.batch),
    }
    await this.tell((c) => c.onProgress?.(this, progress))
  }

  private async endEpoch(): Promise<void> {
    const values = await readSums(this.carry.sums)
    if (!Number.isFinite(values.loss)) throw await this.broken(values.loss)
    await this.hand()
    const record: Record<string, number> = { epoch: this.epoch + 1, ...values, seconds: this.epochSeconds, learningRate: this.options.optimizer.rate(this.step - 1) * this.rateScale }
    if (this.options.validation !== undefined) {
      const { loss } = this.options
      for (const [name, value] of Object.entries(await evaluate(this.model, this.options.validation, { loss, metrics: this.metrics }))) record[`val_${name}`] = value
    }
    this.history.push(record as unknown as EpochRecord)
    this.epoch++
    this.batch = 0
    this.carry = { ...this.carry, sums: zeroSums(this.metrics) }
    await this.keep()
    await this.tell((c) => c.onEpoch?.(this, record as unknown as EpochRecord))
    await this.tell((c) => c.afterEpoch?.(this, record as unknown as EpochRecord))
    this.tick()
    this.epochSeconds = 0
    await this.secure()
  }

  /** Gives the model copies of the current weights, if they are numbers: the originals go on to the next step. */
  private async hand(): Promise<void> {
    const entries = [...this.paths.map((path, i) => [path, this.carry.params[i]!] as const), ...Object.entries(this.carry.buffers)]
    const copies = await Promise.all(entries.map(async ([path, t]) => [path, await copyOf(t)] as const))
    for (const [, t] of copies) if (!allFinite(await t.data())) throw await this.broken(0)
    this.model.loadState(Object.fromEntries(copies))
  }

  private tick(): void {
    const now = performance.now()
    const passed = (now - this.clock) / 1000
    this.clock = now
    this.seconds += passed
    this.epochSeconds += passed
  }

  private async tell(call: (callback: Callback) => void | Promise<void> | undefined): Promise<void> {
    for (const callback of this.callbacks) await call(callback)
  }

  private async keep(): Promise<void> {
    if (this.callbacks.some((c) => c.kept !== undefined)) return
    const bytes = treeLeaves(this.carry.optimizer).reduce((sum, t) => sum + 4 * t.size, 0)
    this.begun = bytes > MOST_KEPT ? null : await ownCopies(this.carry.optimizer)
  }

  /** Takes the state a run goes on from when its device is lost. */
  private async secure(): Promise<void> {
    if (backend().recover === undefined) return
    this.safe = await this.state()
    this.recoveries = 0
  }
  /** After an error: whether the device was lost, is open again, and all that was on it is back. */
  private async recovered(error: unknown): Promise<boolean> {
    if (!(error instanceof DeviceError) || this.safe === null || this.recoveries++ >= MOST_RECOVERIES || (await backend().recover?.()) !== true) return false
    for (const c of this.callbacks) {
      const kept = (await c.kept?.()) ?? null
      if (kept !== null && kept.progress.step > this.safe.progress.step) this.safe = kept
    }
    this.history.length = 0
    this.restore(this.safe)
    this.model.loadState(Object.fromEntries([...this.safe.weights].map(([path, value]) => [path, toTensor(value)])))
    this.begun = null // it may have been on the device; the next epoch's end takes it anew
    await this.tell((c) => c.onRecover?.(this, error))
    return true
  }

  /** The error of a run that diverged; the steps since the last good state are made again to find out where. */
  private async broken(loss: number): Promise<Error> {
    const { epoch, step, options, paths } = this
    const rate = (at: number): number => options.optimizer.rate(at) * this.rateScale
    let wild: string | null = null
    for (let i = 0; i < paths.length && wild === null; i++) {
      if ((await this.carry.params[i]!.data()).some((x) => !(Math.abs(x) < WILD))) wild = paths[i]!
    }
    const from = await this.lastGood().catch(() => null)
    const divergence = from === null ? null : await findDivergence({
      ...from, until: step, data: this.data, seed: this.seed, rate, paths, take: this.take, probe: gradientProbe(this.parts, paths), signal: options.signal,
      order: { batchSize: this.batchSize, shuffle: options.shuffle ?? true, ...(options.dropLast === undefined ? {} : { dropLast: options.dropLast }) },
    })
    return divergedError({ loss, epoch: epoch + 1, step, rate: rate(Math.max(0, step - 1)), clipped: options.clipNorm !== undefined, wild, divergence })
  }

  /** The carry of the last state that is known: one that a callback keeps, or the beginning of the run or the epoch. */
  private async lastGood(): Promise<Pick<Trail, 'carry' | 'epoch' | 'batch' | 'step'> | null> {
    const { model, options } = this
    const fresh = await firstCarry(model, options.optimizer, this.metrics)
    for (const c of this.callbacks) {
      const state = (await c.kept?.()) ?? null
      if (state !== null && state.progress.step < this.step) return { ...state.progress, carry: thaw(state, fresh, this.paths, this.settings()) }
    }
    const { resume } = options
    if (this.history.length === (resume?.progress.history.length ?? 0)) return resume === undefined ? { carry: fresh, epoch: 0, batch: 0, step: 0 } : { ...resume.progress, carry: thaw(resume, fresh, this.paths, this.settings()) }
    return this.begun === null ? null : { carry: { ...fresh, optimizer: await ownCopies(this.begun) }, epoch: this.epoch, batch: 0, step: this.step - this.batch }
  }
  private settings(): Parameters<typeof thaw>[3] {
    return { seed: this.seed, batchSize: this.batchSize, examples: this.data.length ?? 0, optimizer: JSON.stringify(this.options.optimizer.describe()) }
  }

  scaleLearningRate(factor: number): void {
    this.rateScale *= factor
  }
  stop(why: string): void {
    this.stopped = why
  }

  async state(): Promise<TrainingState> {
    const state = await freeze(this.carry, this.paths, {
      version: 1, seed: this.seed, batchSize: this.batchSize, examples: this.data.length ?? 0, epochs: this.epochs,
      epoch: this.epoch, batch: this.batch, step: this.step, seconds: this.seconds, epochSeconds: this.batch === 0 ? 0 : this.epochSeconds,
      rateScale: this.rateScale, optimizer: JSON.stringify(this.options.optimizer.describe()), stopped: this.stopped, history: [...this.history],
      callbacks: Object.fromEntries(this.callbacks.flatMap((c) => (c.name !== undefined && c.state !== undefined ? [[c.name, c.state()]] : []))),
    })
    // nobody is to keep a state that is none
    for (const { data } of state.weights.values()) if (!allFinite(data)) throw await this.broken(0)
    return state
  }

  private restore(state: TrainingState): void {
    const { progress } = state
    this.carry = thaw(state, this.carry, this.paths, this.settings())
    this.epoch = progress.epoch
    this.batch = progress.batch
    this.step = progress.step
    this.seconds = progress.seconds
    this.epochSeconds = progress.epochSeconds
    this.rateScale = progress.rateScale
    this.stopped = progress.stopped
    this.history.push(...progress.history)
    for (const c of this.callbacks) if (c.name !== undefined && Object.hasOwn(progress.callbacks, c.name)) c.restore?.(progress.callbacks[c.name])
  }
}

function allFinite(data: ArrayLike<number>): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return false
  return true
}
