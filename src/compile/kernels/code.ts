// Small pieces of kernel code that the writers of product kernels share.
import { type Expr, type Kernel, type Node, type Stmt, type Var, i32, load, op } from '../../ir/index.ts'
import type { Offsets } from '../operand.ts'

export const add = (a: Expr, b: Expr): Expr => (a.k === 'const' && a.value === 0 ? b : b.k === 'const' && b.value === 0 ? a : op('add', a, b))
export const times = (a: Expr, by: number): Expr => (by === 0 ? i32(0) : by === 1 ? a : op('mul', a, i32(by)))
export const loop = (v: Var, lo: Expr, hi: Expr, body: Stmt[], step = 1, vector = false): Stmt => ({ s: 'for', v, lo, hi, step, body, hint: vector ? { vector: true } : {} })
export const paramOf = (node: Node, access: 'read' | 'write'): Kernel['params'][number] => ({ dtype: node.dtype, length: node.shape.reduce((p, d) => p * d, 1), access, scope: 'global' })

/** Offsets as code: a product with the stride, or a load from a constant table, which becomes a parameter. */
export function offsetCode(params: Kernel['params'][number][], buffers: (Node | Uint8Array | null)[]): (o: Offsets) => (at: Expr) => Expr {
  return ({ stride, table }) => {
    if (stride !== null) return (at) => times(at, stride)
    params.push({ dtype: 'int32', length: table.length, access: 'read', scope: 'global' })
    const buf = buffers.push(bytesOf(table)) - 1
    return (at) => load(buf, at, 'i32')
  }
}
const bytesOf = (table: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(table).buffer)
