// What the WebAssembly engine at hand can do, found by validating tiny modules.
import { findNodeModule } from '../../base/index.ts'

export interface WasmFeatures {
  readonly simd: boolean
  /** Relaxed SIMD: fused multiply-add among others. */
  readonly relaxed: boolean
  /** Shared memory and atomics. */
  readonly threads: boolean
  /** Shared memory may be created here (in a browser: the page is cross-origin isolated). */
  readonly shared: boolean
  readonly cores: number
  /** Rows and vectors of the register tile that suits matrix products here. */
  readonly tile: { readonly rows: number; readonly vectors: number }
}

/** A module with one function of no parameters and no results around `body`. */
const around = (...body: number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    1, 4, 1, 0x60, 0, 0,
    3, 2, 1, 0,
    10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b,
  )
const ZEROS = [0xfd, 0x0c, ...new Array<number>(16).fill(0)]
const SIMD = around(...ZEROS, 0x1a)
const RELAXED = around(...ZEROS, ...ZEROS, ...ZEROS, 0xfd, 0x85, 0x02, 0x1a)
/** atomic.fence */
const THREADS = around(0xfe, 0x03, 0x00)

let relaxed: boolean | undefined

/** V8 before 11.4 knows relaxed SIMD behind a flag, which can be set from inside until the first module is compiled. */
function probeRelaxed(): boolean {
  if (WebAssembly.validate(RELAXED)) return true
  const v8 = findNodeModule<typeof import('node:v8')>('node:v8')
  if (v8 === undefined) return false
  // V8 prints a line about flags it does not know, so ask only the versions that have it.
  const major = Number(process.versions.node.split('.')[0])
  if (major >= 16 && major <= 20) v8.setFlagsFromString('--experimental-wasm-relaxed-simd')
  return WebAssembly.validate(RELAXED)
}

function probeShared(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false
  if (findNodeModule('node:worker_threads') === undefined && !(globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated) return false
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer
  } catch {
    return false
  }
}

function countCores(): number {
  const cores = findNodeModule<typeof import('node:os')>('node:os')?.availableParallelism() ?? (typeof navigator === 'undefined' ? 1 : navigator.hardwareConcurrency)
  return Math.max(1, Math.min(64, Math.floor(cores) || 1))
}

/**
 * Measured, GFLOP/s on one core: V8 13.6 gives 57 with 6 × 2 and 52 with 4 × 2; V8 11.3 and 12.4 give 41 and 53, because
 * they load all operands before they multiply, and more than 14 vectors do not stay in registers. 4 × 2 is good anywhere.
 */
function chooseTile(): WasmFeatures['tile'] {
  const { process, navigator } = globalThis as { process?: { versions?: { v8?: string } }; navigator?: { userAgent?: string } }
  const v8 = Number.parseFloat(process?.versions?.v8 ?? '0')
  const chrome = Number(/Chrome\/(\d+)/.exec(navigator?.userAgent ?? '')?.[1] ?? 0)
  return { rows: v8 >= 13 || chrome >= 130 ? 6 : 4, vectors: 2 }
}

/** Probes the engine. The first call on Node 20 switches relaxed SIMD on. */
export function features(): WasmFeatures {
  relaxed ??= probeRelaxed()
  return {
    simd: WebAssembly.validate(SIMD),
    relaxed,
    threads: WebAssembly.validate(THREADS),
    shared: probeShared(),
    cores: countCores(),
    tile: chooseTile(),
  }
}
