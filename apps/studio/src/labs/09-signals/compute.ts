// The signals of every layer, by the engine's tensors and by the hand trace of gradus/models.
import { tensor } from 'gradus'
import { type ActivationName, type ForwardTrace, activationFunction, applyNetwork, forwardTrace, networkTensors } from 'gradus/models'
import type { Net } from '../../core/layered.ts'

export interface Signals {
  /** z[i][k] and a[i][k] of layer i + 2. */
  readonly z: readonly (readonly number[])[]
  readonly a: readonly (readonly number[])[]
}

/** One input through the network on tensors: z = a·W + b, a = φ(z), layer by layer. */
export async function signals(net: Net, x: readonly number[]): Promise<Signals> {
  let a = tensor([x], { dtype: 'float64' }) // (1, inputs)
  const out: { z: number[][]; a: number[][] } = { z: [], a: [] }
  for (const [i, { weight, bias }] of networkTensors(net, 'float64').entries()) {
    const z = a.matmul(weight).add(bias) // (1,J)·(J,K) → (1,K)
    a = activationFunction(net.layers[i]!.activation).apply(z)
    out.z.push(Array.from(await z.data()))
    out.a.push(Array.from(await a.data()))
  }
  return out
}

/** The same in plain numbers, with every product w_jk·a_j. */
export const trace = async (net: Net, x: readonly number[]): Promise<ForwardTrace> => forwardTrace(net, x)

/** φ of one number, in plain arithmetic. */
export const activate = async (kind: ActivationName, z: number): Promise<number> => activationFunction(kind).value(z)

/** The first output for a whole batch. */
export async function outputs(net: Net, x: readonly (readonly number[])[]): Promise<readonly number[]> {
  return Array.from(await applyNetwork(net, tensor(x, { dtype: 'float64' })).at(null, 0).data())
}
