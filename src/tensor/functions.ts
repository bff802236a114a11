// Free functions: what takes several tensors, and function forms of the common methods.
import { type DType, listOf, textOf } from '../base/index.ts'
import * as el from './array/elementwise.ts'
import * as ix from './array/indexing.ts'
import * as li from './array/linear.ts'
import * as sh from './array/shaping.ts'
import { backend } from './devices.ts'
import { realize as realizeNodes } from './realize.ts'
import { Tensor, type TensorLike, nodeOf, operandOf } from './tensor.ts'
import { treeLeaves } from './trees.ts'

const nodesOf = (operation: string, tensors: readonly Tensor[]) => listOf(operation, 'tensors', tensors, 'a list of tensors').map((t) => nodeOf(operation, t))

/** a where the condition (bool) holds, else b. */
export const where = (condition: Tensor, a: TensorLike, b: TensorLike): Tensor => new Tensor(el.where(nodeOf('where', condition), operandOf('where', a), operandOf('where', b)))
/** Tensors end to end along an axis. */
export const concat = (tensors: readonly Tensor[], axis = 0): Tensor => new Tensor(sh.concat(nodesOf('concat', tensors), axis))
/** Tensors of one shape along a new axis. */
export const stack = (tensors: readonly Tensor[], axis = 0): Tensor => new Tensor(sh.stack(nodesOf('stack', tensors), axis))
/** Sums of products named by letters: einsum('bij,bjk->bik', x, y). */
export const einsum = (formula: string, ...operands: Tensor[]): Tensor => new Tensor(li.einsum(textOf('einsum', 'formula', formula), operands.map((t) => nodeOf('einsum', t))))
export const matmul = (a: Tensor, b: Tensor): Tensor => new Tensor(li.matmul(nodeOf('matmul', a), nodeOf('matmul', b)))
/** Integer classes → vectors with a single 1, along a new last axis. */
export const oneHot = (indices: Tensor, classes: number, dtype: DType = 'float32'): Tensor => new Tensor(ix.oneHot(nodeOf('oneHot', indices), classes, dtype))
/** Rows of a table (N, D) by integer indices of any shape → (…, D). */
export const embedding = (table: Tensor, indices: Tensor): Tensor => new Tensor(ix.take(nodeOf('embedding', table), nodeOf('embedding', indices), 0))

export type { ConvOptions, ConvTransposeOptions, PoolOptions } from './array/linear.ts'
/** (N,C,L) ⋆ (O,C/groups,K) → (N,O,L′); cross-correlation, as torch.nn.functional.conv1d. */
export const conv1d = (x: Tensor, weight: Tensor, options: li.ConvOptions = {}): Tensor => new Tensor(li.conv('conv1d', 1, nodeOf('conv1d', x), nodeOf('conv1d', weight), options))
/** (N,C,H,W) ⋆ (O,C/groups,Kh,Kw) → (N,O,H′,W′) */
export const conv2d = (x: Tensor, weight: Tensor, options: li.ConvOptions = {}): Tensor => new Tensor(li.conv('conv2d', 2, nodeOf('conv2d', x), nodeOf('conv2d', weight), options))
/** (N,C,D,H,W) ⋆ (O,C/groups,Kd,Kh,Kw) → (N,O,D′,H′,W′) */
export const conv3d = (x: Tensor, weight: Tensor, options: li.ConvOptions = {}): Tensor => new Tensor(li.conv('conv3d', 3, nodeOf('conv3d', x), nodeOf('conv3d', weight), options))
/** The transpose of conv1d: weight (C,O/groups,K). */
export const convTranspose1d = (x: Tensor, weight: Tensor, options: li.ConvTransposeOptions = {}): Tensor => new Tensor(li.convTranspose('convTranspose1d', 1, nodeOf('convTranspose1d', x), nodeOf('convTranspose1d', weight), options))
export const convTranspose2d = (x: Tensor, weight: Tensor, options: li.ConvTransposeOptions = {}): Tensor => new Tensor(li.convTranspose('convTranspose2d', 2, nodeOf('convTranspose2d', x), nodeOf('convTranspose2d', weight), options))
export const convTranspose3d = (x: Tensor, weight: Tensor, options: li.ConvTransposeOptions = {}): Tensor => new Tensor(li.convTranspose('convTranspose3d', 3, nodeOf('convTranspose3d', x), nodeOf('convTranspose3d', weight), options))
/** Largest of each window; stride defaults to the window's size. */
export const maxPool1d = (x: Tensor, size: li.PerAxis, options: li.PoolOptions = {}): Tensor => new Tensor(li.maxPool(1, nodeOf('maxPool1d', x), size, options))
export const maxPool2d = (x: Tensor, size: li.PerAxis, options: li.PoolOptions = {}): Tensor => new Tensor(li.maxPool(2, nodeOf('maxPool2d', x), size, options))
export const maxPool3d = (x: Tensor, size: li.PerAxis, options: li.PoolOptions = {}): Tensor => new Tensor(li.maxPool(3, nodeOf('maxPool3d', x), size, options))
/** Mean of each window; padding counts as zeros unless `countPad` is false. */
export const avgPool1d = (x: Tensor, size: li.PerAxis, options: li.PoolOptions & { readonly countPad?: boolean } = {}): Tensor => new Tensor(li.avgPool(1, nodeOf('avgPool1d', x), size, options))
export const avgPool2d = (x: Tensor, size: li.PerAxis, options: li.PoolOptions & { readonly countPad?: boolean } = {}): Tensor => new Tensor(li.avgPool(2, nodeOf('avgPool2d', x), size, options))
export const avgPool3d = (x: Tensor, size: li.PerAxis, options: li.PoolOptions & { readonly countPad?: boolean } = {}): Tensor => new Tensor(li.avgPool(3, nodeOf('avgPool3d', x), size, options))

/** Computes several values together, in one program. Any trees of tensors. */
export function realize(...trees: unknown[]): void {
  const tensors = trees.flatMap(treeLeaves)
  realizeNodes(backend(), tensors.map((t) => t.node))
  for (const t of tensors) t.realize()
}
