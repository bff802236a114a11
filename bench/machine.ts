// The machine a run was made on.
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { readFileSync } from 'node:fs'

export interface Machine {
  readonly date: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** 1, 5 and 15 minutes, when the run began. */
  readonly load: readonly number[]
  /** What the processor has for vectors. */
  readonly vectors: string
}

export function machine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '), processor: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30), system: `${platform()} ${release()} ${arch()}`, node: process.versions.node,
    load: loadavg().map((x) => Number(x.toFixed(2))), vectors: vectors(),
  }
}

function vectors(): string {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? ''
    return ['avx512f', 'avx2', 'fma', 'sse4_1'].filter((f) => flags.includes(` ${f}`)).join(' ') || 'unknown'
  } catch {
    return 'unknown'
  }
}
