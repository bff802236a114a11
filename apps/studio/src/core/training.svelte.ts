// A digit lab's training as the page sees it: start, stop, one step, back; what was measured; what the state asks for and the
// engine does not have yet. Made while a component is set up.
import { onDestroy, untrack } from 'svelte'
import type { TestResult, Tested } from './digit-test.ts'
import { stream } from './engine.svelte.ts'
import type { Info, Progress } from './sessions.ts'
import type { Store } from './store.svelte.ts'
import type { Look } from './trainer.ts'
import type { Trouble } from './trouble.ts'

interface Options<S> {
  readonly folder: string
  readonly store: Store<S>
  readonly keyOf: (s: S) => string
  readonly info: (s: S) => Promise<Info>
  readonly troubleOf: (s: S, seen: { readonly loss: number; readonly dead?: readonly number[]; readonly saturated?: readonly number[] }) => Trouble | null
  /** Called before training begins: puts aside what stands in its way. */
  readonly before?: () => Promise<void>
}

export class Training<S extends { readonly steps: number; readonly epochs: number }> {
  info: Info | null = $state.raw(null)
  loading = $state(false)
  /** Why the data did not come. */
  failure = $state('')
  /** Why a training or a test ended before its time. */
  fault = $state('')
  looks: readonly Look[] = $state.raw([])
  tests: readonly Tested[] = $state.raw([])
  result: TestResult | null = $state.raw(null)
  trouble: Trouble | null = $state(null)
  /** Grows whenever the weights in the engine change. */
  version = $state(0)
  private own: { readonly stop: () => void } | null = $state.raw(null)
  /** Where the weights in the engine stand, and of which recipe. */
  private reached: { readonly key: string; readonly step: number } = $state.raw({ key: '', step: 0 })
  private readonly options: Options<S>

  constructor(options: Options<S>) {
    this.options = options
    const { store, keyOf } = options
    onDestroy(() => this.stop())
    // Another recipe, or a step reached by undo or by a link: a near step is gone to at once, a far one is offered.
    $effect(() => {
      const [key, { steps }] = [keyOf(store.state), store.state]
      untrack(() => this.follow(key, steps))
    })
  }

  get running(): boolean {
    return this.own !== null
  }
  get trained(): boolean {
    return this.reached.step > 0 && this.reached.key === this.key
  }
  /** The state describes a training that the engine does not have. */
  get pending(): boolean {
    const { steps } = this.options.store.state
    return steps > 0 && !this.running && !(this.reached.key === this.key && this.reached.step === steps)
  }
  get total(): number {
    return this.info === null ? 0 : this.info.stepsPerEpoch * this.options.store.state.epochs
  }
  private get key(): string {
    return this.options.keyOf(this.options.store.state)
  }

  stop(): void {
    this.own?.stop()
    this.own = null
  }
  /** Asks the engine, which fetches the data if need be; null when they did not come. */
  async ready(): Promise<Info | null> {
    const { store, keyOf, info } = this.options
    this.loading = this.info === null
    this.failure = ''
    try {
      const asked = store.state
      const got = await info(asked)
      this.info = got
      this.reached = { key: keyOf(asked), step: got.at }
      this.looks = got.history
      this.tests = got.tests
      this.result = got.result
      return got
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error)
      return null
    } finally {
      this.loading = false
    }
  }

  /** To a step, by training or by going back. */
  async go(to: number | 'end' | 'epoch'): Promise<void> {
    const { store, folder, before } = this.options
    this.stop()
    await before?.()
    const info = await this.ready()
    if (info === null) return
    this.trouble = null
    const recipe = store.state
    const wanted = to === 'end' ? Number.POSITIVE_INFINITY : to === 'epoch' ? (Math.floor(recipe.steps / info.stepsPerEpoch) + 1) * info.stepsPerEpoch : to
    const target = Math.max(0, Math.min(info.stepsPerEpoch * recipe.epochs, wanted))
    const done = await this.run<Progress>(folder, 'train', [recipe, target], (progress) => this.see(recipe, progress))
    if (!done || this.reached.step === target) return
    // what was reached without training
    await this.ready()
    this.version++
    if (this.trouble === null && store.state.steps !== this.reached.step) store.patch({ steps: this.reached.step } as Partial<S>, 'train')
  }
  /** Follows a generator of the lab's compute.ts; false when it was stopped or failed. */
  async run<Y>(folder: string, name: string, args: readonly unknown[], see: (value: Y) => void): Promise<boolean> {
    this.stop()
    this.fault = ''
    const { done, stop } = stream<Y | null>(folder, name, args, (value) => { if (value !== null && this.own === mine) see(value) })
    const mine = { stop }
    this.own = mine
    try {
      await done
      return this.own === mine
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error)
      return false
    } finally {
      if (this.own === mine) this.own = null
    }
  }

  /** The GPU was lost at a step, and WebAssembly goes on. */
  noticeLoss(lostAt: number | null): void {
    if (lostAt !== null && this.info !== null && this.info.lostAt === null) this.info = { ...this.info, device: 'wasm', lostAt }
  }
  /** The weights as they stand were tested. */
  tested(result: TestResult): void {
    const { step } = this.reached
    this.result = result
    this.tests = [...this.tests.filter((one) => one.step < step), { step, loss: result.loss, count: result.count }]
  }
  private see(recipe: S, { look, test, broken, lostAt }: Progress): void {
    const { store, keyOf, troubleOf } = this.options
    this.noticeLoss(lostAt)
    if (keyOf(store.state) !== keyOf(recipe)) {
      this.stop()
      return
    }
    this.reached = { key: keyOf(recipe), step: look.step }
    if (test === null) this.looks = [...this.looks.filter(({ step }) => step < look.step), look]
    else this.tested(test)
    this.trouble = broken ? 'broken' : (troubleOf(recipe, { ...look, ...(test ?? {}) }) ?? (test === null ? this.trouble : null))
    this.version++
    if (store.state.steps !== look.step) store.patch({ steps: look.step } as Partial<S>, 'train')
  }
  private follow(key: string, steps: number): void {
    if (this.reached.key === key && this.reached.step === steps) return
    this.stop()
    if (this.reached.key !== key) {
      this.looks = []
      this.tests = []
      this.trouble = null
      this.result = null
    }
    this.version++
    if (this.info === null) return
    void this.ready().then((info) => {
      if (info === null || this.key !== key || this.options.store.state.steps !== steps) return
      this.version++
      if (info.at !== steps && (steps === 0 || steps - info.near <= info.stepsPerEpoch)) void this.go(steps)
    })
  }
}
