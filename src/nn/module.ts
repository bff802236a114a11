// Module: a tree of tensors and static fields with a forward function. Parameters are found, not registered.
import { objectOf, optionsOf } from '../base/index.ts'
import { type Shape, TREE, type Tensor } from '../tensor/index.ts'
import { plan } from './state.ts'
import { summarize } from './summary.ts'
import { assign, copyWith, entriesOf, modulesOf } from './walk.ts'

/**
 * Base class of layers and models. Fields that hold tensors, modules, or arrays and plain objects of them are found by
 * walking (private #fields are not seen). Every floating tensor is a parameter unless the class names its field in
 * `static readonly buffers`; integer and bool tensors are buffers; everything else is static configuration. A module is
 * a tree: `grad`, `jit` and `treeMap` take it as it is.
 *
 * @example
 * ```ts
 * import { manualSeed, zeros, type Tensor } from 'gradus'
 * import { Linear, Module, relu } from 'gradus/nn'
 *
 * class Net extends Module {
 *   hidden = new Linear(784, 128)
 *   out = new Linear(128, 10)
 *   forward(x: Tensor) { return this.out.call(relu(this.hidden.call(x))) } // (B,784) → (B,10)
 * }
 * const net = new Net()
 * net.call(zeros([2, 784])).shape // → [2, 10]
 * net.parameterCount() // → 101770
 * ```
 */
export abstract class Module {
  /** Fields of this class that no optimiser changes (running statistics, constants). */
  static readonly buffers: readonly string[] = []
  /** Whether layers that behave differently in training (dropout, batch normalisation) do so. */
  training = true

  /** What the module computes. Run it with `call`. */
  abstract forward(...args: unknown[]): unknown

  get [TREE](): true {
    return true
  }

  /** Runs `forward`. */
  call(...args: Parameters<this['forward']>): ReturnType<this['forward']> {
    return this.forward(...args) as ReturnType<this['forward']>
  }

  /** [path, tensor] of everything an optimiser trains, in order of fields. A tied tensor appears once, under its first path. */
  namedParameters(): [string, Tensor][] {
    return entriesOf(this).flatMap((e): [string, Tensor][] => (e.trained ? [[e.paths[0]!, e.tensor]] : []))
  }
  /** [path, tensor] of everything else: running statistics, constants, integer tables. */
  namedBuffers(): [string, Tensor][] {
    return entriesOf(this).flatMap((e): [string, Tensor][] => (e.trained ? [] : [[e.paths[0]!, e.tensor]]))
  }
  parameters(): Tensor[] {
    return this.namedParameters().map(([, t]) => t)
  }
  /** Number of trained values. */
  parameterCount(): number {
    return this.parameters().reduce((n, t) => n + t.size, 0)
  }

  /** Puts this module and all inside it into training mode (or evaluation mode); returns it. */
  train(mode = true): this {
    for (const inner of modulesOf(this).keys()) (inner as Module).training = mode
    return this
  }
  /** Evaluation mode: no dropout, running statistics. The same as `train(false)`. */
  eval(): this {
    return this.train(false)
  }

  /** All parameters and buffers by path: what a checkpoint holds. */
  state(): Record<string, Tensor> {
    return Object.fromEntries(entriesOf(this).map((e) => [e.paths[0]!, e.tensor]))
  }
  /**
   * Takes values by path, as `state()` gives them; returns the module. With `strict: false` missing and unexpected paths
   * are ignored. Floating values are converted to the type the model has.
   * @throws ValueError for missing or unexpected paths; ShapeError or DTypeError for a value that does not fit. Nothing is changed then.
   *
   * @example
   * ```ts
   * import { Linear } from 'gradus/nn'
   *
   * const trained = new Linear(3, 2)
   * const copy = new Linear(3, 2).loadState(trained.state())
   * await copy.weight.array() // the same numbers
   * ```
   */
  loadState(values: Readonly<Record<string, Tensor>>, options: { readonly strict?: boolean } = {}): this {
    assign(this, plan('loadState', entriesOf(this), values, { strict: optionsOf('loadState', options).strict !== false, complete: true, fit: true }))
    return this
  }

  /**
   * A table of the layers: output shapes, found by running on zeros without computing anything, and numbers of parameters.
   * @param input shape of the input with its batch axis ([1, 784]), or example tensors where the input is not one float32.
   *
   * @example
   * ```ts
   * import { Linear, ReLU, Sequential } from 'gradus/nn'
   *
   * console.log(new Sequential(new Linear(784, 30), new ReLU(), new Linear(30, 10)).summary([1, 784]))
   * ```
   */
  summary(input: Shape | Tensor | readonly Tensor[]): string {
    return summarize(copyWith(this as Module, (t) => t).eval(), input)
  }
}

/** Refuses what is no module. */
export const moduleOf = <M extends Module>(operation: string, x: M): M => objectOf(operation, 'model', x, 'a module', 'namedParameters')

/** A module from one tensor to one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor
}

/**
 * A copy of the model (same classes, static fields shared) around other tensors: those named by path. How a model runs on
 * traced parameters; buffers it assigns while running are found in the copy's `namedBuffers()`.
 * @throws ValueError for a path the model does not have; ShapeError for a tensor of another shape.
 *
 * @example
 * ```ts
 * import { grad, ones } from 'gradus'
 * import { Linear, withTensors } from 'gradus/nn'
 *
 * const model = new Linear(3, 1)
 * const params = Object.fromEntries(model.namedParameters())
 * const loss = (p: typeof params) => withTensors(model, p).call(ones([4, 3])).square().mean()
 * grad(loss)(params).weight.shape // → [1, 3]
 * ```
 */
export function withTensors<M extends Module>(model: M, values: Readonly<Record<string, Tensor>>): M {
  const replace = plan('withTensors', entriesOf(moduleOf('withTensors', model)), values, { strict: true, complete: false, fit: false })
  return copyWith(model, (t) => replace.get(t) ?? t)
}
