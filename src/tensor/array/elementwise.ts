// Elementwise functions on nodes with NumPy broadcasting and type promotion.
import { type DType, DTypeError, broadcastShapes, isFloat, promote, toFloat } from '../../base/index.ts'
import { type BinaryName, type Node, type UnaryName, emit as e } from '../../ir/index.ts'

/** A node, or a plain number that takes the type of what it meets. */
export type Operand = Node | number | boolean

const isNode = (x: Operand): x is Node => typeof x === 'object'

/** Both operands as nodes of one type: numbers are weak (an int tensor times 0.5 becomes float32). */
export function unify(a: Operand, b: Operand): [Node, Node] {
  if (isNode(a) && isNode(b)) {
    const dtype = promote(a.dtype, b.dtype)
    return [e.cast(a, dtype), e.cast(b, dtype)]
  }
  if (isNode(a)) {
    const dtype = weak(a.dtype, b as number | boolean)
    return [e.cast(a, dtype), e.full(Number(b), [], dtype)]
  }
  if (isNode(b)) {
    const [y, x] = unify(b, a)
    return [x, y]
  }
  const dtype = promote(plainType(a), plainType(b))
  return [e.full(Number(a), [], dtype), e.full(Number(b), [], dtype)]
}
const plainType = (x: number | boolean): DType => (typeof x === 'boolean' ? 'bool' : 'float32')
function weak(dtype: DType, value: number | boolean): DType {
  if (typeof value === 'boolean') return dtype
  if (isFloat(dtype)) return dtype
  if (!Number.isInteger(value) || Math.abs(value) > 2147483647) return 'float32'
  if (dtype === 'bool') return 'int32'
  return dtype === 'uint8' && (value < 0 || value > 255) ? 'int32' : dtype
}

/** Broadcasts nodes of one type against each other. */
export function align(operation: string, ...xs: Node[]): Node[] {
  const shape = broadcastShapes(operation, ...xs.map((x) => x.shape))
  return xs.map((x) => e.broadcastTo(x, shape))
}

export type Domain = 'any' | 'number' | 'float' | 'int' | 'logic'

/** A binary op; `domain` says into which types the operands are brought. */
export function binary(operation: string, name: BinaryName, a: Operand, b: Operand, domain: Domain = 'number'): Node {
  let [x, y] = unify(a, b)
  const dtype = domainType(operation, x.dtype, domain)
  x = e.cast(x, dtype)
  y = e.cast(y, dtype)
  const [p, q] = align(operation, x, y)
  return e.binary(name, p!, q!)
}

export function unary(operation: string, name: UnaryName, x: Node, domain: Domain): Node {
  const dtype = domainType(operation, x.dtype, domain)
  return e.unary(name, e.cast(x, dtype))
}

function domainType(operation: string, dtype: DType, domain: Domain): DType {
  switch (domain) {
    case 'float': return toFloat(dtype)
    case 'number': return dtype === 'bool' ? 'int32' : dtype
    case 'int':
    case 'logic':
      if (isFloat(dtype)) throw new DTypeError(operation, 'works on integers', { expected: domain === 'int' ? 'int32 or uint8' : 'bool, int32 or uint8', received: dtype, remedy: 'Convert with .to("int32").' })
      return domain === 'int' && dtype === 'bool' ? 'int32' : dtype
    default: return dtype
  }
}

/** Rounding functions leave integers as they are. */
export const rounding = (name: 'floor' | 'ceil' | 'trunc' | 'round', x: Node): Node => (isFloat(x.dtype) ? e.unary(name, x) : x)

export function where(condition: Node, a: Operand, b: Operand): Node {
  if (condition.dtype !== 'bool') throw new DTypeError('where', 'the condition is no truth value', { expected: 'bool', received: condition.dtype, remedy: 'Compare it, as in x.ne(0).' })
  const [x, y] = unify(a, b)
  const [c, p, q] = align('where', condition, x, y)
  return e.where(c!, p!, q!)
}

/** Logical ops read any number as “not zero”. */
export const truth = (x: Node): Node => (x.dtype === 'bool' ? x : e.cast(x, 'bool'))
