// Small helpers for the labs' programs: numbers and lists as source text.
/** A number as every one of the three languages reads it. */
export const literal = (value: number): string => String(Object.is(value, -0) ? 0 : value)
/** [1, 2, 3] or nested. */
export function listing(values: number | readonly unknown[]): string {
  return Array.isArray(values) ? `[${values.map((v) => listing(v as number)).join(', ')}]` : literal(values as number)
}
