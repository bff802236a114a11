// vmap: a function of one example becomes a function of a batch.
import { ShapeError, ValueError, functionOf, listOf, normalizeAxis, optionsOf } from '../base/index.ts'
import { type Node, emit as e } from '../ir/index.ts'
import { vmapNodes } from '../transform/index.ts'
import { withScope } from './scopes.ts'
import { Tensor } from './tensor.ts'
import { leavesOf, resultOf, wrapTree } from './trees.ts'

export interface VmapOptions {
  /** Where the batch axis goes in every result; default 0. */
  readonly outAxes?: number
}

/**
 * Runs f over an axis of its arguments, all at once. `inAxes`: for every argument the batch axis of its tensors, or null
 * for an argument shared by all (one number serves all arguments; default 0).
 */
export function vmap<A extends readonly unknown[], R>(f: (...args: A) => R, inAxes: number | readonly (number | null)[] = 0, options: VmapOptions = {}): (...args: A) => R {
  functionOf('vmap', f)
  if (typeof inAxes !== 'number') listOf('vmap', 'inAxes', inAxes)
  optionsOf('vmap', options)
  return (...args: A) =>
    withScope((scope) => {
      const axes = typeof inAxes === 'number' ? args.map(() => inAxes) : inAxes
      if (axes.length !== args.length) throw new ValueError('vmap', 'inAxes does not fit', { expected: `${args.length} entries, one an argument`, received: String(axes.length) })
      let size = -1
      const variables: Node[] = []
      const batch: Node[] = []
      const opened = args.map((arg, i) => {
        const axis = axes[i]
        if (axis === null || axis === undefined) return arg
        const { leaves, def } = leavesOf(arg)
        return wrapTree(def, leaves.map((t) => {
          const a = normalizeAxis('vmap', axis, t.ndim)
          const n = t.shape[a]!
          if (size === -1) size = n
          else if (n !== size) throw new ShapeError('vmap', 'batch sizes differ', { expected: String(size), received: `${n} in argument ${i}` })
          const moved = e.moveAxis(t.node, a, 0)
          const variable = e.scoped(e.make('input', [], { name: 'vmap', shape: moved.shape.slice(1), dtype: t.dtype }), scope)
          variables.push(variable)
          batch.push(moved)
          return variable
        }))
      })
      if (size === -1) throw new ValueError('vmap', 'nothing is batched', { expected: 'at least one argument with an axis', received: JSON.stringify(inAxes) })
      const out = f(...(opened as unknown as A))
      const { nodes, def } = resultOf('vmap', out)
      const lifted = vmapNodes(nodes, variables, batch, size).map(({ node, batched }) => (batched ? node : e.broadcastTo(node, [size, ...node.shape])))
      const to = options.outAxes ?? 0
      return def.build(lifted.map((n) => new Tensor(to === 0 ? n : e.moveAxis(n, 0, normalizeAxis('vmap', to, n.shape.length))))) as R
    })
}
