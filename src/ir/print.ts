// Kernels and programs as text to read: C-like, with stable names. For tests, bug reports and the curious.
import type { Expr, Kernel, ScalarOp, Stmt, Var } from './kernel.ts'
import type { Arg, Program, Step } from './program.ts'
import { childrenOf, showType } from './verify.ts'

const INFIX: Partial<Record<ScalarOp, string>> = {
  add: '+', sub: '-', mul: '*', div: '/', rem: '%', and: '&', or: '|', xor: '^', shl: '<<', shr: '>>', ushr: '>>>', eq: '==', ne: '!=', lt: '<', le: '<=',
}

export function printKernel(kernel: Kernel): string {
  const printer = new Printer()
  const params = kernel.params.map((p, i) => `b${i}: ${p.scope === 'thread' ? 'scratch ' : p.scope === 'group' ? 'shared ' : ''}${p.access} ${p.dtype}[${p.length}]`)
  return [
    `kernel ${kernel.name}(${params.join(', ')}) {`,
    `  // ${printer.name(kernel.lo)} … ${printer.name(kernel.hi)} of ${kernel.extent} units, ${kernel.group === undefined ? '' : `each by ${kernel.group.size} members (${printer.name(kernel.group.local)}), `}${kernel.flops} flops, ${kernel.bytes} bytes`,
    ...printer.block(kernel.body, '  '),
    '}',
  ].join('\n')
}

export function printExpr(e: Expr): string {
  const printer = new Printer()
  const lines = printer.shared([e], '')
  return [...lines, printer.expression(e)].join('\n')
}

export function printProgram(program: Program): string {
  const slots = program.slots.map((s, i) => {
    const where = s.kind === 'temp' ? ` at ${s.offset}` : s.kind === 'const' ? '' : ` ${s.index}`
    return `  s${i}: ${s.kind}${where}, ${s.bytes} bytes`
  })
  return [
    `program (arena ${program.arenaBytes} bytes)`,
    ...slots,
    ...printSteps(program, program.steps, '  '),
    ...program.kernels.map((k) => `\n${printKernel(k)}`),
  ].join('\n')
}

const printArg = (a: Arg): string => `s${a.slot}${a.offset ? `+${a.offset}` : ''}${(a.strides ?? []).map((s, l) => (s === 0 ? '' : `+${s}·i${l}`)).join('')}`
function printSteps(program: Program, steps: readonly Step[], indent: string, depth = 0): string[] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case 'kernel': {
        const marks = `${step.parallel ? '' : 'one thread; '}`
        return [`${indent}${marks}${program.kernels[step.kernel]?.name ?? `kernel ${step.kernel}`}(${step.args.map(printArg).join(', ')})`]
      }
      case 'loop':
        return [`${indent}loop i${depth} < ${step.count} {`, ...printSteps(program, step.body, `${indent}  `, depth + 1), `${indent}}`]
      case 'if': {
        const otherwise = step.else.length === 0 ? [] : [`${indent}} else {`, ...printSteps(program, step.else, `${indent}  `, depth)]
        return [`${indent}if ${printArg(step.flag)} {`, ...printSteps(program, step.then, `${indent}  `, depth), ...otherwise, `${indent}}`]
      }
    }
  })
}

class Printer {
  private readonly names = new Map<Var, string>()
  private readonly taken = new Set<string>()
  /** Expressions used more than once in the statement being printed. */
  private temporaries = new Map<Expr, string>()

  /** The variable's name, numbered where two share one. */
  name(v: Var): string {
    let name = this.names.get(v)
    if (name === undefined) {
      name = v.name
      for (let n = 1; this.taken.has(name); n++) name = `${v.name}_${n}`
      this.taken.add(name)
      this.names.set(v, name)
    }
    return name
  }

  block(body: readonly Stmt[], indent: string): string[] {
    return body.flatMap((s) => this.statement(s, indent))
  }

  private statement(s: Stmt, indent: string): string[] {
    switch (s.s) {
      case 'barrier': return [`${indent}barrier`]
      case 'fold': return [`${indent}${this.name(s.v)} = fold ${s.op} of the members' ${this.name(s.v)}`]
      case 'for': {
        const before = this.shared([s.lo, s.hi], indent)
        const head = `for (${this.name(s.v)} = ${this.expression(s.lo)}; ${this.name(s.v)} < ${this.expression(s.hi)}; ${this.name(s.v)} += ${s.step})`
        return [...before, `${indent}${head} {${s.hint?.vector ? ' // vector' : ''}`, ...this.block(s.body, `${indent}  `), `${indent}}`]
      }
      case 'let': {
        const before = this.shared([s.value], indent)
        const value = this.expression(s.value)
        return [...before, `${indent}let ${this.name(s.v)}: ${showType(s.v.type)} = ${value}`]
      }
      case 'set': {
        const before = this.shared([s.value], indent)
        return [...before, `${indent}${this.name(s.v)} = ${this.expression(s.value)}`]
      }
      case 'store': {
        const before = this.shared([s.index, s.value], indent)
        return [...before, `${indent}${this.place(s.buf, s.index, s.value.type.lanes)} = ${this.expression(s.value)}`]
      }
      case 'if': {
        const before = this.shared([s.cond], indent)
        const head = `${indent}if (${this.expression(s.cond)}) {`
        const otherwise = s.else.length === 0 ? [] : [`${indent}} else {`, ...this.block(s.else, `${indent}  `)]
        return [...before, head, ...this.block(s.then, `${indent}  `), ...otherwise, `${indent}}`]
      }
    }
  }

  /** Lines that name the expressions shared within one statement; without them the text could grow exponentially. */
  shared(roots: readonly Expr[], indent: string): string[] {
    const uses = new Map<Expr, number>()
    const order: Expr[] = []
    const visit = (e: Expr): void => {
      const n = uses.get(e) ?? 0
      uses.set(e, n + 1)
      if (n > 0) return
      childrenOf(e).forEach(visit)
      order.push(e)
    }
    roots.forEach(visit)
    this.temporaries = new Map()
    const lines: string[] = []
    for (const e of order) {
      if (uses.get(e)! < 2 || childrenOf(e).length === 0) continue
      const text = this.expression(e)
      const name = `t${this.temporaries.size}`
      this.temporaries.set(e, name)
      lines.push(`${indent}${name} = ${text}`)
    }
    return lines
  }

  expression(e: Expr): string {
    const known = this.temporaries.get(e)
    if (known !== undefined) return known
    switch (e.k) {
      case 'const': return e.type.t === 'bool' ? String(e.value !== 0) : printNumber(e.value, e.type.t !== 'i32')
      case 'ramp': return `ramp(${e.type.lanes})`
      case 'var': return this.name(e.v)
      case 'load': return this.place(e.buf, e.index, e.type.lanes)
      case 'splat': return `splat(${this.expression(e.arg)})`
      case 'pack': return `pack(${e.args.map((a) => this.expression(a)).join(', ')})`
      case 'extract': return `${this.operand(e.arg)}.${e.lane}`
      case 'fold': return `fold_${e.op}(${this.expression(e.arg)})`
      case 'op': {
        const [a, b] = e.args
        const infix = INFIX[e.op]
        if (infix !== undefined) return `${this.operand(a!)} ${infix} ${this.operand(b!)}`
        if (e.op === 'neg') return `-${this.operand(a!)}`
        if (e.op === 'not') return `!${this.operand(a!)}`
        return `${e.op}(${e.args.map((x) => this.expression(x)).join(', ')})`
      }
    }
  }

  private operand(e: Expr): string {
    const text = this.expression(e)
    const atomic = this.temporaries.has(e) || e.k !== 'op' || (INFIX[e.op] === undefined && e.op !== 'neg' && e.op !== 'not')
    return atomic ? text : `(${text})`
  }
  private place(buf: number, index: Expr, lanes: number): string {
    return `b${buf}[${this.expression(index)}${lanes === 1 ? '' : `, ${lanes} wide`}]`
  }
}

function printNumber(value: number, isFloat: boolean): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return isFloat && Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text
}
