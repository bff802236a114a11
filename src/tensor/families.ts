// Families of ops that come with the functions that make them: what a program does not call, its page does not load.
import { addFamily, attentionFamily, controlFamily, convolutionFamily } from '../compile/index.ts'
import { addOps, attentionOps, controlOps, convolutionOps, windowOps } from '../ir/index.ts'
import { withGraphs } from '../transform/index.ts'

/** For what makes nodes of `window` and `fold`. */
export function withWindows(): void {
  addOps(windowOps)
}
/** For what makes nodes of `conv`, and may be taken apart into windows. */
export function withConvolution(): void {
  withWindows()
  addOps(convolutionOps)
  addFamily(convolutionFamily)
}
/** For what makes nodes of `attention`. */
export function withAttention(): void {
  addOps(attentionOps)
  addFamily(attentionFamily)
  withGraphs()
}
/** For what makes nodes of `scan` and `cond`. */
export function withControl(): void {
  addOps(controlOps)
  addFamily(controlFamily)
  withGraphs()
}
