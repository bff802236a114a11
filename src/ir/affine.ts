// Integer index arithmetic with known ranges: sums of constant × atom. Division and remainder by constants are
// resolved exactly where the ranges allow, so that reshapes and windows cost nothing at run time.
import { type Expr, type Var, i32, op, use } from './kernel.ts'

/** Something an index is made of; its values lie in 0 … max. */
export type Atom =
  | { readonly k: 'var'; readonly id: string; readonly v: Var; readonly max: number }
  | { readonly k: 'div' | 'mod'; readonly id: string; readonly of: Index; readonly by: number; readonly max: number }
  /** A computed (loaded) index. */
  | { readonly k: 'expr'; readonly id: string; readonly e: Expr; readonly max: number; readonly vars: readonly Var[] }

export interface Index {
  readonly constant: number
  readonly terms: readonly { readonly atom: Atom; readonly by: number }[]
}

/** A condition on an index: lo ≤ index < hi, and (with `multiple`) index divisible by it. */
export interface Guard {
  readonly index: Index
  readonly lo: number
  readonly hi: number
  readonly multiple?: number
}

export const ixConst = (constant: number): Index => ({ constant, terms: [] })
export const ixVar = (v: Var, extent: number): Index =>
  extent === 1 ? ixConst(0) : { constant: 0, terms: [{ atom: { k: 'var', id: `v${v.id}`, v, max: extent - 1 }, by: 1 }] }

let nextExpr = 0
/** An index computed at run time, with values 0 … max; `vars` are the loop variables it depends on. */
export const ixExpr = (e: Expr, max: number, vars: readonly Var[]): Index => ({
  constant: 0,
  terms: [{ atom: { k: 'expr', id: `e${nextExpr++}`, e, max, vars }, by: 1 }],
})

export function ixAdd(a: Index, b: Index): Index {
  if (a.terms.length === 0) return b.terms.length === 0 ? ixConst(a.constant + b.constant) : { constant: a.constant + b.constant, terms: b.terms }
  if (b.terms.length === 0) return { constant: a.constant + b.constant, terms: a.terms }
  const terms = a.terms.slice()
  for (const t of b.terms) {
    const at = terms.findIndex((u) => u.atom.id === t.atom.id)
    if (at < 0) terms.push(t)
    else {
      const by = terms[at]!.by + t.by
      if (by === 0) terms.splice(at, 1)
      else terms[at] = { atom: t.atom, by }
    }
  }
  return recombine({ constant: a.constant + b.constant, terms })
}

export const ixScale = (a: Index, by: number): Index =>
  by === 1 ? a : by === 0 ? ixConst(0) : { constant: a.constant * by, terms: a.terms.map((t) => ({ atom: t.atom, by: t.by * by })) }
export const ixOffset = (a: Index, by: number): Index => ({ constant: a.constant + by, terms: a.terms })

/** d·(x div d) + (x mod d) → x. */
function recombine(a: Index): Index {
  for (const t of a.terms) {
    if (t.atom.k !== 'div') continue
    const { of, by } = t.atom
    const partner = a.terms.find((u) => u.atom.k === 'mod' && u.atom.by === by && u.by * by === t.by && sameIndex(u.atom.of, of))
    if (partner) {
      const rest = { constant: a.constant, terms: a.terms.filter((u) => u !== t && u !== partner) }
      return ixAdd(rest, ixScale(of, partner.by))
    }
  }
  return a
}

export function sameIndex(a: Index, b: Index): boolean {
  return ixKey(a) === ixKey(b)
}
export const ixKey = (a: Index): string => `${a.constant}|${a.terms.map((t) => `${t.atom.id}*${t.by}`).sort().join('+')}`

export function ixRange(a: Index): [number, number] {
  let lo = a.constant
  let hi = a.constant
  for (const { atom, by } of a.terms) {
    if (by > 0) hi += atom.max * by
    else lo += atom.max * by
  }
  return [lo, hi]
}

/** floor(a / by) for a non-negative index. */
export function ixDiv(a: Index, by: number): Index {
  if (by === 1) return a
  const { quotient, rest } = split(a, by)
  const [lo, hi] = ixRange(rest)
  const q = Math.floor(lo / by)
  if (q === Math.floor(hi / by)) return ixOffset(quotient, q)
  return ixAdd(quotient, derived('div', rest, by, hi))
}

/** a mod by for a non-negative index. */
export function ixMod(a: Index, by: number): Index {
  if (by === 1) return ixConst(0)
  const { rest } = split(a, by)
  const [lo, hi] = ixRange(rest)
  const q = Math.floor(lo / by)
  if (q === Math.floor(hi / by)) return ixOffset(rest, -q * by)
  return derived('mod', rest, by, hi)
}

function derived(k: 'div' | 'mod', of: Index, by: number, hi: number): Index {
  const max = k === 'div' ? Math.floor(hi / by) : by - 1
  return { constant: 0, terms: [{ atom: { k, id: `${k}(${ixKey(of)},${by})`, of, by, max }, by: 1 }] }
}

/** a = by·quotient + rest, moving every multiple of `by` out; rest keeps a non-negative range where it can. */
function split(a: Index, by: number): { quotient: Index; rest: Index } {
  const inner: { atom: Atom; by: number }[] = []
  const outer: { atom: Atom; by: number }[] = []
  for (const t of a.terms) (t.by % by === 0 ? outer : inner).push(t)
  const carry = Math.floor(a.constant / by)
  let rest: Index = { constant: a.constant - carry * by, terms: inner }
  let quotient: Index = { constant: carry, terms: outer.map((t) => ({ atom: t.atom, by: t.by / by })) }
  if (ixRange(rest)[0] < 0) {
    // Negative coefficients left inside: borrow whole multiples so that the run-time division sees no negative number.
    const borrow = Math.ceil(-ixRange(rest)[0] / by)
    rest = ixOffset(rest, borrow * by)
    quotient = ixOffset(quotient, -borrow)
  }
  return { quotient, rest }
}

/** Row-major flat index of coordinates. */
export function ixFlatten(coords: readonly Index[], shape: readonly number[]): Index {
  let out = ixConst(0)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    out = ixAdd(out, ixScale(coords[i]!, stride))
    stride *= shape[i]!
  }
  return out
}

/** Coordinates of a flat index. */
export function ixUnflatten(flat: Index, shape: readonly number[]): Index[] {
  const out = new Array<Index>(shape.length)
  let rest = flat
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) out[i] = ixConst(0)
    else if (shape.slice(0, i).every((d) => d === 1)) {
      out[i] = rest
      rest = ixConst(0)
    } else {
      out[i] = ixMod(rest, shape[i]!)
      rest = ixDiv(rest, shape[i]!)
    }
  }
  return out
}

/** Whether an index changes with a variable; `linear` gives its coefficient when it does so only by a constant factor. */
export function dependsOn(a: Index, v: Var): boolean {
  return a.terms.some((t) => atomDepends(t.atom, v))
}
function atomDepends(atom: Atom, v: Var): boolean {
  if (atom.k === 'var') return atom.v === v
  if (atom.k === 'expr') return atom.vars.includes(v)
  return dependsOn(atom.of, v)
}

/** The index as code. Terms are summed in the order of `order` (outermost loop first) so that prefixes are loop-invariant. */
export function ixExpression(a: Index, order: readonly Var[] = []): Expr {
  const depth = (atom: Atom): number => {
    let d = -1
    for (let i = 0; i < order.length; i++) if (atomDepends(atom, order[i]!)) d = i
    return d
  }
  const terms = a.terms.map((t) => ({ ...t, depth: depth(t.atom) })).sort((x, y) => x.depth - y.depth)
  let e: Expr | null = null
  for (const { atom, by } of terms) {
    let t = atom.k === 'var' ? use(atom.v) : atom.k === 'expr' ? atom.e : atomCode(atom, order)
    if (by !== 1) t = op('mul', t, i32(by))
    e = e === null ? t : op('add', e, t)
  }
  if (e === null) return i32(a.constant)
  return a.constant === 0 ? e : op('add', e, i32(a.constant))
}
function atomCode(atom: Extract<Atom, { k: 'div' | 'mod' }>, order: readonly Var[]): Expr {
  const inner = ixExpression(atom.of, order)
  const shift = Math.log2(atom.by)
  if (Number.isInteger(shift)) return atom.k === 'div' ? op('ushr', inner, i32(shift)) : op('and', inner, i32(atom.by - 1))
  return op(atom.k === 'div' ? 'div' : 'rem', inner, i32(atom.by))
}

/** The conjunction of guards as code; null when they always hold. Guards that never hold give a false constant. */
export function guardExpression(guards: readonly Guard[], order: readonly Var[] = []): Expr | null {
  let out: Expr | null = null
  const and = (c: Expr) => {
    out = out === null ? c : op('and', out, c)
  }
  for (const g of guards) {
    const [lo, hi] = ixRange(g.index)
    const e = () => ixExpression(g.index, order)
    if (lo < g.lo) and(op('le', i32(g.lo), e()))
    if (hi >= g.hi) and(op('lt', e(), i32(g.hi)))
    if (g.multiple !== undefined && g.multiple > 1) and(op('eq', op('rem', e(), i32(g.multiple)), i32(0)))
  }
  return out
}
