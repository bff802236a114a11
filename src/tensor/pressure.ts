// Memory pressure. The collector sees handles, not the device memory behind them, and finalisers run only between turns of
// the event loop: once much more is in use than after the last collection, reading a value asks for one and waits one turn.
import { findNodeModule } from '../base/index.ts'

/** Bytes that use grows by before a collection is asked for; half of what is alive when that is more. */
const PRESSURE = 24 * 2 ** 20

/** What a device asks when a value is read; null while there is no need to wait. What is freed by hand never weighs. */
export function pressure(bytesInUse: () => number): () => Promise<void> | null {
  let least = 0
  let limit = PRESSURE
  const collect = async (): Promise<void> => {
    collector()?.()
    await new Promise((resolve) => setTimeout(resolve, 0))
    least = bytesInUse()
    limit = Math.max(PRESSURE, least / 2)
  }
  return () => {
    const now = bytesInUse()
    least = Math.min(least, now)
    if (now - least < limit) return null
    // others that read meanwhile need not ask as well
    least = now
    return collect()
  }
}

let found: (() => void) | null | undefined
/** The host's collector: Node's can be had at run time, browsers keep theirs to themselves. */
export function collector(): (() => void) | null {
  if (found === undefined) {
    found = (globalThis as { gc?: () => void }).gc ?? null
    const v8 = findNodeModule<{ setFlagsFromString(flags: string): void }>('node:v8')
    const vm = findNodeModule<{ runInNewContext(code: string): unknown }>('node:vm')
    if (found === null && v8 !== undefined && vm !== undefined) {
      v8.setFlagsFromString('--expose-gc')
      const gc = vm.runInNewContext('typeof gc === "function" ? gc : null')
      v8.setFlagsFromString('--no-expose-gc')
      found = gc as (() => void) | null
    }
  }
  return found
}
