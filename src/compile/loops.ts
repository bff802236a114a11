// Loop structure: which axes run together, what a unit of parallel work is, how a nest is written.
import { type Expr, type Index, type Kernel, type Stmt, type Var, i32, ixAdd, ixConst, ixDiv, ixMod, ixScale, ixVar, newVar, op, use } from '../ir/index.ts'

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

/** How finely the work of a kernel is split into units: at least so many elements a unit, until there are so many units. */
export interface Grain {
  readonly elements: number
  readonly units: number
}
/** For threads of a processor. */
export const COARSE: Grain = { elements: 2048, units: 64 }

export interface Ranged {
  readonly extent: number
  readonly lo: Var
  readonly hi: Var
  readonly body: Stmt[]
}

/** A stretch of the innermost loop with a body of its own. */
export interface Segment {
  readonly v: Var
  readonly extent: number
  readonly body: readonly Stmt[]
}

/** An index with a loop variable replaced by `by`. */
export function substituteVar(index: Index, v: Var, by: Index): Index {
  let out = ixConst(index.constant)
  for (const t of index.terms) {
    const { atom } = t
    let value: Index
    if (atom.k === 'var') value = atom.v === v ? by : { constant: 0, terms: [{ atom, by: 1 }] }
    else if (atom.k === 'expr') value = { constant: 0, terms: [{ atom, by: 1 }] }
    else value = (atom.k === 'div' ? ixDiv : ixMod)(substituteVar(atom.of, v, by), atom.by)
    out = ixAdd(out, ixScale(value, t.by))
  }
  return out
}

/**
 * Writes `inner` (statements for one point of all loops, or stretches of the innermost loop) as a nest whose outermost part is the kernel's range of
 * units. `vector`: the innermost loop may be widened. `weight`: elements each point stands for (inner reductions).
 */
export function rangedNest(vars: readonly Var[], extents: readonly number[], inner: readonly Stmt[] | { readonly segments: readonly Segment[] }, options: { vector: boolean; weight: number; grain: Grain }): Ranged {
  const { grain } = options
  const lo = newVar('lo', 'i32')
  const hi = newVar('hi', 'i32')
  const hint = options.vector ? { vector: true } : {}
  const loop = (v: Var, from: Expr, to: Expr, body: readonly Stmt[], innermost: boolean): Stmt => ({ s: 'for', v, lo: from, hi: to, step: 1, body, hint: innermost ? hint : {} })
  if ('segments' in inner) return outerUnits(vars, extents, inner.segments.map((g) => loop(g.v, i32(0), i32(g.extent), g.body, true)), grain, lo, hi)
  if (vars.length === 0) {
    const v = newVar('once', 'i32')
    return { extent: 1, lo, hi, body: [loop(v, use(lo), use(hi), inner, false)] }
  }
  if (vars.length === 1) {
    const n = extents[0]!
    // Sums of columns read a stretch of every row: one of some cache lines, where there are enough of them.
    const least = options.vector && options.weight > 1 && n >= 256 ? 64 : 16
    const chunk = grain.elements === 1 ? 1 : Math.ceil(grain.elements / options.weight / least) * least
    const units = Math.max(1, Math.ceil(n / chunk))
    // The units of a call are neighbours: one loop over all their elements.
    const from = op('mul', use(lo), i32(chunk))
    const to = op('min', op('mul', use(hi), i32(chunk)), i32(n))
    const begin = newVar('begin', 'i32')
    const end = newVar('end', 'i32')
    if (chunk === 1) return { extent: n, lo, hi, body: [loop(vars[0]!, use(lo), use(hi), inner, false)] }
    return units === 1
      ? { extent: 1, lo, hi, body: [loop(newVar('once', 'i32'), use(lo), use(hi), [loop(vars[0]!, i32(0), i32(n), inner, true)], false)] }
      : { extent: units, lo, hi, body: [{ s: 'let', v: begin, value: from }, { s: 'let', v: end, value: to }, loop(vars[0]!, use(begin), use(end), inner, true)] }
  }
  const last = vars.length - 1
  if (grain.units === Infinity) return outerUnits([...vars, newVar('one', 'i32')], [...extents, 1], inner, grain, lo, hi)
  return outerUnits(vars, extents, [loop(vars[last]!, i32(0), i32(extents[last]!), inner, true)], grain, lo, hi)
}

/** The loops around the innermost: outer axes are flattened into units until there are enough of them. */
function outerUnits(vars: readonly Var[], extents: readonly number[], innermost: readonly Stmt[], grain: Grain, lo: Var, hi: Var): Ranged {
  let depth = 1
  let units = extents[0]!
  while (depth < vars.length - 1 && units < grain.units) units *= extents[depth++]!
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
  let body: readonly Stmt[] = innermost
  for (let k = vars.length - 2; k >= depth; k--) body = [{ s: 'for', v: vars[k]!, lo: i32(0), hi: i32(extents[k]!), step: 1, body, hint: {} }]
  return { extent: units, lo, hi, body: [{ s: 'for', v, lo: use(lo), hi: use(hi), step: 1, body: [...lets, ...body], hint: {} }] }
}

export const kernelOf = (name: string, params: Kernel['params'], ranged: Ranged, flops: number, bytes: number): Kernel => ({
  name, params, extent: ranged.extent, lo: ranged.lo, hi: ranged.hi, body: ranged.body, flops, bytes,
})
