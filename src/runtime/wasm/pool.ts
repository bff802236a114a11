// The threads beside the main one. Each has a mailbox in shared memory: the main thread writes jobs into it, the worker
// its state. A launch uses only workers that have the program, so a thread that starts late costs nothing but its help.
import { DeviceError, findNodeModule } from '../../base/index.ts'
import type { WasmImage } from './image.ts'
import type { WasmMemory } from './memory.ts'

/** Words of a mailbox. The first cache line is written by the main thread, the second by the worker. */
export const BOX = {
  signal: 0, mail: 1, job: 2, program: 3, tid: 4, sync: 5,
  state: 16, ready: 17, done: 18, error: 19,
  text: 32, words: 128,
  /** In the block of a launch, as words. */
  failed: 0, ticketWord: 0, doneWord: 0, syncWords: 0,
}
const MAILBOXES = 4096
const BOX_BYTES = BOX.words * 4
export const MAX_THREADS = 64
const ASLEEP = 2
/** How long the main thread waits for the others to leave a failed launch, in ms. */
const PATIENCE = 10_000

interface Thread {
  readonly worker: { postMessage(message: unknown): void; terminate(): unknown; unref?(): void }
  readonly box: Int32Array
  /** Program → number of the letter that brought it. */
  readonly programs: Map<number, number>
  mail: number
  dead: string | null
}
export interface Job {
  readonly program: number
  readonly scratch: number
  readonly scratchStep: number
}

export class ThreadPool {
  private threads: Thread[] = []
  private readonly memory: WasmMemory
  private readonly size: number
  private readonly layout: typeof BOX
  private readonly sync: WasmImage['sync']
  private readonly syncAt: number
  private jobs = 0
  private started = false
  /** May this thread sleep in Atomics.wait? Not a browser's main thread. */
  readonly maySleep: boolean

  /** `size` workers beside the main thread; `syncAt`: the address of the block that a launch's threads share. */
  constructor(memory: WasmMemory, size: number, sync: WasmImage['sync'], syncAt: number) {
    this.syncAt = syncAt
    this.memory = memory
    this.size = size
    this.sync = sync
    this.layout = { ...BOX, failed: sync.failed / 4, ticketWord: sync.ticket / 4, doneWord: sync.done / 4, syncWords: sync.bytes / 4 }
    this.maySleep = findNodeModule('node:worker_threads') !== undefined || typeof document === 'undefined'
  }

  /** Starts the workers once, and sends each the program once. */
  send(program: number, module: WebAssembly.Module): void {
    if (!this.started) {
      this.started = true
      for (let i = 0; i < this.size; i++) this.threads.push(this.start(i))
    }
    for (const t of this.threads) {
      if (t.dead !== null || t.programs.has(program)) continue
      this.post(t, { kind: 'module', id: program, module })
      t.programs.set(program, t.mail)
    }
  }
  drop(program: number): void {
    for (const t of this.threads) if (t.dead === null && t.programs.delete(program)) this.post(t, { kind: 'drop', id: program })
  }
  /** True once nothing is on its way any more. */
  settled(program: number): boolean {
    return this.threads.every((t) => t.dead !== null || this.has(t, program))
  }

  /** Hands the job to every worker that has the program; gives the number of threads, the main one included. */
  launch(job: Job): number {
    this.checkHealth()
    const ready = this.threads.filter((t) => this.has(t, job.program))
    if (ready.length === 0) return 1
    this.jobs = (this.jobs + 1) | 0
    // A thread may still be on its way out of the launch before: what it needs to know of this one it reads in the shared
    // block, together with the step it takes part in.
    const { words } = this.memory
    const at = this.syncAt / 4
    words[at + this.sync.scratch / 4] = job.scratch
    words[at + this.sync.scratchStep / 4] = job.scratchStep
    Atomics.store(words, at + this.sync.program / 4, job.program)
    for (const { box } of ready) {
      box[BOX.program] = job.program
      Atomics.store(box, BOX.job, this.jobs)
      this.wake(box)
    }
    return ready.length + 1
  }

  /** After a failed launch: everybody out, then the reasons. */
  collect(): string[] {
    const words = new Int32Array(this.memory.memory.buffer, this.syncAt, this.layout.syncWords)
    Atomics.store(words, this.layout.failed, 1)
    Atomics.add(words, this.layout.ticketWord + 1, 1)
    Atomics.notify(words, this.layout.ticketWord)
    const reasons: string[] = []
    const end = performance.now() + PATIENCE
    this.threads.forEach((t, i) => {
      if (t.dead !== null || t.box[BOX.job] !== this.jobs) return
      while (Atomics.load(t.box, BOX.done) !== this.jobs && performance.now() < end) {
        if (this.maySleep) Atomics.wait(t.box, BOX.done, this.jobs - 1, 10)
      }
      if (Atomics.load(t.box, BOX.done) !== this.jobs) {
        this.lose(t, 'does not answer')
        reasons.push(`thread ${i + 1} does not answer`)
      }
    })
    for (const [i, t] of this.threads.entries()) {
      const text = this.errorOf(t)
      if (text !== null) reasons.push(`thread ${i + 1}: ${text}`)
    }
    words.fill(0)
    this.threads = this.threads.filter((t) => t.dead === null)
    return reasons
  }

  close(): void {
    for (const t of this.threads) t.worker.terminate()
    this.threads = []
  }

  // ---- one worker

  private start(index: number): Thread {
    const at = MAILBOXES + index * BOX_BYTES
    const box = new Int32Array(this.memory.memory.buffer, at, BOX.words)
    box.fill(0)
    box[BOX.tid] = index + 1
    box[BOX.sync] = this.syncAt
    const Node = findNodeModule<typeof import('node:worker_threads')>('node:worker_threads')?.Worker
    const lose = (reason: string) => this.lose(thread, reason)
    let worker: Thread['worker']
    if (Node !== undefined) {
      // No flags of the parent: loaders and inspectors are not wanted in here.
      const own = new Node(new URL('./worker.js', import.meta.url), { execArgv: [], name: `gradus-${index + 1}` })
      own.on('error', (error) => lose(String(error)))
      own.on('exit', (status) => lose(`ended with status ${status}`))
      own.unref()
      worker = own
    } else {
      const own = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
      own.onerror = (event) => lose(event.message)
      worker = own
    }
    const thread: Thread = { worker, box, programs: new Map(), mail: 0, dead: null }
    this.post(thread, { kind: 'start', memory: this.memory.memory, box: at, layout: this.layout })
    return thread
  }
  private has(t: Thread, program: number): boolean {
    // Letters are read in order: the thread has every program up to the last letter it has read.
    const letter = t.programs.get(program)
    return t.dead === null && letter !== undefined && Atomics.load(t.box, BOX.ready) >= letter
  }
  private post(t: Thread, message: unknown): void {
    t.worker.postMessage(message)
    Atomics.store(t.box, BOX.mail, ++t.mail)
    this.wake(t.box)
  }
  private wake(box: Int32Array): void {
    Atomics.add(box, BOX.signal, 1)
    if (Atomics.load(box, BOX.state) === ASLEEP) Atomics.notify(box, BOX.signal)
  }
  private lose(t: Thread, reason: string): void {
    if (t.dead !== null) return
    t.dead = reason
    t.worker.terminate()
  }
  private errorOf(t: Thread): string | null {
    if (Atomics.exchange(t.box, BOX.error, 0) === 0) return null
    let text = ''
    for (let i = BOX.text; i < BOX.words && t.box[i] !== 0; i++) text += String.fromCharCode(t.box[i]!)
    return text
  }
  /** A worker that failed or died outside a launch is reported once; later runs do without it. */
  private checkHealth(): void {
    for (const [i, t] of this.threads.entries()) {
      const reason = t.dead ?? (Atomics.load(t.box, BOX.error) !== 0 ? this.errorOf(t) : null)
      if (reason === null) continue
      this.lose(t, reason)
      this.threads.splice(i, 1)
      throw new DeviceError('wasm', `thread ${i + 1} is lost: ${reason}`, {
        remedy: 'The runtime goes on with fewer threads; create it with { threads: 1 } to use none.',
      })
    }
  }
}
