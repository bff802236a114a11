// The tile of products in a page: what measures it is fetched on the side and is no part of what the page loads first.
import type { Tile } from '../compile/index.ts'
import type { CpuRuntime } from './cpu-runtime.ts'
import type { ProductOf, TileOptions } from './tile-probe.ts'

export function tileOf<E>(runtime: CpuRuntime<E>, options: TileOptions, product: ProductOf): (flops: number) => Tile {
  let tile = (_flops: number): Tile => options.candidates[0]!
  // A page that cannot fetch it goes on with the tile that is good anywhere.
  if (options.probe !== false) import('./late.ts').then((late) => (tile = late.tileOf(runtime, options, product, null))).catch(() => null)
  return (flops) => tile(flops)
}
