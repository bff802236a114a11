// Chooses the tiles of the GPU's matrix product by measuring, once for an adapter and a version of Gradus; choices are kept
// on disk in Node, in the browser's cache storage in a page or a worker.
import { VERSION } from '../base/index.ts'
import { GPU_SHAPES, type GpuTile, type ShapeClass, type TileLimits, tilesWithin } from '../compile/gpu/index.ts'
import { readTile, writeTile } from '../runtime/index.ts'
import { playedByProcessor } from '../runtime/webgpu/index.ts'

export type Tiles = Partial<Record<ShapeClass, GpuTile>>
export interface Tuning {
  /** What the choice holds for beside the version. */
  readonly adapter: string
  readonly limits: TileLimits
  /** Milliseconds of one product [M, N, K]. */
  readonly measure: (tile: GpuTile, shape: readonly [number, number, number]) => Promise<number>
  /** Milliseconds, to hold to the budget. */
  readonly now: () => number
  readonly kept: KeptChoices
}
export interface KeptChoices {
  read(key: string, candidates: readonly GpuTile[]): Promise<GpuTile | null>
  write(key: string, tile: GpuTile): Promise<void>
}

/** Times a candidate is measured (the least counts), and milliseconds after which no more is measured. */
const TURNS = 3
const BUDGET = 6000

/** A tile for each class of shapes; a class without one goes by the rule of tileFor. */
export async function chooseTiles({ adapter, limits, measure, now, kept }: Tuning): Promise<Tiles> {
  const end = now() + BUDGET
  const chosen: Tiles = {}
  for (const [name, shape] of Object.entries(GPU_SHAPES) as [ShapeClass, readonly [number, number, number]][]) {
    const candidates = tilesWithin(limits, name)
    const key = `${VERSION}|webgpu|${adapter}|${name}`
    const known = await kept.read(key, candidates)
    if (known !== null) {
      chosen[name] = known
      continue
    }
    let best: { tile: GpuTile; ms: number } | null = null
    let whole = true
    for (const tile of candidates) {
      if (now() > end) whole = false
      for (let turn = 0; turn < TURNS && whole; turn++) {
        const ms = await measure(tile, shape).catch(() => Number.POSITIVE_INFINITY) // a driver may refuse one
        if (Number.isFinite(ms) && (best === null || ms < best.ms)) best = { tile, ms }
      }
    }
    // Half a comparison is none.
    if (!whole || best === null) continue
    chosen[name] = best.tile
    await kept.write(key, best.tile)
  }
  return chosen
}

/** Whether to measure; not where the environment variable GRADUS_TILE says `off`, nor on a processor that plays a GPU. */
export function worthTuning(info: Parameters<typeof playedByProcessor>[0]): boolean {
  const setting = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.GRADUS_TILE
  return setting !== 'off' && !playedByProcessor(info)
}

/** Cache storage, as far as it is used; pages have it where they are served by https or from localhost. */
interface Shelf {
  match(url: string): Promise<{ json(): Promise<unknown> } | undefined>
  put(url: string, response: object): Promise<void>
}
const addressOf = (key: string): string => `https://gradus.invalid/tiles/${encodeURIComponent(key)}`
/** Where choices are kept: disk or the browser's cache storage. What cannot be read or written is measured again. */
export function keptHere(): KeptChoices {
  const shelves = (globalThis as { caches?: { open(name: string): Promise<Shelf> } }).caches
  const inNode = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined
  if (inNode || shelves === undefined) return { read: async (key, candidates) => readTile(key, candidates), write: async (key, tile) => writeTile(key, tile) }
  return {
    async read(key, candidates) {
      try {
        const found = (await (await (await shelves.open('gradus')).match(addressOf(key)))?.json()) as Partial<GpuTile> | undefined
        return candidates.find((t) => t.rows === found?.rows && t.columns === found.columns && t.depth === found.depth && t.own === found.own && t.ahead === found.ahead) ?? null
      } catch {
        return null
      }
    },
    async write(key, tile) {
      try {
        await (await shelves.open('gradus')).put(addressOf(key), new Response(JSON.stringify(tile)))
      } catch {
        // a private window, or no room
      }
    },
  }
}
