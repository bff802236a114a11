// Looks into a model and reaches into it: the outputs of its inner modules pass through functions of the caller's.
import { functionOf, optionsOf } from '../base/index.ts'
import { type Tensor, ValueError, isTensor } from '../tensor/index.ts'
import { type Module, moduleOf } from './module.ts'
import { copyWith, modulesOf } from './walk.ts'

/** Gets what a module returned; what it returns goes on in its place. */
export type OutputHook = (output: Tensor) => Tensor

/**
 * [path, module] of everything inside a model that is a module, outer ones before inner ones.
 *
 * @example
 * ```ts
 * import { Linear, ReLU, Sequential, modulePaths } from 'gradus/nn'
 *
 * modulePaths(new Sequential(new Linear(1, 2), new ReLU())).map(([path]) => path) // → ['layers.0', 'layers.1']
 * ```
 */
export function modulePaths(model: Module): [string, Module][] {
  return [...modulesOf(moduleOf('modulePaths', model))].flatMap(([module, path]): [string, Module][] => (path === '' ? [] : [[path, module as Module]]))
}

/**
 * A copy of the model in which the outputs of the modules named by path go through functions: to look at them, or to change
 * them. The tensors are those of the original.
 *
 * @throws ValueError for a path at which there is no module.
 * @example
 * ```ts
 * import { ones } from 'gradus'
 * import { Linear, ReLU, Sequential, withHooks } from 'gradus/nn'
 *
 * const model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2))
 * const seen: number[][] = []
 * const watched = withHooks(model, { 'layers.1': (a) => (seen.push([...a.shape]), a) })
 * watched.call(ones([5, 3])).shape // → [5, 2]
 * seen // → [[5, 4]]
 * ```
 */
export function withHooks<M extends Module>(model: M, hooks: Readonly<Record<string, OutputHook>>): M {
  const copy = copyWith(moduleOf('withHooks', model), (t) => t)
  const modules = new Map([...modulesOf(copy)].map(([module, path]) => [path, module as Module]))
  for (const [path, hook] of Object.entries(optionsOf('withHooks', hooks, 'functions by path'))) {
    functionOf('withHooks', hook, `hook of ${path}`)
    const module = modules.get(path)
    if (module === undefined) throw new ValueError('withHooks', 'no module at this path', { expected: [...modules.keys()].filter((p) => p !== '').join(', ') || 'a model with inner modules', received: path === '' ? 'the model itself' : path })
    const forward = module.forward
    module.forward = (...args: unknown[]): unknown => {
      const output = forward.apply(module, args)
      if (!isTensor(output)) throw new ValueError('withHooks', `the module at ${path} does not return one tensor`, { received: typeof output })
      return hook(output)
    }
  }
  return copy
}
