// Tensors made by a formula that scripts/golden/models.py has too, so that golden files need not hold the weights of models.

/** FNV-1a of a name: where its numbers begin. */
function seedOf(name: string): number {
  let h = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) h = Math.imul(h ^ byte, 0x01000193)
  return h >>> 0
}
/** The finaliser of MurmurHash3: 32 well mixed bits. */
function mixed(x: number): number {
  let h = x
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
/** Numbers in [−1, 1), multiples of 2⁻¹²: exact in float32. */
export function uniformOf(name: string, length: number): Float64Array {
  const seed = seedOf(name)
  return Float64Array.from({ length }, (_, i) => (mixed((Math.imul(i, 0x9e3779b1) + seed) | 0) >>> 19) / 4096 - 1)
}
/** A weight by its name and shape: matrices by their fan in, norms' scales and variances near 1, the rest small. */
export function weightOf(name: string, shape: readonly number[]): Float64Array {
  const size = shape.reduce((p, d) => p * d, 1)
  const u = uniformOf(name, size)
  // a power of two, so that the numbers stay exact
  if (shape.length >= 2) return u.map((v) => v * 2 ** Math.round(Math.log2(Math.sqrt((shape.length > 2 ? 6 : 3) / Math.max(1, size / shape[0]!)))))
  if (/(norm|ln|bn|LayerNorm)[^.]*\.weight$|running_var$|downsample\.1\.weight$/.test(name)) return u.map((v) => 1 + v / 4)
  return u.map((v) => v / 8)
}
/** Token numbers below `count`. */
export const tokensOf = (name: string, length: number, count: number): Int32Array => Int32Array.from(uniformOf(name, length), (v) => Math.floor(((v + 1) / 2) * count))
