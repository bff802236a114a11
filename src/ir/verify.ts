// Refuses malformed kernels: wrong types, variables out of scope, bad buffers. Run between passes and before rendering;
// what it lets through, every renderer must be able to print.
import { GradusError, isDType } from '../base/index.ts'
import { type Expr, type Kernel, type RegType, type Stmt, type VType, type Var, regType, resultType } from './kernel.ts'
import { FOLDS, SIGNATURES } from './scalar.ts'
import { strayBarrier } from './uniform.ts'

/** Throws a GradusError that says which statement of the kernel is wrong and why. */
export function verifyKernel(kernel: Kernel): void {
  new Verifier(kernel).run()
}

export const showType = (type: VType): string => (type.lanes === 1 ? type.t : `${type.t}x${type.lanes}`)
const REGISTERS: readonly RegType[] = ['f32', 'f64', 'i32', 'bool']
const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0 && n <= 2 ** 31 - 1

type Binding = 'range' | 'loop' | 'let'

class Verifier {
  private readonly kernel: Kernel
  private readonly scope = new Map<Var, Binding>()
  /** Free variables of every expression already found well-typed: shared expressions are checked once. */
  private readonly free = new Map<Expr, ReadonlySet<Var>>()
  private path: string[] = []

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  run(): void {
    const { kernel } = this
    this.demand(isCount(kernel.extent), 'bad extent', 'an integer ≥ 0', String(kernel.extent))
    kernel.params.forEach((p, i) => {
      this.demand(isDType(p.dtype), `buffer ${i} has a bad element type`, 'a dtype', String(p.dtype))
      this.demand(isCount(p.length), `buffer ${i} has a bad length`, 'an integer ≥ 0', String(p.length))
      this.demand(['read', 'write', 'readwrite'].includes(p.access), `buffer ${i} has a bad access`, 'read, write or readwrite', String(p.access))
      this.demand(p.half !== true || (p.scope === 'group' && p.dtype === 'float32'), `buffer ${i} cannot be of halves`, "a group's float32", `${p.scope} ${p.dtype}`)
      this.demand(['global', 'thread', 'group'].includes(p.scope), `buffer ${i} has a bad scope`, 'global, thread or group', String(p.scope))
    })
    for (const v of [kernel.lo, kernel.hi]) this.bindRange(v)
    if (kernel.group === undefined) this.demand(kernel.params.every((p) => p.scope !== 'group'), 'group memory without a group')
    else {
      const { size, local } = kernel.group
      this.demand(isCount(size) && size > 0 && (size & (size - 1)) === 0, 'bad group size', 'a power of two', String(size))
      this.bindRange(local)
    }
    this.block('body', kernel.body)
    const stray = strayBarrier(kernel)
    if (stray !== null) this.fail(stray)
  }

  private bindRange(v: Var): void {
    this.demandType('the range', v.type, 'i32')
    this.bind(v, 'range')
  }

  /** Variables bound in a block end with it. */
  private block(name: string, body: readonly Stmt[]): void {
    const before = [...this.scope.keys()]
    body.forEach((statement, i) => {
      this.path.push(`${name}[${i}] (${statement.s})`)
      this.statement(statement)
      this.path.pop()
    })
    const keep = new Set(before)
    for (const v of [...this.scope.keys()]) if (!keep.has(v)) this.scope.delete(v)
  }

  private statement(s: Stmt): void {
    switch (s.s) {
      case 'for':
        this.expression(s.lo, 'i32', 'the lower bound')
        this.expression(s.hi, 'i32', 'the upper bound')
        this.demand(isCount(s.step) && s.step > 0, 'bad step', 'an integer > 0', String(s.step))
        this.demandType(`loop variable ${s.v.name}`, s.v.type, 'i32')
        this.bind(s.v, 'loop')
        this.block('for', s.body)
        this.scope.delete(s.v)
        return
      case 'let':
        this.expression(s.value, s.v.type, `the value of ${s.v.name}`)
        this.bind(s.v, 'let')
        return
      case 'set': {
        const binding = this.scope.get(s.v)
        this.demand(binding !== undefined, `${s.v.name} is set out of scope`)
        this.demand(binding === 'let', `${s.v.name} cannot be set`, 'a variable bound by let', `one bound by the ${binding}`)
        this.expression(s.value, s.v.type, `the value of ${s.v.name}`)
        return
      }
      case 'store': {
        const param = this.buffer(s.buf)
        this.demand(param.access !== 'read', `buffer ${s.buf} is stored to`, 'write or readwrite', param.access)
        this.expression(s.index, 'i32', 'the index')
        this.expression(s.value, { t: regType(param.dtype), lanes: s.value.type.lanes }, `the value stored to ${param.dtype}`)
        this.demandLanes(s.value.type)
        this.demandAligned(param, s.buf, s.value.type.lanes)
        this.demandInside(param, s.buf, s.index, s.value.type.lanes)
        return
      }
      case 'if':
        this.expression(s.cond, 'bool', 'the condition')
        this.block('then', s.then)
        this.block('else', s.else)
        return
      case 'barrier': return
      case 'fold':
        this.demand(this.scope.get(s.v) === 'let', `${s.v.name} cannot be folded`, 'a variable bound by let', this.scope.get(s.v) ?? 'none in scope')
        this.demand(s.v.type.lanes === 1 && FOLDS[s.op]?.includes(s.v.type.t) === true, `${s.op} cannot fold ${showType(s.v.type)}`, Object.keys(FOLDS).join(', '), s.op)
        return
      default:
        this.fail(`unknown statement ${String((s as { s: unknown }).s)}`)
    }
  }

  private bind(v: Var, as: Binding): void {
    this.demand(!this.scope.has(v), `${v.name} is bound twice`)
    this.demandLanes(v.type)
    this.scope.set(v, as)
  }

  /** The root expression of a statement: well-typed, of this type, its variables in scope. */
  private expression(e: Expr, type: VType | RegType, what: string): void {
    const free = this.check(e)
    const wanted = typeof type === 'string' ? { t: type, lanes: 1 } : type
    this.demand(e.type.t === wanted.t && e.type.lanes === wanted.lanes, `${what} has the wrong type`, showType(wanted), showType(e.type))
    for (const v of free) this.demand(this.scope.has(v), `${v.name} is used out of scope`)
  }

  private check(e: Expr): ReadonlySet<Var> {
    const known = this.free.get(e)
    if (known !== undefined) return known
    this.demand(REGISTERS.includes(e.type.t), 'bad register type', REGISTERS.join(', '), String(e.type.t))
    this.demandLanes(e.type)
    const sets = childrenOf(e).map((c) => this.check(c))
    this.node(e)
    const largest = sets.reduce((a, b) => (b.size > a.size ? b : a), EMPTY)
    let free: ReadonlySet<Var> = e.k === 'var' ? new Set([e.v]) : largest
    if (sets.some((s) => [...s].some((v) => !free.has(v)))) free = new Set(sets.flatMap((s) => [...s]))
    this.free.set(e, free)
    return free
  }

  /** One node whose children are well-typed. */
  private node(e: Expr): void {
    const { t, lanes } = e.type
    switch (e.k) {
      case 'const':
        if (t === 'i32') this.demand((e.value | 0) === e.value, 'bad constant', 'a 32-bit integer', String(e.value))
        if (t === 'bool') this.demand(e.value === 0 || e.value === 1, 'bad constant', '0 or 1', String(e.value))
        return
      case 'ramp':
        this.demand(t === 'i32', 'a ramp of the wrong type', 'i32', t)
        return
      case 'var':
        this.demandType(`a use of ${e.v.name}`, e.type, e.v.type.t, e.v.type.lanes)
        return
      case 'load': {
        const param = this.buffer(e.buf)
        this.demand(param.access !== 'write', `buffer ${e.buf} is loaded from`, 'read or readwrite', param.access)
        this.demandType('the index', e.index.type, 'i32')
        this.demandType(`a load from ${param.dtype}`, e.type, regType(param.dtype), lanes)
        this.demandAligned(param, e.buf, lanes)
        this.demandInside(param, e.buf, e.index, lanes)
        return
      }
      case 'op':
        this.operation(e)
        return
      case 'splat':
        this.demand(lanes > 1, 'a splat to one lane')
        this.demandType('the argument of splat', e.arg.type, t)
        return
      case 'pack':
        this.demand(lanes > 1 && e.args.length === lanes, 'pack has the wrong number of arguments', String(lanes), String(e.args.length))
        for (const a of e.args) this.demandType('an argument of pack', a.type, t)
        return
      case 'extract':
        this.demand(Number.isInteger(e.lane) && e.lane >= 0 && e.lane < e.arg.type.lanes, 'no such lane', `0 … ${e.arg.type.lanes - 1}`, String(e.lane))
        this.demandType('extract', e.type, e.arg.type.t)
        return
      case 'fold':
        this.demand(FOLDS[e.op]?.includes(e.arg.type.t) === true, `${e.op} cannot fold ${e.arg.type.t}`, Object.keys(FOLDS).join(', '), e.op)
        this.demand(e.arg.type.lanes > 1, 'a fold of one lane')
        this.demandType('fold', e.type, e.arg.type.t)
        return
      default:
        this.fail(`unknown expression ${String((e as { k: unknown }).k)}`)
    }
  }

  private operation(e: Extract<Expr, { k: 'op' }>): void {
    const { op, args } = e
    const signature = SIGNATURES[op]
    this.demand(signature !== undefined, `unknown op ${String(op)}`)
    this.demand(args.length === signature.arity, `${op} has the wrong number of arguments`, String(signature.arity), String(args.length))
    for (const a of args) this.demand(a.type.lanes === e.type.lanes, `${op} mixes widths`, `${e.type.lanes} lanes`, `${a.type.lanes}`)
    const main = op === 'select' ? args[1]! : args[0]!
    this.demand(signature.of.includes(main.type.t), `${op} does not take ${main.type.t}`, signature.of.join(', '), main.type.t)
    args.forEach((a, i) => {
      const wanted: RegType = op === 'select' && i === 0 ? 'bool' : op === 'setHi32' && i === 1 ? 'i32' : main.type.t
      this.demand(a.type.t === wanted, `argument ${i} of ${op} has the wrong type`, wanted, a.type.t)
    })
    const result = resultType(op, args)
    this.demandType(`the result of ${op}`, e.type, result.t, result.lanes)
  }

  private buffer(index: number): Kernel['params'][number] {
    const param = this.kernel.params[index]
    if (param === undefined) this.fail('no such buffer', `0 … ${this.kernel.params.length - 1}`, String(index))
    return param
  }
  private demandAligned({ aligned }: Kernel['params'][number], buf: number, lanes: number): void {
    this.demand(aligned === undefined || aligned === lanes, `buffer ${buf} is accessed in the wrong width`, `${aligned} lanes`, String(lanes))
  }
  /** Scratch lies among other bytes that nothing else watches over; what is known of a place in it must be inside. */
  private demandInside({ scope, length }: Kernel['params'][number], buf: number, index: Expr, lanes: number): void {
    if (scope === 'global' || index.k !== 'const') return
    this.demand(index.value >= 0 && index.value + lanes <= length, `scratch ${buf} is accessed outside`, `0 … ${length - lanes}`, String(index.value))
  }
  private demandLanes(type: VType): void {
    const { lanes } = type
    this.demand(Number.isInteger(lanes) && lanes >= 1 && lanes <= 64 && (lanes & (lanes - 1)) === 0, 'bad number of lanes', 'a power of two up to 64', String(lanes))
  }
  private demandType(what: string, type: VType, t: RegType, lanes = 1): void {
    this.demand(type.t === t && type.lanes === lanes, `${what} has the wrong type`, showType({ t, lanes }), showType(type))
  }
  private demand(ok: boolean, problem: string, expected?: string, received?: string): void {
    if (!ok) this.fail(problem, expected, received)
  }
  private fail(problem: string, expected?: string, received?: string): never {
    const where = this.path.length === 0 ? '' : `${this.path.join(' › ')}: `
    throw new GradusError(`kernel ${this.kernel.name}`, where + problem, {
      ...(expected !== undefined && { expected }),
      ...(received !== undefined && { received }),
    })
  }
}

const EMPTY: ReadonlySet<Var> = new Set()

/** The direct sub-expressions. */
export function childrenOf(e: Expr): readonly Expr[] {
  switch (e.k) {
    case 'load': return [e.index]
    case 'op':
    case 'pack': return e.args
    case 'splat':
    case 'extract':
    case 'fold': return [e.arg]
    default: return []
  }
}
