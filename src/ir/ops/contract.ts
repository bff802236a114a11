// The batched matrix product, closed under differentiation.
import { ndarray, sizeOf } from '../../base/index.ts'
import { type Emit, demand } from '../emit.ts'
import type { OpDef } from '../def.ts'
import type { Node } from '../node.ts'

export const contract = {
  /** Batched matrix product [B,M,K] × [B,K,N] → [B,M,N]. */
  dot: {
    infer(inputs) {
      const [a, b] = inputs
      demand(a!.shape.length === 3 && b!.shape.length === 3 && a!.dtype === b!.dtype && a!.dtype !== 'bool' && a!.shape[0] === b!.shape[0] && a!.shape[2] === b!.shape[1], 'dot', '[B,M,K] and [B,K,N] of one numeric type', inputs)
      return { shape: [a!.shape[0]!, a!.shape[1]!, b!.shape[2]!], dtype: a!.dtype }
    },
    evaluate([a, b], node) {
      const [B, M, N] = node.shape as [number, number, number]
      const K = a!.shape[2]!
      const out = ndarray(node.dtype, node.shape)
      const whole = node.dtype === 'int32' || node.dtype === 'uint8'
      for (let i = 0; i < B * M; i++) {
        const batch = Math.floor(i / M)
        for (let n = 0; n < N; n++) {
          let acc = 0
          for (let k = 0; k < K; k++) {
            const x = a!.data[i * K + k]!
            const y = b!.data[(batch * K + k) * N + n]!
            acc = whole ? (acc + Math.imul(x, y)) | 0 : acc + x * y
          }
          out.data[i * N + n] = acc
        }
      }
      return out
    },
    derivative: {
      kind: 'linear', of: 'all', jointly: false,
      // C = A·B: dA = dC·Bᵀ, dB = Aᵀ·dC
      transpose: (e, g, { inputs: [a, b] }, input) => (input === 0 ? e.dot(g, e.swapLast(b!)) : e.dot(e.swapLast(a!), g)),
    },
    vmap(e, [a, b], [inA, inB], node, size) {
      const [B, M, N] = node.shape as [number, number, number]
      const K = node.inputs[0]!.shape[2]!
      if (inA && !inB && B === 1) return e.reshape(e.dot(e.reshape(a!, [1, size * M, K]), b!), [size, 1, M, N])
      if (inB && !inA && B === 1) {
        // [S,1,K,N] → [1,K,S·N]: one wide product
        const wide = e.reshape(e.permute(e.reshape(b!, [size, K, N]), [1, 0, 2]), [1, K, size * N])
        return e.permute(e.reshape(e.dot(a!, wide), [1, M, size, N]), [2, 0, 1, 3])
      }
      const lift = (x: Node, batched: boolean): Node => {
        const full = batched ? x : e.broadcastTo(x, [size, ...x.shape])
        return e.reshape(full, [size * B, full.shape[2]!, full.shape[3]!])
      }
      return e.reshape(e.dot(lift(a!, inA!), lift(b!, inB!)), [size, B, M, N])
    },
    work: ({ shape, inputs }) => sizeOf(shape) * inputs[0]!.shape[2]!,
    lower: { kind: 'opaque', views: true, product: 'matrix' },
  } satisfies OpDef<'dot'>,
}

/** Products of every step, summed, as one: Σₜ Aₜ·Bₜ = [A₁ A₂ …]·[B₁; B₂; …], for [T,B,M,K] and [T,B,K,N]. */
export function sumOfDots(e: Emit, [a, b]: readonly Node[]): Node {
  const [T, B, M, K] = a!.shape as [number, number, number, number]
  return e.dot(e.reshape(e.permute(a!, [1, 2, 0, 3]), [B, M, T * K]), e.reshape(e.permute(b!, [1, 0, 2, 3]), [B, T * K, b!.shape[3]!]))
}
