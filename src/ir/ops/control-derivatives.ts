// Derivatives of scan and cond. The reverse of a loop is a loop that runs backwards over the stored carries and
// recomputes each body (checkpointing every step: memory grows with the carries). What of it need not wait for the
// steps after it, products above all, is taken out of the loop (loop-products.ts).
import { isFloat } from '../../base/index.ts'
import type { Emit } from '../emit.ts'
import type { GraphTransforms } from '../def.ts'
import type { Aval, Node } from '../node.ts'
import { inline, makeGraph, substitute } from '../subgraph.ts'
import { ahead, gathered } from './loop-products.ts'

const floating = (x: Aval): boolean => isFloat(x.dtype)
const sum = (e: Emit, a: readonly Node[], b: readonly Node[]): Node[] => a.map((x, i) => e.add(x, b[i]!))

export function scanVjp(e: Emit, g: readonly (Node | null)[], node: Node<'scan'>, _wanted: readonly boolean[], graphs: GraphTransforms): (Node | null)[] {
  const { body, constants: nConst, carries: nCarry, length, reverse } = node.params
  const fixed = node.inputs.slice(0, nConst)
  const start = node.inputs.slice(nConst, nConst + nCarry)
  const xs = node.inputs.slice(nConst + nCarry)
  const params = body.params
  const nY = body.results.length - nCarry

  // Forward once more, keeping the carry each step began with.
  const keep = makeGraph(e, params, (args) => [...inline(e, body, args).slice(0, nCarry), ...args.slice(nConst, nConst + nCarry)])
  const history = e.picks(e.make('scan', node.inputs, { ...node.params, body: keep })).slice(nCarry)

  const bodyVjp = graphs.vjp(body, params.map(floating))
  const fConst = fixed.filter(floating)
  const fCarry = start.filter(floating)
  const fXs = xs.filter(floating)
  const carryResults = body.results.slice(0, nCarry).filter(floating)
  const yResults = body.results.slice(nCarry).filter(floating)
  const gOf = (i: number): Node => g[i] ?? e.zerosLike(node.outs![i]!)
  const gCarry = body.results.slice(0, nCarry).map((r, i) => (floating(r) ? gOf(i) : null)).filter((x) => x !== null)
  const gYs = Array.from({ length: nY }, (_, i) => (floating(body.results[nCarry + i]!) ? gOf(nCarry + i) : null)).filter((x) => x !== null)

  // Products of the recomputation that need the stored carries and xs alone, all steps at once; and sums over all steps of
  // products, made after the loop.
  const known = body.params.length
  const batched = params.map((_, i) => i >= nConst)
  const all = [...fixed, ...history, ...xs]
  const early = length < 2 ? [] : ahead(bodyVjp, known, batched)
  const stacked = early.length === 0 ? [] : inline(e, graphs.vmap({ params: bodyVjp.params.slice(0, known), results: early }, batched, length, early.map(() => true)).graph, all)
  const dParams = bodyVjp.results
  const dXsAt = fConst.length + fCarry.length
  const late = fConst.map((_, i) => length < 2 ? null : gathered(bodyVjp, dParams[i]!, known, batched))
  const inLoop = <T>(list: readonly T[]): T[] => list.filter((_, i) => late[i] === null)
  const extra = [...new Set(late.flatMap((sum) => sum?.cuts ?? []))].filter((n) => !dParams.slice(dXsAt).includes(n))

  // Backward body: constants, (ct of carry, sums of ct of constants), (carry, x, products, ct of y) → …
  const backParams: Aval[] = [
    ...fixed, ...carryResults, ...inLoop(fConst),
    ...start, ...params.slice(nConst + nCarry), ...early, ...yResults,
  ]
  const back = makeGraph(e, backParams, (args) => {
    let at = 0
    const take = (n: number): Node[] => args.slice(at, (at += n)) as Node[]
    const cs = take(nConst)
    const ctCarry = take(carryResults.length)
    const ctConst = take(inLoop(fConst).length)
    const carry = take(nCarry)
    const x = take(xs.length)
    const made = take(early.length)
    const ctY = take(yResults.length)
    const given = [...cs, ...carry, ...x, ...ctCarry, ...ctY]
    const map = new Map([...bodyVjp.params.map((p, i): [Node, Node] => [p, given[i]!]), ...early.map((n, i): [Node, Node] => [n, made[i]!])])
    const cts = substitute(e, [...dParams, ...extra], map)
    const dConst = inLoop(cts.slice(0, fConst.length))
    const dCarry = cts.slice(fConst.length, dXsAt)
    return [...dCarry, ...sum(e, ctConst, dConst), ...cts.slice(dXsAt)]
  })
  const sums = inLoop(fConst)
  const outs = e.picks(e.make('scan', [...fixed, ...gCarry, ...sums.map((c) => e.zerosLike(c)), ...history, ...xs, ...stacked, ...gYs], {
    body: back, constants: nConst, carries: fCarry.length + sums.length, length, reverse: !reverse,
  }))
  const dCarry = outs.slice(0, fCarry.length)
  const accumulated = outs.slice(fCarry.length, fCarry.length + sums.length)
  const ys = outs.slice(fCarry.length + sums.length)
  const dXs = ys.slice(0, fXs.length)
  const rows = new Map([...dParams.slice(dXsAt), ...extra].map((n, i): [Node, Node] => [n, ys[i]!]))
  const dConst = late.map((one) => {
    if (one === null) return accumulated.shift()!
    const graph = { params: [...bodyVjp.params.slice(0, known), ...one.cuts], results: one.operands }
    const operands = inline(e, graphs.vmap(graph, [...batched, ...one.cuts.map(() => true)], length, [true, true]).graph, [...all, ...one.cuts.map((n) => rows.get(n)!)])
    return one.finish(e, operands)
  })
  return [...scatterBack(fixed, dConst), ...scatterBack(start, dCarry), ...scatterBack(xs, dXs)]
}

/** Gradients of the floating inputs, null for the others. */
function scatterBack(inputs: readonly Node[], grads: readonly Node[]): (Node | null)[] {
  let at = 0
  return inputs.map((x) => (floating(x) ? grads[at++]! : null))
}

export function scanJvp(e: Emit, tangents: readonly (Node | null)[], node: Node<'scan'>, graphs: GraphTransforms): (Node | null)[] {
  const { body, constants: nConst, carries: nCarry } = node.params
  const isF = node.inputs.map(floating)
  const bodyJvp = graphs.jvp(body, isF)
  const t = node.inputs.map((x, i) => (isF[i] ? (tangents[i] ?? e.zerosLike(x)) : null))
  const pick = <T>(list: readonly T[], from: number, to: number, only: boolean): T[] => list.slice(from, to).filter((_, i) => !only || isF[from + i])
  const n = node.inputs.length
  const parts: [number, number][] = [[0, nConst], [nConst, nConst + nCarry], [nConst + nCarry, n]]
  // Each part followed by its tangents, so that constants, carries and xs stay together.
  const order = parts.flatMap(([a, b]) => [...pick(node.inputs, a, b, false), ...(pick(t, a, b, true) as Node[])])
  const wide = makeGraph(e, parts.flatMap(([a, b]) => [...pick(body.params, a, b, false), ...pick(body.params, a, b, true)]), (args) => {
    let at = 0
    const primal: Node[] = []
    const tangent: Node[] = []
    for (const [a, b] of parts) {
      for (let i = a; i < b; i++) primal.push(args[at++]!)
      for (let i = a; i < b; i++) if (isF[i]) tangent.push(args[at++]!)
    }
    const out = inline(e, bodyJvp, [...primal, ...tangent])
    const results = out.slice(0, body.results.length)
    const dResults = scatterBack(body.results as Node[], out.slice(body.results.length))
    const both = (from: number, to: number): Node[] => [...results.slice(from, to), ...dResults.slice(from, to).filter((x) => x !== null)]
    return [...both(0, nCarry), ...both(nCarry, results.length)]
  })
  const fCarry = body.results.slice(0, nCarry).filter(floating).length
  const outs = e.picks(e.make('scan', order, {
    ...node.params, body: wide, constants: nConst + pick(isF, 0, nConst, true).length, carries: nCarry + fCarry,
  }))
  const dCarry = scatterBack(body.results.slice(0, nCarry) as Node[], outs.slice(nCarry, nCarry + fCarry))
  const nY = body.results.length - nCarry
  const dYs = scatterBack(body.results.slice(nCarry) as Node[], outs.slice(nCarry + fCarry + nY))
  return [...dCarry, ...dYs]
}

export function condVjp(e: Emit, g: readonly (Node | null)[], node: Node<'cond'>, _wanted: readonly boolean[], graphs: GraphTransforms): (Node | null)[] {
  const operands = node.inputs.slice(1)
  const wanted = operands.map(floating)
  const cts = node.outs!.map((o, i) => (floating(o) ? (g[i] ?? e.zerosLike(o)) : null)).filter((x) => x !== null)
  const outs = e.picks(e.make('cond', [node.inputs[0]!, ...operands, ...cts], {
    then: graphs.vjp(node.params.then, wanted), else: graphs.vjp(node.params.else, wanted),
  }))
  return [null, ...scatterBack(operands, outs)]
}

export function condJvp(e: Emit, tangents: readonly (Node | null)[], node: Node<'cond'>, graphs: GraphTransforms): (Node | null)[] {
  const operands = node.inputs.slice(1)
  const active = operands.map(floating)
  const t = operands.map((x, i) => (active[i] ? (tangents[i + 1] ?? e.zerosLike(x)) : null)).filter((x) => x !== null)
  const outs = e.picks(e.make('cond', [node.inputs[0]!, ...operands, ...t], {
    then: graphs.jvp(node.params.then, active), else: graphs.jvp(node.params.else, active),
  }))
  return scatterBack(node.params.then.results as Node[], outs.slice(node.params.then.results.length))
}
