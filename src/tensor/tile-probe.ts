// The register tile of products on this machine: measured once, by a product of each candidate, when a program is met that
// is worth it; kept on disk in Node. No bit of a result depends on it: sums run in the same order in every tile.
// Imports types alone but for the choice: pages fetch it by itself.
import type { Tile } from '../compile/index.ts'
import type { Arg, Program, Slot, Step } from '../ir/index.ts'
import type { CpuRuntime } from './cpu-runtime.ts'
import { chooseTile } from './tile-choice.ts'

export interface TileOptions {
  /** What could be taken; the first one while nothing was measured. */
  readonly candidates: readonly Tile[]
  /** What the choice holds for beside the processor. */
  readonly device: string
  /** Whether to measure; default: unless the environment variable GRADUS_TILE says `off`. */
  readonly probe?: boolean | undefined
}
/** A product [1,m,k] × [1,k,n] in a tile. */
export type ProductOf = (tile: Tile, m: number, n: number, k: number) => Program
/** Where choices are kept from one process to the next. */
export interface KeptTiles {
  key(device: string): string
  read(key: string, candidates: readonly Tile[]): Tile | null
  write(key: string, tile: Tile): void
}

/** Operations of a program whose products deserve it: with fewer, one has to run hundreds of times to win the time back. */
const WORTH = 2e7
/** Time for measuring, ms. */
const BUDGET = 20
/** The product that is measured: its columns are packed, and it stays in the caches. */
const [ROWS, COLUMNS, K] = [48, 192, 256]

/** The tile of a program with so many operations in its products. */
export function tileOf<E>(runtime: CpuRuntime<E>, { candidates, device, probe }: TileOptions, product: ProductOf, kept: KeptTiles | null): (flops: number) => Tile {
  const first = candidates[0]!
  const setting = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.GRADUS_TILE
  if (probe === false || (probe === undefined && setting === 'off')) return () => first
  let chosen: Tile | null = null
  return (flops) => {
    if (chosen !== null || flops < WORTH) return chosen ?? first
    const key = kept?.key(device) ?? ''
    chosen = kept?.read(key, candidates) ?? null
    if (chosen !== null) return chosen
    const measured = measure(runtime, candidates, product)
    if (measured !== null) kept?.write(key, measured)
    return (chosen = measured ?? first)
  }
}

function measure<E>(runtime: CpuRuntime<E>, candidates: readonly Tile[], product: ProductOf): Tile | null {
  const rows = candidates.map((t) => t.rows * Math.ceil(ROWS / t.rows)) // no rest, which would need code of its own
  const exe = runtime.load(together(candidates.map((tile, i) => product(tile, rows[i]!, COLUMNS, K))))
  const most = Math.max(...rows)
  const places = [most * K * 4, K * COLUMNS * 4, candidates.length, most * COLUMNS * 4].map((bytes) => runtime.allocate(bytes))
  const [a, b, flags, out] = places as [number, number, number, number]
  try {
    for (const [at, length] of [[a, most * K], [b, K * COLUMNS]] as const) runtime.write(at, new Float32Array(length).fill(0.5))
    return chooseTile(candidates, {
      run: (candidate, times) => {
        runtime.write(flags, Uint8Array.from(candidates, (_, i) => (i === candidate ? 1 : 0)))
        for (let t = 0; t < times; t++) runtime.run(exe, [a, b, flags], [out])
      },
      work: (i) => rows[i]! * COLUMNS * K,
      now: () => performance.now(),
      budget: BUDGET,
    })
  } finally {
    for (const at of places) runtime.free(at)
  }
}

/** Programs of two inputs and an output as one, which runs those whose flag (a byte of a third input) is set, on one thread: compilers start once. */
export function together(programs: readonly Program[]): Program {
  const largest = (of: (p: Program) => number): number => Math.max(...programs.map(of))
  const given = (i: number): number => largest((p) => p.inputs[i]!.length)
  const result = largest((p) => p.outputs[0]!.length)
  const slots: Slot[] = [
    { kind: 'input', index: 0, bytes: given(0) * 4 }, { kind: 'input', index: 1, bytes: given(1) * 4 },
    { kind: 'input', index: 2, bytes: programs.length }, { kind: 'output', index: 0, bytes: result * 4 },
  ]
  const kernels: Program['kernels'][number][] = []
  const steps = programs.map((p, i): Step => {
    const place = p.slots.map((slot) => (slot.kind === 'input' ? slot.index : slot.kind === 'output' ? 3 : slots.push(slot) - 1))
    const moved = (arg: Arg): Arg => ({ ...arg, slot: place[arg.slot]! })
    const then = p.steps.flatMap((s): Step[] => (s.kind === 'kernel' ? [{ ...s, kernel: s.kernel + kernels.length, args: s.args.map(moved), parallel: false }] : []))
    kernels.push(...p.kernels)
    return { kind: 'if', flag: { slot: 2, offset: i }, then, else: [] }
  })
  return {
    key: `together ${programs.map((p) => p.key).join(' ')}`, kernels, slots, steps,
    inputs: [{ dtype: 'float32', length: given(0) }, { dtype: 'float32', length: given(1) }, { dtype: 'bool', length: programs.length }],
    outputs: [{ dtype: 'float32', length: result }], arenaBytes: largest((p) => p.arenaBytes),
  }
}
