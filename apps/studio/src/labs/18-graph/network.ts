// Any network as a graph (for compute.ts, loaded on use): its nodes from the ONNX file, values forward and gradients backward
// at every one of them, by Gradus. Gradients: what is added to a node's output moves f so much.
import { type Tensor, jit, key, stack, tensor, valueAndGrad, vmap, withKey, zeros } from 'gradus'
import { type OnnxModel, exportOnnx, importOnnx } from 'gradus/formats'
import { LeNet } from 'gradus/models'
import { type DenseLayer, VIEWS } from '../../core/network-layers.ts'
import { onnxOfLayers } from '../../core/network-onnx.ts'
import { CHAINS, type State, drawn } from './model.ts'

export interface NetNode {
  readonly id: number
  /** The operator; 'input' and 'weight' for the leaves. */
  readonly op: string
  /** Its name in the file. */
  readonly name: string
  readonly inputs: readonly number[]
  /** Null where the values are no floating-point numbers. */
  readonly shape: readonly number[] | null
}
/** A node's numbers in short. */
export interface Numbers {
  readonly shape: readonly number[]
  readonly norm: number
  readonly min: number
  readonly max: number
  readonly mean: number
  /** The first numbers, as a picture of so many columns. */
  readonly first: readonly number[]
  readonly columns: number
}
export interface Look {
  readonly file: string
  readonly nodes: readonly NetNode[]
  readonly parameters: number
  readonly outputs: number
  readonly f: number
  /** ‖value‖ and ‖∂f/∂node‖ of every node; null where there is none. */
  readonly values: readonly (number | null)[]
  readonly gradients: readonly (number | null)[]
  readonly inputShape: readonly number[]
  /** The input itself, where it has few numbers. */
  readonly input: readonly number[]
}

// ---- the networks --------------------------------------------------------------------------------------------------

const chain = (name: keyof typeof CHAINS): Uint8Array =>
  onnxOfLayers(CHAINS[name].map(({ name: layer, rows, bias, phi }): DenseLayer => ({ name: layer, weight: { shape: [rows.length, rows[0]!.length], data: Float32Array.from(rows.flat()) }, bias: Float32Array.from(bias), activation: phi })))
const EXAMPLES: Readonly<Record<Exclude<State['network'], 'own'>, (seed: number) => Uint8Array>> = {
  xor: () => chain('xor'),
  signals: () => chain('signals'),
  lenet: (seed) => withKey(key(seed), () => exportOnnx(new LeNet(), zeros([1, 28, 28]))),
}

interface Opened {
  readonly key: string
  readonly file: string
  readonly model: OnnxModel
  readonly nodes: readonly NetNode[]
  /** The name in the graph behind every node. */
  readonly names: readonly string[]
  readonly pass: (p: Inputs) => Result
  readonly norms: (list: readonly Tensor[]) => Tensor
  /** f alone, and all of it, on the slow device. */
  readonly slow: (p: Inputs) => Tensor
  readonly slowPass: (p: Inputs) => Result
}
interface Inputs {
  readonly weights: Readonly<Record<string, Tensor>>
  readonly shifts: Readonly<Record<string, Tensor>>
  readonly x: Tensor
  readonly pick: Tensor
  readonly loss: Tensor
}
type Result = readonly [readonly [Tensor, Readonly<Record<string, Tensor>>], { readonly weights: Readonly<Record<string, Tensor>>; readonly shifts: Readonly<Record<string, Tensor>>; readonly x: Tensor }]

/** `nth`: a network opened later may have the name and the size of one before. */
let own: { readonly file: string; readonly bytes: Uint8Array; readonly nth: number } | null = null
export const keep = (file: string, bytes: Uint8Array): void => void (own = { file, bytes, nth: (own?.nth ?? 0) + 1 })
/** A network that is not in the link and was not dropped into this page. */
export class Missing extends Error {}

let opened: Opened | null = null
function open(s: State): Opened {
  const bytesKey = s.network === 'own' ? `${s.own?.file} ${s.own?.size} ${s.own?.bytes === '' ? own?.nth : s.own?.bytes}` : s.network === 'lenet' ? `lenet ${s.seed}` : s.network
  if (opened?.key === bytesKey) return opened
  let bytes: Uint8Array
  if (s.network !== 'own') bytes = EXAMPLES[s.network](s.seed)
  else if (s.own !== null && s.own.bytes !== '') bytes = Uint8Array.from(atob(s.own.bytes), (c) => c.charCodeAt(0))
  else if (own !== null && own.file === s.own?.file && own.bytes.length === s.own.size) bytes = own.bytes
  else throw new Missing(s.own?.file ?? '')
  const model = importOnnx(bytes)
  const x = inputOf(model, 1)
  const shapes = shapesOf(model, x)
  const { nodes, names } = graphOf(model, shapes)
  const floatInput = x.dtype === 'float32'
  const forward = (p: Inputs): [Tensor, Readonly<Record<string, Tensor>>] => {
    const values: Record<string, Tensor> = {}
    const out = model.run({ [model.inputs[0]!.name]: p.x }, p.weights, { watch: (name, v) => (values[name] = p.shifts[name] === undefined ? v : v.add(p.shifts[name]!)) })
    const y = out[model.outputs[0]!.name]!.reshape([-1, lastOf(shapes, model)]).at(-1) // the last row: (outputs)
    const chosen = y.mul(p.pick).sum()
    const top = y.max()
    return [y.sub(top).exp().sum().log().add(top).mul(p.loss).sub(chosen.mul(p.loss.mul(2).sub(1))), values] // f = y_k, or −log softmax(y)_k
  }
  const whole = (p: Inputs): Result => {
    const inner = valueAndGrad((q: Pick<Inputs, 'weights' | 'shifts'> & { readonly x?: Tensor }) => forward({ ...p, ...q, x: q.x ?? p.x }), { hasAux: true })
    const [value, g] = inner({ weights: p.weights, shifts: p.shifts, ...(floatInput ? { x: p.x } : {}) })
    return [value, { weights: g.weights, shifts: g.shifts, x: (g as { x?: Tensor }).x ?? zeros(p.x.shape) }] as unknown as Result
  }
  opened = { key: bytesKey, file: s.network === 'own' ? s.own!.file : s.network, model, nodes, names, pass: jit(whole), norms: jit((list: readonly Tensor[]) => stack(list.map(normOf))), slow: jit((p: Inputs) => forward(p)[0], { device: 'reference' }), slowPass: jit(whole, { device: 'reference' }) }
  return opened
}
const lastOf = (shapes: ReadonlyMap<string, readonly number[]>, model: OnnxModel): number => shapes.get(model.outputs[0]!.name)?.at(-1) ?? 1

/** One example of the network's input: even numbers from the seed (whole ones where it asks for those). */
function inputOf(model: OnnxModel, seed: number): Tensor {
  if (model.inputs.length !== 1) throw new Error(`inputs: ${model.inputs.map(({ name }) => name).join(', ')}`)
  const [{ shape, dtype }] = model.inputs as [OnnxModel['inputs'][number]]
  const sizes = (shape ?? []).map((n) => (typeof n === 'number' && n > 0 ? n : 1))
  const x = tensor(Float32Array.from(drawn(seed, sizeOf(sizes))), { shape: sizes })
  return dtype === 'float32' || dtype === null ? x : x.mul(4).to(dtype)
}
/** The shape of every floating-point value, without computing any. */
function shapesOf(model: OnnxModel, x: Tensor): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  vmap((one: Tensor) => model.run({ [model.inputs[0]!.name]: one }, model.weights, { watch: (name, v) => { shapes.set(name, v.shape); return v } })[model.outputs[0]!.name]!)(x.unsqueeze(0))
  return shapes
}

/** Nodes in the order of computation. What only gives another form to the numbers is left out, and so is what hangs on no input and no weight. */
function graphOf(model: OnnxModel, shapes: ReadonlyMap<string, readonly number[]>): { readonly nodes: readonly NetNode[]; readonly names: readonly string[] } {
  const ids = new Map<string, number>()
  const nodes: NetNode[] = []
  const names: string[] = []
  const put = (op: string, name: string, of: string, inputs: readonly number[], shape: readonly number[] | null): number => {
    nodes.push({ id: nodes.length, op, name, inputs, shape })
    names.push(of)
    return nodes.length - 1
  }
  for (const { name, shape } of model.inputs) ids.set(name, put('input', name, name, [], (shape ?? []).map((n) => (typeof n === 'number' ? n : 1))))
  /** Weights, also turned or in another form: they become nodes where something is computed with them. */
  const weights = new Map(Object.keys(model.weights).map((name) => [name, name]))
  const leaf = (name: string): number | undefined => {
    const weight = weights.get(name)
    if (weight === undefined) return ids.get(name)
    if (!ids.has(weight)) ids.set(weight, put('weight', weight, weight, [], model.weights[weight]!.shape))
    return ids.get(weight)
  }
  for (const { op, name, inputs, outputs } of model.nodes) {
    if (op === 'Shape') continue
    const weight = weights.get(inputs[0] ?? '')
    if (weight !== undefined && (VIEWS.has(op) || op === 'Transpose')) {
      for (const out of outputs) weights.set(out, weight)
      continue
    }
    const from = inputs.map(leaf).filter((i) => i !== undefined)
    if (from.length === 0) continue
    const id = VIEWS.has(op) ? from[0]! : put(op, name === '' ? outputs[0]! : name, outputs[0]!, [...new Set(from)], shapes.get(outputs[0]!) ?? null)
    for (const out of outputs) if (out !== '') ids.set(out, id)
  }
  return { nodes, names }
}

// ---- values and gradients ------------------------------------------------------------------------------------------

interface Done {
  readonly key: string
  readonly f: Tensor
  readonly values: readonly (Tensor | null)[]
  readonly gradients: readonly (Tensor | null)[]
}
let done: Done | null = null
const inputsOf = (s: State, { model, nodes, names }: Opened): Inputs => {
  const outputs = lastSize(model, nodes, names)
  const shifts = Object.fromEntries(nodes.flatMap((node, i) => (node.inputs.length > 0 && node.shape !== null ? [[names[i]!, zeros(node.shape)]] : [])))
  const x = s.input.length > 0 && s.input.length === sizeOf(nodes[0]!.shape!) && model.inputs[0]!.dtype === 'float32' ? tensor(s.input, { shape: nodes[0]!.shape! }) : inputOf(model, s.seed)
  return { weights: model.weights, shifts, x, pick: tensor(Array.from({ length: outputs }, (_, k) => (k === Math.min(s.output, outputs - 1) ? 1 : 0))), loss: tensor(s.goal === 'loss' ? 1 : 0) }
}
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
function lastSize(model: OnnxModel, nodes: readonly NetNode[], names: readonly string[]): number {
  const { shape, name } = model.outputs[0]!
  const said = shape?.at(-1)
  return typeof said === 'number' ? said : (nodes[names.indexOf(name)] ?? nodes.at(-1)!).shape?.at(-1) ?? 1
}
function compute(s: State, net: Opened): Done {
  const { step: _, formula: __, ...rest } = s
  const doneKey = JSON.stringify([net.key, { ...rest, own: null }])
  if (done?.key === doneKey) return done
  const p = inputsOf(s, net)
  done = { key: doneKey, ...tensorsOf(net, p, net.pass(p)) }
  return done
}
/** The value and the gradient of every node. */
function tensorsOf({ nodes, names }: Opened, p: Inputs, [[f, values], g]: Result): Omit<Done, 'key'> {
  return {
    f,
    values: nodes.map(({ op }, i) => (op === 'input' ? p.x : op === 'weight' ? p.weights[names[i]!]! : (values[names[i]!] ?? null))),
    gradients: nodes.map(({ op, shape }, i) => (op === 'input' ? (p.x.dtype === 'float32' ? g.x : null) : op === 'weight' ? g.weights[names[i]!]! : shape === null ? null : g.shifts[names[i]!]!)),
  }
}
const normOf = (t: Tensor): Tensor => t.to('float32').square().sum().sqrt()

export async function look(s: State): Promise<Look> {
  const net = open(s)
  const all = compute(s, net)
  const norms = async (list: readonly (Tensor | null)[]): Promise<(number | null)[]> => {
    const found = await net.norms(list.filter((t) => t !== null)).data()
    let at = 0
    return list.map((t) => (t === null ? null : found[at++]!))
  }
  const f = (await all.f.data())[0]!
  return {
    file: net.file, nodes: net.nodes, parameters: net.nodes.reduce((n, { op, shape }) => (op === 'weight' ? n + sizeOf(shape!) : n), 0), outputs: lastSize(net.model, net.nodes, net.names), f,
    values: await norms(all.values), gradients: await norms(all.gradients), inputShape: net.nodes[0]!.shape!,
    input: sizeOf(net.nodes[0]!.shape!) <= 8 ? Array.from(await all.values[0]!.data()) : [],
  }
}
/** The first numbers of a tensor as a picture: rows of its last axis. */
async function numbers(t: Tensor | null): Promise<Numbers | null> {
  if (t === null) return null
  const data = (await t.to('float32').data()) as Float32Array
  let [min, max, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0]
  for (const v of data) [min, max, sum, squares] = [Math.min(min, v), Math.max(max, v), sum + v, squares + v * v]
  const mean = sum / data.length
  return { shape: t.shape, norm: Math.sqrt(squares), min, max, mean, ...pictureOf(data, t.shape) }
}
/** Rows of the last axis; maps of a convolution four in a row, with a gap. */
export function pictureOf(data: ArrayLike<number>, shape: readonly number[]): { readonly first: readonly number[]; readonly columns: number } {
  const [height, width] = [shape.length < 3 ? 1 : shape.at(-2)!, Math.max(1, shape.at(-1) ?? 1)]
  const maps = Math.min(16, Math.floor(data.length / (height * width)))
  if (shape.length < 3 || height * width < 4 || width > 64) {
    const columns = Math.min(64, width)
    const rows = Math.min(28, Math.floor(data.length / width))
    return { columns, first: Array.from({ length: rows * columns }, (_, i) => data[Math.floor(i / columns) * width + (i % columns)]!) }
  }
  const across = Math.min(4, maps)
  const columns = across * (width + 1) - 1
  const rows = Math.ceil(maps / across) * (height + 1) - 1
  const first = Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    const [r, c] = [row % (height + 1), column % (width + 1)]
    const map = Math.floor(row / (height + 1)) * across + Math.floor(column / (width + 1))
    return r === height || c === width || map >= maps ? 0 : data[(map * height + r) * width + c]!
  })
  return { columns, first }
}
export async function node(s: State, id: number): Promise<{ readonly value: Numbers | null; readonly gradient: Numbers | null }> {
  const all = compute(s, open(s))
  return { value: await numbers(all.values[id] ?? null), gradient: await numbers(all.gradients[id] ?? null) }
}
/** A node's numbers once more: the whole program by plain loops, on the reference device. */
export async function nodeAgain(s: State, id: number): Promise<{ readonly value: Numbers | null; readonly gradient: Numbers | null }> {
  const net = open(s)
  const p = inputsOf(s, net)
  const all = tensorsOf(net, p, net.slowPass(p))
  return { value: await numbers(all.values[id] ?? null), gradient: await numbers(all.gradients[id] ?? null) }
}
/** All numbers of the network's weights that are nodes, fetched and counted. */
export async function countWeights(s: State): Promise<number> {
  const { nodes, names, model } = open(s)
  const all = await Promise.all(nodes.flatMap(({ op }, i) => (op === 'weight' ? [model.weights[names[i]!]!.data()] : [])))
  return all.reduce((n, data) => n + data.length, 0)
}
/** f once more: the same program by plain loops, on the reference device. */
export async function again(s: State): Promise<number> {
  const net = open(s)
  return (await net.slow(inputsOf(s, net)).data())[0]!
}
/** ‖∂f/∂node‖ by a central difference: f a small step up and down along the gradient at this node. */
export async function difference(s: State, id: number, h = 0.01): Promise<number> {
  const net = open(s)
  const g = compute(s, net).gradients[id]!
  const norm = (await normOf(g).data())[0]!
  if (norm === 0) return 0
  const { op, shape } = net.nodes[id]!
  const name = net.names[id]!
  const at = async (by: number): Promise<number> => {
    const p = inputsOf(s, net)
    const step = g.mul(tensor(by / norm))
    const moved = op === 'input' ? { ...p, x: p.x.add(step) } : op === 'weight' ? { ...p, weights: { ...p.weights, [name]: p.weights[name]!.add(step) } } : { ...p, shifts: { ...p.shifts, [name]: zeros(shape!).add(step) } }
    return (await net.pass(moved)[0][0].data())[0]!
  }
  return ((await at(h)) - (await at(-h))) / (2 * h)
}
