// Loop structure: which axes run together, what a unit of parallel work is, how a nest is written.
import { type Expr, type Index, type Kernel, type Stmt, type Var, i32, ixConst, ixDiv, ixMod, ixVar, newVar, op, use } from '../ir/index.ts'

/** Loops over merged axes: `coords` are the original coordinates in terms of the loop variables. */
export interface Nest {
  readonly vars: readonly Var[]
  readonly extents: readonly number[]
  readonly coords: readonly Index[]
}

/** One loop an axis. */
export function plainNest(shape: readonly number[], name = 'i'): Nest {
  const vars = shape.map((_, k) => newVar(`${name}${k}`, 'i32'))
  return { vars, extents: shape, coords: shape.map((d, k) => ixVar(vars[k]!, d)) }
}

/**
 * Merges neighbouring axes wherever every index form treats them as one: the coefficient of the outer variable is the
 * coefficient of the inner times its extent. Axes of size 1 vanish.
 */
export function mergedNest(nest: Nest, forms: readonly Index[], name = 'i'): Nest {
  const groups: number[][] = []
  const linear = forms.map((f) => coefficients(f, nest.vars))
  nest.vars.forEach((_, axis) => {
    if (nest.extents[axis] === 1) return
    const last = groups[groups.length - 1]
    if (last === undefined) {
      groups.push([axis])
      return
    }
    const outer = last[last.length - 1]!
    const n = nest.extents[axis]!
    const ok = linear.every((c) => {
      const p = c[outer]!
      const q = c[axis]!
      return p !== null && q !== null && p === q * n
    })
    if (ok) last.push(axis)
    else groups.push([axis])
  })
  const vars: Var[] = []
  const extents: number[] = []
  const coords = nest.vars.map(() => ixConst(0))
  groups.forEach((axes, g) => {
    const size = axes.reduce((p, a) => p * nest.extents[a]!, 1)
    const v = newVar(`${name}${g}`, 'i32')
    vars.push(v)
    extents.push(size)
    let rest: Index = ixVar(v, size)
    for (let k = axes.length - 1; k >= 0; k--) {
      const n = nest.extents[axes[k]!]!
      coords[axes[k]!] = k === 0 ? rest : ixMod(rest, n)
      if (k > 0) rest = ixDiv(rest, n)
    }
  })
  return { vars, extents, coords }
}

/** The constant factor of each variable in an index; null where it enters otherwise. */
function coefficients(form: Index, vars: readonly Var[]): (number | null)[] {
  const out = vars.map((): number | null => 0)
  const block = (index: Index): void => {
    for (const { atom } of index.terms) {
      if (atom.k === 'var') {
        const i = vars.indexOf(atom.v)
        if (i >= 0) out[i] = null
      } else if (atom.k !== 'expr') block(atom.of)
    }
  }
  for (const { atom, by } of form.terms) {
    if (atom.k === 'var') {
      const i = vars.indexOf(atom.v)
      if (i >= 0 && out[i] !== null) out[i] = out[i]! + by
    } else if (atom.k !== 'expr') block(atom.of)
  }
  return out
}

/** Parallel units should do at least this many elements. */
const UNIT = 2048

export interface Ranged {
  readonly extent: number
  readonly lo: Var
  readonly hi: Var
  readonly body: Stmt[]
}

/**
 * Writes `inner` (statements for one point of all loops) as a nest whose outermost part is the kernel's range of
 * units. `vector`: the innermost loop may be widened. `weight`: elements each point stands for (inner reductions).
 */
export function rangedNest(vars: readonly Var[], extents: readonly number[], inner: readonly Stmt[], options: { vector: boolean; weight: number }): Ranged {
  const lo = newVar('lo', 'i32')
  const hi = newVar('hi', 'i32')
  const hint = options.vector ? { vector: true } : {}
  const loop = (v: Var, from: Expr, to: Expr, body: readonly Stmt[], innermost: boolean): Stmt => ({ s: 'for', v, lo: from, hi: to, step: 1, body, hint: innermost ? hint : {} })
  if (vars.length === 0) {
    const v = newVar('once', 'i32')
    return { extent: 1, lo, hi, body: [loop(v, use(lo), use(hi), inner, false)] }
  }
  if (vars.length === 1) {
    const n = extents[0]!
    const chunk = Math.max(1, Math.ceil(UNIT / options.weight / 16) * 16)
    const units = Math.max(1, Math.ceil(n / chunk))
    // The units of a call are neighbours: one loop over all their elements.
    const from = op('mul', use(lo), i32(chunk))
    const to = op('min', op('mul', use(hi), i32(chunk)), i32(n))
    const begin = newVar('begin', 'i32')
    const end = newVar('end', 'i32')
    return units === 1
      ? { extent: 1, lo, hi, body: [loop(newVar('once', 'i32'), use(lo), use(hi), [loop(vars[0]!, i32(0), i32(n), inner, true)], false)] }
      : { extent: units, lo, hi, body: [{ s: 'let', v: begin, value: from }, { s: 'let', v: end, value: to }, loop(vars[0]!, use(begin), use(end), inner, true)] }
  }
  // Outer axes flattened into units until there are enough of them.
  let depth = 1
  let units = extents[0]!
  while (depth < vars.length - 1 && units < 64) units *= extents[depth++]!
  const v = newVar('unit', 'i32')
  const lets: Stmt[] = []
  let rest: Expr = use(v)
  for (let k = depth - 1; k >= 0; k--) {
    if (k === 0) lets.push({ s: 'let', v: vars[0]!, value: rest })
    else {
      lets.push({ s: 'let', v: vars[k]!, value: op('rem', rest, i32(extents[k]!)) })
      rest = op('div', rest, i32(extents[k]!))
    }
  }
  let body: readonly Stmt[] = inner
  for (let k = vars.length - 1; k >= depth; k--) body = [loop(vars[k]!, i32(0), i32(extents[k]!), body, k === vars.length - 1)]
  return { extent: units, lo, hi, body: [loop(v, use(lo), use(hi), [...lets, ...body], false)] }
}

export const kernelOf = (name: string, params: Kernel['params'], ranged: Ranged, flops: number, bytes: number): Kernel => ({
  name, params, extent: ranged.extent, lo: ranged.lo, hi: ranged.hi, body: ranged.body, flops, bytes,
})
