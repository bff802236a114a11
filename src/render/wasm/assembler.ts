// A WebAssembly assembler: bytes, LEB128 numbers, and the sections of a module with one imported memory.
// Layout: https://webassembly.github.io/spec/core/binary/
import { latin1 } from '../../base/index.ts'

/** Value types as the binary format spells them. */
export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export const V128 = 0x7b
export type ValType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128

const scratch = new DataView(new ArrayBuffer(8))

/** A growing run of bytes with the encodings of the binary format. */
export class Code {
  private data = new Uint8Array(256)
  length = 0

  private room(extra: number): void {
    if (this.length + extra <= this.data.length) return
    const next = new Uint8Array(Math.max(this.data.length * 2, this.length + extra))
    next.set(this.data.subarray(0, this.length))
    this.data = next
  }
  byte(value: number): this {
    this.room(1)
    this.data[this.length++] = value
    return this
  }
  bytes(values: Uint8Array | readonly number[]): this {
    this.room(values.length)
    this.data.set(values, this.length)
    this.length += values.length
    return this
  }
  /** Unsigned LEB128; takes any number below 2³². */
  u32(value: number): this {
    let v = value >>> 0
    while (v >= 0x80) {
      this.byte((v & 0x7f) | 0x80)
      v >>>= 7
    }
    return this.byte(v)
  }
  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): this {
    let v = value | 0
    for (;;) {
      const low = v & 0x7f
      v >>= 7
      if ((v === 0 && (low & 0x40) === 0) || (v === -1 && (low & 0x40) !== 0)) return this.byte(low)
      this.byte(low | 0x80)
    }
  }
  private fixed(count: number): this {
    this.room(count)
    for (let i = 0; i < count; i++) this.data[this.length++] = scratch.getUint8(i)
    return this
  }
  rawI32(value: number): this {
    scratch.setInt32(0, value, true)
    return this.fixed(4)
  }
  rawF32(value: number): this {
    scratch.setFloat32(0, value, true)
    return this.fixed(4)
  }
  rawF64(value: number): this {
    scratch.setFloat64(0, value, true)
    return this.fixed(8)
  }
  text(value: string): this {
    const encoded = new TextEncoder().encode(value)
    return this.u32(encoded.length).bytes(encoded)
  }
  append(other: Code): this {
    return this.bytes(other.view())
  }
  view(): Uint8Array {
    return this.data.subarray(0, this.length)
  }
  take(): Uint8Array<ArrayBuffer> {
    return this.data.slice(0, this.length)
  }

  // ---- instructions that every emitter writes
  op(code: number): this {
    return this.byte(code)
  }
  simd(code: number): this {
    return this.byte(0xfd).u32(code)
  }
  i32Const(value: number): this {
    return this.byte(0x41).s32(value)
  }
  get(local: number): this {
    return this.byte(0x20).u32(local)
  }
  set(local: number): this {
    return this.byte(0x21).u32(local)
  }
  tee(local: number): this {
    return this.byte(0x22).u32(local)
  }
  call(index: number): this {
    return this.byte(0x10).u32(index)
  }
  /** Alignment (as a power of two) and offset of a memory access. */
  memarg(align: number, offset: number): this {
    return this.u32(align).u32(offset)
  }
}

/** One function: its type, its locals beyond the parameters, its instructions. */
export interface FunctionBody {
  readonly params: readonly ValType[]
  readonly results: readonly ValType[]
  readonly locals: readonly ValType[]
  readonly code: Code
}

/** Locals are declared as runs of equal types. */
function encodeBody({ locals, code }: FunctionBody): Code {
  const runs: [number, ValType][] = []
  for (const type of locals) {
    const last = runs[runs.length - 1]
    if (last !== undefined && last[1] === type) last[0]++
    else runs.push([1, type])
  }
  const body = new Code().u32(runs.length)
  for (const [count, type] of runs) body.u32(count).byte(type)
  return body.append(code).byte(0x0b)
}

/** Functions in order, one imported memory (`env.memory`) and perhaps one function (`env.mark`), functions exported by name. */
export class ModuleBuilder {
  private readonly types = new Map<string, number>()
  private readonly typeSection: Code[] = []
  private readonly functions: { type: number; body: Code }[] = []
  private readonly exports: { name: string; index: number }[] = []
  private readonly byContent = new Map<string, number>()
  private readonly markType: number

  /** `mark`: the module imports a function (i32) → nothing, with index 0. */
  constructor(mark = false) {
    this.markType = mark ? this.typeIndex([I32], []) : -1
  }
  private readonly names: string[] = []

  private typeIndex(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join()}>${results.join()}`
    let index = this.types.get(key)
    if (index === undefined) {
      index = this.types.size
      this.types.set(key, index)
      const type = new Code().byte(0x60).u32(params.length).bytes(params)
      this.typeSection.push(type.u32(results.length).bytes(results))
    }
    return index
  }
  /** Adds a function, or finds the one with the same instructions. */
  add(fn: FunctionBody, name = ''): number {
    const type = this.typeIndex(fn.params, fn.results)
    const body = encodeBody(fn)
    const key = `${type}:${latin1(body.view())}`
    let index = this.byContent.get(key)
    if (index === undefined) {
      index = this.functions.push({ type, body }) - (this.markType < 0 ? 1 : 0)
      this.byContent.set(key, index)
      this.names[index] = name
    }
    return index
  }
  export(name: string, index: number): void {
    this.exports.push({ name, index })
  }
  /** The module's bytes. `shared` memories need threads and a maximum. */
  build(shared: boolean): Uint8Array<ArrayBuffer> {
    const out = new Code().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    const section = (id: number, items: number, write: (body: Code) => void) => {
      const body = new Code().u32(items)
      write(body)
      out.byte(id).u32(body.length).append(body)
    }
    section(1, this.typeSection.length, (s) => {
      for (const type of this.typeSection) s.append(type)
    })
    section(2, this.markType < 0 ? 1 : 2, (s) => {
      s.text('env').text('memory').byte(2)
      if (shared) s.byte(3).u32(1).u32(65536)
      else s.byte(0).u32(1)
      if (this.markType >= 0) s.text('env').text('mark').byte(0).u32(this.markType)
    })
    section(3, this.functions.length, (s) => {
      for (const f of this.functions) s.u32(f.type)
    })
    section(7, this.exports.length, (s) => {
      for (const e of this.exports) s.text(e.name).byte(0).u32(e.index)
    })
    section(10, this.functions.length, (s) => {
      for (const f of this.functions) s.u32(f.body.length).append(f.body)
    })
    // The name section, so that profilers and stack traces speak of kernels.
    const map = new Code().u32(this.names.length)
    this.names.forEach((n, i) => map.u32(i).text(n))
    const custom = new Code().text('name').byte(1).u32(map.length).append(map)
    out.byte(0).u32(custom.length).append(custom)
    return out.take()
  }
}
