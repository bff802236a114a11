// Tiles of the GPU's matrix product: what could be taken, and classes of shapes for which one is chosen. No bit of a result
// depends on it: every sum runs over k in the same order.
import { type GpuTile, power, tileFor } from './gemm.ts'

const tile = (rows: number, columns: number, depth: number, own: number, ahead = 0): GpuTile => ({ rows, columns, depth, own, ahead })
const SMALL = [tile(32, 32, 16, 4), tile(64, 64, 16, 4), tile(32, 32, 32, 4), tile(32, 64, 16, 4), tile(64, 64, 16, 8)]
const LARGE = [tile(64, 64, 16, 4), tile(64, 64, 16, 8), tile(128, 64, 8, 4), tile(128, 64, 16, 8), tile(128, 128, 8, 8), tile(128, 128, 16, 8)]
/** What is measured for each class. */
const GPU_TILES = { thin: [tile(32, 32, 16, 4), tile(32, 64, 16, 4), tile(32, 32, 32, 4), tile(16, 64, 16, 4)], small: SMALL, medium: [...LARGE, tile(64, 64, 16, 8, 1)], wide: [...LARGE, tile(64, 128, 16, 8, 1)], large: [...LARGE, tile(128, 128, 8, 8, 1), tile(128, 128, 16, 8, 1), tile(64, 128, 16, 8, 1)] } as const

/** Shapes that are measured, each for its class: [M, N, K]. */
export const GPU_SHAPES = { thin: [32, 1024, 512], small: [128, 128, 256], medium: [512, 512, 512], wide: [768, 3072, 512], large: [4096, 2048, 512] } as const
export type ShapeClass = keyof typeof GPU_SHAPES
export const classOf = (M: number, N: number): ShapeClass => (Math.min(M, N) <= 32 ? 'thin' : M * N >= 2048 * 2048 ? 'large' : M * N >= 1024 * 1024 ? 'wide' : M * N >= 256 * 256 ? 'medium' : 'small')

/** What of an adapter a tile must fit. */
export interface TileLimits {
  readonly maxComputeInvocationsPerWorkgroup: number
  readonly maxComputeWorkgroupStorageSize: number
}
export const tilesWithin = (limits: TileLimits, name: ShapeClass): readonly GpuTile[] =>
  GPU_TILES[name].filter(({ rows, columns, depth, own }) => (rows / own) * (columns / own) <= limits.maxComputeInvocationsPerWorkgroup && 4 * depth * (rows + columns) <= limits.maxComputeWorkgroupStorageSize)

/** The tile of a product: the one chosen for its class, no larger than the product; where none was chosen, by a rule. */
export function tileBy(chosen: Readonly<Partial<Record<ShapeClass, GpuTile>>>): (M: number, N: number) => GpuTile {
  return (M, N) => {
    const mine = chosen[classOf(M, N)]
    return mine === undefined ? tileFor(M, N) : { ...mine, rows: Math.max(8, power(M, mine.rows)), columns: Math.max(8, power(N, mine.columns)) }
  }
}
