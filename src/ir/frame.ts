// One thread of execution of the kernel interpreter: its variables, its view of the buffers, statements and expressions
// one lane after another. Reads and writes outside a buffer, and reads of what was never written, are errors here.
import { allocate, GradusError, type TypedArray } from '../base/index.ts'
import { type BufferParam, type Expr, type Kernel, type Stmt, type Var, use } from './kernel.ts'
import { evaluateScalar, roundTo, roundToHalf } from './scalar.ts'

export interface InterpretOptions {
  /** Per buffer, one byte an element: 0 while it has not been written. Reading such an element is an error. */
  readonly written?: readonly (Uint8Array | null)[]
}

/** Learns of every access to memory. */
export interface Race {
  access(buf: number, index: number, lanes: number, write: boolean): void
}

/** The variables and buffers of one thread of execution. */
export class Frame {
  private readonly variables = new Map<Var, readonly number[]>()
  private readonly buffers: readonly TypedArray[]
  private readonly kernel: Kernel
  private readonly options: InterpretOptions
  race: Race | null = null
  /** Values of shared expressions within one statement. */
  private memo = new Map<Expr, readonly number[]>()

  constructor(kernel: Kernel, buffers: readonly (TypedArray | undefined)[], options: InterpretOptions) {
    this.kernel = kernel
    this.options = options
    this.buffers = kernel.params.map((p, i) => this.bind(p, buffers[i], i))
  }

  run(lo: number, hi: number): void {
    if (lo < 0 || hi > this.kernel.extent || lo > hi) {
      throw this.error('bad range', `0 ≤ lo ≤ hi ≤ ${this.kernel.extent}`, `${lo} … ${hi}`)
    }
    this.bindRange(lo, hi)
    this.block(this.kernel.body)
  }
  bindRange(lo: number, hi: number): void {
    this.variables.set(this.kernel.lo, [lo])
    this.variables.set(this.kernel.hi, [hi])
  }
  bindVar(v: Var, value: number): void {
    this.variables.set(v, [value])
  }
  valueOf(v: Var): number {
    return this.value(use(v))[0]!
  }

  private bind(param: BufferParam, data: TypedArray | undefined, i: number): TypedArray {
    if (data === undefined && param.scope !== 'global') return allocate(param.dtype, param.length)
    const fresh = allocate(param.dtype, 0)
    if (data === undefined || data.constructor !== fresh.constructor || data.length < param.length) {
      const received = data === undefined ? 'nothing' : `${data.constructor.name} of ${data.length}`
      throw this.error(`buffer ${i} does not fit`, `${param.dtype} × ${param.length}`, received)
    }
    return data
  }

  private block(body: readonly Stmt[]): void {
    for (const statement of body) this.statement(statement)
  }

  statement(s: Stmt): void {
    switch (s.s) {
      case 'barrier':
      case 'fold': throw this.error(`a ${s.s} in a kernel without a group`)
      case 'for': {
        const hi = this.scalar(s.hi)
        for (let i = this.scalar(s.lo); i < hi; i += s.step) {
          this.variables.set(s.v, [i])
          this.block(s.body)
        }
        return
      }
      case 'let':
      case 'set':
        this.variables.set(s.v, this.value(s.value))
        return
      case 'store':
        this.store(s.buf, this.scalar(s.index), this.value(s.value))
        return
      case 'if':
        this.block(this.scalar(s.cond) !== 0 ? s.then : s.else)
        return
    }
  }

  private store(buf: number, index: number, lanes: readonly number[]): void {
    const data = this.locate('store', buf, index, lanes.length)
    if (this.kernel.params[buf]!.access === 'read') throw this.error(`store to buffer ${buf}`, 'a writable buffer', 'read only')
    this.race?.access(buf, index, lanes.length, true)
    const { half } = this.kernel.params[buf]!
    for (let l = 0; l < lanes.length; l++) data[index + l] = half === true ? roundToHalf(lanes[l]!) : lanes[l]!
    this.options.written?.[buf]?.fill(1, index, index + lanes.length)
  }

  scalar(e: Expr): number {
    return this.value(e)[0]!
  }
  private value(e: Expr): readonly number[] {
    this.memo = new Map()
    return this.evaluate(e)
  }
  private evaluate(e: Expr): readonly number[] {
    const known = this.memo.get(e)
    if (known !== undefined) return known
    const value = this.compute(e)
    this.memo.set(e, value)
    return value
  }

  private compute(e: Expr): readonly number[] {
    const lanes = e.type.lanes
    switch (e.k) {
      case 'const': return new Array<number>(lanes).fill(roundTo(e.type.t, e.value))
      case 'ramp': return Array.from({ length: lanes }, (_, l) => l)
      case 'var': {
        const value = this.variables.get(e.v)
        if (value === undefined) throw this.error(`variable ${e.v.name} has no value`)
        return value
      }
      case 'load': return this.load(e.buf, this.evaluate(e.index)[0]!, lanes)
      case 'op': {
        const args = e.args.map((a) => this.evaluate(a))
        const t = (e.op === 'select' ? e.args[1]! : e.args[0]!).type.t
        return Array.from({ length: lanes }, (_, l) => evaluateScalar(e.op, t, args[0]![l]!, args[1]?.[l], args[2]?.[l]))
      }
      case 'splat': return new Array<number>(lanes).fill(this.evaluate(e.arg)[0]!)
      case 'pack': return e.args.map((a) => this.evaluate(a)[0]!)
      case 'extract': return [this.evaluate(e.arg)[e.lane]!]
      case 'fold': {
        // Pairwise: the upper half onto the lower, until one is left.
        let row = this.evaluate(e.arg)
        while (row.length > 1) {
          const half = row.length / 2
          row = row.slice(0, half).map((x, l) => evaluateScalar(e.op, e.type.t, x, row[l + half]))
        }
        return row
      }
    }
  }

  private load(buf: number, index: number, lanes: number): readonly number[] {
    const data = this.locate('load', buf, index, lanes)
    const written = this.options.written?.[buf]
    this.race?.access(buf, index, lanes, false)
    return Array.from({ length: lanes }, (_, l) => {
      if (written && written[index + l] === 0) throw this.error(`buffer ${buf} is read at ${index + l} before it is written`)
      return data[index + l]!
    })
  }

  private locate(what: string, buf: number, index: number, lanes: number): TypedArray {
    const data = this.buffers[buf]
    if (data === undefined) throw this.error(`${what}: no buffer ${buf}`)
    const { length, aligned } = this.kernel.params[buf]!
    if (aligned !== undefined && index % aligned !== 0) throw this.error(`${what} at ${index} of buffer ${buf}`, `a multiple of ${aligned}`)
    if (!(index >= 0) || index + lanes > length) {
      const received = lanes === 1 ? `index ${index}` : `indices ${index} … ${index + lanes - 1}`
      throw this.error(`${what} outside buffer ${buf}`, `0 … ${length - 1}`, received)
    }
    return data
  }

  private error(problem: string, expected?: string, received?: string): GradusError {
    return new GradusError(`kernel ${this.kernel.name}`, problem, { ...(expected && { expected }), ...(received && { received }) })
  }
}
