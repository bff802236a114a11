// Types, literals and helper functions of the generated WGSL. WGSL refuses constant expressions that overflow or give NaN,
// and lets compilers assume that there is none: special numbers are made from bits at run time, and asked for by bits.
import { DeviceError } from '../../base/index.ts'
import type { RegType, VType } from '../../ir/index.ts'
import type { Node } from '../wasm/nodes.ts'

/** An argument: its text (a name or a literal), and its value when it is a constant. */
export interface Value {
  readonly type: VType
  readonly text: string
  readonly constant: number | null
  /** What it was printed from, where that is at hand. */
  readonly from?: Node
  /** The sides of a quotient. */
  readonly quotient?: readonly [Value, Value]
}

const SCALAR: Readonly<Partial<Record<RegType, string>>> = { f32: 'f32', i32: 'i32', bool: 'bool' }

/** The WGSL name of a register type: a scalar or a vector of 2 or 4. */
export function typeText({ t, lanes }: VType): string {
  const scalar = SCALAR[t]
  if (scalar === undefined) throw new DeviceError('webgpu', `kernels with ${t}`, { remedy: 'Use float32, or the native or wasm device.' })
  if (lanes === 1) return scalar
  if (lanes !== 2 && lanes !== 4) throw new DeviceError('webgpu', `vectors of ${lanes} lanes`, { expected: '1, 2 or 4' })
  return `vec${lanes}<${scalar}>`
}

/** Pieces of text a shader needs before its kernel, each once, in the order of their first use. */
export class Prelude {
  private readonly texts = new Map<string, string>()
  /** A helper function or declaration; gives its name. */
  helper(name: string, text: () => string): string {
    if (!this.texts.has(name)) {
      const body = text() // adds what it needs itself first
      this.texts.set(name, body)
    }
    return name
  }
  has(name: string): boolean {
    return this.texts.has(name)
  }
  text(): string {
    return [...this.texts.values()].join('\n')
  }
}

/** Any 32 bits as a float that no compiler foresees: launches have no third axis, its coordinate is 0 at run time alone. */
export function opaque(p: Prelude, bits: number): string {
  p.helper('opaque', () => 'var<private> opaque: u32;')
  return `bitcast<f32>(opaque + 0x${bits.toString(16)}u)`
}

/** A number as WGSL, read back to the same bits. */
export function literal(p: Prelude, t: RegType, value: number): string {
  if (t === 'bool') return value !== 0 ? 'true' : 'false'
  if (t === 'i32') {
    const v = value | 0
    return v === -2147483648 ? 'i32(-2147483648)' : v < 0 ? `(${v}i)` : `${v}i`
  }
  const v = Math.fround(value)
  if (Number.isNaN(v)) return opaque(p, 0x7fc00000)
  if (!Number.isFinite(v)) return opaque(p, bitsOf(v))
  if (Object.is(v, -0) || (v !== 0 && Math.abs(v) < 2 ** -126)) return opaque(p, bitsOf(v))
  return v < 0 ? `(${v}f)` : `${v}f`
}
/** A constant in every lane; `hidden`: so that no compiler foresees it. */
export function constantText(p: Prelude, type: VType, value: number, hidden = false): string {
  const one = hidden ? opaque(p, bitsOf(value)) : literal(p, type.t, value)
  return type.lanes === 1 ? one : `${typeText(type)}(${one})`
}
const view = new DataView(new ArrayBuffer(4))
function bitsOf(v: number): number {
  view.setFloat32(0, v)
  return view.getUint32(0)
}
