// Loops and branches over sub-graphs. Derivatives recompute the body: only the carries are kept.
import { type NDArray, allocate, ndarray, sizeOf } from '../../base/index.ts'
import { demand } from '../emit.ts'
import type { OpDef } from '../def.ts'
import type { Node } from '../node.ts'
import { condJvp, condVjp, scanJvp, scanVjp } from './control-derivatives.ts'

/** Row i of an array, and rows stacked into one. */
const row = (x: NDArray, i: number): NDArray => {
  const shape = x.shape.slice(1)
  const n = sizeOf(shape)
  return ndarray(x.dtype, shape, x.data.slice(i * n, (i + 1) * n))
}

export const control = {
  /** A loop: the body maps (constants, carry, x) to (carry, y); xs are read and ys stacked along a first axis. */
  scan: {
    infer(inputs, { body, constants, carries, length }) {
      demand(inputs.length === body.params.length && inputs.slice(constants + carries).every((x) => x.shape[0] === length), 'scan', `body parameters to match, xs of length ${length}`, inputs)
      return body.results.map((r, i) => ({ shape: i < carries ? r.shape : [length, ...r.shape], dtype: r.dtype }))
    },
    evaluate(inputs, node, run) {
      const { body, constants, carries, length, reverse } = node.params
      const fixed = inputs.slice(0, constants)
      let carry = inputs.slice(constants, constants + carries)
      const xs = inputs.slice(constants + carries)
      const ys = body.results.slice(carries).map((r) => ndarray(r.dtype, [length, ...r.shape], allocate(r.dtype, length * sizeOf(r.shape))))
      for (let step = 0; step < length; step++) {
        const i = reverse ? length - 1 - step : step
        const out = run(body, [...fixed, ...carry, ...xs.map((x) => row(x, i))])
        carry = out.slice(0, carries)
        out.slice(carries).forEach((y, j) => ys[j]!.data.set(y.data as never, i * y.data.length))
      }
      return [...carry, ...ys]
    },
    derivative: { kind: 'general', vjp: scanVjp, jvp: scanJvp },
    vmap(e, inputs, batched, node, size, graphs) {
      const { constants, carries, length } = node.params
      // A carry that becomes batched inside must be batched from the start: repeat until it settles.
      let flags = [...batched]
      for (;;) {
        const out = graphs.vmap(node.params.body, flags, size, flags.slice(constants, constants + carries))
        const grown = flags.map((f, i) => f || (i >= constants && i < constants + carries && out.batched[i - constants]!))
        if (grown.every((f, i) => f === flags[i])) {
          const results = node.params.body.results.length
          const lifted = graphs.vmap(node.params.body, flags, size, Array.from({ length: results }, (_, i) => (i < carries ? flags[constants + i]! : true)))
          const args = inputs.map((x, i) => {
            if (i < constants) return x
            if (i < constants + carries) return flags[i] && !batched[i] ? e.broadcastTo(x, [size, ...x.shape]) : x
            return batched[i] ? e.moveAxis(x, 0, 1) : x
          })
          const outs = e.picks(e.make('scan', args, { ...node.params, body: lifted.graph }))
          return outs.map((y, i) => (i < carries ? (flags[constants + i] ? y : e.broadcastTo(y, [size, ...y.shape])) : length === 0 ? e.reshape(y, [size, 0, ...y.shape.slice(2)]) : e.moveAxis(y, 1, 0)))
        }
        flags = grown
      }
    },
    work: ({ params: { body, length } }, of) => length * of(body),
    lower: { kind: 'opaque' },
  } satisfies OpDef<'scan'>,

  /** One of two sub-graphs on the same operands, chosen by a bool scalar. */
  cond: {
    infer(inputs, params) {
      demand(inputs[0]!.dtype === 'bool' && inputs[0]!.shape.length === 0 && inputs.length - 1 === params.then.params.length, 'cond', 'a bool scalar and the operands', inputs)
      return params.then.results.map((r) => ({ shape: r.shape, dtype: r.dtype }))
    },
    evaluate: (inputs, node, run) => run(inputs[0]!.data[0] !== 0 ? node.params.then : node.params.else, inputs.slice(1)),
    derivative: { kind: 'general', vjp: condVjp, jvp: condJvp },
    vmap(e, inputs, batched, node, size, graphs) {
      const flags = batched.slice(1)
      const all = node.params.then.results.map(() => true)
      const lifted = { then: graphs.vmap(node.params.then, flags, size, all).graph, else: graphs.vmap(node.params.else, flags, size, all).graph }
      if (!batched[0]) return e.picks(e.make('cond', inputs, lifted))
      // A flag per element: both branches, then a choice. Each runs under a constant flag.
      const run = (flag: number): Node[] => e.picks(e.make('cond', [e.full(flag, [], 'bool'), ...inputs.slice(1)], lifted))
      const yes = run(1)
      const no = run(0)
      return yes.map((y, i) => {
        const flag = e.reshape(inputs[0]!, [size, ...y.shape.slice(1).map(() => 1)])
        return e.where(e.expand(flag, y.shape), y, no[i]!)
      })
    },
    work: ({ params }, of) => Math.max(of(params.then), of(params.else)),
    lower: { kind: 'opaque' },
  } satisfies OpDef<'cond'>,
}
