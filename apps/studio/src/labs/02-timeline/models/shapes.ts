// Small pictures of four figures at random places, for the models that see.
import { gaussian } from '../../../core/random.ts'
import type { Draw } from './machine.ts'

export const SIDE = 10
export const KINDS = ['square', 'plus', 'cross', 'diamond'] as const
export interface Drawn {
  readonly pixels: readonly number[]
  readonly kind: number
}

const INSIDE: readonly ((dx: number, dy: number, h: number) => boolean)[] = [
  (dx, dy, h) => Math.max(dx, dy) === h,
  (dx, dy, h) => (dx === 0 || dy === 0) && Math.max(dx, dy) <= h,
  (dx, dy, h) => dx === dy && dx <= h,
  (dx, dy, h) => dx + dy === h,
]
/** One figure of half size h around (x, y), ink 1 on 0. */
export const figure = (kind: number, x: number, y: number, h: number): number[] =>
  Array.from({ length: SIDE * SIDE }, (_, i) => (INSIDE[kind]!(Math.abs((i % SIDE) - x), Math.abs(Math.floor(i / SIDE) - y), h) ? 1 : 0))

export function drawn(count: number, draw: Draw, noise: number): Drawn[] {
  const normal = gaussian(draw)
  return Array.from({ length: count }, (_, i) => {
    const kind = i % 4
    const h = 2 + Math.floor(draw() * 2)
    const place = (): number => h + Math.floor(draw() * (SIDE - 2 * h))
    const [x, y] = [place(), place()]
    return { kind, pixels: figure(kind, x, y, h).map((v) => v + noise * normal()) }
  })
}
