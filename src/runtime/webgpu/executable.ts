// A program made ready to run: pipelines, and its launches in a row: loops unrolled, the numbers given at launch in one
// uniform buffer. A condition becomes a small shader that writes the sizes of the launches under it: all of them, or none.
import { type GpuDevice, type GpuBuffer, USAGE } from './api.ts'
import type { Chunk, Memory } from './pool.ts'

/** What this runtime asks of an image; `render` gives it. */
export interface Range {
  readonly slot: number
  readonly chunk: number
  readonly offset: number
  readonly bytes: number
}
interface Base {
  readonly start: number
  readonly strides: readonly number[]
}
export interface Shader {
  readonly label: string
  readonly code: string
  readonly access: readonly ('read' | 'read_write')[]
  readonly bases: number
}
type Step =
  | { readonly kind: 'launch'; readonly kernel: number; readonly shader: number; readonly groups: readonly [number, number]; readonly ranges: readonly Range[]; readonly bases: readonly Base[] }
  | { readonly kind: 'loop'; readonly count: number; readonly body: readonly Step[] }
  | { readonly kind: 'if'; readonly flag: Range; readonly base: Base; readonly then: readonly Step[]; readonly else: readonly Step[] }
export interface WebgpuImage {
  readonly key: string
  readonly shaders: readonly Shader[]
  readonly steps: readonly Step[]
  readonly slots: readonly ({ readonly kind: 'input' | 'output'; readonly index: number; readonly bytes: number } | { readonly kind: 'temp'; readonly bytes: number } | { readonly kind: 'const'; readonly data: Uint8Array; readonly bytes: number })[]
  readonly arenaBytes: number
  readonly chunk: number
}

export interface Pipeline {
  readonly pipeline: object
  readonly layout: object
}
/** A launch as it stands in the program, with the bind groups made for it so far. */
export interface Site {
  readonly kernel: number
  readonly pipeline: Pipeline
  readonly ranges: readonly Range[]
  /** Bytes of the uniform binding that follows; 0: none does. */
  readonly numbers: number
  readonly groups: readonly [number, number]
  readonly known: Map<string, object>
  /** Which of the condition's results it depends on, and where its size is written. */
  readonly when: { readonly row: number } | null
}
export interface Call {
  readonly site: Site
  /** Bytes into the uniform buffer. */
  readonly numbers: number
}

/** Bytes of so many numbers in the uniform buffer, where a binding begins at multiples of 256. */
const blockOf = (count: number): number => Math.ceil(count / 64) * 256

/** Runs before the launches under a condition. flags: pairs (else, then) of each condition. */
const GUARD = `@group(0) @binding(0) var<storage, read_write> flag: array<u32>;
@group(0) @binding(1) var<storage, read_write> results: array<u32>;
@group(0) @binding(2) var<storage, read_write> sizes: array<u32>;
@group(0) @binding(3) var<storage, read> rows: array<vec4<u32>>;
@group(0) @binding(4) var<uniform> bases: array<vec4<i32>, 2>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3<u32>) {
  let byte = u32(bases[0].x);
  let result = bases[0].y;
  let outer = bases[0].z;
  let first = u32(bases[0].w);
  let count = u32(bases[1].x);
  var reached = true;
  if (outer >= 0i) { reached = results[outer] != 0u; }
  let holds = ((flag[byte >> 2u] >> ((byte & 3u) << 3u)) & 255u) != 0u;
  if (at.x == 0u) {
    results[2i * result] = select(0u, 1u, reached && !holds);
    results[2i * result + 1i] = select(0u, 1u, reached && holds);
  }
  if (at.x < count) {
    let row = rows[first + at.x];
    let on = reached && (row.w == 1u) == holds;
    sizes[3u * (first + at.x)] = select(0u, row.x, on);
    sizes[3u * (first + at.x) + 1u] = row.y;
    sizes[3u * (first + at.x) + 2u] = row.z;
  }
}
`
/** Buffers a condition's shader sees beside slots: as ranges of these slots. */
export const RESULTS = -2
export const SIZES = -3
export const ROWS = -4

export class Executable {
  readonly image: WebgpuImage
  readonly calls: Call[] = []
  readonly kernels: number
  /** Constant tables by slot, and what conditions need, by the numbers above. */
  readonly own = new Map<number, Memory>()
  readonly uniform: GpuBuffer | null
  readonly sizes: GpuBuffer | null
  private readonly rows: number[] = []
  private conditions = 0

  constructor(image: WebgpuImage, device: GpuDevice, pipeline: (shader: Shader) => Pipeline, upload: (data: Uint8Array) => Memory) {
    this.image = image
    const pipelines = image.shaders.map(pipeline)
    this.kernels = pipelines.length
    image.slots.forEach((s, i) => {
      if (s.kind === 'const') this.own.set(i, upload(s.data))
    })
    const blocks: number[] = []
    const seen = new Map<string, number>()
    const numbers = (values: readonly number[]): number => {
      const key = values.join()
      let at = seen.get(key)
      if (at === undefined) {
        seen.set(key, (at = blocks.length * 4))
        for (let i = 0; i < blockOf(values.length) / 4; i++) blocks.push(values[i] ?? 0)
      }
      return at
    }
    // Sites are made once a step, calls once an iteration.
    const sites = new Map<Step, Site>()
    const guards = new Map<Step, { site: Site; result: number; outer: number; first: number; count: number }>()
    const prepare = (steps: readonly Step[], outer: number, branch: number): void => {
      for (const step of steps) {
        if (step.kind === 'loop') prepare(step.body, outer, branch)
        else if (step.kind === 'launch') {
          const when = outer < 0 ? null : { row: this.rows.length / 4 }
          if (when !== null) this.rows.push(step.groups[0], step.groups[1], 1, branch)
          sites.set(step, { kernel: step.kernel, pipeline: pipelines[step.shader]!, ranges: step.ranges, numbers: blockOf(step.bases.length), groups: step.groups, known: new Map(), when })
        } else {
          const result = this.conditions++
          const first = this.rows.length / 4
          // The launches of this condition itself lie together: inner conditions come after them.
          const inner: [readonly Step[], number][] = []
          const own = (list: readonly Step[], which: number): void => {
            for (const s of list) {
              if (s.kind === 'loop') own(s.body, which)
              else if (s.kind === 'launch') prepare([s], 2 * result + which, which)
              else inner.push([[s], which])
            }
          }
          own(step.then, 1)
          own(step.else, 0)
          const count = this.rows.length / 4 - first
          const ranges = [step.flag, ...[RESULTS, SIZES, ROWS].map((slot): Range => ({ slot, chunk: 0, offset: 0, bytes: -1 }))]
          const shader: Shader = { label: 'condition', code: GUARD, access: ['read_write', 'read_write', 'read_write', 'read'], bases: 5 }
          const site: Site = { kernel: -1, pipeline: pipeline(shader), ranges, numbers: blockOf(1), groups: [Math.max(1, Math.ceil(count / 64)), 1], known: new Map(), when: null }
          guards.set(step, { site, result, outer, first, count })
          for (const [s, which] of inner) prepare(s, 2 * result + which, which)
        }
      }
    }
    prepare(image.steps, -1, 0)
    const value = (b: Base, at: readonly number[]): number => b.strides.reduce((sum, s, l) => sum + s * (at[l] ?? 0), b.start)
    const lay = (steps: readonly Step[], at: readonly number[]): void => {
      for (const step of steps) {
        if (step.kind === 'loop') for (let i = 0; i < step.count; i++) lay(step.body, [...at, i])
        else if (step.kind === 'launch') this.calls.push({ site: sites.get(step)!, numbers: step.bases.length === 0 ? 0 : numbers(step.bases.map((b) => value(b, at))) })
        else {
          const g = guards.get(step)!
          this.calls.push({ site: g.site, numbers: numbers([value(step.base, at), g.result, g.outer, g.first, g.count]) })
          lay(step.then, at)
          lay(step.else, at)
        }
      }
    }
    lay(image.steps, [])
    this.uniform = blocks.length === 0 ? null : device.createBuffer({ size: blocks.length * 4, usage: USAGE.uniform | USAGE.copyTarget })
    if (this.uniform !== null) device.queue.writeBuffer(this.uniform, 0, Int32Array.from(blocks))
    this.sizes = this.conditions === 0 ? null : device.createBuffer({ size: Math.max(16, this.rows.length * 3), usage: USAGE.storage | USAGE.indirect })
    if (this.sizes !== null) {
      this.own.set(ROWS, upload(new Uint8Array(Uint32Array.from(this.rows.length > 0 ? this.rows : [0, 0, 0, 0]).buffer)))
      this.own.set(RESULTS, upload(new Uint8Array(this.conditions * 8)))
      this.own.set(SIZES, { chunks: [{ buffer: this.sizes, id: -1 } satisfies Chunk], bytes: this.sizes.size })
    }
  }
}
