// The state of a lab: one immutable value, changed by `set`, with undo and redo.
const LIMIT = 300
const MERGE_MS = 700

export class Store<S> {
  #state: S = $state.raw() as S
  #past: readonly S[] = $state.raw([])
  #future: readonly S[] = $state.raw([])
  #initial: S
  #mergeKey: string | null = null
  #mergedAt = 0

  constructor(initial: S) {
    this.#initial = initial
    this.#state = initial
  }

  get state(): S {
    return this.#state
  }
  get canUndo(): boolean {
    return this.#past.length > 0
  }
  get canRedo(): boolean {
    return this.#future.length > 0
  }
  /** How many steps back there are. */
  get steps(): number {
    return this.#past.length
  }
  get isInitial(): boolean {
    return this.#state === this.#initial
  }

  /** The next state. Changes with the same key in quick succession (a drag) are one step of undo. */
  set(next: S, key: string | null = null): void {
    if (next === this.#state) return
    const now = Date.now()
    const merge = key !== null && key === this.#mergeKey && now - this.#mergedAt < MERGE_MS
    if (!merge) this.#past = [...this.#past, this.#state].slice(-LIMIT)
    this.#mergeKey = key
    this.#mergedAt = now
    this.#future = []
    this.#state = next
  }
  /** Some fields of the state. */
  patch(part: Partial<S>, key: string | null = null): void {
    this.set({ ...this.#state, ...part }, key)
  }
  undo(): void {
    const last = this.#past.at(-1)
    if (last === undefined) return
    this.#future = [this.#state, ...this.#future]
    this.#past = this.#past.slice(0, -1)
    this.#state = last
    this.#mergeKey = null
  }
  redo(): void {
    const [next, ...rest] = this.#future
    if (next === undefined) return
    this.#past = [...this.#past, this.#state]
    this.#future = rest
    this.#state = next
    this.#mergeKey = null
  }
  /** Back to the beginning; can be undone. */
  reset(): void {
    this.set(this.#initial)
  }
}
