// Constant expressions are computed here: WGSL refuses those that overflow, shift too far or give NaN.
import { evaluateScalar } from '../../ir/index.ts'
import type { Node } from '../wasm/nodes.ts'

export class Constants {
  private readonly known = new Map<Node, number | null>()
  private readonly variables = new Map<number, number>()

  /** From now on a variable that never changes has this value. */
  define(v: number, value: number): void {
    this.variables.set(v, value)
  }
  /** The value an expression has in every lane, or null. */
  of(n: Node): number | null {
    if (n.k === 'const') return n.value
    if (n.k === 'var') return this.variables.get(n.v!.id) ?? null
    if (n.k !== 'op' && n.k !== 'splat') return null
    let found = this.known.get(n)
    if (found === undefined) this.known.set(n, (found = this.compute(n)))
    return found
  }
  private compute(n: Node): number | null {
    const args = n.args.map((a) => this.of(a))
    if (args.some((a) => a === null)) return null
    if (n.k === 'splat') return args[0]!
    const { t } = (n.op === 'select' ? n.args[1]! : n.args[0]!).type
    return evaluateScalar(n.op!, t, args[0]!, args[1] ?? 0, args[2] ?? 0)
  }
}
