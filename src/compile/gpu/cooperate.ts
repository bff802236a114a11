// Lets a workgroup share the long loops of a unit (rows of a reduction, of a softmax, of a normalisation): each member takes
// every n-th iteration, sums of members are folded. Works on the kernel IR, like the vectoriser, whose marks it
// reads; what is not shared every member does for itself, but for stores, which the first one does.
import { type Kernel, type ScalarOp, type Stmt, type Var, constant, i32, newVar, op, use } from '../../ir/index.ts'
import { assignedOutside, foldOf, neutral } from '../vectorize.ts'

type For = Extract<Stmt, { s: 'for' }>
/** Iterations that are worth a group. */
const LONG = 32
const MEMBERS = 64
/** With fewer units than this, sums that jump through memory are shared as well. */
const FEW = 8192

/** The kernel with a group for each unit; null: it has no long loops, or none that can be shared. */
export function cooperate(kernel: Kernel): Kernel | null {
  const [unit] = kernel.body
  if (kernel.group !== undefined || kernel.body.length !== 1 || unit?.s !== 'for' || unit.lo.k !== 'var' || unit.lo.v !== kernel.lo || unit.hi.k !== 'var' || unit.hi.v !== kernel.hi) return null
  const few = kernel.extent < FEW
  if (!unit.body.some((s) => s.s === 'for' && lengthOf(s, few) >= LONG)) return null
  const local = newVar('local', 'i32')
  const body: Stmt[] = []
  let shared = false
  for (const s of unit.body) {
    const done = s.s === 'for' && lengthOf(s, few) > 0 ? share(s, local) : null
    if (done !== null) {
      shared = true
      body.push(...done)
    } else if (s.s === 'for' && lengthOf(s, false) > 0) return null
    else if (stores(s)) body.push({ s: 'if', cond: op('eq', use(local), i32(0)), then: [s], else: [] }, { s: 'barrier' })
    else body.push(s)
  }
  return shared ? { ...kernel, group: { size: MEMBERS, local }, body: [{ ...unit, body }] } : null
}

/** The innermost of loops that hold nothing but each other. */
function innermost(loop: For): For {
  const [only] = loop.body
  return loop.body.length === 1 && only?.s === 'for' ? innermost(only) : loop
}
/** Iterations of a nest whose innermost loop is marked, or, if `any`, of a long one that stores nothing; 0 for others. */
function lengthOf(loop: For, any: boolean): number {
  const inner = innermost(loop)
  if (inner.hint?.vector !== true && (!any || inner.step !== 1 || stores(inner))) return 0
  let n = 1
  for (let l: For = loop; ; l = l.body[0] as For) {
    if (l.lo.k !== 'const' || l.hi.k !== 'const') return 0
    n *= Math.max(0, l.hi.value - l.lo.value)
    if (l === inner) return inner.hint?.vector === true || n >= LONG ? n : 0
  }
}
const stores = (s: Stmt): boolean => s.s === 'store' || (s.s === 'for' && s.body.some(stores)) || (s.s === 'if' && [...s.then, ...s.else].some(stores))

function share(loop: For, local: Var): Stmt[] | null {
  const inner = innermost(loop)
  const folds: { v: Var; combine: ScalarOp }[] = []
  for (const v of assignedOutside([loop])) {
    const combine = foldOf(inner.body, v)
    if (combine === null) return null
    folds.push({ v, combine })
  }
  const taken: For = { ...inner, lo: op('add', inner.lo, use(local)), step: MEMBERS, hint: {} }
  const nest = (l: For): For => (l === inner ? taken : { ...l, body: [nest(l.body[0] as For)] })
  const out: Stmt[] = []
  const before = folds.map(({ v, combine }) => {
    const kept = newVar('before', v.type.t)
    out.push({ s: 'let', v: kept, value: use(v) }, { s: 'set', v, value: constant(v.type.t, neutral(combine, v.type.t)) })
    return kept
  })
  out.push(nest(loop))
  folds.forEach(({ v, combine }, i) => out.push({ s: 'fold', v, op: combine }, { s: 'set', v, value: op(combine, use(before[i]!), use(v)) }))
  if (stores(loop)) out.push({ s: 'barrier' })
  return out
}
