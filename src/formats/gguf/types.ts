// The element types of GGUF (ggml): numbers in blocks that share scales. Sizes of all, decoding of the usual ones, after the
// layouts in ggml's common.h. Products are rounded to float32 in ggml's order, so that values agree to the bit.
import type { ElementType } from '../elements/element-types.ts'
import { smallFloats } from '../elements/small-floats.ts'

export interface GgmlType {
  readonly name: string
  /** Elements and bytes of a block. */
  readonly elements: number
  readonly bytes: number
  /** Plain elements, where they are. */
  readonly plain?: ElementType
  /** The numbers of one block at `at`, written to out from `to`. */
  readonly decode?: (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void
}

const plain = (name: ElementType, bytes: number): GgmlType => ({ name, elements: 1, bytes, plain: name })
const block = (name: string, elements: number, bytes: number, decode?: GgmlType['decode']): GgmlType => ({ name, elements, bytes, ...(decode === undefined ? {} : { decode }) })
const half = (bytes: Uint8Array, at: number): number => smallFloats('F16')[bytes[at]! | (bytes[at + 1]! << 8)]!
const signed = (byte: number): number => (byte << 24) >> 24
const f = Math.fround

/** By the number that stands for each in a file. */
export const GGML_TYPES: ReadonlyMap<number, GgmlType> = new Map([
  [0, plain('F32', 4)], [1, plain('F16', 2)], [24, plain('I8', 1)], [25, plain('I16', 2)], [26, plain('I32', 4)], [27, plain('I64', 8)], [28, plain('F64', 8)], [30, plain('BF16', 2)],
  [2, block('Q4_0', 32, 18, q4_0)], [3, block('Q4_1', 32, 20)], [6, block('Q5_0', 32, 22)], [7, block('Q5_1', 32, 24)], [8, block('Q8_0', 32, 34, q8_0)], [9, block('Q8_1', 32, 36)],
  [10, block('Q2_K', 256, 84)], [11, block('Q3_K', 256, 110)], [12, block('Q4_K', 256, 144, q4K)], [13, block('Q5_K', 256, 176)], [14, block('Q6_K', 256, 210, q6K)], [15, block('Q8_K', 256, 292)],
])

/** d · q, q from −8 to 7; the first half of a block in the low four bits. */
function q4_0(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at)
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 2 + j]!
    out[to + j] = d * ((pair & 15) - 8)
    out[to + j + 16] = d * ((pair >> 4) - 8)
  }
}

/** d · q, q a signed byte. */
function q8_0(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at)
  for (let j = 0; j < 32; j++) out[to + j] = d * signed(bytes[at + 2 + j]!)
}

/** d · scale · q − dmin · min for eight groups of 32, their scales and minima of six bits packed into twelve bytes. */
function q4K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const [d, dmin] = [half(bytes, at), half(bytes, at + 2)]
  const s = (i: number): number => bytes[at + 4 + i]!
  for (let group = 0; group < 8; group++) {
    const scale = group < 4 ? s(group) & 63 : (s(group + 4) & 15) | ((s(group - 4) >> 6) << 4)
    const min = group < 4 ? s(group + 4) & 63 : (s(group + 4) >> 4) | ((s(group) >> 6) << 4)
    const [step, low] = [f(d * scale), f(dmin * min)]
    const from = at + 16 + 32 * (group >> 1)
    for (let j = 0; j < 32; j++) {
      const q = group % 2 === 0 ? bytes[from + j]! & 15 : bytes[from + j]! >> 4
      out[to + 32 * group + j] = f(step * q) - low
    }
  }
}

/** d · scale · (q − 32): q of four low bits and two high ones, a signed scale for every 16. */
function q6K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at + 208)
  for (let i = 0; i < 256; i++) {
    const [part, quarter, l] = [i >> 7, (i >> 5) & 3, i & 31]
    const low = bytes[at + 64 * part + 32 * (quarter & 1) + l]!
    const high = bytes[at + 128 + 32 * part + l]!
    const q = ((quarter < 2 ? low & 15 : low >> 4) | (((high >> (2 * quarter)) & 3) << 4)) - 32
    out[to + i] = f(d * signed(bytes[at + 192 + (i >> 4)]!)) * q
  }
}
