// @ts-check
// A thread of the wasm runtime, in a Node worker or a Web Worker. It takes modules by message and jobs through shared
// memory: spins for a while after each job, then sleeps on the word `signal` of its mailbox (layout: pool.ts).

/** How long it spins for the next job before it sleeps, in ms. */
const SPIN = 0.5

/** @type {Int32Array} */
let box
/** @type {WebAssembly.Memory} */
let memory
/** @type {typeof import('./pool.ts').BOX} */
let at
/** @type {Map<number, (...args: number[]) => number>} */
const mains = new Map()
let received = 0
let job = 0

/** @param {any} message */
function receive(message) {
  received++
  try {
    if (message.kind === 'start') {
      memory = message.memory
      at = message.layout
      box = new Int32Array(memory.buffer, message.box, at.words)
      Atomics.store(box, at.state, 1)
    } else if (message.kind === 'module') {
      const instance = new WebAssembly.Instance(message.module, { env: { memory, mark() {} } })
      mains.set(message.id, /** @type {any} */ (instance.exports.main))
    } else if (message.kind === 'drop') mains.delete(message.id)
  } catch (error) {
    report(error)
  }
  Atomics.store(box, at.ready, received)
  serve()
}

/** Runs jobs until there is mail to be read by the event loop. */
function serve() {
  for (;;) {
    const signal = Atomics.load(box, at.signal)
    if (Atomics.load(box, at.job) !== job) {
      run()
      continue
    }
    if (Atomics.load(box, at.mail) !== received) return
    if (spin(signal)) continue
    Atomics.store(box, at.state, 2)
    Atomics.wait(box, at.signal, signal)
    Atomics.store(box, at.state, 1)
  }
}

/** @param {number} signal */
function spin(signal) {
  const end = performance.now() + SPIN
  do {
    for (let i = 0; i < 500; i++) if (Atomics.load(box, at.signal) !== signal) return true
  } while (performance.now() < end)
  return false
}

function run() {
  job = Atomics.load(box, at.job)
  const sync = box[at.sync] >>> 0
  const program = box[at.program]
  try {
    // a program that is gone already has ended
    mains.get(program)?.(box[at.tid], 0, program, sync, 0, 1)
  } catch (error) {
    report(error)
    // Everybody leaves the program.
    const words = new Int32Array(memory.buffer, sync, at.syncWords)
    Atomics.store(words, at.failed, 1)
    Atomics.add(words, at.ticketWord + 1, 1)
    Atomics.notify(words, at.ticketWord)
    Atomics.notify(words, at.doneWord)
  }
  Atomics.store(box, at.done, job)
  Atomics.notify(box, at.done)
}

/** @param {unknown} error */
function report(error) {
  const text = String(error)
  const room = at.words - at.text
  for (let i = 0; i < room; i++) box[at.text + i] = i < text.length ? text.charCodeAt(i) : 0
  Atomics.store(box, at.error, 1)
}

const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads')
if (threads?.parentPort) threads.parentPort.on('message', receive)
else globalThis.onmessage = (event) => receive(event.data)
