// Threefry-2x32-20 as expressions on i32, the same bits as base/threefry.ts: random numbers a kernel makes from a key
// and a counter, in any order, on any device.
import { THREEFRY_PARITY, THREEFRY_ROTATIONS } from '../base/index.ts'
import { type Expr, i32, op } from './kernel.ts'

/** Encrypts the counter (c0, c1) under the key (k0, k1): both words, i32, as many lanes as the arguments. */
export function threefryExpr(k0: Expr, k1: Expr, c0: Expr, c1: Expr): [x0: Expr, x1: Expr] {
  const keys = [k0, k1, op('xor', op('xor', k0, k1), i32(THREEFRY_PARITY))]
  let x0 = op('add', c0, k0)
  let x1 = op('add', c1, k1)
  for (let group = 0; group < 5; group++) {
    for (const r of THREEFRY_ROTATIONS[group % 2]!) {
      x0 = op('add', x0, x1)
      x1 = op('xor', op('or', op('shl', x1, i32(r)), op('ushr', x1, i32(32 - r))), x0)
    }
    x0 = op('add', x0, keys[(group + 1) % 3]!)
    x1 = op('add', x1, op('add', keys[(group + 2) % 3]!, i32(group + 1)))
  }
  return [x0, x1]
}
