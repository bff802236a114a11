// Which variables may differ between the members of a group, and whether a barrier stands where all of them come by.
// The same rule as WGSL's uniformity analysis: what is loaded from memory that is written counts as different.
import type { Expr, Kernel, Stmt, Var } from './kernel.ts'

/** The first barrier that some members may miss, in words; null when there is none. */
export function strayBarrier(kernel: Kernel): string | null {
  if (kernel.group === undefined) return contains(kernel.body) ? 'a barrier in a kernel without a group' : null
  const varying = new Set<Var>([kernel.group.local])
  for (let size = 0; size !== varying.size; ) {
    size = varying.size
    spread(kernel, kernel.body, varying, false)
  }
  const visit = (body: readonly Stmt[]): string | null => {
    for (const s of body) {
      const inner = s.s === 'for' ? [s.body] : s.s === 'if' ? [s.then, s.else] : []
      const differs = s.s === 'for' ? varies(kernel, s.lo, varying) || varies(kernel, s.hi, varying) : s.s === 'if' && varies(kernel, s.cond, varying)
      for (const b of inner) {
        if (differs && contains(b)) return `a barrier under ${s.s === 'for' ? `the loop over ${s.v.name}, whose bounds differ` : 'a condition that differs'} between the members of the group`
        const found = visit(b)
        if (found !== null) return found
      }
    }
    return null
  }
  return visit(kernel.body)
}

const contains = (body: readonly Stmt[]): boolean =>
  body.some((s) => s.s === 'barrier' || s.s === 'fold' || (s.s === 'for' && contains(s.body)) || (s.s === 'if' && (contains(s.then) || contains(s.else))))

/** Adds the variables that get a differing value, or get any value where only some members are. */
function spread(kernel: Kernel, body: readonly Stmt[], varying: Set<Var>, apart: boolean): void {
  for (const s of body) {
    if (s.s === 'let' || s.s === 'set') {
      if (apart || varies(kernel, s.value, varying)) varying.add(s.v)
    } else if (s.s === 'for') {
      const differs = apart || varies(kernel, s.lo, varying) || varies(kernel, s.hi, varying)
      if (differs) varying.add(s.v)
      spread(kernel, s.body, varying, differs)
    } else if (s.s === 'if') {
      const differs = apart || varies(kernel, s.cond, varying)
      spread(kernel, s.then, varying, differs)
      spread(kernel, s.else, varying, differs)
    }
  }
}

function varies(kernel: Kernel, root: Expr, varying: ReadonlySet<Var>): boolean {
  const seen = new Set<Expr>()
  const visit = (e: Expr): boolean => {
    if (seen.has(e)) return false
    seen.add(e)
    switch (e.k) {
      case 'var': return varying.has(e.v)
      case 'load': return kernel.params[e.buf]!.access !== 'read' || visit(e.index)
      case 'op':
      case 'pack': return e.args.some(visit)
      case 'splat':
      case 'extract':
      case 'fold': return visit(e.arg)
      default: return false
    }
  }
  return visit(root)
}
