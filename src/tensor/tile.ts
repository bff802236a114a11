// The tile of products, measured once for a machine. In bundles for browsers tile-late.ts takes this file's place (the field
// `browser` of package.json).
import { machineKey, readTile, writeTile } from '../runtime/index.ts'
import type { Tile } from '../compile/index.ts'
import type { CpuRuntime } from './cpu-runtime.ts'
import { type ProductOf, type TileOptions, tileOf as probed } from './tile-probe.ts'

export const tileOf = <E>(runtime: CpuRuntime<E>, options: TileOptions, product: ProductOf): ((flops: number) => Tile) =>
  probed(runtime, options, product, { key: machineKey, read: readTile, write: writeTile })
