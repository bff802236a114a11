// Constant expressions are computed here: WGSL refuses those that overflow, shift too far or give NaN.
import { evaluateScalar } from '../../ir/index.ts'
import type { Node } from '../wasm/nodes.ts'

const known = new WeakMap<Node, { readonly value: number | null }>()

/** The value an expression has in every lane, or null. */
export function evaluateConstant(n: Node): number | null {
  if (n.k === 'const') return n.value
  if (n.k !== 'op' && n.k !== 'splat') return null
  let found = known.get(n)
  if (found === undefined) known.set(n, (found = { value: compute(n) }))
  return found.value
}

function compute(n: Node): number | null {
  const args = n.args.map(evaluateConstant)
  if (args.some((a) => a === null)) return null
  if (n.k === 'splat') return args[0]!
  const { t } = (n.op === 'select' ? n.args[1]! : n.args[0]!).type
  return evaluateScalar(n.op!, t, args[0]!, args[1] ?? 0, args[2] ?? 0)
}
