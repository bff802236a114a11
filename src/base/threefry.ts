// Threefry-2x32, 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): counter-based random bits.

/** The rotation distances, four per group of rounds, alternating. */
export const THREEFRY_ROTATIONS: readonly (readonly number[])[] = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
]
/** The parity word of the key schedule. */
export const THREEFRY_PARITY = 0x1bd11bda

/** Encrypts the counter (c0, c1) under the key (k0, k1); both words of the result, as signed 32-bit integers. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const keys = [k0 | 0, k1 | 0, k0 ^ k1 ^ THREEFRY_PARITY]
  let x0 = (c0 + keys[0]!) | 0
  let x1 = (c1 + keys[1]!) | 0
  for (let group = 0; group < 5; group++) {
    for (const r of THREEFRY_ROTATIONS[group % 2]!) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0
    }
    x0 = (x0 + keys[(group + 1) % 3]!) | 0
    x1 = (x1 + keys[(group + 2) % 3]! + group + 1) | 0
  }
  return [x0, x1]
}
