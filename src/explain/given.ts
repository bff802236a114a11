// What the functions of this room are given: a model, and tensors.
import { objectOf } from '../base/index.ts'
import type { Module } from '../nn/index.ts'
import { type Tensor, tensorOf } from '../tensor/index.ts'

/** Refuses what is no module or no tensor. */
export function given(operation: string, model: Module, ...tensors: readonly Tensor[]): void {
  objectOf(operation, 'model', model, 'a module', 'namedParameters')
  for (const x of tensors) tensorOf(operation, x)
}
