// Forward values and backward gradients of every node: by Gradus, node by node, `grad` taken of the rest of the graph.
import { type Tensor, grad, stack, tensor } from 'gradus'
import type { DroppedFile, ToldFault } from '../../core/network-file.ts'
import type { Laid, Layout } from './layout.ts'
import { type GraphNode, OWN_BYTES, type Own, type State, graphOf, parse } from './model.ts'

const f64 = { dtype: 'float64' } as const
/** A power that is written as a number is taken as one, which any base allows; as a node of its own it has a slope where the base is above 0. */
function apply(node: GraphNode, nodes: readonly GraphNode[], inputs: readonly Tensor[], slopeOfPower = false): Tensor {
  const { op } = node
  if (op === 'number' || op === 'variable') throw new Error('a leaf has no inputs')
  if (op === 'pow') {
    const power = nodes[node.inputs[1]!]!
    return power.op === 'number' && !slopeOfPower ? inputs[0]!.pow(power.value!) : inputs[0]!.pow(inputs[1]!)
  }
  if (inputs.length === 1) return inputs[0]![op as 'exp']()
  return inputs[0]![op as 'add'](inputs[1]!)
}

export interface Passes {
  readonly values: readonly number[]
  /** ∂f/∂node; NaN for a written power whose base is not above 0: there is none. */
  readonly gradients: readonly number[]
  /** ∂node/∂input, for every input of every node. */
  readonly local: readonly (readonly number[])[]
}
export async function passes(s: State): Promise<Passes> {
  const nodes = graphOf(parse(s.formula))
  const leaf = (node: GraphNode): Tensor => tensor(node.op === 'number' ? node.value! : s[node.name as 'x'], f64)
  const values: Tensor[] = []
  for (const node of nodes) values.push(node.inputs.length === 0 ? leaf(node) : apply(node, nodes, node.inputs.map((i) => values[i]!)))
  const numbers = Array.from(await stack(values).data())
  /** Whether input `place` of a node is a written power, and what the base is then. */
  const isPower = (node: GraphNode, place: number): boolean => node.op === 'pow' && place === 1 && nodes[node.inputs[1]!]!.op === 'number'
  const differs = (node: GraphNode): boolean => isPower(node, 1) && numbers[node.inputs[0]!]! > 0
  /** The whole graph with something added to every node: the gradient by that is ∂f/∂node. */
  const shifted = (shift: Tensor): Tensor => {
    const all: Tensor[] = []
    for (const [i, node] of nodes.entries()) all.push((node.inputs.length === 0 ? leaf(node) : apply(node, nodes, node.inputs.map((k) => all[k]!), differs(node))).add(shift.at(i)))
    return all.at(-1)!
  }
  const zero = tensor(nodes.map(() => 0), f64)
  const gradients = Array.from(await grad(shifted)(zero).data())
  const local: number[][] = []
  for (const node of nodes) {
    const own: number[] = []
    for (const [place, input] of node.inputs.entries()) {
      if (isPower(node, place) && !differs(node)) {
        own.push(Number.NaN)
        gradients[input] = Number.NaN
        continue
      }
      const slope = grad((v: Tensor) => apply(node, nodes, node.inputs.map((i, k) => (k === place ? v : values[i]!)), place === 1))(values[input]!)
      own.push(await slope.item())
    }
    local.push(own)
  }
  return { values: numbers, gradients, local }
}

let laid: { readonly key: string; readonly layout: Layout } | null = null
/** Where the nodes stand; dagre is loaded on use, and not asked the same twice in a row. */
export async function layout(nodes: readonly Laid[], room: number): Promise<Layout> {
  const key = JSON.stringify([nodes, room])
  if (laid?.key !== key) laid = { key, layout: (await import('./layout.ts')).layoutOf(nodes, room) }
  return laid.layout
}

// ---- any network: a part of its own, loaded when it is asked for -----------------------------------------------------

const network = () => import('./network.ts')
export type Inside = ({ readonly ok: true } & Awaited<ReturnType<Awaited<ReturnType<typeof network>>['look']>>) | { readonly ok: false; readonly why: string }
/** The whole graph: norms of values and gradients. Not ok: the network is not here ('absent'), or why it cannot be shown. */
export async function lookInside(s: State): Promise<Inside> {
  const { Missing, look } = await network()
  try {
    return { ok: true, ...(await look(s)) }
  } catch (error) {
    return { ok: false, why: error instanceof Missing ? 'absent' : error instanceof Error ? error.message : String(error) }
  }
}
export const insideNode = async (s: State, id: number) => (await network()).node(s, id)
export const differenceInside = async (s: State, id: number): Promise<number> => (await network()).difference(s, id)

export const nodeAgainInside = async (s: State, id: number) => (await network()).nodeAgain(s, id)
export const countWeightsInside = async (s: State): Promise<number> => (await network()).countWeights(s)
export const againInside = async (s: State): Promise<number> => (await network()).again(s)

export interface OpenedNetwork {
  readonly ok: true
  readonly file: string
  readonly parameters: number
  /** ReLU was taken: the file names no activation. */
  readonly assumed: boolean
  readonly own: Own
}
/** A network from files takes the place of the one that is shown; a fault changes nothing. */
export async function openNetwork(files: readonly DroppedFile[]): Promise<OpenedNetwork | ToldFault> {
  const [{ readNetwork, toldOf }, { onnxOf }, { keep }] = await Promise.all([import('../../core/network-file.ts'), import('../../core/network-onnx.ts'), network()])
  try {
    const read = await readNetwork(files)
    const bytes = await onnxOf(read)
    keep(read.file, bytes)
    let packed = ''
    if (bytes.length <= OWN_BYTES) for (const b of bytes) packed += String.fromCharCode(b)
    return { ok: true, file: read.file, parameters: Object.values(read.weights).reduce((n, { data }) => n + data.length, 0), assumed: read.assumed, own: { file: read.file.slice(0, 200), size: bytes.length, bytes: btoa(packed) } }
  } catch (error) {
    return toldOf(error)
  }
}
