// How a shader reaches its buffers. A binding is an array of words; 8-bit elements share words (four a word, written with
// atomics, so that neighbours may be written at the same time); a buffer too large for a binding lies in several.
import { type DType, DeviceError, byteSize } from '../../base/index.ts'
import { type Kernel, type VType, vtype } from '../../ir/index.ts'
import { type Prelude, typeText } from './types.ts'

/** Where a parameter lies: bindings one after another, each but the last holding `elements` elements. */
export interface Place {
  readonly bindings: readonly { readonly binding: number; readonly elements: number }[]
  /** Position among the offsets given at launch, in elements (of 8 bits: bytes); null: at the start. */
  readonly base: number | null
}
export interface Memory {
  /** Access and element type of every binding; parameters that share one have the same. */
  readonly bindings: readonly Binding[]
  /** Offsets given at launch. */
  readonly bases: number
}
export interface Binding {
  readonly access: 'read' | 'read_write'
  /** Words and atomic words may hold any type. */
  readonly element: 'f32' | 'i32' | 'u32' | 'atomic<u32>' | 'vec4<f32>' | 'vec4<i32>'
}

/** What a binding of a buffer is an array of. */
export function elementOf(dtype: DType, aligned: number | undefined, written: boolean): Binding['element'] {
  switch (dtype) {
    case 'float32': return aligned === 4 ? 'vec4<f32>' : 'f32'
    case 'int32': return aligned === 4 ? 'vec4<i32>' : 'i32'
    case 'uint8':
    case 'bool': return written ? 'atomic<u32>' : 'u32'
    default: throw new DeviceError('webgpu', `buffers of ${dtype}`, { remedy: 'Use float32, or the native or wasm device.' })
  }
}

export class Storage {
  private readonly kernel: Kernel
  private readonly memory: Memory
  private readonly places: readonly (Place | null)[]

  constructor(kernel: Kernel, places: readonly Place[], memory: Memory) {
    this.kernel = kernel
    this.memory = memory
    let next = 0
    this.places = kernel.params.map((p) => (p.scope === 'global' ? places[next++]! : null))
  }

  declarations(): string[] {
    const out = this.memory.bindings.map(({ access, element }, i) => `@group(0) @binding(${i}) var<storage, ${access}> b${i}: array<${element}>;`)
    const { bases } = this.memory
    if (bases > 0) out.push(`@group(0) @binding(${out.length}) var<uniform> bases: array<vec4<i32>, ${Math.ceil(bases / 4)}>;`)
    this.kernel.params.forEach((p, i) => {
      if (p.scope === 'global') return
      const type = p.half === true ? 'f16' : p.dtype === 'float32' ? 'f32' : p.dtype === 'int32' ? 'i32' : 'u32'
      const array = p.aligned === 4 ? `array<vec4<${type}>, ${Math.ceil(p.length / 4)}>` : `array<${type}, ${p.length}>`
      out.push(`var<${p.scope === 'group' ? 'workgroup' : 'private'}> s${i}: ${array};`)
    })
    return out
  }

  load(p: Prelude, buf: number, index: string, type: VType): string {
    const { dtype, half } = this.kernel.params[buf]!
    if (type.lanes > 1 && !this.wide(buf)) {
      const at = (l: number): string => this.load(p, buf, l === 0 ? index : `(${index} + ${l}i)`, vtype(type.t))
      return `${typeText(type)}(${Array.from({ length: type.lanes }, (_, l) => at(l)).join(', ')})`
    }
    const place = this.places[buf]!
    if (place === null) {
      const word = `s${buf}[${scaled(index, type.lanes)}]`
      if (half === true) return `${typeText(type)}(${word})`
      return dtype === 'bool' ? `${word} != 0u` : dtype === 'uint8' ? `bitcast<i32>(${word})` : word
    }
    const one = (b: number, i: string): string => {
      const { element } = this.memory.bindings[b]!
      const word = (at: string): string => (element === 'atomic<u32>' ? `atomicLoad(&b${b}[${at}])` : `b${b}[${at}]`)
      if (byteSize(dtype) > 1) return isWord(element) ? `bitcast<${typeText(type)}>(${word(i)})` : word(scaled(i, type.lanes))
      const byte = `((${word(`u32(${i}) >> 2u`)} >> ((u32(${i}) & 3u) << 3u)) & 255u)`
      return dtype === 'bool' ? `${byte} != 0u` : `bitcast<i32>${byte}`
    }
    const at = this.based(place, index)
    if (place.bindings.length === 1) return one(place.bindings[0]!.binding, at)
    const name = `load_${buf}`
    return `${p.helper(name, () => `fn ${name}(i: i32) -> ${typeText(type)} {\n${pieces(place, (b, i) => `return ${one(b, i)};`)}\n}`)}(${at})`
  }

  /** Statements that store a value. */
  store(p: Prelude, buf: number, index: string, type: VType, value: string): string[] {
    const { dtype, half } = this.kernel.params[buf]!
    if (type.lanes > 1 && !this.wide(buf)) {
      return Array.from({ length: type.lanes }, (_, l) => this.store(p, buf, l === 0 ? index : `(${index} + ${l}i)`, vtype(type.t), `${value}.${'xyzw'[l]}`)).flat()
    }
    const place = this.places[buf]!
    const small = byteSize(dtype) === 1
    const word = dtype === 'bool' ? `select(0u, 1u, ${value})` : dtype === 'uint8' ? `(bitcast<u32>(${value}) & 255u)` : value
    if (place === null && half === true) return [`s${buf}[${scaled(index, type.lanes)}] = ${type.lanes === 1 ? 'f16' : `vec${type.lanes}<f16>`}(${value});`]
    if (place === null) return [`s${buf}[${scaled(index, type.lanes)}] = ${word};`]
    const one = (b: number, i: string, v: string): string => {
      const { element } = this.memory.bindings[b]!
      if (small) {
        const name = `store_byte_${b}`
        return `${p.helper(name, () => `fn ${name}(i: u32, v: u32) {
  let shift = (i & 3u) << 3u;
  atomicAnd(&b${b}[i >> 2u], ~(255u << shift));
  atomicOr(&b${b}[i >> 2u], v << shift);
}`)}(u32(${i}), ${v});`
      }
      if (element === 'atomic<u32>') return `atomicStore(&b${b}[${i}], bitcast<u32>(${v}));`
      return element === 'u32' ? `b${b}[${i}] = bitcast<u32>(${v});` : `b${b}[${scaled(i, type.lanes)}] = ${v};`
    }
    const at = this.based(place, index)
    if (place.bindings.length === 1) return [one(place.bindings[0]!.binding, at, word)]
    const name = `store_${buf}`
    const text = (): string => `fn ${name}(i: i32, v: ${small ? 'u32' : typeText(type)}) {\n${pieces(place, (b, i) => `${one(b, i, 'v')} return;`)}\n}`
    return [`${p.helper(name, text)}(${at}, ${word});`]
  }

  /** Whether whole vectors are moved: what is promised of the parameter must fit its binding. */
  private wide(buf: number): boolean {
    const { aligned } = this.kernel.params[buf]!
    const place = this.places[buf]!
    return aligned === 4 && (place === null || place.bindings.every(({ binding }) => this.memory.bindings[binding]!.element.startsWith('vec4')))
  }
  private based({ base }: Place, index: string): string {
    return base === null ? index : `(bases[${base >> 2}].${'xyzw'[base & 3]} + ${index})`
  }
}

const isWord = (element: Binding['element']): boolean => element === 'u32' || element === 'atomic<u32>'
const scaled = (index: string, by: number): string => (by === 1 ? index : `${index} / ${by}i`)

/** The statement for the piece that holds element i. */
function pieces({ bindings }: Place, body: (binding: number, index: string) => string): string {
  let start = 0
  return bindings.map(({ binding, elements }, k) => {
    const text = body(binding, start === 0 ? 'i' : `(i - ${start}i)`)
    start += elements
    return k === bindings.length - 1 ? `  ${text}` : `  if (i < ${start}i) { ${text} }`
  }).join('\n')
}
