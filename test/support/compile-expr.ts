// Compiles a scalar expression of the kernel IR to a JavaScript function, for tests that evaluate one millions of times.
// Three ways a device may compute: `fma` rounded twice, `fma` rounded once, and every product that enters a sum fused
// into it (what a C compiler may do).
import type { Expr, Var } from '../../src/ir/index.ts'

export type Rounding = 'plain' | 'fused' | 'contracted'

const bits = new DataView(new ArrayBuffer(8))
function asF32(i: number): number {
  bits.setInt32(0, i)
  return bits.getFloat32(0)
}
function asI32(x: number): number {
  bits.setFloat32(0, x)
  return bits.getInt32(0)
}
function hi32(x: number): number {
  bits.setFloat64(0, x)
  return bits.getInt32(0)
}
function setHi32(x: number, i: number): number {
  bits.setFloat64(0, x)
  bits.setInt32(0, i)
  return bits.getFloat64(0)
}
const saturate = (x: number): number => (Number.isNaN(x) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(x))))
const roundEven = (x: number): number => (Math.abs(x) < 2 ** 52 ? (x < 0 ? x - 2 ** 52 + 2 ** 52 : x + 2 ** 52 - 2 ** 52) : x)

/** a·b + c in double, rounded once (Dekker's product, Knuth's sum): exact but for ties and extreme exponents. */
export function fma64(a: number, b: number, c: number): number {
  const p = a * b
  const sum = p + c
  if (!Number.isFinite(sum) || Math.abs(p) < 1e-270 || Math.abs(a) > 1e290 || Math.abs(b) > 1e290) return sum
  const ah = setHi32(0, hi32(a))
  const bh = setHi32(0, hi32(b))
  const al = a - ah
  const bl = b - bh
  // 21 + 32 bits a factor: al·bl may need 64 bits, its rounding is far below the last place of the result
  const e = ah * bh - p + ah * bl + al * bh + al * bl
  const back = sum - p
  return sum + (p - (sum - back) + (c - back) + e)
}
/** The same in single: the product is exact in double. */
const fma32 = (a: number, b: number, c: number): number => Math.fround(a * b + c)

const HELPERS = { asF32, asI32, hi32, setHi32, saturate, roundEven, fma64, fma32 }

/** A function of the variables' values; all expressions are of one lane. Loads are not supported. */
export function compileExpr(e: Expr, params: readonly Var[], rounding: Rounding = 'plain'): (...values: number[]) => number {
  const names = new Map<Expr, string>()
  const lines: string[] = []
  const visit = (x: Expr): string => {
    const known = names.get(x)
    if (known !== undefined) return known
    const code = codeOf(x)
    const name = `t${lines.length}`
    names.set(x, name)
    lines.push(`const ${name} = ${code};`)
    return name
  }
  const rounded = (x: Expr, code: string) => (x.type.t === 'f32' ? `Math.fround(${code})` : x.type.t === 'i32' ? `(${code}) | 0` : code)
  const product = (x: Expr | undefined) => (x?.k === 'op' && x.op === 'mul' && x.type.t !== 'i32' ? x : undefined)
  const number = (v: number) => (Object.is(v, -0) ? '-0' : String(v))
  const codeOf = (x: Expr): string => {
    if (x.k === 'const') return number(x.type.t === 'f32' ? Math.fround(x.value) : x.value)
    if (x.k === 'var') {
      const at = params.indexOf(x.v)
      if (at < 0) throw new Error(`unbound ${x.v.name}`)
      return `p${at}`
    }
    if (x.k !== 'op') throw new Error(`compileExpr: ${x.k}`)
    const fused = x.type.t === 'f32' ? 'fma32' : 'fma64'
    if (rounding === 'contracted' && x.type.t !== 'i32' && (x.op === 'add' || x.op === 'sub')) {
      const left = product(x.args[0])
      if (left) return `${fused}(${left.args.map(visit).join()}, ${x.op === 'sub' ? '-' : ''}${visit(x.args[1]!)})`
      const right = product(x.args[1])
      if (right) return `${fused}(${x.op === 'sub' ? '-' : ''}${visit(right.args[0]!)}, ${visit(right.args[1]!)}, ${visit(x.args[0]!)})`
    }
    const [a, b, c] = x.args.map(visit)
    switch (x.op) {
      case 'add': return rounded(x, `${a} + ${b}`)
      case 'sub': return rounded(x, `${a} - ${b}`)
      case 'mul': return x.type.t === 'i32' ? `Math.imul(${a}, ${b})` : rounded(x, `${a} * ${b}`)
      case 'div': return x.type.t === 'i32' ? `(${b} === 0 ? 0 : (${a} / ${b}) | 0)` : rounded(x, `${a} / ${b}`)
      case 'fma': return rounding === 'plain' ? rounded(x, `${rounded(x, `${a} * ${b}`)} + ${c}`) : `${fused}(${a}, ${b}, ${c})`
      case 'neg': return rounded(x, `-${a}`)
      case 'abs': return rounded(x, `Math.abs(${a})`)
      case 'sqrt': return rounded(x, `Math.sqrt(${a})`)
      case 'min': case 'max': case 'floor': case 'ceil': case 'trunc': return `Math.${x.op}(${[a, b].filter(Boolean).join()})`
      case 'round': return `roundEven(${a})`
      case 'and': return `${a} & ${b}`
      case 'or': return `${a} | ${b}`
      case 'xor': return `${a} ^ ${b}`
      case 'not': return x.type.t === 'bool' ? `1 - ${a}` : `~${a}`
      case 'shl': return `${a} << ${b}`
      case 'shr': return `${a} >> ${b}`
      case 'ushr': return `(${a} >>> ${b}) | 0`
      case 'eq': return `+(${a} === ${b})`
      case 'ne': return `+(${a} !== ${b})`
      case 'lt': return `+(${a} < ${b})`
      case 'le': return `+(${a} <= ${b})`
      case 'select': return `${a} ? ${b} : ${c}`
      case 'toF32': return `Math.fround(${a})`
      case 'toF64': return `${a}`
      case 'toI32': return `saturate(${a})`
      case 'asF32': return `asF32(${a})`
      case 'asI32': return `asI32(${a})`
      case 'hi32': return `hi32(${a})`
      case 'setHi32': return `setHi32(${a}, ${b})`
      default: throw new Error(`compileExpr: ${x.op}`)
    }
  }
  const result = visit(e)
  const body = `const { ${Object.keys(HELPERS).join()} } = H; return (${params.map((_, i) => `p${i}`).join()}) => { ${lines.join('\n')} return ${result} }`
  return new Function('H', body)(HELPERS) as (...values: number[]) => number
}

/** Distinct operations of an expression, sharing counted once. */
export function countOps(e: Expr): number {
  const seen = new Set<Expr>()
  const walk = (x: Expr): void => {
    if (seen.has(x) || x.k !== 'op') return
    seen.add(x)
    x.args.forEach(walk)
  }
  walk(e)
  return seen.size
}
