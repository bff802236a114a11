// N-dimensional convolution, closed under differentiation.
import { ndarray, sizeOf, stridesOf, forEachIndex } from '../../base/index.ts'
import { type Emit, demand } from '../emit.ts'
import type { OpDef } from '../def.ts'
import type { ConvParams, Node } from '../node.ts'

export const convolution = {
  /** Cross-correlation [N,C,*S] ⋆ [O,C/g,*K] → [N,O,*P], P = ⌊(D(S) + pads − dilation·(K−1) − 1)/stride⌋ + 1. */
  conv: {
    infer(inputs, p) {
      const [x, w] = inputs
      const rank = x!.shape.length - 2
      demand(rank >= 1 && w!.shape.length === rank + 2 && x!.dtype === w!.dtype && x!.dtype !== 'bool' && x!.shape[1] === w!.shape[1]! * p.groups && w!.shape[0]! % p.groups === 0 && [p.stride, p.padding, p.inputDilation, p.dilation].every((l) => l.length === rank), 'conv', '[N,C,*S] and [O,C/groups,*K] of one numeric type', inputs)
      return { shape: [x!.shape[0]!, w!.shape[0]!, ...p.stride.map((_, i) => outSize(x!.shape[i + 2]!, w!.shape[i + 2]!, p, i))], dtype: x!.dtype }
    },
    evaluate([x, w], node) {
      const p = node.params
      const out = ndarray(node.dtype, node.shape)
      const C = w!.shape[1]!
      const perGroup = w!.shape[0]! / p.groups
      const xs = stridesOf(x!.shape)
      const kernel = w!.shape.slice(2)
      const taps = sizeOf(kernel)
      const whole = node.dtype === 'int32' || node.dtype === 'uint8'
      forEachIndex(node.shape, (index, flat) => {
        const o = index[1]!
        const group = Math.floor(o / perGroup)
        let acc = 0
        forEachIndex(kernel, (k, tap) => {
          let at = 0
          for (let i = 0; i < k.length; i++) {
            const q = index[i + 2]! * p.stride[i]! + k[i]! * p.dilation[i]! - p.padding[i]![0]
            const s = q / p.inputDilation[i]!
            if (s < 0 || !Number.isInteger(s) || s >= x!.shape[i + 2]!) return
            at += s * xs[i + 2]!
          }
          for (let c = 0; c < C; c++) {
            const a = x!.data[index[0]! * xs[0]! + (group * C + c) * xs[1]! + at]!
            const b = w!.data[(o * C + c) * taps + tap]!
            acc = whole ? (acc + Math.imul(a, b)) | 0 : acc + a * b
          }
        })
        out.data[flat] = acc
      })
      return out
    },
    derivative: {
      kind: 'linear', of: 'all', jointly: false,
      transpose: (e, g, node, input) => (input === 0 ? inputGradient(e, g, node) : weightGradient(e, g, node)),
    },
    vmap(e, [x, w], [inX, inW], node, size) {
      const [N, C, ...S] = node.inputs[0]!.shape as number[]
      const [O, perGroup, ...K] = node.inputs[1]!.shape as number[]
      const P = node.shape.slice(2)
      if (inX && !inW) return e.reshape(e.make('conv', [e.reshape(x!, [size * N!, C!, ...S]), w!], node.params), [size, N!, O!, ...P])
      // A batch of kernels: as many groups more.
      const xs = inX ? x! : e.broadcastTo(x!, [size, ...x!.shape])
      const wide = e.reshape(e.moveAxis(xs, 0, 1), [N!, size * C!, ...S])
      const y = e.make('conv', [wide, e.reshape(w!, [size * O!, perGroup!, ...K])], { ...node.params, groups: node.params.groups * size })
      return e.moveAxis(e.reshape(y, [N!, size, O!, ...P]), 1, 0)
    },
    work: ({ shape, inputs }) => sizeOf(shape) * sizeOf(inputs[1]!.shape.slice(1)),
    lower: { kind: 'opaque', views: true, product: 'convolution' },
    decompose: convAsDot,
  } satisfies OpDef<'conv'>,
}

/** Spread-out length of an input axis. */
const dilated = (size: number, by: number): number => (size === 0 ? 0 : (size - 1) * by + 1)
function outSize(input: number, kernel: number, p: ConvParams, i: number): number {
  const room = dilated(input, p.inputDilation[i]!) + p.padding[i]![0] + p.padding[i]![1] - dilated(kernel, p.dilation[i]!)
  return room < 0 ? 0 : Math.floor(room / p.stride[i]!) + 1
}

/** Splits or merges the group digit of the first two axes: [G·A, B, …] ↔ [G·B, A, …] transposed within each group. */
function swapChannels(e: Emit, x: Node, groups: number): Node {
  const [ga, b, ...rest] = x.shape as number[]
  const a = ga! / groups
  const split = e.reshape(x, [groups, a, b!, ...rest])
  return e.reshape(e.permute(split, [0, 2, 1, ...rest.map((_, i) => i + 3)]), [groups * b!, a, ...rest])
}

/** dX: the gradient, spread by the stride, against the flipped kernel with channels swapped. */
function inputGradient(e: Emit, g: Node, node: Node<'conv'>): Node {
  const p = node.params
  const [x, w] = node.inputs as [Node, Node]
  const spatial = p.stride.map((_, i) => i + 2)
  if (sizeOf(node.shape) === 0) return e.zerosLike(x)
  const flipped = swapChannels(e, e.flip(w, spatial), p.groups)
  const padding = p.stride.map((_, i): [number, number] => {
    const before = dilated(w.shape[i + 2]!, p.dilation[i]!) - 1 - p.padding[i]![0]
    // positions the strided windows never reached come back as extra padding
    const full = dilated(x.shape[i + 2]!, p.inputDilation[i]!)
    const after = full - 1 + dilated(w.shape[i + 2]!, p.dilation[i]!) - dilated(g.shape[i + 2]!, p.stride[i]!) - before
    return [before, after]
  })
  return e.make('conv', [g, flipped], { stride: p.inputDilation, padding, inputDilation: p.stride, dilation: p.dilation, groups: p.groups })
}

/** dW: the input with batch as channels, correlated with the gradient as a kernel dilated by the stride. */
function weightGradient(e: Emit, g: Node, node: Node<'conv'>): Node {
  const p = node.params
  const [x, w] = node.inputs as [Node, Node]
  if (sizeOf(node.shape) === 0 || sizeOf(x.shape) === 0) return e.zerosLike(w)
  const [N, C, ...S] = x.shape as number[]
  const [O, , ...K] = w.shape as number[]
  const G = p.groups
  const c = C! / G
  // x [N, G·c, S] → [c, G·N, S]; g [N, G·o, P] → [G·o, N, P]
  const lhs = e.reshape(e.permute(e.reshape(x, [N!, G, c, ...S]), [2, 1, 0, ...S.map((_, i) => i + 3)]), [c, G * N!, ...S])
  const rhs = e.permute(g, [1, 0, ...S.map((_, i) => i + 2)])
  const padding = p.padding.map(([before, after], i): [number, number] => {
    // crop what the strided windows never reached, so that exactly K positions come out
    const room = dilated(x.shape[i + 2]!, p.inputDilation[i]!) + before + after
    const used = dilated(K[i]!, p.dilation[i]!) + dilated(g.shape[i + 2]!, p.stride[i]!) - 1
    return [before, after - (room - used)]
  })
  const y = e.make('conv', [lhs, rhs], { stride: p.dilation, padding, inputDilation: p.inputDilation, dilation: p.stride, groups: G })
  return e.reshape(e.permute(y, [1, 0, ...S.map((_, i) => i + 2)]), [O!, c, ...K])
}

/**
 * x padded, seen through windows, times the kernel. Three forms of the same sums: one filter a group is a weighted sum of
 * shifted images; few filters take the rows of an image where they lie; many are one product a group.
 */
function convAsDot(e: Emit, node: Node<'conv'>): Node {
  const p = node.params
  const [x, w] = node.inputs as [Node, Node]
  const G = p.groups
  const [N, C] = x.shape as number[]
  const O = w.shape[0]!
  const K = w.shape.slice(2)
  const P = node.shape.slice(2)
  const c = C! / G
  if (sizeOf(node.shape) === 0 || sizeOf(w.shape) === 0 || sizeOf(x.shape) === 0) return e.zerosLike(node)
  const n = P.length
  if (byPlanes(p, K, P)) {
    // [N, C, P…] → [N, O, P…], image by image: nothing to pack
    const y = e.dot(e.expand(e.reshape(w, [1, O, C!]), [N!, O, C!]), e.reshape(x, [N!, C!, sizeOf(P)]))
    return e.reshape(y, node.shape)
  }
  const padded = e.pad(x, [0, 0, ...p.padding.map((q) => q[0])], [0, 0, ...p.padding.map((q) => q[1])], [0, 0, ...p.inputDilation.map((d) => d - 1)])
  if (O === G && node.dtype === 'float32' && longRows(p, K)) return alongRows(e, e.reshape(padded, [N!, G, c, ...padded.shape.slice(2)]), w, node)
  const seen = e.make('window', [e.reshape(padded, [N!, G, c, ...padded.shape.slice(2)])], { size: K, stride: p.stride, dilation: p.dilation }) // [N, G, c, P…, K…]
  const at = (from: number) => P.map((_, i) => from + i)
  const taps = c * sizeOf(K)
  const weights = e.reshape(w, [G, O / G, taps])
  if (O === G && node.dtype === 'float32') {
    // [N, G, c, P…, K…] → [N, G, P…, c, K…], summed over c and K
    const order = e.permute(seen, [0, 1, ...at(3), 2, ...at(3 + n)])
    const filters = e.expand(e.reshape(w, [1, G, ...P.map(() => 1), c, ...K]), order.shape)
    return e.sum(e.mul(order, filters), [2 + n, ...at(3 + n)])
  }
  if (byRows(p, G, O, taps, P)) {
    const Q = P[n - 1]!
    // [N, 1, c, P…, Q, K…] → [N·P…, c·K…, Q]
    const columns = e.reshape(e.permute(seen, [0, ...at(3).slice(0, -1), 1, 2, ...at(3 + n), 2 + n]), [N! * sizeOf(P.slice(0, -1)), taps, Q])
    const y = e.dot(e.expand(weights, [columns.shape[0]!, O, taps]), columns)
    const split = e.reshape(y, [N!, ...P.slice(0, -1), O, Q])
    return e.permute(split, [0, n, ...at(1).slice(0, -1), n + 1])
  }
  // [N, G, c, P…, K…] → [G, c, K…, N, P…]
  const columns = e.reshape(e.permute(seen, [1, 2, ...at(3 + n), 0, ...at(3)]), [G, taps, N! * sizeOf(P)])
  const y = e.reshape(e.dot(weights, columns), [G, O / G, N!, ...P])
  return e.reshape(e.permute(y, [2, 0, 1, ...at(3)]), node.shape)
}

/** Whether the window is one pixel, and images are large enough to be multiplied one by one where they are. */
const byPlanes = (p: ConvParams, K: readonly number[], P: readonly number[]): boolean =>
  p.groups === 1 && sizeOf(K) === 1 && sizeOf(P) >= 49 && p.stride.every((s) => s === 1) && p.inputDilation.every((d) => d === 1) && p.padding.flat().every((q) => q === 0)

/** Whether windows as large as images (gradients, in the gradient of filters) are better taken over all their rows at once. */
const longRows = (p: ConvParams, K: readonly number[]): boolean => K.length === 2 && K[0]! > 1 && K[1]! >= 6 && [...p.stride, ...p.dilation].every((s) => s === 1)

/**
 * One filter a group, [N,G,c,H,W] ⋆ [G,c,*K] → [N,G,*P]: the rows of a filter are filled up with zeros to the width of the
 * image, so that a window and its filter are both one run of memory.
 */
function alongRows(e: Emit, x: Node, w: Node, node: Node): Node {
  const [N, G, c, H, W] = x.shape as [number, number, number, number, number]
  const [K0, K1] = w.shape.slice(2) as [number, number]
  const [P0, P1] = node.shape.slice(2) as [number, number]
  const run = (K0 - 1) * W + K1
  const zeros = [0, 0, 0, 0]
  const filled = e.slice(e.reshape(e.pad(w, zeros, [0, 0, 0, W - K1]), [G, c, K0 * W]), [0, 0, 0], [G, c, run])
  const one = { dilation: [1] }
  const rows = e.make('window', [e.reshape(x, [N, G, c, H * W])], { ...one, size: [run + P1 - 1], stride: [W] }) // [N, G, c, P0, run + P1 − 1]
  const seen = e.make('window', [rows], { ...one, size: [run], stride: [1] }) // [N, G, c, P0, P1, run]
  const order = e.permute(seen, [0, 1, 3, 4, 2, 5])
  return e.sum(e.mul(order, e.expand(e.reshape(filled, [1, G, 1, 1, c, run]), [N, G, P0, P1, c, run])), [4, 5])
}

/** Whether rows of the result are long and filters few enough to read the image where it is rather than to pack it. */
const byRows = (p: ConvParams, groups: number, filters: number, taps: number, P: readonly number[]): boolean =>
  groups === 1 && P.length > 1 && p.stride[P.length - 1] === 1 && P[P.length - 1]! >= 16 && filters <= 32 && taps * P[P.length - 1]! <= 32768
