// --profile: the kernels of a run as a table, the longest first, beside what the machine reaches at most.
import type { Profile } from '../../tensor/index.ts'

/** Kernels shown; the others are summed up. */
const SHOWN = 20

export function profileTable({ kernels, totalMs, compileMs, arenaBytes, peak }: Profile): string {
  const inKernels = kernels.reduce((sum, k) => sum + k.ms, 0)
  const head = `Profile: ${seconds(totalMs)}, of it ${seconds(inKernels)} in kernels, ${seconds(compileMs)} compiling, the rest JavaScript; arena ${(arenaBytes / 1e6).toFixed(1)} MB.`
  const limit = peak === null ? [] : [`This machine reaches ${peak.gflops.toFixed(0)} GFLOP/s and ${peak.gbps.toFixed(1)} GB/s at most.`]
  const known = peak !== null
  const line = (ms: string, share: string, calls: string, gflops: string, gbps: string, name: string): string =>
    `${ms.padStart(10)} ${share.padStart(7)} ${calls.padStart(9)}${known ? ` ${gflops.padStart(8)} ${gbps.padStart(7)}` : ''}  ${name}`
  const rows = kernels.slice(0, SHOWN).map((k) => line(k.ms.toFixed(2), `${(k.share * 100).toFixed(1)} %`, String(k.calls), k.gflops.toFixed(1), k.gbps.toFixed(1), k.name))
  const rest = kernels.slice(SHOWN)
  const restMs = rest.reduce((sum, k) => sum + k.ms, 0)
  const others = rest.length === 0 ? [] : [line(restMs.toFixed(2), `${((restMs / totalMs) * 100).toFixed(1)} %`, '', '', '', `${rest.length} more`)]
  return [head, ...limit, line('ms', 'share', 'calls', 'GFLOP/s', 'GB/s', known ? 'kernel' : 'op'), ...rows, ...others].join('\n')
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
