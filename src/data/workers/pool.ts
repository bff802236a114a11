// Worker threads for data (Node): each does one task at a time, results come in the order of the tasks. Threads wait a while
// for the next epoch, keep no program alive, and end with it.
import { DTypeError, DeviceError, FormatError, GradusError, ShapeError, ValueError, findNodeModule } from '../../base/index.ts'

/** Does tasks; made from a setup that threads get once. */
export type Handler<Task, Result> = (task: Task) => Result | Promise<Result>
export interface WorkerPool<Task, Result> {
  /** The results, in order; at most `ahead` tasks are under way or waiting to be taken. */
  results(tasks: Iterable<Task>, ahead: number): AsyncGenerator<Result, void, undefined>
}
export interface PoolOptions<Setup, Task, Result> {
  readonly operation: string
  readonly workers: number
  /** A module whose default export is `make`. */
  readonly module: URL
  readonly make: (setup: Setup) => Handler<Task, Result>
  readonly setup: Setup
}

/** Milliseconds that idle threads are kept. */
const IDLE = 3000
const MOST = 256

interface Thread {
  readonly worker: import('node:worker_threads').Worker
  busy: boolean
}
interface Waiting {
  readonly task: unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** With 0 workers the tasks are done in line, one ahead. */
export function workerPool<Setup, Task, Result>(options: PoolOptions<Setup, Task, Result>): WorkerPool<Task, Result> {
  const { operation, workers } = options
  if (!Number.isSafeInteger(workers) || workers < 0 || workers > MOST) throw new ValueError(operation, 'bad workers', { expected: `a whole number from 0 to ${MOST}`, received: String(workers) })
  const pool = workers === 0 ? inLine(options) : threaded(options)
  return {
    async *results(tasks, ahead) {
      const asked: Promise<Result>[] = []
      pool.begin()
      try {
        for (const task of tasks) {
          const result = pool.run(task)
          // an error is thrown when its turn comes
          result.catch(() => {})
          asked.push(result)
          if (asked.length > ahead) yield await asked.shift()!
        }
        while (asked.length > 0) yield await asked.shift()!
      } finally {
        pool.end()
      }
    },
  }
}

interface Runner<Task, Result> {
  begin(): void
  run(task: Task): Promise<Result>
  end(): void
}

function inLine<Setup, Task, Result>({ make, setup }: PoolOptions<Setup, Task, Result>): Runner<Task, Result> {
  let handler: Handler<Task, Result> | null = null
  return { begin: () => {}, run: async (task) => (handler ??= make(setup))(task), end: () => {} }
}

function threaded<Setup, Task, Result>({ operation, workers, module, setup }: PoolOptions<Setup, Task, Result>): Runner<Task, Result> {
  let threads: Thread[] = []
  let queue: Waiting[] = []
  let users = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const start = (): Thread => {
    const Node = findNodeModule<typeof import('node:worker_threads')>('node:worker_threads')?.Worker
    if (Node === undefined) throw new DeviceError(operation, 'there are no worker threads here', { expected: 'Node.js', remedy: 'Take workers: 0.' })
    const worker = new Node(new URL('./worker.js', import.meta.url), { workerData: { module: module.href, setup }, execArgv: [], name: 'gradus-data' })
    // a program that has nothing else to do may end
    worker.unref()
    const thread: Thread = { worker, busy: false }
    threads.push(thread)
    return thread
  }
  const give = (thread: Thread): void => {
    const waiting = queue.shift()
    if (waiting === undefined) return
    thread.busy = true
    thread.worker.ref()
    const done = (settle: () => void): void => {
      for (const event of ['message', 'error', 'exit'] as const) thread.worker.removeAllListeners(event)
      thread.busy = false
      thread.worker.unref()
      settle()
      if (threads.includes(thread)) give(thread)
    }
    const lost = (why: string): void => done(() => {
      threads = threads.filter((t) => t !== thread)
      waiting.reject(new DeviceError(operation, `a worker thread died (${why})`, { remedy: 'Take fewer workers; workers: 0 works in line.' }))
      // the others go on with its share
      for (const other of queue.length > 0 ? idle() : []) give(other)
    })
    thread.worker.once('message', ({ value, error }: { value: never; error?: Failure }) => done(() => (error === undefined ? waiting.resolve(value) : waiting.reject(errorOf(operation, error)))))
    thread.worker.once('error', (error) => lost(error.message))
    thread.worker.once('exit', (code) => lost(`exit code ${code}`))
    thread.worker.postMessage({ id: 0, task: waiting.task })
  }
  const idle = (): Thread[] => (threads.some((t) => !t.busy) ? threads.filter((t) => !t.busy) : threads.length < workers ? [start()] : [])

  return {
    begin: () => {
      users++
      clearTimeout(timer)
    },
    run: (task) => new Promise<Result>((resolve, reject) => {
      queue.push({ task, resolve: resolve as (value: never) => void, reject })
      const [free] = idle()
      if (free !== undefined) give(free)
    }),
    end: () => {
      if (--users > 0) return
      // whoever left early wants no more of it
      queue = []
      timer = setTimeout(() => {
        for (const { worker } of threads) void worker.terminate()
        threads = []
      }, IDLE)
      timer.unref?.()
    },
  }
}

interface Failure {
  readonly name?: string
  readonly message: string
  readonly operation?: string
  readonly expected?: string
  readonly received?: string
  readonly remedy?: string
}
const CLASSES = { FormatError, ValueError, ShapeError, DTypeError, DeviceError }

/** The error as it was thrown in the thread. */
function errorOf(operation: string, failure: Failure): Error {
  const known = CLASSES[failure.name as keyof typeof CLASSES]
  if (known === undefined && failure.operation === undefined) return new GradusError(operation, `a worker thread failed: ${failure.message}`)
  const { expected, received, remedy } = failure
  const error = new (known ?? GradusError)(failure.operation ?? operation, '', { ...(expected === undefined ? {} : { expected }), ...(received === undefined ? {} : { received }), ...(remedy === undefined ? {} : { remedy }) })
  error.message = failure.message
  return error
}
