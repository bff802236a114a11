// grad, vjp, jvp, jacobian, hessian: derivatives of plain functions of trees.
import { DTypeError, ShapeError, TransformError, ValueError, describeValue, functionOf, isFloat, listOf, optionsOf, sameShape, showShape, sizeOf } from '../base/index.ts'
import { type Node, emit as e } from '../ir/index.ts'
import { jvpNodes, vjpNodes } from '../transform/index.ts'
import { withScope } from './scopes.ts'
import { Tensor, tensorOf } from './tensor.ts'
import { leavesOf, nodesOf, resultOf, sameForm, wrapTree } from './trees.ts'
import { vmap } from './vmap.ts'

export interface GradOptions {
  /** Which argument(s) to differentiate by; default the first. */
  readonly argnums?: number | readonly number[]
  /** The function returns [loss, aux]; aux passes through. */
  readonly hasAux?: boolean
}
type Fn<A extends readonly unknown[], R> = (...args: A) => R

/** Replaces the tensors of the chosen arguments by variables of this scope. */
function openArguments(operation: string, args: readonly unknown[], argnums: readonly number[], scope: Parameters<Parameters<typeof withScope>[0]>[0]) {
  const variables: Node[] = []
  const opened = [...args]
  const parts = argnums.map((i) => {
    if (!Number.isInteger(i) || i < 0 || i >= args.length) throw new ValueError(operation, 'no such argument', { expected: `0 … ${args.length - 1}`, received: String(i) })
    const { nodes, def } = nodesOf(args[i])
    const own = nodes.map((n) => e.scoped(e.unary('alias', n), scope))
    variables.push(...own)
    opened[i] = wrapTree(def, own)
    return { def, own }
  })
  return { opened, parts, variables }
}

function scalarLoss(operation: string, value: unknown): Node {
  if (!(value instanceof Tensor)) throw new TransformError(operation, 'the function did not return a tensor', { expected: 'one scalar tensor', received: describeValue(value), ...(value instanceof Promise ? { remedy: 'Await outside of the function.' } : {}) })
  if (value.size !== 1) throw new ShapeError(operation, 'the function must return a scalar', { expected: 'shape []', received: showShape(value.shape), remedy: 'Take the mean or the sum.' })
  if (!isFloat(value.dtype)) throw new DTypeError(operation, 'the loss is no real number', { expected: 'float32 or float64', received: value.dtype })
  return value.node
}

/**
 * A function that returns both f's value and its gradient. The gradient has the form of the argument; integer and bool
 * tensors in it get zeros. With `hasAux`, f returns [loss, aux] and the result is [[loss, aux], gradient].
 */
export const valueAndGrad = <A extends readonly unknown[], R>(f: Fn<A, R>, options: GradOptions = {}): ((...args: A) => [R, A[0]]) => derived('valueAndGrad', f, options)

/** The gradient of a scalar function by its first argument (or `argnums`), in the form of that argument. */
export function grad<A extends readonly unknown[]>(f: Fn<A, Tensor>, options: GradOptions = {}): (...args: A) => A[0] {
  const both = derived('grad', f, options)
  return (...args: A) => both(...args)[1]
}

function derived<A extends readonly unknown[], R>(operation: string, f: Fn<A, R>, options: GradOptions): (...args: A) => [R, A[0]] {
  functionOf(operation, f)
  optionsOf(operation, options)
  const single = options.argnums === undefined || typeof options.argnums === 'number'
  const argnums = single ? [(options.argnums as number | undefined) ?? 0] : listOf(operation, 'argnums', options.argnums as readonly number[])
  return (...args: A) =>
    withScope((scope) => {
      const { opened, parts, variables } = openArguments(operation, args, argnums, scope)
      const out = f(...(opened as unknown as A))
      const loss = scalarLoss(operation, options.hasAux === true ? (out as readonly unknown[])[0] : out)
      const grads = vjpNodes([loss], [e.like(loss, 1)], variables)
      let at = 0
      const trees = parts.map(({ def, own }) => wrapTree(def, own.map((v) => grads[at++] ?? e.zerosLike(v))))
      return [out, (single ? trees[0] : trees) as A[0]]
    })
}

/** f's value and a function that takes a cotangent (in the form of the value) back to cotangents of all arguments. */
export function vjp<A extends readonly unknown[], R>(f: Fn<A, R>, ...args: A): [R, (cotangent: R) => A] {
  functionOf('vjp', f)
  return withScope((scope) => {
    const { opened, parts, variables } = openArguments('vjp', args, args.map((_, i) => i), scope)
    const out = f(...(opened as unknown as A))
    const { nodes, def } = resultOf('vjp', out)
    const pullback = (cotangent: R): A => {
      const cts = sameForm('vjp', def, cotangent).map((t) => t.node)
      cts.forEach((c, i) => checkLike('vjp', c, nodes[i]!))
      const grads = vjpNodes(nodes, cts, variables)
      let at = 0
      return parts.map(({ def: d, own }) => wrapTree(d, own.map((v) => grads[at++] ?? e.zerosLike(v)))) as unknown as A
    }
    return [out, pullback]
  })
}

/** f at `primals` and its derivative in the direction `tangents` (forward mode). */
export function jvp<A extends readonly unknown[], R>(f: Fn<A, R>, primals: A, tangents: A): [R, R] {
  functionOf('jvp', f)
  listOf('jvp', 'primals', primals)
  listOf('jvp', 'tangents', tangents)
  return withScope((scope) => {
    const { opened, variables } = openArguments('jvp', primals, primals.map((_, i) => i), scope)
    const t = primals.flatMap((p, i) => sameForm('jvp', leavesOf(p).def, tangents[i]).map((x) => x.node))
    t.forEach((x, i) => checkLike('jvp', x, variables[i]!))
    const out = f(...(opened as unknown as A))
    const { nodes, def } = resultOf('jvp', out)
    const moved = jvpNodes(nodes, variables, t)
    return [out, wrapTree(def, moved.map((m, i) => m ?? e.zerosLike(nodes[i]!))) as R]
  })
}

function checkLike(operation: string, got: Node, like: Node): void {
  if (!sameShape(got.shape, like.shape) || got.dtype !== like.dtype) {
    throw new ShapeError(operation, 'tangent or cotangent does not fit', { expected: `${like.dtype}${showShape(like.shape)}`, received: `${got.dtype}${showShape(got.shape)}` })
  }
}

/** All first derivatives of a function of one tensor: shape [...output, ...input]. Reverse mode, or forward where the input is smaller. */
export function jacobian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  functionOf('jacobian', f)
  return (x) => {
    const [y, pullback] = vjp(f, x)
    const n = sizeOf(y.shape)
    if (sizeOf(x.shape) < n) {
      const push = vmap((t: Tensor) => jvp(f, [x], [t])[1])
      const columns = push(basis(x))
      return columns.reshape(sizeOf(x.shape), ...y.shape).moveAxis(0, y.ndim).reshape(...y.shape, ...x.shape)
    }
    return vmap((ct: Tensor) => pullback(ct)[0]!)(basis(y)).reshape(...y.shape, ...x.shape)
  }
}
/** All second derivatives of a scalar function: shape [...input, ...input] (forward over reverse). */
export function hessian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  functionOf('hessian', f)
  return (x) => {
    const g = grad(f)
    const columns = vmap((t: Tensor) => jvp(g, [x], [t])[1])(basis(x))
    return columns.reshape(...x.shape, ...x.shape)
  }
}
/** The unit tensors of x's shape, stacked. */
function basis(x: Tensor): Tensor {
  const n = sizeOf(x.shape)
  const square = [n, n]
  return new Tensor(e.reshape(e.cast(e.eq(e.positions(square, 0, 'int32'), e.positions(square, 1, 'int32')), x.dtype), [n, ...x.shape]))
}

/**
 * A function with a derivative of one's own: `forward` computes, `backward(cotangent, output, ...inputs)` gives the
 * cotangent of every input (null for none). Inputs and output are single tensors.
 */
export function customVjp(
  forward: (...inputs: Tensor[]) => Tensor,
  backward: (cotangent: Tensor, output: Tensor, ...inputs: Tensor[]) => readonly (Tensor | null)[],
): (...inputs: Tensor[]) => Tensor {
  functionOf('customVjp', forward, 'forward')
  functionOf('customVjp', backward, 'backward')
  return (...inputs) => {
    const y = forward(...inputs)
    const node = e.make('custom', [y.node, ...inputs.map((x) => x.node)], {
      name: forward.name || 'customVjp',
      jvp: null,
      vjp: (g, out, args) => {
        const grads = backward(new Tensor(g), new Tensor(out), ...args.map((a) => new Tensor(a)))
        if (!Array.isArray(grads) || grads.length !== inputs.length) {
          throw new TransformError('customVjp', 'backward returned another number of gradients', { expected: String(inputs.length), received: String((grads as unknown[])?.length) })
        }
        return grads.map((t: Tensor | null, i: number) => {
          if (t !== null) checkLike('customVjp', t.node, args[i]!)
          return t === null ? null : t.node
        })
      },
    })
    return new Tensor(node)
  }
}

/** f, recomputed when differentiated instead of keeping its intermediate values (Chen et al., 2016). Tensors in and out. */
export function checkpoint<A extends readonly Tensor[]>(f: (...inputs: A) => Tensor): (...inputs: A) => Tensor {
  functionOf('checkpoint', f)
  return (...inputs) => {
    const y = f(...inputs)
    const again = (args: readonly Node[]): { out: Node; vars: Node[] } => {
      const vars = args.map((a) => e.unary('barrier', a))
      return { out: f(...(vars.map((v) => new Tensor(v)) as unknown as A)).node, vars }
    }
    const node = e.make('custom', [y.node, ...inputs.map((x) => x.node)], {
      name: 'checkpoint',
      vjp: (g, _, args) => {
        const { out, vars } = again(args)
        return vjpNodes([out], [g], vars)
      },
      jvp: (tangents, _, args) => {
        const { out, vars } = again(args)
        return jvpNodes([out], vars, tangents)[0] ?? null
      },
    })
    return new Tensor(node)
  }
}

/** The same value, a constant to derivatives. */
export const stopGradient = (x: Tensor): Tensor => tensorOf('stopGradient', x).stopGradient()
