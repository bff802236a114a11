// Kernel → the body of a C function over pointers b0, b1, … Equal expressions are computed once per block; what a loop
// does not change the C compiler moves out by itself.
import { DeviceError } from '../../base/index.ts'
import { type Kernel, type Stmt, type Var, regType } from '../../ir/index.ts'
import { Known } from '../known.ts'
import { Graph, type Node } from '../wasm/nodes.ts'
import { type Value, constantText, extractText, foldText, loadText, opText, packText, rampText, splatText, storeText } from './ops.ts'
import { type Prelude, literal, memoryType } from './types.ts'

/** `apart`: no two buffers of a call overlap (unless both are only read). */
export function kernelBody(kernel: Kernel, prelude: Prelude, apart: boolean): string {
  return new Emitter(kernel, prelude, apart).run()
}

class Emitter {
  private readonly kernel: Kernel
  private readonly p: Prelude
  private readonly apart: boolean
  private readonly graph = new Graph()
  private readonly lines: string[] = []
  private readonly known: Known
  private readonly variables = new Map<number, string>()
  /** Loop variables are as wide as addresses. */
  private readonly wide = new Set<number>()
  private temps = 0

  constructor(kernel: Kernel, prelude: Prelude, apart: boolean) {
    this.kernel = kernel
    this.p = prelude
    this.apart = apart
    this.known = new Known(apart)
  }

  run(): string {
    let global = 0
    let scratch = 0
    this.kernel.params.forEach(({ dtype, access, scope, length }, i) => {
      const type = `${access === 'read' ? 'const ' : ''}${memoryType(dtype)} *${this.apart ? 'restrict ' : ''}`
      const from = scope === 'global' ? `a[${global++}]` : `(s + ${scratch})`
      if (scope === 'thread') scratch += Math.ceil((length * (dtype === 'float64' ? 8 : dtype === 'uint8' || dtype === 'bool' ? 1 : 4)) / 64) * 64
      this.line(`${type}b${i} = (${type.replace('restrict ', '')})${from};`)
    })
    this.name(this.kernel.lo, 'lo')
    this.name(this.kernel.hi, 'hi')
    this.block(this.kernel.body)
    return this.lines.join('\n')
  }

  private line(text: string): void {
    this.lines.push(`${'  '.repeat(Math.max(1, this.known.depth))}${text}`)
  }
  private name(v: Var, fixed?: string): string {
    let name = this.variables.get(v.id)
    if (name === undefined) this.variables.set(v.id, (name = fixed ?? `${v.name.replace(/\W/g, '')}_${this.variables.size}`))
    return name
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
        const value = this.value(this.graph.intern(s.value))
        const fresh = s.s === 'let' && this.known.declare(s.v.id)
        this.line(`${fresh ? `${this.p.type(s.v.type)} ` : ''}${this.name(s.v)} = ${value};`)
        this.known.changed(s.v.id)
        return
      }
      case 'store': {
        const { dtype } = this.kernel.params[s.buf]!
        const fits = regType(dtype)
        if (s.value.type.t !== fits) throw new DeviceError('native', `a store of ${s.value.type.t} to a ${dtype} buffer`, { expected: fits })
        const value = this.value(this.graph.intern(s.value))
        const at = this.address(s.buf, this.graph.intern(s.index))
        this.line(storeText(this.p, s.value.type, dtype, at, value))
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
      case 'fold': throw new DeviceError('native', 'kernels for groups of members do not run on processors')
      case 'for': {
        const lo = this.long(this.graph.intern(s.lo))
        const hi = this.long(this.graph.intern(s.hi))
        this.known.enterLoop(s.body)
        this.wide.add(s.v.id)
        const v = this.name(s.v)
        this.known.changed(s.v.id)
        this.line(`for (long ${v} = ${lo}, ${v}e = ${hi}; ${v} < ${v}e; ${v} += ${s.step}) {`)
        this.block(s.body)
        this.line('}')
      }
    }
  }

  // ---- expressions

  /** A name or a literal. */
  private value(n: Node): string {
    if (n.k === 'const') return n.type.lanes === 1 ? literal(n.type.t, n.value) : constantText(this.p, n.type, n.value)
    if (n.k === 'var') return this.wide.has(n.v!.id) ? `(int)${this.name(n.v!)}` : this.name(n.v!)
    const known = this.known.find(n)
    if (known !== undefined) return known
    const text = this.compute(n)
    const name = `t${this.temps++}`
    this.line(`${this.p.type(n.type)} ${name} = ${text};`)
    this.known.name(n, name)
    return name
  }

  private compute(n: Node): string {
    switch (n.k) {
      case 'ramp': return rampText(this.p, n.type)
      case 'load': return loadText(this.p, n.type, this.kernel.params[n.buf]!.dtype, this.address(n.buf, n.args[0]!))
      case 'splat': return splatText(this.p, n.type, this.value(n.args[0]!))
      case 'pack': return packText(this.p, n.type, n.args.map((a) => this.value(a)))
      case 'extract': return extractText(n.type.t, this.value(n.args[0]!), n.value)
      case 'fold': return foldText(this.p, n.op!, n.args[0]!.type, this.value(n.args[0]!))
      case 'op': {
        const args = n.args.map((a): Value => ({ type: a.type, text: this.value(a), constant: a.k === 'const' ? a.value : null }))
        return opText(this.p, n.op!, n.type, args)
      }
      default: throw new DeviceError('native', `cannot print ${n.k}`)
    }
  }

  private address(buf: number, index: Node): string {
    const at = this.long(index)
    return at === '0' ? `b${buf}` : `b${buf} + ${at}`
  }
  /** An index in 64 bits: indices never leave their range, so that widening early changes nothing. */
  private long(n: Node): string {
    if (n.k === 'const') return String(n.value)
    if (n.k === 'var') return this.wide.has(n.v!.id) ? this.name(n.v!) : `(long)${this.name(n.v!)}`
    if (n.k === 'op' && (n.op === 'add' || n.op === 'sub' || n.op === 'mul') && n.bufs.size === 0) {
      const [a, b] = n.args.map((x) => this.long(x)) as [string, string]
      return `(${a} ${n.op === 'add' ? '+' : n.op === 'sub' ? '-' : '*'} ${b})`
    }
    return `(long)${this.value(n)}`
  }
}
