// Random numbers on the JavaScript side: a Threefry stream named by whole numbers, so that shuffling and augmentation
// depend on (seed, epoch, index) alone and not on what was drawn before.
import { argumentOf, objectOf, threefry2x32 } from '../base/index.ts'

export interface HostRandom {
  /** Uniform in [0, 1), 32 random bits. */
  next(): number
  /** A whole number from 0 to n − 1. */
  below(n: number): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** Normal, mean 0, deviation 1. */
  normal(): number
}

/** What a stream is for: streams of one (seed, epoch) never meet. */
export const STREAM = { shuffle: 1, augment: 2, step: 3, split: 4, mixup: 7, bucket: 8 } as const

/** The stream of a purpose: (seed, purpose, a, b). */
export function hostRandom(seed: number, purpose: number, a = 0, b = 0): HostRandom {
  const [s0, s1] = threefry2x32(seed | 0, Math.floor(seed / 2 ** 32) | 0, purpose, 0x67726164)
  const [k0, k1] = threefry2x32(s0, s1, a, b)
  let counter = 0
  let spare: number | null = null
  const next = (): number => {
    if (spare !== null) {
      const x = spare
      spare = null
      return x
    }
    const [x, y] = threefry2x32(k0, k1, counter++, 0)
    spare = (y >>> 0) / 2 ** 32
    return (x >>> 0) / 2 ** 32
  }
  return {
    next,
    below: (n) => Math.floor(next() * n),
    between: (low, high) => low + (high - low) * next(),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}

/** 0 … n − 1 in random order (Fisher and Yates). */
export function shuffled(n: number, random: HostRandom): Int32Array {
  argumentOf('shuffled', Number.isSafeInteger(n) && n >= 0 && n < 2 ** 31, 'count', 'a whole number from 0 to 2147483647', n)
  objectOf('shuffled', 'generator', random, 'what hostRandom(seed, purpose) gives', 'below')
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const x = order[i]!
    order[i] = order[j]!
    order[j] = x
  }
  return order
}

/** The two words of the random key of one training step. */
export function stepKey(seed: number, step: number): Int32Array {
  const [s0, s1] = threefry2x32(seed | 0, Math.floor(seed / 2 ** 32) | 0, STREAM.step, 0x67726164)
  return Int32Array.from(threefry2x32(s0, s1, step | 0, Math.floor(step / 2 ** 32) | 0))
}
