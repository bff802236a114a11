// What a loader may do with a bad file: give a value, or one typed error that names the file, soon, and in little memory.
import { performance } from 'node:perf_hooks'
import { GradusError } from '../../src/base/index.ts'
import type { Loader } from '../hostile/loaders.ts'

/** Milliseconds of this thread on a server of 2023; a run that is over is repeated, so that a pause of the machine is not taken for it. */
export const MAX_MS = 100
let slowness = 0
/** How many times slower than that this machine is just now, at least 1: a known loop takes 50 ms there. Looked at once. */
export function slower(): number {
  if (slowness > 0) return slowness
  const { user, system } = process.cpuUsage()
  let a = 1
  for (let i = 0; i < 3e7; i++) a = (Math.imul(a, 1664525) + 1013904223) | 0
  const now = process.cpuUsage()
  slowness = a === 0.5 ? 1 : Math.max(1, (now.user + now.system - user - system) / 50_000)
  return slowness
}
const MAX_EXTRA = 50 * 2 ** 20

/** Whether files read since then took too much memory: asking costs more than most files do, so that the fuzzer asks now and then. */
export function memoryJudge(): (bytes: number) => string | null {
  const before = process.resourceUsage().maxRSS
  return (bytes) => {
    const grown = (process.resourceUsage().maxRSS - before) * 1024
    return grown > 2 * bytes + MAX_EXTRA ? `memory grew by ${(grown / 2 ** 20).toFixed(0)} MB` : null
  }
}

/** What is wrong with how `loader` takes `bytes`, memory aside; null: nothing. */
export async function judgeTime(loader: Loader, bytes: Uint8Array<ArrayBuffer>, name = 'fuzzed.bin'): Promise<string | null> {
  const started = performance.now()
  const problem = await attempt(loader, bytes, name)
  const ms = performance.now() - started
  if (problem !== null) return problem
  if (ms <= MAX_MS) return null
  const again: number[] = []
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage()
    await attempt(loader, bytes, name)
    const { user, system } = process.cpuUsage(start)
    again.push((user + system) / 1000)
  }
  return Math.min(...again) > MAX_MS * slower() ? `took ${Math.min(...again).toFixed(0)} ms of the processor` : null
}

async function attempt(loader: Loader, bytes: Uint8Array<ArrayBuffer>, name: string): Promise<string | null> {
  try {
    await loader.load(bytes, name)
    return null
  } catch (error) {
    if (!(error instanceof GradusError)) return `an error of another kind: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    if (!error.message.includes(name)) return `the error does not name the file: ${error.message}`
    if (error.message.length > 1000) return `an error of ${error.message.length} characters`
    return null
  }
}
