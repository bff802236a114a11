// Types of the generated C: registers and memory. Vectors are those of GCC and Clang; a truth value is an int, 0 or 1,
// alone and a mask (0 or −1) in a vector.
import type { DType } from '../../base/index.ts'
import type { RegType, VType } from '../../ir/index.ts'

const SCALAR: Record<RegType, string> = { f32: 'float', f64: 'double', i32: 'int', bool: 'int' }
const MEMORY: Record<DType, string> = { float32: 'float', float64: 'double', int32: 'int', uint8: 'unsigned char', bool: 'unsigned char' }

export const memoryType = (dtype: DType): string => MEMORY[dtype]
/** What elements of a vector are called; masks of f64 vectors do not exist. */
const element = (t: RegType): string => (t === 'bool' ? 'i32' : t)
export const vectorName = (t: RegType, lanes: number): string => `${element(t)}x${lanes}`

/** Pieces of text a program needs before its kernels, each once, in the order of their first use. */
export class Prelude {
  private readonly texts = new Map<string, string>()

  /** The C name of a register type. */
  type({ t, lanes }: VType): string {
    if (lanes === 1) return SCALAR[t]
    const name = vectorName(t, lanes)
    this.add(name, () => `typedef ${SCALAR[t]} ${name} __attribute__((vector_size(${lanes * (t === 'f64' ? 8 : 4)})));`)
    return name
  }
  /** The same vector anywhere in memory. */
  unaligned(type: VType): string {
    const name = `${this.type(type)}u`
    this.add(name, () => `typedef ${this.type(type)} ${name} __attribute__((aligned(${type.t === 'f64' ? 8 : 4}), may_alias));`)
    return name
  }
  /** A helper function; gives its name. */
  helper(name: string, text: () => string): string {
    this.add(name, () => `static inline __attribute__((always_inline)) ${text()}`)
    return name
  }
  text(): string {
    return [...this.texts.values()].join('\n')
  }
  private add(name: string, text: () => string): void {
    if (this.texts.has(name)) return
    const body = text() // adds what it needs itself first
    this.texts.set(name, body)
  }
}

/** A number as C. Every f32 is written so that the compiler reads back the same bits. */
export function literal(t: RegType, value: number): string {
  if (t === 'bool') return value !== 0 ? '1' : '0'
  if (t === 'i32') {
    const v = value | 0
    return v === -2147483648 ? '(-2147483647 - 1)' : v < 0 ? `(${v})` : String(v)
  }
  const f = t === 'f32' ? 'f' : ''
  const v = t === 'f32' ? Math.fround(value) : value
  if (Number.isNaN(v)) return `__builtin_nan${f}("")`
  if (!Number.isFinite(v)) return `${v < 0 ? '(-' : ''}__builtin_inf${f}()${v < 0 ? ')' : ''}`
  const digits = Object.is(v, -0) ? '-0' : String(v)
  const text = `${/[.e]/.test(digits) ? digits : `${digits}.0`}${f}`
  return text.startsWith('-') ? `(${text})` : text
}
