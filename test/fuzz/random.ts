// Repeatable random choices for fuzzing: 32 bits of a hash of the seed and a counter (Vigna's splitmix, halved).
export interface Random {
  /** A whole number from 0 up to, not with, n. */
  below(n: number): number
  chance(share: number): boolean
  pick<T>(items: readonly T[]): T
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let x = state
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return (x ^ (x >>> 15)) >>> 0
  }
  const below = (n: number): number => Math.floor((next() / 2 ** 32) * n)
  return { below, chance: (share) => next() / 2 ** 32 < share, pick: (items) => items[below(items.length)]! }
}
