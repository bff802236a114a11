// The page's side of the engine: Gradus runs in a Worker, made on the first question. `remote` asks a lab's compute.ts,
// `live` keeps an answer up to date with the state it was asked about.
type Fn = (...args: never[]) => unknown
/** compute.ts as seen from the page: every function answers with a promise, generators through `stream`. */
export type Remote<C> = {
  readonly [K in keyof C as C[K] extends Fn ? K : never]: C[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Answer<R>> : never
}
type Answer<R> = Awaited<R> extends AsyncGenerator<infer Y> ? Y : Awaited<R>

interface Waiting {
  readonly next: ((value: unknown) => void) | null
  readonly done: (value: unknown) => void
  readonly fail: (error: Error) => void
}
type Reply = { id: number } & ({ next: unknown } | { value: unknown } | { error: string })

/** Whether a question is open, written on the page's root: for tests, screenshots, and whoever must wait. */
let open = 0
function count(by: number): void {
  open += by
  const state = open > 0 ? 'busy' : 'idle'
  const { dataset } = document.documentElement
  if (dataset.engine !== state) dataset.engine = state
}

/** A failure of the engine, in its own words. */
export class EngineFault extends Error {}

class Engine {
  #worker: Worker | null = null
  #waiting = new Map<number, Waiting>()
  #id = 0
  readonly #device: 'auto' | 'reference'

  constructor(device: 'auto' | 'reference') {
    this.#device = device
  }

  #open(): Worker {
    if (this.#worker !== null) return this.#worker
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: this.#device })
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const waiting = this.#waiting.get(data.id)
      if (waiting === undefined) return
      if ('next' in data) return waiting.next?.(data.next)
      this.#waiting.delete(data.id)
      count(-1)
      if ('error' in data) waiting.fail(new EngineFault(data.error))
      else waiting.done(data.value)
    }
    worker.onerror = (event) => {
      event.preventDefault()
      const lost = [...this.#waiting.values()]
      this.#waiting.clear()
      count(-lost.length)
      this.#worker = null
      for (const { fail } of lost) fail(new EngineFault(event.message || 'the engine did not load'))
    }
    this.#worker = worker
    return worker
  }

  ask(lab: string, name: string, args: readonly unknown[], next: ((value: unknown) => void) | null = null): { answer: Promise<unknown>; stop: () => void } {
    const worker = this.#open()
    const id = ++this.#id
    const answer = new Promise((done, fail) => {
      this.#waiting.set(id, { next, done, fail })
      count(1)
      worker.postMessage({ id, lab, name, args })
    })
    return { answer, stop: () => worker.postMessage({ stop: id }) }
  }
}

const engines = { auto: new Engine('auto'), reference: new Engine('reference') }

/** A lab's compute.ts in the Worker; `reference` asks the slow, independent device. */
export function remote<C extends object>(lab: string, device: 'auto' | 'reference' = 'auto'): Remote<C> {
  return new Proxy({} as Remote<C>, {
    get: (_, name) => (...args: unknown[]) => engines[device].ask(lab, String(name), args).answer,
  })
}

/** Follows a generator of compute.ts: `onValue` gets what it yields. `stop` ends it. */
export function stream<Y>(lab: string, name: string, args: readonly unknown[], onValue: (value: Y) => void): { readonly done: Promise<unknown>; readonly stop: () => void } {
  const { answer, stop } = engines.auto.ask(lab, name, args, onValue as (value: unknown) => void)
  return { done: answer, stop }
}

export interface Live<T> {
  /** The latest answer; undefined until there is one. */
  readonly value: T | undefined
  readonly error: string | null
}

/**
 * Asks again whenever `inputs` change. While an answer is under way only the newest inputs wait, so that a drag never
 * builds a queue. Call it while a component is set up.
 */
export function live<I, T>(inputs: () => I, ask: (inputs: I) => Promise<T>): Live<T> {
  let value = $state.raw<T | undefined>()
  let error = $state<string | null>(null)
  let busy = false
  let waiting: { readonly inputs: I } | null = null
  const run = async (first: I): Promise<void> => {
    busy = true
    for (let next: { readonly inputs: I } | null = { inputs: first }; next !== null; ) {
      try {
        value = await ask(next.inputs)
        error = null
      } catch (fault) {
        error = fault instanceof Error ? fault.message : String(fault)
      }
      next = waiting
      waiting = null
    }
    busy = false
  }
  $effect(() => {
    const now = inputs()
    if (busy) waiting = { inputs: now }
    else void run(now)
  })
  return {
    get value() {
      return value
    },
    get error() {
      return error
    },
  }
}
