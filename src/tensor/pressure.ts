// Memory pressure. The collector sees handles, not the device memory behind them, and finalisers run only between turns of
// the event loop: once much more is in use than after the last collection, reading a value asks for one and waits one turn.
import { findNodeModule } from '../base/index.ts'

/** Bytes that use grows by before a collection is asked for; half of what is alive when that is more. */
const PRESSURE = 24 * 2 ** 20

/** What a device asks when a value is read; null while there is no need to wait. What is freed by hand never weighs. */
export function pressure(bytesInUse: () => number): () => Promise<void> | null {
  let least = 0
  let limit = PRESSURE
  const collect = async (thorough: boolean): Promise<void> => {
    collector()?.(...(thorough ? [THOROUGH] : []))
    if (thorough) apart = outside()
    await new Promise((resolve) => setTimeout(resolve))
    least = bytesInUse()
    limit = Math.max(PRESSURE, least / 2)
  }
  let readings = 0
  apart ||= outside()
  return () => {
    const now = bytesInUse()
    least = Math.min(least, now)
    const grown = now - least >= limit
    if (!grown && ++readings % READINGS !== 0) return null
    const thorough = collector() !== null && (youngIsLarge() || keepsPages())
    if (!grown && !thorough) return null
    // others that read meanwhile need not ask as well
    least = now
    return collect(thorough)
  }
}

/** A collection that gives back what the young generation has grown by: it takes 60 ms where others take 10. */
const THOROUGH = { type: 'major', execution: 'sync', flavor: 'last-resort' } as const
/** Bytes of the young generation (with each tensor made some objects outlive it, up to 134 MB from Node 24 on), and of all there is that may be looked through. */
const YOUNG = 32 * 2 ** 20
const SMALL = 128 * 2 ** 20
/** Bytes of the process that are no heap, and what they may grow by: from Node 26 on pages that the heap gave up are kept there. */
let apart = 0
const PAGES = 24 * 2 ** 20
function outside(): number {
  const use = findNodeModule<NodeJS.Process>('node:process')?.memoryUsage()
  return use === undefined ? 0 : use.rss - use.heapTotal
}
function keepsPages(): boolean {
  return outside() > apart + PAGES && (findNodeModule<{ getHeapStatistics(): { used_heap_size: number } }>('node:v8')?.getHeapStatistics().used_heap_size ?? SMALL) < SMALL
}
/** Every so many readings the young generation is looked at. */
const READINGS = 16
function youngIsLarge(): boolean {
  const spaces = findNodeModule<{ getHeapSpaceStatistics(): { space_name: string; space_size: number; space_used_size: number }[] }>('node:v8')?.getHeapSpaceStatistics()
  if (spaces === undefined) return false
  return spaces.some((s) => s.space_name === 'new_space' && s.space_size > YOUNG) && spaces.reduce((sum, s) => sum + s.space_used_size, 0) < SMALL
}

type Collect = (how?: typeof THOROUGH) => void
let found: Collect | null | undefined
/** The host's collector: Node's can be had at run time, browsers keep theirs to themselves. */
export function collector(): Collect | null {
  if (found === undefined) {
    found = (globalThis as { gc?: Collect }).gc ?? null
    const v8 = findNodeModule<{ setFlagsFromString(flags: string): void }>('node:v8')
    const vm = findNodeModule<{ runInNewContext(code: string): unknown }>('node:vm')
    if (found === null && v8 !== undefined && vm !== undefined) {
      v8.setFlagsFromString('--expose-gc')
      const gc = vm.runInNewContext('typeof gc === "function" ? gc : null')
      v8.setFlagsFromString('--no-expose-gc')
      found = gc as Collect | null
    }
  }
  return found
}
