// Trains a classifier of digits step by step (for compute.ts, in the Worker): any step can be reached again, forward by training,
// backward from a kept step. The same plan gives the same numbers at every step, however often it was stopped.
import { DeviceError, type DeviceName, type Tensor, type TypedArray, jit, tensor, valueAndGrad } from 'gradus'
import { type Dataset, batchCount, batches, toUnit } from 'gradus/data'
import { type Optimizer, type OptimizerState, crossEntropy } from 'gradus/nn'
import { withoutGpu } from './device.ts'

export interface Weights {
  readonly [name: string]: { readonly shape: readonly number[]; readonly data: Float32Array }
}
type Params = Readonly<Record<string, Tensor>>
export interface Signals {
  /** (B, 10) */
  readonly logits: Tensor
  /** Signals of the hidden layers, (B, n) each. */
  readonly hidden: readonly Tensor[]
}
export interface Plan {
  readonly data: Dataset
  readonly start: Weights
  /** x: (B, 28, 28) from 0 to 1. */
  readonly forward: (params: Params, x: Tensor) => Signals
  readonly optimizer: Optimizer
  readonly batchSize: number
  readonly epochs: number
  readonly seed: number
  readonly device: DeviceName
}
/** What is known at a step: means since the last look. */
export interface Look {
  readonly step: number
  /** Steps from + 1 … step are meant; in them `right` of `seen` images were read rightly. */
  readonly from: number
  readonly right: number
  readonly seen: number
  readonly epoch: number
  readonly loss: number
  readonly accuracy: number
  readonly rate: number
  readonly imagesPerSecond: number
}

/** What a look tells, counted again: images read rightly, and the mean of their losses. */
export interface Recount {
  readonly right: number
  readonly loss: number
}

interface Carry {
  readonly params: readonly Tensor[]
  readonly optimizer: OptimizerState
  readonly sums: Tensor
}
interface Kept {
  readonly step: number
  readonly params: readonly TypedArray[]
  readonly optimizer: readonly (readonly [string, readonly { readonly data: TypedArray; readonly dtype: Tensor['dtype']; readonly shape: readonly number[] }[] | null, { readonly data: TypedArray; readonly dtype: Tensor['dtype'] } | null])[]
}

const KEEP = 24
const TURN_MS = 16
const LOOK_MS = 160

/** The network in plain loops, made for its weights: 784 numbers from 0 to 1 → ten outputs. */
export type Reading = (weights: Weights) => (x: Float64Array) => ArrayLike<number>
const read = (answer: ReturnType<Reading>, bytes: ArrayLike<number>, i: number): number[] => Array.from(answer(Float64Array.from({ length: 784 }, (_, k) => bytes[784 * i + k]! / 255)))
/** −ln of the label's share */
function surprise(out: readonly number[], label: number): number {
  const most = Math.max(...out)
  return most + Math.log(out.reduce((sum, z) => sum + Math.exp(z - most), 0)) - out[label]!
}

export class Trainer {
  readonly plan: Plan
  readonly names: readonly string[]
  readonly stepsPerEpoch: number
  at = 0
  /** [step, loss, accuracy] of the looks so far, in order of steps. */
  history: Look[] = []
  /** Where it computes now, and the step at which a GPU was lost and WebAssembly took over; null: none was. */
  device: DeviceName
  lostAt: number | null = null
  /** How often a GPU was lost. */
  era = 0
  private carry: Carry
  private readonly kept = new Map<number, Kept>()
  /** The last look's numbers outside the device, which may be lost; null: nothing was trained yet. */
  private safe: Kept | null = null
  private step!: (carry: Carry, x: Tensor, y: Tensor, rate: Tensor) => Carry
  private forwardNow!: (params: Params, x: Tensor) => Signals

  constructor(plan: Plan) {
    this.plan = plan
    this.names = Object.keys(plan.start)
    this.stepsPerEpoch = batchCount(plan.data.length, plan.batchSize)
    this.carry = this.fresh()
    this.device = plan.device
    this.compile()
  }
  private compile(): void {
    const { plan, device } = this
    const named = (params: readonly Tensor[]): Params => Object.fromEntries(this.names.map((name, i) => [name, params[i]!]))
    this.step = jit(
      ({ params, optimizer, sums }: Carry, x: Tensor, y: Tensor, rate: Tensor): Carry => {
        const [[loss, logits], grads] = valueAndGrad(
          (p: readonly Tensor[]): [Tensor, Tensor] => {
            const out = plan.forward(named(p), toUnit(x)).logits
            return [crossEntropy(out, y), out]
          },
          { hasAux: true },
        )(params)
        const next = plan.optimizer.update(params, grads as readonly Tensor[], optimizer, rate)
        const right = logits.argmax(-1).eq(y).to('float32').sum()
        return { params: next.params, optimizer: next.state, sums: sums.add(tensor([1, 0]).mul(loss.mul(x.shape[0]!))).add(tensor([0, 1]).mul(right)) }
      },
      { donate: [0], device },
    )
    this.forwardNow = jit((params: Params, x: Tensor) => plan.forward(params, toUnit(x)), { device })
  }

  get steps(): number {
    return this.stepsPerEpoch * this.plan.epochs
  }
  private fresh(): Carry {
    const params = Object.values(this.plan.start).map(({ shape, data }) => tensor(data, { shape }))
    return { params, optimizer: this.plan.optimizer.init(params), sums: tensor([0, 0]) }
  }

  /** The nearest step at or before `step` that needs no training. */
  nearest(step: number): number {
    return Math.max(0, ...[...this.kept.keys(), ...(this.at <= step ? [this.at] : [])].filter((k) => k <= step))
  }

  /**
   * Goes to a step. Yields a look a few times a second and null in between, so that the Worker can answer others. Stops at
   * numbers that are not finite: the last look says so.
   */
  async *go(target: number): AsyncGenerator<Look | null> {
    for (let over = false; !over; ) {
      const { era } = this
      try {
        over = yield* this.walk(target, era)
      } catch (error) {
        if (!this.rescued(error, era)) throw error
        yield null
      }
    }
  }
  /**
   * A lost GPU: everything goes on by WebAssembly from the last look's numbers. Several may notice it: `era` is what stood in the
   * field of that name when the work was begun. False: the fault is another one.
   */
  rescued(error: unknown, era: number): boolean {
    if (!(error instanceof DeviceError) || (this.device === 'wasm' && era === this.era)) return false
    if (era < this.era) return true
    withoutGpu()
    this.era++
    this.device = 'wasm'
    this.compile()
    this.put(this.safe)
    this.lostAt = this.at
    return true
  }
  /** Runs again after a lost GPU. */
  async safely<T>(run: () => Promise<T>): Promise<T> {
    const { era } = this
    try {
      return await run()
    } catch (error) {
      if (!this.rescued(error, era)) throw error
      return run()
    }
  }
  /** False when a lost GPU was noticed by another meanwhile. */
  private async *walk(target: number, era: number): AsyncGenerator<Look | null, boolean> {
    if (target < this.at) this.restore(this.nearest(target))
    const { batchSize, seed, data, optimizer } = this.plan
    let [turned, looked, since] = [performance.now(), performance.now(), this.at]
    while (this.at < target) {
      const epoch = Math.floor(this.at / this.stepsPerEpoch)
      for (const batch of batches(data, { batchSize, seed, epoch, shuffle: true, augment: true, start: this.at % this.stepsPerEpoch })) {
        const rate = tensor(optimizer.rate(this.at))
        this.carry = this.step(this.carry, batch.inputs, batch.targets, rate)
        for (const used of [batch.inputs, batch.targets, rate]) used.dispose()
        this.at++
        const now = performance.now()
        const end = this.at === target || this.at % this.stepsPerEpoch === 0
        if (end || now - looked > LOOK_MS) {
          const look = await this.look(since, now - looked)
          ;[looked, since, turned] = [performance.now(), this.at, performance.now()]
          yield look
          if (era !== this.era) return false
          if (!Number.isFinite(look.loss)) return true
          if (end) break
        } else if (now - turned > TURN_MS) {
          yield null
          if (era !== this.era) return false
          turned = performance.now()
        }
      }
      await this.keep()
    }
    return true
  }

  private async look(since: number, ms: number): Promise<Look> {
    const images = (this.at - since) * this.plan.batchSize
    const [loss, right] = (await this.carry.sums.data()) as Float32Array
    const inLast = this.at % this.stepsPerEpoch === 0 ? this.plan.data.length - (this.stepsPerEpoch - 1) * this.plan.batchSize : this.plan.batchSize
    const seen = images - this.plan.batchSize + inLast
    const look = { step: this.at, from: since, right: right!, seen, epoch: Math.ceil(this.at / this.stepsPerEpoch), loss: loss! / seen, accuracy: right! / seen, rate: this.plan.optimizer.rate(this.at - 1), imagesPerSecond: (1000 * images) / ms }
    this.carry = { ...this.carry, sums: tensor([0, 0]) }
    if (this.device !== 'wasm') this.safe = await this.copy()
    this.history = [...this.history.filter(({ step }) => step < look.step), look]
    return look
  }

  /** Remembers where we are. Numbers that are not finite are not worth it. */
  private async keep(): Promise<void> {
    const now = this.safe?.step === this.at ? this.safe : await this.copy()
    if (now.params.some((values) => values.some((v) => !Number.isFinite(v)))) return
    this.kept.set(this.at, now)
    if (this.kept.size > KEEP) this.kept.delete(Math.min(...this.kept.keys()))
  }
  /** Where we are, outside the device. */
  private async copy(): Promise<Kept> {
    const params = await Promise.all(this.carry.params.map((p) => p.data()))
    const read = async (t: Tensor) => ({ data: await t.data(), dtype: t.dtype, shape: t.shape })
    const optimizer = await Promise.all(
      Object.entries(this.carry.optimizer).map(async ([name, slot]): Promise<Kept['optimizer'][number]> => (Array.isArray(slot) ? [name, await Promise.all((slot as readonly Tensor[]).map(read)), null] : [name, null, await read(slot as Tensor)])),
    )
    return { step: this.at, params, optimizer }
  }
  private restore(step: number): void {
    this.put(this.kept.get(step) ?? null)
    this.safe = this.kept.get(step) ?? null
  }
  private put(kept: Kept | null): void {
    this.at = kept?.step ?? 0
    this.carry = this.carryOf(kept)
    this.history = this.history.filter((look) => look.step <= this.at)
  }
  private carryOf(kept: Kept | null): Carry {
    return kept === null ? this.fresh() : {
      params: kept.params.map((data, i) => tensor(data, { shape: this.plan.start[this.names[i]!]!.shape })),
      optimizer: Object.fromEntries(kept.optimizer.map(([name, list, one]) => [name, list === null ? tensor(one!.data, { dtype: one!.dtype, shape: [] }) : list.map(({ data, dtype, shape }) => tensor(data, { dtype, shape }))])) as unknown as OptimizerState,
      sums: tensor([0, 0]),
    }
  }

  /** From the nearest kept step to `step`, beside the training; `before` every step from `from` on. Null while under way, then where it has come to. */
  private async *beside(from: number, step: number, before: (carry: Carry, inputs: Tensor, targets: Tensor) => Promise<void>): AsyncGenerator<null, Carry> {
    const { batchSize, seed, data, optimizer } = this.plan
    const kept = this.kept.get(Math.max(-1, ...[...this.kept.keys()].filter((k) => k <= from))) ?? null
    let [carry, at] = [this.carryOf(kept), kept?.step ?? 0]
    while (at < step) {
      for (const { inputs, targets } of batches(data, { batchSize, seed, epoch: Math.floor(at / this.stepsPerEpoch), shuffle: true, augment: true, start: at % this.stepsPerEpoch })) {
        if (at >= from) await before(carry, inputs, targets)
        carry = this.step(carry, inputs, targets, tensor(optimizer.rate(at)))
        at++
        yield null
        if (at === step || at % this.stepsPerEpoch === 0) break
      }
    }
    return carry
  }
  /** A look's steps once more: before each of them its images are read by `plain`, made for the weights as they stood. Null while under way. */
  async *recount({ from, step }: Pick<Look, 'from' | 'step'>, plain: Reading): AsyncGenerator<Recount | null> {
    let [seen, right, loss] = [0, 0, 0]
    yield* this.beside(from, step, async (carry, inputs, targets) => {
      const [answer, x, y] = [plain(await this.weightsOf(carry.params)), await inputs.data(), await targets.data()]
      for (let i = 0; i < y.length; i++) {
        const out = read(answer, x, i)
        if (out.indexOf(Math.max(...out)) === y[i]) right++
        loss += surprise(out, y[i]!)
      }
      seen += y.length
    })
    yield { right, loss: loss / seen }
  }
  /** The mean loss of other images (the first `count` of them) as the weights stood after `step` steps, read by `plain`. Null while under way. */
  async *retest(step: number, { inputs, targets }: Dataset, plain: Reading, count: number): AsyncGenerator<number | null> {
    const carry = yield* this.beside(step, step, async () => undefined)
    const answer = plain(await this.weightsOf(carry.params))
    let loss = 0
    for (let i = 0; i < count; i++) {
      loss += surprise(read(answer, inputs.data, i), targets.data[i]!)
      if (i % 25 === 24) yield null
    }
    yield loss / count
  }

  params(): Params {
    return Object.fromEntries(this.names.map((name, i) => [name, this.carry.params[i]!]))
  }
  weights(): Promise<Weights> {
    return this.safely(() => this.weightsOf(this.carry.params))
  }
  private async weightsOf(params: readonly Tensor[]): Promise<Weights> {
    return Object.fromEntries(await Promise.all(this.names.map(async (name, i) => [name, { shape: params[i]!.shape, data: Float32Array.from(await params[i]!.data()) }] as const)))
  }
  /** Bytes (B, 28, 28) → signals, on the weights as they stand. */
  signals(images: Tensor): Signals {
    return this.forwardNow(this.params(), images)
  }
}
