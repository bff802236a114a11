// Memory pressure. The collector sees handles, not the device memory behind them, and finalisers run only between turns of
// the event loop: once much has been allocated, reading a value asks for a collection and waits one turn.
import { findNodeModule } from '../base/index.ts'

/** Bytes allocated before a collection is asked for; half of what is alive when that is more. */
const PRESSURE = 64 * 2 ** 20

/** Counts allocations of one device; `relieve` gives null while there is no need to wait. */
export interface Pressure {
  readonly allocated: (bytes: number) => void
  readonly relieve: () => Promise<void> | null
}

export function pressure(bytesInUse: () => number): Pressure {
  let fresh = 0
  let limit = PRESSURE
  const collect = async (): Promise<void> => {
    collector()?.()
    await new Promise((resolve) => setTimeout(resolve, 0))
    limit = Math.max(PRESSURE, bytesInUse() / 2)
  }
  return {
    allocated: (bytes) => {
      fresh += bytes
    },
    relieve: () => {
      if (fresh < limit) return null
      fresh = 0
      return collect()
    },
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
