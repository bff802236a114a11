// Bytes put together by hand.
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
export const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
export function join(...parts: (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
export const u16 = (...values: number[]): Uint8Array => join(...values.map((v) => [v & 255, (v >> 8) & 255]))
export const u32 = (...values: number[]): Uint8Array => join(...values.map((v) => [v & 255, (v >>> 8) & 255, (v >>> 16) & 255, (v >>> 24) & 255]))
export function u64(...values: (number | bigint)[]): Uint8Array {
  const out = new Uint8Array(8 * values.length)
  values.forEach((v, i) => new DataView(out.buffer).setBigUint64(8 * i, BigInt.asUintN(64, BigInt(v)), true))
  return out
}
