// Leaves, generators, and identities that mean something to a transform.
import { GradusError, TransformError, tabulate, threefry2x32 } from '../../base/index.ts'
import { ixExpression } from '../affine.ts'
import { demand } from '../emit.ts'
import { constant, i32, op, regType } from '../kernel.ts'
import type { OpDef } from '../def.ts'
import type { Aval, Node } from '../node.ts'
import { threefryExpr } from '../random.ts'

const CONSTANT = 'a constant'
const same = ([x]: readonly Aval[]): Aval => ({ shape: x!.shape, dtype: x!.dtype })

export const special = {
  /** a placeholder of a traced function. */
  input: {
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    evaluate(_, node) {
      throw new TransformError(node.params.name, 'a value inside jit, vmap, scan or cond has no number yet', { remedy: 'Return it from the function and read it outside.' })
    },
    derivative: { kind: 'none', reason: CONSTANT },
    vmap: null,
    lower: { kind: 'leaf' },
  } satisfies OpDef<'input'>,
  /** Numbers that are there already. */
  data: {
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    evaluate() {
      throw new GradusError('data', 'a leaf without a value was evaluated')
    },
    derivative: { kind: 'none', reason: CONSTANT },
    vmap: null,
    lower: { kind: 'leaf' },
  } satisfies OpDef<'data'>,
  /** One value everywhere. */
  full: {
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    evaluate: (_, { params, shape, dtype }) => tabulate(dtype, shape, () => params.value),
    derivative: { kind: 'none', reason: CONSTANT },
    vmap: null,
    lower: { kind: 'generate', at: (_, node) => constant(regType(node.dtype), node.params.value) },
  } satisfies OpDef<'full'>,
  /** 0, 1, 2, … */
  iota: {
    infer: (_, { length, dtype }) => ({ shape: [length], dtype }),
    evaluate: (_, { shape, dtype }) => tabulate(dtype, shape, (i) => i),
    derivative: { kind: 'none', reason: CONSTANT },
    vmap: null,
    lower: {
      kind: 'generate',
      at: ([i], node) => {
        const e = ixExpression(i!)
        switch (node.dtype) {
          case 'float32': return op('toF32', e)
          case 'float64': return op('toF64', e)
          case 'bool': return op('toBool', e)
          case 'uint8': return op('and', e, i32(255))
          default: return e
        }
      },
    },
  } satisfies OpDef<'iota'>,
  /** key int32 [B,2] → [B,length] words of 32 random bits: Threefry of the counter (i, stream). */
  random: {
    infer(inputs, { length }) {
      demand(inputs[0]!.dtype === 'int32' && inputs[0]!.shape.length === 2 && inputs[0]!.shape[1] === 2, 'random', 'a key, int32 [B,2]', inputs)
      return { shape: [inputs[0]!.shape[0]!, length], dtype: 'int32' }
    },
    evaluate: ([key], { params: { length, stream, word }, shape }) =>
      tabulate('int32', shape, (i) => {
        const b = Math.floor(i / length)
        return threefry2x32(key!.data[2 * b]!, key!.data[2 * b + 1]!, i % length, stream)[word]
      }),
    derivative: { kind: 'none', reason: 'random bits' },
    vmap: (e, [key], _b, node, size) => {
      const B = node.shape[0]!
      return e.reshape(e.make('random', [e.reshape(key!, [size * B, 2])], node.params), [size, ...node.shape])
    },
    lower: {
      kind: 'generate',
      at: ([b, i], node, load) => {
        const zero = { constant: 0, terms: [] }
        const one = { constant: 1, terms: [] }
        return threefryExpr(load(0, [b!, zero]), load(0, [b!, one]), ixExpression(i!), i32(node.params.stream))[node.params.word]!
      },
    },
  } satisfies OpDef<'random'>,

  /** The same value: the variable a running gradient is taken by. */
  alias: {
    infer: same,
    evaluate: ([x]) => x!,
    derivative: { kind: 'pointwise', partial: (_e, g) => g },
    vmap: null,
    lower: { kind: 'identity' },
  } satisfies OpDef<'alias'>,
  /** The same value, a constant to derivatives. */
  stopGradient: {
    infer: same,
    evaluate: ([x]) => x!,
    derivative: { kind: 'none', reason: 'stopGradient was asked for' },
    vmap: null,
    lower: { kind: 'identity' },
  } satisfies OpDef<'stopGradient'>,
  /** The same value, never merged with an equal one: what recomputation hangs on. */
  barrier: {
    infer: same,
    evaluate: ([x]) => x!,
    derivative: { kind: 'pointwise', partial: (_e, g) => g },
    vmap: null,
    lower: { kind: 'identity', kept: true },
  } satisfies OpDef<'barrier'>,
  /** The first input, with a derivative rule of the user for the others. */
  custom: {
    infer: same,
    evaluate: ([x]) => x!,
    derivative: {
      kind: 'general',
      vjp: (_e, [g], node) => [null, ...node.params.vjp(g!, node, node.inputs.slice(1))],
      jvp(_e, tangents, node) {
        if (node.params.jvp === null) throw new TransformError(node.params.name, 'no forward-mode rule: customVjp defines the reverse mode only', { remedy: 'Use grad or vjp.' })
        return [node.params.jvp(tangents.slice(1), node, node.inputs.slice(1))]
      },
    },
    vmap: null,
    lower: { kind: 'identity' },
  } satisfies OpDef<'custom'>,
  /** One output of an op that has several. */
  pick: {
    infer(inputs, { index }) {
      const outs = (inputs[0] as Node).outs
      demand(outs !== null && outs !== undefined && index < outs.length, 'pick', 'an op with several outputs', inputs)
      return outs![index]!
    },
    // Graph walkers treat the node behind it as a whole; this is reached by none of them.
    evaluate: (inputs, { params }) => inputs[params.index]!,
    derivative: { kind: 'none', reason: 'handled with the op it picks from' },
    vmap: null,
    lower: { kind: 'opaque' },
  } satisfies OpDef<'pick'>,
}
