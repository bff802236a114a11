// Small helpers for the labs' programs: numbers and lists as source text.
/** A number as every one of the three languages reads it. */
export const literal = (value: number): string => String(Object.is(value, -0) ? 0 : value)
/** [1, 2, 3] or nested. */
export function listing(values: number | readonly unknown[]): string {
  return Array.isArray(values) ? `[${values.map((v) => listing(v as number)).join(', ')}]` : literal(values as number)
}

/** Studio's generator (core/random.ts) for the labs' programs, the same numbers in every language. `more`: what its remark says besides. */
export const mulberryJs = (more = ''): string => `function mulberry(seed) {   // a small generator of even numbers in [0, 1)${more}
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}`
export const mulberryPy = (more = ''): string => `def mulberry(seed):   # a small generator of even numbers in [0, 1)${more}
    a, m = seed, 0xFFFFFFFF
    while True:
        a = (a + 0x6D2B79F5) & m
        t = ((a ^ (a >> 15)) * (1 | a)) & m
        t = ((t + ((t ^ (t >> 7)) * (61 | t))) & m) ^ t
        yield ((t ^ (t >> 14)) & m) / 2**32`
