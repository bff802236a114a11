// Reading and writing at computed places; sorting.
import { ndarray, sizeOf } from '../../base/index.ts'
import { type Emit, demand } from '../emit.ts'
import type { OpDef } from '../def.ts'
import type { Node } from '../node.ts'

/** Both over an extra axis merged into B; what is not batched is repeated. */
function merge(e: Emit, x: Node, batched: boolean, size: number): Node {
  const full = batched ? x : e.broadcastTo(x, [size, ...x.shape])
  return e.reshape(full, [full.shape[0]! * full.shape[1]!, ...full.shape.slice(2)])
}

export const indexing = {
  /** x [B,N,R] at index [B,I] → [B,I,R]; indices are clamped into 0 … N−1. */
  gather: {
    infer(inputs) {
      const [x, i] = inputs
      demand(x!.shape.length === 3 && i!.shape.length === 2 && i!.dtype === 'int32' && x!.shape[0] === i!.shape[0] && (x!.shape[1]! > 0 || sizeOf(i!.shape) === 0), 'gather', '[B,N,R] and int32 [B,I]', inputs)
      return { shape: [x!.shape[0]!, i!.shape[1]!, x!.shape[2]!], dtype: x!.dtype }
    },
    evaluate([x, index], node) {
      const [B, I, R] = node.shape as [number, number, number]
      const N = x!.shape[1]!
      const out = ndarray(node.dtype, node.shape)
      for (let b = 0; b < B; b++) {
        for (let i = 0; i < I; i++) {
          const at = Math.min(Math.max(index!.data[b * I + i]!, 0), N - 1)
          for (let r = 0; r < R; r++) out.data[(b * I + i) * R + r] = x!.data[(b * N + at) * R + r]!
        }
      }
      return out
    },
    derivative: {
      kind: 'linear', of: [0], jointly: true,
      transpose: (e, g, { inputs: [x, index] }) => {
        const last = e.full(x!.shape[1]! - 1, index!.shape, 'int32')
        const clamped = e.binary('min', e.binary('max', index!, e.zerosLike(index!)), last)
        return e.scatter(e.full(0, x!.shape, g.dtype), clamped, g, 'add')
      },
    },
    vmap(e, [x, index], [inX, inIndex], node, size) {
      const [B, I, R] = node.shape as [number, number, number]
      if (!inX && B === 1) {
        // one table, many index lists: a longer list
        return e.reshape(e.gather(x!, e.reshape(index!, [1, size * I])), [size, 1, I, R])
      }
      return e.reshape(e.gather(merge(e, x!, inX!, size), merge(e, index!, inIndex!, size)), [size, B, I, R])
    },
    lower: { kind: 'index' },
  } satisfies OpDef<'gather'>,

  /** base [B,N,R] with update [B,I,R] added (or set, the last one winning) at index [B,I]; indices outside are dropped. */
  scatter: {
    infer(inputs) {
      const [base, i, u] = inputs
      demand(base!.shape.length === 3 && i!.shape.length === 2 && u!.shape.length === 3 && i!.dtype === 'int32' && base!.dtype === u!.dtype && base!.shape[0] === i!.shape[0] && u!.shape[0] === i!.shape[0] && u!.shape[1] === i!.shape[1] && u!.shape[2] === base!.shape[2], 'scatter', '[B,N,R], int32 [B,I] and [B,I,R]', inputs)
      return { shape: base!.shape, dtype: base!.dtype }
    },
    evaluate([base, index, update], { params: { mode }, dtype, shape }) {
      const [B, N, R] = shape as [number, number, number]
      const I = index!.shape[1]!
      const out = ndarray(dtype, shape, base!.data.slice())
      for (let b = 0; b < B; b++) {
        for (let i = 0; i < I; i++) {
          const at = index!.data[b * I + i]!
          if (at < 0 || at >= N) continue
          for (let r = 0; r < R; r++) {
            const to = (b * N + at) * R + r
            out.data[to] = update!.data[(b * I + i) * R + r]! + (mode === 'add' ? out.data[to]! : 0)
          }
        }
      }
      return out
    },
    derivative: {
      kind: 'linear', of: [0, 2], jointly: true,
      transpose(e, g, node, input) {
        const [base, index, update] = node.inputs as [Node, Node, Node]
        const add = node.params.mode === 'add'
        if (input === 0) return add ? g : e.scatter(g, index, e.full(0, update.shape, g.dtype), 'set')
        const [, N] = base.shape as number[]
        if (N === 0) return e.zerosLike(update)
        const inside = e.binary('and', e.binary('le', e.zerosLike(index), index), e.lt(index, e.like(index, N!)))
        let keep = inside
        if (!add) {
          // only the last writer of a place had an effect: write the writers' numbers, read back who won
          const numbers = e.positions(index.shape, 1, 'int32')
          const lift = (x: Node) => e.reshape(x, [...x.shape, 1])
          const winners = e.scatter(e.full(-1, [base.shape[0]!, N!, 1], 'int32'), index, lift(numbers), 'set')
          keep = e.binary('and', inside, e.eq(e.reshape(e.gather(winners, index), index.shape), numbers))
        }
        const spread = e.expand(e.reshape(keep, [...keep.shape, 1]), update.shape)
        const back = e.gather(g, index)
        return e.where(spread, back, e.zerosLike(back))
      },
    },
    vmap(e, inputs, batched, node, size) {
      const [base, index, update] = inputs.map((x, i) => merge(e, x, batched[i]!, size)) as [Node, Node, Node]
      return e.reshape(e.scatter(base, index, update, node.params.mode), [size, ...node.shape])
    },
    lower: { kind: 'opaque', constants: [0] },
  } satisfies OpDef<'scatter'>,

  /** The stable order that sorts an axis; NaN comes last. */
  argsort: {
    infer: ([x]) => ({ shape: x!.shape, dtype: 'int32' }),
    evaluate([x], node) {
      const { axis, descending } = node.params
      const inner = sizeOf(x!.shape.slice(axis + 1))
      const n = x!.shape[axis]!
      const out = ndarray('int32', node.shape)
      const lines = n === 0 ? 0 : sizeOf(node.shape) / n
      for (let line = 0; line < lines; line++) {
        const base = Math.floor(line / inner) * n * inner + (line % inner)
        const at = (i: number) => x!.data[base + i * inner]!
        const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => {
          const p = at(a)
          const q = at(b)
          if (Number.isNaN(p) || Number.isNaN(q)) return +Number.isNaN(p) - +Number.isNaN(q) || a - b
          return (descending ? q - p || (q < p ? -1 : q > p ? 1 : 0) : p - q || (p < q ? -1 : p > q ? 1 : 0)) || a - b
        })
        order.forEach((o, i) => (out.data[base + i * inner] = o))
      }
      return out
    },
    derivative: { kind: 'none', reason: 'an order does not vary smoothly; sort differentiates through the values it moves' },
    vmap: (e, [x], _b, { params: { axis, descending } }) => e.make('argsort', [x!], { axis: axis + 1, descending }),
    lower: { kind: 'opaque' },
  } satisfies OpDef<'argsort'>,
}
