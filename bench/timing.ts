// Timing of one turn: short runs are timed in blocks, so that the clock does not count.
import type { Timed } from './protocol.ts'
import { median } from './statistics.ts'

/** Shortest time between two looks at the clock, ms. */
const BLOCK = 0.3

export async function timeRuns(run: () => void | Promise<void>, budget: number): Promise<Timed> {
  let began = performance.now()
  const first = run()
  if (first !== undefined) await first
  const asynchronous = first !== undefined
  const once = performance.now() - began
  let size = Math.max(1, Math.round(BLOCK / Math.max(once, 1e-4)))
  const times: number[] = []
  const cpu = process.cpuUsage()
  let runs = 0
  const end = performance.now() + budget
  do {
    began = performance.now()
    if (asynchronous) for (let i = 0; i < size; i++) await run()
    else for (let i = 0; i < size; i++) run()
    const passed = performance.now() - began
    times.push(passed / size)
    runs += size
    if (passed < BLOCK / 2) size *= 2 // the first run was slower than the others
    if (times.length % 256 === 0) await new Promise((resolve) => setImmediate(resolve)) // finalisers have their turn
  } while (performance.now() < end)
  const { user, system } = process.cpuUsage(cpu)
  return { ms: median(times), cpuMs: (user + system) / 1000 / runs, runs }
}
