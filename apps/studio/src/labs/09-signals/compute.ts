// The signals of every layer, by the engine's tensors and by the hand trace of gradus/models.
import { tensor } from 'gradus'
import { type ActivationName, type ForwardTrace, activationFunction, applyNetwork, forwardTrace, networkTensors } from 'gradus/models'
import { DEEPEST, KINDS, type Kind, MOST, type Net, WIDEST, parameterCount } from '../../core/layered.ts'
import type { DroppedFile, ToldFault } from '../../core/network-file.ts'

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

export interface OpenedNet {
  readonly ok: true
  readonly file: string
  readonly sizes: readonly number[]
  readonly assumed: boolean
  readonly net: Net
}
/** A network from files, where this lab can show it. */
export async function openNetwork(files: readonly DroppedFile[]): Promise<OpenedNet | ToldFault> {
  const [{ FileFault, toldOf }, { plainNetwork }] = await Promise.all([import('../../core/network-file.ts'), import('../../core/network-open.ts')])
  try {
    const { file, assumed, sizes, layers } = await plainNetwork(files, WIDEST)
    const other = layers.find(({ activation }) => !KINDS.includes(activation as Kind))
    if (sizes.length > DEEPEST) throw new FileFault('sizes', file, `≤ ${DEEPEST}`, sizes.join('-'))
    if (parameterCount(sizes) > MOST) throw new FileFault('sizes', file, `≤ ${MOST}`, sizes.join('-'))
    if (other !== undefined) throw new FileFault('activations', file, KINDS.join(', '), other.activation)
    const large = layers.flatMap(({ weights, biases }) => [...weights.flat(), ...biases]).find((v) => Math.abs(v) > 1e4)
    if (large !== undefined) throw new FileFault('weight', file, '|w| ≤ 10000', String(large))
    return { ok: true, file, sizes, assumed, net: { layers: layers as Net['layers'] } }
  } catch (error) {
    return toldOf(error)
  }
}
export const saveNetwork = async (net: Net, as: 'safetensors' | 'onnx'): Promise<Uint8Array> => (await import('../../core/network-open.ts')).networkBytes(net.layers, as)
