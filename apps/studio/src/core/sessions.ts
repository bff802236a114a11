// The training a digit lab has open (for compute.ts, in the Worker): one recipe at a time, its tests by step.
import type { Dataset } from 'gradus/data'
import { trainingDevice } from './device.ts'
import { type TestResult, type Tested, testDigits } from './digit-test.ts'
import { digits } from './mnist.ts'
import { type Look, type Plan, Trainer, type Weights } from './trainer.ts'

interface Session {
  readonly key: string
  readonly trainer: Trainer
  /** The oldest go first. */
  readonly results: Map<number, TestResult>
  /** What all of them came to, by step. */
  readonly tests: Map<number, Tested>
}
export interface Info {
  readonly kind: 'full' | 'subset'
  readonly train: number
  readonly test: number
  readonly device: string
  readonly threads: number
  /** The step from which WebAssembly went on because the GPU was lost; null: none was. */
  readonly lostAt: number | null
  readonly stepsPerEpoch: number
  readonly at: number
  /** The nearest step to the wanted one that needs no training. */
  readonly near: number
  readonly history: readonly Look[]
  /** The tests of the steps up to here. */
  readonly tests: readonly Tested[]
  readonly result: TestResult | null
}
export interface Progress {
  readonly look: Look
  /** Set after an epoch, at the end. */
  readonly test: TestResult | null
  /** Numbers stopped being finite. */
  readonly broken: boolean
  readonly lostAt: number | null
}
const KEEP = 24

export class Sessions<S extends { readonly steps: number }> {
  private session: Session | null = null
  private readonly keyOf: (s: S) => string
  private readonly plan: (s: S) => Promise<Plan>
  constructor(keyOf: (s: S) => string, plan: (s: S) => Promise<Plan>) {
    this.keyOf = keyOf
    this.plan = plan
  }

  /** The training of this recipe if it is the one that is open. */
  current(s: S): Trainer | null {
    return this.session?.key === this.keyOf(s) ? this.session.trainer : null
  }
  private async open(s: S): Promise<Session> {
    const key = this.keyOf(s)
    if (this.session?.key === key) return this.session
    const plan = await this.plan(s)
    if (this.session?.key !== key) this.session = { key, trainer: new Trainer(plan), results: new Map(), tests: new Map() }
    return this.session
  }
  private remember({ results, tests }: Session, step: number, test: TestResult): void {
    tests.set(step, { step, loss: test.loss, count: test.count })
    results.set(step, test)
    if (results.size > KEEP) results.delete(results.keys().next().value!)
  }

  /** Loads the data if need be, and says where the training of this recipe stands. */
  async info(s: S): Promise<Info> {
    const [{ kind, train, test }, device, { trainer, results, tests }] = await Promise.all([digits(), trainingDevice(), this.open(s)])
    return {
      kind, train: train.length, test: test.length, device: trainer.device, threads: device.threads, lostAt: trainer.lostAt, stepsPerEpoch: trainer.stepsPerEpoch,
      at: trainer.at, near: trainer.nearest(s.steps), history: trainer.history,
      tests: [...tests.values()].filter(({ step }) => step <= trainer.at).sort((a, b) => a.step - b.step), result: results.get(trainer.at) ?? null,
    }
  }
  /** Trains (or goes back) to `target`; tests after every epoch and at the end. */
  async *train(s: S, target: number): AsyncGenerator<Progress | null> {
    const now = await this.open(s)
    const { test } = await digits()
    for await (const look of now.trainer.go(Math.min(target, now.trainer.steps))) {
      if (look === null) yield null
      else if (!Number.isFinite(look.loss)) return yield { look, test: null, broken: true, lostAt: now.trainer.lostAt }
      else {
        yield { look, test: null, broken: false, lostAt: now.trainer.lostAt }
        if (look.step % now.trainer.stepsPerEpoch !== 0 && look.step !== target) continue
        for await (const result of this.testing(now, test)) {
          if (result !== null) this.remember(now, look.step, result)
          yield result === null ? null : { look, test: result, broken: false, lostAt: now.trainer.lostAt }
        }
      }
    }
  }
  /** Begun again where a GPU was lost in the middle of it. */
  private async *testing({ trainer }: Session, test: Dataset): AsyncGenerator<TestResult | null> {
    for (;;) {
      const { era } = trainer
      try {
        return yield* testDigits(test, (x) => trainer.signals(x))
      } catch (error) {
        if (!trainer.rescued(error, era)) throw error
      }
    }
  }
  /** Tests the weights as they stand. */
  async *test(s: S): AsyncGenerator<TestResult | null> {
    const now = await this.open(s)
    const { test } = await digits()
    for await (const result of this.testing(now, test)) {
      if (result !== null) this.remember(now, now.trainer.at, result)
      yield result
    }
  }
  /** The test of the weights as they stand; null when there was none, or no training. */
  tested(s: S): TestResult | null {
    const trainer = this.current(s)
    return trainer === null || trainer.at === 0 ? null : (this.session!.results.get(trainer.at) ?? null)
  }
  async weights(s: S): Promise<Weights | null> {
    return (await this.current(s)?.weights()) ?? null
  }
}
