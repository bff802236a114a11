// What layers do with their weights and biases, where there are any.
import { type Tensor, matmul } from '../tensor/index.ts'

export const scaled = (x: Tensor, weight: Tensor | null | undefined): Tensor => (weight ? x.mul(weight) : x)
export const shifted = (x: Tensor, bias: Tensor | null | undefined): Tensor => (bias ? x.add(bias) : x)
/** x·Wᵀ + b, for any leading axes. */
export const affine = (x: Tensor, weight: Tensor, bias: Tensor | null): Tensor => shifted(matmul(x, weight.T), bias)
