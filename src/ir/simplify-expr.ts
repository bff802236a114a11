// Smart constructors: `op` that folds constants and applies identities. Integers wrap, so sums of constants may be
// regrouped; floats are changed only where the result is the same bit for bit (x·1, x + (−0), never x + 0 or x·0).
import { constant, type Expr, op, type ScalarOp, splat } from './kernel.ts'
import { evaluateScalar } from './scalar.ts'

type Op = Extract<Expr, { k: 'op' }>
/** The value of a constant; undefined for anything else. */
const constantOf = (e: Expr): number | undefined => (e.k === 'const' ? e.value : undefined)
const isConst = (e: Expr, value?: number): boolean => e.k === 'const' && (value === undefined || Object.is(e.value, value))
const isOp = <N extends ScalarOp>(e: Expr, name: N): e is Op & { readonly op: N } => e.k === 'op' && e.op === name
const same = (a: Expr, b: Expr): boolean => a === b || (a.k === 'const' && b.k === 'const' && a.type === b.type && Object.is(a.value, b.value))
const like = (e: Expr, value: number): Expr => constant(e.type.t, value, e.type.lanes)
/** Constants to the right, where order does not matter. */
const COMMUTES = new Set<ScalarOp>(['add', 'mul', 'and', 'or', 'xor', 'eq', 'ne'])

export const addE = (a: Expr, b: Expr): Expr => opE('add', a, b)
export const subE = (a: Expr, b: Expr): Expr => opE('sub', a, b)
export const mulE = (a: Expr, b: Expr): Expr => opE('mul', a, b)
export const divE = (a: Expr, b: Expr): Expr => opE('div', a, b)
export const remE = (a: Expr, b: Expr): Expr => opE('rem', a, b)
export const negE = (a: Expr): Expr => opE('neg', a)
export const andE = (a: Expr, b: Expr): Expr => opE('and', a, b)
export const orE = (a: Expr, b: Expr): Expr => opE('or', a, b)
export const notE = (a: Expr): Expr => opE('not', a)
export const selectE = (condition: Expr, a: Expr, b: Expr): Expr => opE('select', condition, a, b)

/** `op(name, ...args)`, simplified. */
export function opE(name: ScalarOp, ...args: Expr[]): Expr {
  const plain = op(name, ...args) as Op
  const folded = fold(plain) ?? hoistSplat(plain)
  if (folded !== null) return folded
  let [a, b] = plain.args
  const c = plain.args[2]
  if (COMMUTES.has(name) && isConst(a!) && !isConst(b!)) [a, b] = [b, a]
  const short = simplify(name, a!, b!, c!)
  return short ?? (a === plain.args[0] ? plain : op(name, a!, b!))
}

function simplify(name: ScalarOp, a: Expr, b: Expr, c: Expr): Expr | null {
  if (name === 'select') return simplifySelect(a, b, c)
  switch (a.type.t) {
    case 'i32': return simplifyInteger(name, a, b)
    case 'bool': return simplifyBool(name, a, b)
    default: return simplifyFloat(name, a, b, c)
  }
}

function fold(e: Op): Expr | null {
  const values: number[] = []
  for (const a of e.args) {
    if (a.k !== 'const') return null
    values.push(a.type.t === 'f32' ? Math.fround(a.value) : a.value)
  }
  // The bits of NaN differ between machines, and fma may round once or twice.
  if (e.op === 'fma' && e.type.t !== 'i32') return null
  if (values.some(Number.isNaN) && (e.op === 'asI32' || e.op === 'hi32' || e.op === 'setHi32')) return null
  const main = e.op === 'select' ? e.args[1]! : e.args[0]!
  const value = evaluateScalar(e.op, main.type.t, values[0]!, values[1], values[2])
  if (Number.isNaN(value) && (e.op === 'asF32' || e.op === 'setHi32')) return null
  return constant(e.type.t, value, e.type.lanes)
}

/** An op on vectors of equal lanes is done once. */
function hoistSplat(e: Op): Expr | null {
  if (e.type.lanes === 1 || !e.args.some((a) => a.k === 'splat') || !e.args.every((a) => a.k === 'splat' || a.k === 'const')) return null
  const scalars = e.args.map((a) => (a.k === 'splat' ? a.arg : constant(a.type.t, constantOf(a)!)))
  return splat(opE(e.op, ...scalars), e.type.lanes)
}

function simplifyInteger(name: ScalarOp, a: Expr, b: Expr): Expr | null {
  switch (name) {
    case 'add':
      if (isConst(b, 0)) return a
      // (x + p) + q = x + (p + q); (x + p) + y = (x + y) + p
      if (isOp(a, 'add') && isConst(a.args[1]!)) return isConst(b) ? addE(a.args[0]!, addE(a.args[1]!, b)) : addE(addE(a.args[0]!, b), a.args[1]!)
      if (isOp(b, 'add') && isConst(b.args[1]!)) return addE(addE(a, b.args[0]!), b.args[1]!)
      return null
    case 'sub':
      if (isConst(b)) return addE(a, negE(b))
      return same(a, b) ? like(a, 0) : null
    case 'mul':
      if (isConst(b, 0)) return b
      if (isConst(b, 1)) return a
      if (isOp(a, 'mul') && isConst(a.args[1]!) && isConst(b)) return mulE(a.args[0]!, mulE(a.args[1]!, b))
      return null
    case 'div': return isConst(b, 1) ? a : null
    case 'rem': return isConst(b, 1) ? like(a, 0) : null
    case 'neg': return isOp(a, 'neg') ? a.args[0]! : null
    case 'not': return isOp(a, 'not') ? a.args[0]! : null
    case 'min':
    case 'max': return same(a, b) ? a : null
    case 'and':
      if (isConst(b, 0)) return b
      return isConst(b, -1) || same(a, b) ? a : null
    case 'or':
      if (isConst(b, -1)) return b
      return isConst(b, 0) || same(a, b) ? a : null
    case 'xor': return isConst(b, 0) ? a : same(a, b) ? like(a, 0) : null
    case 'shl':
    case 'shr':
    case 'ushr': return isConst(b, 0) ? a : null
    case 'eq':
    case 'le': return same(a, b) ? constant('bool', 1, a.type.lanes) : null
    case 'ne':
    case 'lt': return same(a, b) ? constant('bool', 0, a.type.lanes) : null
    default: return null
  }
}

function simplifyBool(name: ScalarOp, a: Expr, b: Expr): Expr | null {
  switch (name) {
    case 'and':
      if (isConst(b)) return constantOf(b) === 0 ? b : a
      return same(a, b) ? a : null
    case 'or':
      if (isConst(b)) return constantOf(b) === 0 ? a : b
      return same(a, b) ? a : null
    case 'xor':
      if (isConst(b)) return constantOf(b) === 0 ? a : notE(a)
      return same(a, b) ? constant('bool', 0, a.type.lanes) : null
    case 'not':
      if (isOp(a, 'not')) return a.args[0]!
      if (isOp(a, 'eq')) return opE('ne', ...a.args)
      if (isOp(a, 'ne')) return opE('eq', ...a.args)
      // ¬(x < y) = y ≤ x holds for integers only: NaN is neither
      if (isOp(a, 'lt') && a.args[0]!.type.t === 'i32') return opE('le', a.args[1]!, a.args[0]!)
      if (isOp(a, 'le') && a.args[0]!.type.t === 'i32') return opE('lt', a.args[1]!, a.args[0]!)
      return null
    default: return null
  }
}

function simplifyFloat(name: ScalarOp, a: Expr, b: Expr, c: Expr): Expr | null {
  switch (name) {
    case 'add':
      if (isConst(b, -0)) return a
      return isOp(b, 'neg') ? subE(a, b.args[0]!) : isOp(a, 'neg') ? subE(b, a.args[0]!) : null
    case 'sub':
      if (isConst(b, 0)) return a
      return isOp(b, 'neg') ? addE(a, b.args[0]!) : null
    case 'mul':
      if (isConst(b, 1)) return a
      return isConst(b, -1) ? negE(a) : null
    case 'div':
      if (isConst(b, 1)) return a
      if (isConst(b, -1)) return negE(a)
      return b.k === 'const' && isPowerOfTwo(b.value) ? mulE(a, like(b, 1 / b.value)) : null
    case 'fma':
      if (isConst(a, 1)) return addE(b, c)
      if (isConst(b, 1)) return addE(a, c)
      return isConst(c, -0) ? mulE(a, b) : null
    case 'neg':
      if (isOp(a, 'neg')) return a.args[0]!
      return null
    case 'abs': return isOp(a, 'abs') ? a : isOp(a, 'neg') ? opE('abs', a.args[0]!) : null
    case 'floor':
    case 'ceil':
    case 'trunc':
    case 'round': return a.k === 'op' && (a.op === 'floor' || a.op === 'ceil' || a.op === 'trunc' || a.op === 'round') ? a : null
    default: return null
  }
}
/** ±2^k whose inverse is normal in f32 too, so that multiplying by it equals dividing. */
function isPowerOfTwo(value: number): boolean {
  const exponent = Math.log2(Math.abs(value))
  return Number.isInteger(exponent) && Math.abs(exponent) <= 126 && 2 ** exponent === Math.abs(value)
}

function simplifySelect(condition: Expr, a: Expr, b: Expr): Expr | null {
  if (condition.k === 'const') return condition.value !== 0 ? a : b
  if (same(a, b)) return a
  if (isOp(condition, 'not')) return selectE(condition.args[0]!, b, a)
  if (a.type.t === 'bool' && isConst(a) && isConst(b)) return constantOf(a) !== 0 ? condition : notE(condition)
  return null
}

/** The same expression rebuilt with the smart constructors; sharing is kept. */
export function simplifyExpr(e: Expr, memo: Map<Expr, Expr> = new Map()): Expr {
  const known = memo.get(e)
  if (known !== undefined) return known
  const out = rebuild(e, (x) => simplifyExpr(x, memo))
  memo.set(e, out)
  return out
}
function rebuild(e: Expr, visit: (x: Expr) => Expr): Expr {
  switch (e.k) {
    case 'op': return opE(e.op, ...e.args.map(visit))
    case 'load': return { ...e, index: visit(e.index) }
    case 'splat': return splat(visit(e.arg), e.type.lanes)
    case 'pack': {
      const args = e.args.map(visit)
      return args.every((a) => same(a, args[0]!)) ? splat(args[0]!, e.type.lanes) : { ...e, args }
    }
    case 'extract': {
      const arg = visit(e.arg)
      if (arg.k === 'splat') return arg.arg
      if (arg.k === 'pack') return arg.args[e.lane]!
      return arg.k === 'const' ? constant(arg.type.t, arg.value) : { ...e, arg }
    }
    case 'fold': return { ...e, arg: visit(e.arg) }
    default: return e
  }
}
