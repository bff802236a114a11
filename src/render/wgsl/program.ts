// The steps of a program as launches of shaders: which ranges of which slots are bound, what is given at launch. A slot that
// is written is bound once, whatever the number of parameters on it; a launch with too many slots goes through the arena.
import { DeviceError, byteSize } from '../../base/index.ts'
import type { Arg, Kernel, Program, Slot, Step } from '../../ir/index.ts'
import { keptApart } from '../c/driver.ts'
import { kernelText, launchOf } from './kernel.ts'
import { type Binding, type Memory, type Place, elementOf } from './memory.ts'

export interface WgslLimits {
  /** Bytes of a buffer and of a binding, a multiple of 256: what is larger lies in several. */
  readonly chunk: number
  /** Storage buffers of a launch. */
  readonly buffers: number
  /** Whether members of a workgroup exchange values between registers (feature `subgroups`). */
  readonly subgroups?: boolean
}
/** A range of one chunk of a slot, or of the arena (slot −1). */
export interface Range {
  readonly slot: number
  readonly chunk: number
  readonly offset: number
  readonly bytes: number
}
/** An offset in elements: `start`, and a stride for each enclosing loop. */
export interface Base {
  readonly start: number
  readonly strides: readonly number[]
}
export interface Shader {
  readonly label: string
  readonly code: string
  readonly access: readonly Binding['access'][]
  /** Numbers (i32) given at launch. */
  readonly bases: number
}
export type WgslStep =
  | { readonly kind: 'launch'; readonly kernel: number; readonly shader: number; readonly groups: readonly [number, number]; readonly ranges: readonly Range[]; readonly bases: readonly Base[] }
  | { readonly kind: 'loop'; readonly count: number; readonly body: readonly WgslStep[] }
  /** The flag is the byte at `base` of the range. */
  | { readonly kind: 'if'; readonly flag: Range; readonly base: Base; readonly then: readonly WgslStep[]; readonly else: readonly WgslStep[] }

export interface WgslImage {
  readonly key: string
  readonly shaders: readonly Shader[]
  readonly steps: readonly WgslStep[]
  readonly slots: readonly Slot[]
  readonly arenaBytes: number
  readonly chunk: number
}

const ALIGNMENT = 256
const up = (n: number, to: number): number => Math.ceil(n / to) * to

export function renderWgsl(program: Program, limits: WgslLimits): WgslImage {
  const renderer = new Renderer(program, limits)
  const steps = renderer.block(program.steps)
  return { key: program.key, shaders: renderer.shaders, steps, slots: program.slots, arenaBytes: up(program.arenaBytes, ALIGNMENT) + renderer.staging, chunk: limits.chunk }
}

/** A global parameter of one launch. */
interface Use {
  readonly param: Kernel['params'][number]
  readonly arg: Arg
  /** The slot, and the bytes of it (or of the arena) that are bound. */
  slot: number
  from: number
  bytes: number
  /** Offset from `from`, where it is no constant or no multiple of the alignment. */
  base: Base | null
}

class Renderer {
  readonly shaders: Shader[] = []
  staging = 0
  private readonly program: Program
  private readonly limits: WgslLimits
  private readonly numbers = new Map<string, number>()
  private readonly apart: readonly boolean[]

  constructor(program: Program, limits: WgslLimits) {
    this.program = program
    this.limits = limits
    this.apart = keptApart(program)
  }

  block(steps: readonly Step[]): WgslStep[] {
    return steps.flatMap((step): WgslStep[] => {
      switch (step.kind) {
        case 'kernel': return this.program.kernels[step.kernel]!.extent <= 0 ? [] : this.launch(step)
        case 'loop': return [{ kind: 'loop', count: step.count, body: this.block(step.body) }]
        case 'if': return [{ kind: 'if', ...this.flag(step.flag), then: this.block(step.then), else: this.block(step.else) }]
      }
    })
  }

  private flag({ slot, offset = 0, strides = [] }: Arg): { flag: Range; base: Base } {
    const { from, bytes, within } = this.extentOf(slot)
    const pieces = this.pieces(within, from, up(bytes, 4))
    if (pieces.length !== 1) throw new DeviceError('webgpu', `a condition in a value of ${bytes} bytes`, { expected: `at most ${this.limits.chunk} bytes` })
    return { flag: pieces[0]!, base: { start: offset, strides } }
  }

  /** Where a slot's bytes are: from 0 in a slot of its own, or in the arena. */
  private extentOf(slot: number): { within: number; from: number; bytes: number } {
    const s = this.program.slots[slot]!
    return s.kind === 'temp' ? { within: -1, from: s.offset, bytes: s.bytes } : { within: slot, from: 0, bytes: s.bytes }
  }
  private pieces(slot: number, from: number, bytes: number): Range[] {
    const { chunk } = this.limits
    const out: Range[] = []
    for (let at = from; at < from + bytes; ) {
      const end = Math.min(from + bytes, (Math.floor(at / chunk) + 1) * chunk)
      out.push({ slot, chunk: Math.floor(at / chunk), offset: at % chunk, bytes: end - at })
      at = end
    }
    return out
  }

  private launch(step: Extract<Step, { kind: 'kernel' }>): WgslStep[] {
    const kernel = this.program.kernels[step.kernel]!
    const params = kernel.params.filter((p) => p.scope === 'global')
    const uses = params.map((param, i): Use => {
      const arg = step.args[i]!
      const { from, bytes, within } = this.extentOf(arg.slot)
      const size = byteSize(param.dtype)
      const fixed = arg.strides?.every((s) => s === 0) ?? true
      const offset = arg.offset ?? 0
      const alone = step.args.every((a, j) => j === i || a.slot !== arg.slot)
      if (fixed && offset % ALIGNMENT === 0 && alone) return { param, arg, slot: within, from: from + offset, bytes: Math.max(size, param.length * size), base: null }
      const base = fixed && offset === 0 ? null : { start: offset / size, strides: (arg.strides ?? []).map((s) => s / size) }
      return { param, arg, slot: within, from, bytes, base }
    })
    const before: WgslStep[] = []
    const after: WgslStep[] = []
    const merged = this.countOf(uses) > this.limits.buffers && this.throughArena(uses, before, after)
    return [...before, this.bind(step, kernel, uses, merged), ...after]
  }

  /** Storage buffers a launch needs. */
  private countOf(uses: readonly Use[]): number {
    return [...new Map(uses.map((u) => [`${u.slot},${u.from},${u.bytes}`, this.pieces(u.slot, u.from, u.bytes).length])).values()].reduce((a, b) => a + b, 0)
  }

  /** Lets all temporaries share one binding, and copies what still is too much into the arena and back. */
  private throughArena(uses: Use[], before: WgslStep[], after: WgslStep[]): true {
    const others = [...new Set(uses.filter((u) => u.slot >= 0).map((u) => u.arg.slot))]
    let staged = up(this.program.arenaBytes, ALIGNMENT)
    for (const slot of others.slice(this.limits.buffers - 1)) {
      const { bytes } = this.extentOf(slot)
      const place = { slot: -1, from: staged, bytes: up(bytes, 4) }
      const home = { slot, from: 0, bytes: up(bytes, 4) }
      const mine = uses.filter((u) => u.arg.slot === slot)
      before.push(this.copy(home, place))
      if (mine.some((u) => u.param.access !== 'read')) after.push(this.copy(place, home))
      for (const u of mine) Object.assign(u, { slot: -1, from: staged + u.from })
      staged += up(bytes, ALIGNMENT)
    }
    this.staging = Math.max(this.staging, staged - up(this.program.arenaBytes, ALIGNMENT))
    if (staged > this.limits.chunk) throw new DeviceError('webgpu', `a kernel of ${uses.length} buffers with ${staged} bytes of intermediate values`, { expected: `at most ${this.limits.buffers} buffers, or ${this.limits.chunk} bytes`, remedy: 'Take smaller batches, or the native or wasm device.' })
    return true
  }
  private copy(from: { slot: number; from: number; bytes: number }, to: { slot: number; from: number; bytes: number }): WgslStep {
    const [source, target] = [from, to].map((x) => this.pieces(x.slot, x.from, x.bytes))
    if (source!.length !== 1 || target!.length !== 1) throw new DeviceError('webgpu', `a kernel with too many buffers, one of ${from.bytes} bytes`, { expected: `at most ${this.limits.chunk} bytes` })
    const words = from.bytes / 4
    const [x, y] = [Math.min(Math.ceil(words / 64), 65535), Math.ceil(Math.ceil(words / 64) / 65535)]
    const code = `@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3<u32>) {
  let i = at.y * ${x * 64}u + at.x;
  if (i < ${words}u) { b1[i] = b0[i]; }
}
`
    return { kind: 'launch', kernel: -1, shader: this.shader({ label: 'copy', code, access: ['read_write', 'read_write'], bases: 0 }), groups: [x, y], ranges: [source![0]!, target![0]!], bases: [] }
  }

  private bind(step: Extract<Step, { kind: 'kernel' }>, kernel: Kernel, uses: readonly Use[], merged: boolean): WgslStep {
    const ranges: Range[] = []
    const bindings: Binding[] = []
    const bases: Base[] = []
    const placed = new Map<string, Place['bindings']>()
    const arena = uses.filter((u) => u.slot < 0)
    const bytesWritten = (list: readonly Use[]): boolean => list.some((u) => u.param.access !== 'read' && byteSize(u.param.dtype) === 1)
    const places = uses.map((u): Place => {
      const size = byteSize(u.param.dtype)
      const whole = merged && u.slot < 0
      const key = whole ? 'arena' : `${u.slot},${u.from},${u.bytes}`
      let own = placed.get(key)
      if (own === undefined) {
        const mine = whole ? arena : uses.filter((x) => x.slot === u.slot && x.from === u.from && x.bytes === u.bytes)
        const written = mine.some((x) => x.param.access !== 'read')
        const aligned = mine.every((x) => x.param.aligned === mine[0]!.param.aligned && x.base === null) ? mine[0]!.param.aligned : undefined
        const element = whole ? (bytesWritten(mine) ? 'atomic<u32>' : 'u32') : elementOf(u.param.dtype, aligned, written)
        const list = whole ? this.pieces(-1, 0, up(this.program.arenaBytes, ALIGNMENT) + this.staging) : this.pieces(u.slot, u.from, u.bytes)
        own = list.map((range) => {
          // All of the arena is one buffer: what is read there is bound as what is written.
          bindings.push({ access: written || u.slot < 0 ? 'read_write' : 'read', element })
          return { binding: ranges.push({ ...range, bytes: up(range.bytes, 16) }) - 1, elements: range.bytes / size }
        })
        placed.set(key, own)
      }
      const base = whole ? { start: u.from / size + (u.base?.start ?? 0), strides: u.base?.strides ?? [] } : u.base
      return { bindings: own, base: base === null ? null : bases.push(base) - 1 }
    })
    if (bindings.length > this.limits.buffers) {
      throw new DeviceError('webgpu', `${kernel.name} needs ${bindings.length} bindings of at most ${this.limits.chunk} bytes`, { expected: `at most ${this.limits.buffers}`, remedy: 'Take smaller batches, or the native or wasm device.' })
    }
    const memory: Memory = { bindings, bases: bases.length }
    const code = kernelText(kernel, places, memory, { apart: this.apart[step.kernel]! && !merged, subgroups: this.limits.subgroups === true })
    const { groups } = launchOf(kernel)
    return { kind: 'launch', kernel: step.kernel, shader: this.shader({ label: kernel.name, code, access: bindings.map((b) => b.access), bases: bases.length }), groups, ranges, bases }
  }

  private shader(shader: Shader): number {
    let n = this.numbers.get(shader.code)
    if (n === undefined) this.numbers.set(shader.code, (n = this.shaders.push(shader) - 1))
    return n
  }
}
