// Kernel → a WGSL compute shader. A unit is an invocation's, or a workgroup's where the kernel has a group. Equal
// expressions are computed once per block.
import { DeviceError } from '../../base/index.ts'
import { type Kernel, type Stmt, type Var, regType } from '../../ir/index.ts'
import { Known } from '../known.ts'
import { Graph, type Node } from '../wasm/nodes.ts'
import { type Memory, type Place, Storage } from './memory.ts'
import { foldText, membersText, opText } from './ops.ts'
import { Prelude, type Value, constantText, literal, typeText } from './types.ts'
import { Constants } from './constants.ts'

/** Workgroups along one axis of a launch. */
export const MOST_GROUPS = 65535
/** Invocations of a workgroup where the kernel does not say. */
export const INVOCATIONS = 64

export interface Launch {
  /** Workgroups along x and y. */
  readonly groups: readonly [number, number]
}
export function launchOf({ extent, group }: Kernel): Launch {
  const n = group === undefined ? Math.ceil(extent / INVOCATIONS) : extent
  const x = Math.min(n, MOST_GROUPS)
  return { groups: [x, x === 0 ? 0 : Math.ceil(n / x)] }
}

/** The text of a shader; `places` says where each global parameter lies, `apart` that stores to one change no other, `subgroups` that the device has them. */
export function kernelText(kernel: Kernel, places: readonly Place[], memory: Memory, { apart, subgroups }: { readonly apart: boolean; readonly subgroups: boolean }): string {
  return new Emitter(kernel, new Storage(kernel, places, memory), apart, subgroups && folds(kernel.body)).run()
}
const folds = (body: readonly Stmt[]): boolean => body.some((s) => s.s === 'fold' || (s.s === 'for' && folds(s.body)) || (s.s === 'if' && (folds(s.then) || folds(s.else))))

class Emitter {
  private readonly kernel: Kernel
  private readonly storage: Storage
  private readonly p = new Prelude()
  private readonly graph = new Graph()
  private readonly lines: string[] = []
  private readonly known: Known
  private readonly constants = new Constants()
  private readonly names = new Map<number, string>()
  /** Variables that are set after their declaration, or declared anew. */
  private readonly changing = new Set<number>()
  private temps = 0
  private readonly subgroups: boolean

  constructor(kernel: Kernel, storage: Storage, apart: boolean, subgroups: boolean) {
    this.kernel = kernel
    this.subgroups = subgroups
    this.storage = storage
    this.known = new Known(apart)
    this.findChanging(kernel.body)
  }

  run(): string {
    const { kernel, storage } = this
    const { group } = kernel
    const size = group?.size ?? INVOCATIONS
    const [x, y] = launchOf(kernel).groups
    this.known.open()
    const place = y > 1 ? `(wid.y * ${x}u + wid.x)` : 'wid.x'
    this.line(`let ${this.name(kernel.lo, 'lo')} = i32(${group === undefined ? `${place} * ${size}u + lid` : place});`)
    if (x * y * (group === undefined ? size : 1) > kernel.extent) this.line(`if (lo >= ${kernel.extent}i) { return; }`)
    this.line(`let ${this.name(kernel.hi, 'hi')} = lo + 1i;`)
    if (group !== undefined) this.line(`let ${this.name(group.local, 'member')} = i32(lid);`)
    for (const s of kernel.body) this.statement(s)
    this.known.close()
    if (this.p.has('opaque')) this.lines.unshift('  opaque = wid.z;')
    const head = [...(kernel.params.some((x) => x.half === true) ? ['enable f16;'] : []), ...(this.subgroups ? ['enable subgroups;'] : []), ...storage.declarations(), this.p.text()].filter((t) => t !== '')
    const more = this.subgroups ? ', @builtin(subgroup_size) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32' : ''
    return `${head.join('\n')}\n\n@compute @workgroup_size(${size})\nfn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lid: u32${more}) {\n${this.lines.join('\n')}\n}\n`
  }

  private line(text: string): void {
    this.lines.push(`${'  '.repeat(this.known.depth)}${text}`)
  }
  private name(v: Var, fixed?: string): string {
    let name = this.names.get(v.id)
    if (name === undefined) this.names.set(v.id, (name = fixed ?? `${v.name.replace(/\W/g, '')}_${this.names.size}`))
    return name
  }

  private findChanging(body: readonly Stmt[]): void {
    const declared = new Set<number>()
    for (const s of body) {
      if (s.s === 'set' || s.s === 'fold' || (s.s === 'let' && declared.has(s.v.id))) this.changing.add(s.v.id)
      if (s.s === 'let') declared.add(s.v.id)
      if (s.s === 'for') this.findChanging(s.body)
      if (s.s === 'if') {
        this.findChanging(s.then)
        this.findChanging(s.else)
      }
    }
  }

  private block(body: readonly Stmt[]): void {
    this.known.open()
    for (const s of body) this.statement(s)
    this.known.close()
  }

  private statement(s: Stmt): void {
    switch (s.s) {
      case 'let':
      case 'set': {
        const node = this.graph.intern(s.value)
        const constant = this.constants.of(node)
        if (s.s === 'let' && constant !== null && !this.changing.has(s.v.id)) {
          this.constants.define(s.v.id, constant)
          return
        }
        // A sum that starts at a 0 that compilers foresee is its first term to them, and x − x then 0, whatever x is.
        const value = s.s === 'let' && s.v.type.t === 'f32' && constant === 0 ? constantText(this.p, s.v.type, 0, true) : this.value(node)
        const fresh = s.s === 'let' && this.known.declare(s.v.id)
        this.line(`${fresh ? (this.changing.has(s.v.id) ? `var ${this.name(s.v)}: ${typeText(s.v.type)}` : `let ${this.name(s.v)}`) : this.name(s.v)} = ${value};`)
        this.known.changed(s.v.id)
        return
      }
      case 'store': {
        const { dtype } = this.kernel.params[s.buf]!
        const fits = regType(dtype)
        if (s.value.type.t !== fits) throw new DeviceError('webgpu', `a store of ${s.value.type.t} to a ${dtype} buffer`, { expected: fits })
        const value = this.value(this.graph.intern(s.value))
        for (const text of this.storage.store(this.p, s.buf, this.value(this.graph.intern(s.index)), s.value.type, value)) this.line(text)
        this.known.stored(s.buf)
        return
      }
      case 'if': {
        this.line(`if (${this.value(this.graph.intern(s.cond))}) {`)
        this.block(s.then)
        if (s.else.length > 0) {
          this.line('} else {')
          this.block(s.else)
        }
        this.line('}')
        return
      }
      case 'barrier':
        this.line('workgroupBarrier();')
        if (this.kernel.params.some((x) => x.scope === 'global' && x.access !== 'read')) this.line('storageBarrier();')
        this.known.synchronised()
        return
      case 'fold': {
        const name = this.name(s.v)
        this.line(`${name} = ${membersText(this.p, s.op, s.v.type.t, this.kernel.group!.size, this.subgroups)}(${name}, ${this.subgroups ? 'lid, subgroup, lane' : 'lid'});`)
        if (this.kernel.params.some((x) => x.scope === 'global' && x.access !== 'read')) this.line('storageBarrier();')
        this.known.synchronised()
        this.known.changed(s.v.id)
        return
      }
      case 'for': {
        const { lo, hi } = this.kernel
        // A call does one unit.
        const whole = s.lo.k === 'var' && s.lo.v === lo && s.hi.k === 'var' && s.hi.v === hi
        const once = whole || (s.lo.k === 'const' && s.hi.k === 'const' && s.hi.value > s.lo.value && s.hi.value <= s.lo.value + s.step)
        const from = this.value(this.graph.intern(s.lo))
        if (once && !this.changing.has(s.v.id)) {
          this.line('{')
          this.known.open()
          this.line(`let ${this.name(s.v)} = ${from};`)
          this.known.changed(s.v.id)
          for (const inner of s.body) this.statement(inner)
          this.known.close()
          this.line('}')
          return
        }
        const to = this.value(this.graph.intern(s.hi))
        this.known.enterLoop(s.body)
        const v = this.name(s.v)
        this.known.changed(s.v.id)
        this.line(`for (var ${v}: i32 = ${from}; ${v} < ${to}; ${v} += ${s.step}i) {`)
        this.block(s.body)
        this.line('}')
      }
    }
  }

  private argument(n: Node): Value {
    return { type: n.type, text: this.value(n), constant: this.constants.of(n), from: n }
  }
  /** A name or a literal. */
  private value(n: Node): string {
    if (n.k === 'const') return constantText(this.p, n.type, n.value)
    const constant = this.constants.of(n)
    if (constant !== null) return constantText(this.p, n.type, constant)
    if (n.k === 'var') return this.name(n.v!)
    const known = this.known.find(n)
    if (known !== undefined) return known
    const text = this.compute(n)
    const name = `t${this.temps++}`
    this.line(`let ${name} = ${text};`)
    this.known.name(n, name)
    return name
  }

  private compute(n: Node): string {
    const { t, lanes } = n.type
    switch (n.k) {
      case 'ramp': return `${typeText(n.type)}(${Array.from({ length: lanes }, (_, l) => literal(this.p, 'i32', l)).join(', ')})`
      case 'load': return this.storage.load(this.p, n.buf, this.value(n.args[0]!), n.type)
      case 'splat': return `${typeText(n.type)}(${this.value(n.args[0]!)})`
      case 'pack': return `${typeText(n.type)}(${n.args.map((a) => this.value(a)).join(', ')})`
      case 'extract': return `${this.value(n.args[0]!)}.${'xyzw'[n.value]}`
      case 'fold': return foldText(this.p, n.op!, { t, lanes: n.args[0]!.type.lanes }, this.value(n.args[0]!))
      case 'op': {
        const args = n.args.map((a): Value => {
          const value = this.argument(a)
          return a.k === 'op' && a.op === 'div' ? { ...value, quotient: a.args.map((side) => this.argument(side)) as [Value, Value] } : value
        })
        return opText(this.p, n.op!, n.type, args)
      }
      default: throw new DeviceError('webgpu', `cannot print ${n.k}`)
    }
  }
}
