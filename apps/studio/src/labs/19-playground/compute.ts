// Trains the network with Gradus, update by update, and draws what every neuron sees. Any place can be reached again: forward by
// training, backward from the nearest kept place. Long ways are gone in pieces, so that the page is never kept waiting.
import { type Tensor, grad, jit, tensor, valueAndGrad } from 'gradus'
import { Adam, type Optimizer, type OptimizerState, SGD } from 'gradus/nn'
import type { DroppedFile, ToldFault } from '../../core/network-file.ts'
import { DEEPEST, type Layer, PHI, type Sample, type State, WIDEST, begin, featuresOf, gridPoints, keyOf, samples, sizesOf } from './model.ts'
import { masksOf, orderOf, placeOf } from './schedule.ts'

const f64 = { dtype: 'float64' } as const
/** Weights and biases in turn. */
type Params = readonly Tensor[]
interface Carry {
  readonly params: Params
  readonly optimizer: OptimizerState
}
interface Programs {
  readonly key: string
  readonly optimizer: Optimizer
  readonly step: (carry: Carry, x: Tensor, y: Tensor, rate: Tensor, decay: Tensor, masks: readonly Tensor[]) => Carry
  readonly look: (params: Params, x: Tensor) => { readonly hidden: readonly Tensor[]; readonly z: Tensor }
  readonly loss: (params: Params, x: Tensor, y: Tensor) => Tensor
  readonly slope: (params: Params, x: Tensor, y: Tensor) => Params
}
interface Session {
  readonly key: string
  readonly train: readonly Sample[]
  readonly inputs: readonly [Tensor, Tensor]
  readonly testInputs: readonly [Tensor, Tensor]
  readonly rows: readonly (readonly number[])[]
  /** Points shown when the last update was made. */
  at: number
  carry: Carry
  history: (readonly [number, number, number])[]
  readonly kept: Map<number, Carry>
  order: { readonly epoch: number; readonly list: readonly number[] }
  broken: boolean
}
export interface Shown {
  readonly point: Sample
  readonly a: number
  readonly loss: number
  /** Length of its gradient, and of the mean gradient of the points that wait. */
  readonly slope: number
  readonly waiting: number
}
export interface Trained {
  /** Points shown: less than the state asks for while a long way is being gone. */
  readonly seen: number
  readonly broken: boolean
  readonly n: number
  readonly layers: readonly Layer[]
  readonly trainLoss: number
  readonly testLoss: number
  readonly accuracy: number
  readonly trainAccuracy: number
  /** [points seen, training loss, test loss] */
  readonly history: readonly (readonly [number, number, number])[]
  /** The answer over the square from 0 to 1, row by row from the top; and what every hidden neuron gives there. */
  readonly picture: Float64Array
  readonly neurons: readonly (readonly Float64Array[])[]
  /** Signals of the hidden neurons at the training points, and the answers there; the answers at the test points. */
  readonly signals: readonly (readonly Float64Array[])[]
  readonly answers: Float64Array
  readonly testAnswers: Float64Array
  /** The point shown last, while its batch waits. */
  readonly shown: Shown | null
}

let programs: Programs | null = null
/** The last training, so that going on does not begin anew. */
let last: Session | null = null

const activate = (s: State, z: Tensor): Tensor => (s.activation === 'tanh' ? z.tanh() : s.activation === 'relu' ? z.relu() : s.activation === 'sigmoid' ? z.sigmoid() : s.activation === 'softplus' ? z.softplus() : z)
function forward(s: State, params: Params, x: Tensor, masks: readonly Tensor[] = []): { hidden: Tensor[]; z: Tensor } {
  const hidden: Tensor[] = []
  let a = x
  for (let l = 0; l < params.length / 2 - 1; l++) {
    a = activate(s, a.matmul(params[2 * l]!).add(params[2 * l + 1]!)) // (B,n)·(n,m) + (m) → (B,m)
    if (masks[l] !== undefined) a = a.mul(masks[l]!)
    hidden.push(a)
  }
  return { hidden, z: a.matmul(params.at(-2)!).add(params.at(-1)!).reshape(-1) } // (B,1) → (B)
}
/** LogLoss of σ(z), or its squared error: the mean over the points. */
const lossOf = (s: State, z: Tensor, y: Tensor): Tensor => (s.loss === 'log' ? z.softplus().sub(z.mul(y)).mean() : z.sigmoid().sub(y).square().mean())

function programsOf(s: State): Programs {
  const { activation, loss, optimizer: name, penalty, dropout, hidden, features } = s
  const key = JSON.stringify([activation, loss, name, penalty, dropout > 0, hidden.length, features.length])
  if (programs?.key === key) return programs
  const optimizer = name === 'adam' ? new Adam(1) : new SGD(1, name === 'momentum' ? { momentum: 0.9 } : {})
  const penalised = (g: Tensor, w: Tensor, i: number, decay: Tensor): Tensor => (i % 2 === 1 || penalty === 'none' ? g : g.add((penalty === 'l2' ? w : w.sign()).mul(decay)))
  programs = {
    key,
    optimizer,
    step: jit((carry: Carry, x: Tensor, y: Tensor, rate: Tensor, decay: Tensor, masks: readonly Tensor[]): Carry => {
      const [, grads] = valueAndGrad((p: Params) => lossOf(s, forward(s, p, x, masks).z, y))(carry.params)
      const next = optimizer.update(carry.params, (grads as Params).map((g, i) => penalised(g, carry.params[i]!, i, decay)), carry.optimizer, rate)
      return { params: next.params, optimizer: next.state }
    }),
    look: jit((params: Params, x: Tensor) => forward(s, params, x)),
    loss: jit((params: Params, x: Tensor, y: Tensor) => lossOf(s, forward(s, params, x).z, y)),
    slope: jit((params: Params, x: Tensor, y: Tensor) => grad((p: Params) => lossOf(s, forward(s, p, x).z, y))(params) as Params),
  }
  return programs
}

const inputsOf = (s: State, points: readonly Sample[]): [Tensor, Tensor] => [tensor(points.map((p) => featuresOf(s, p.x, p.y)), f64), tensor(points.map((p) => p.c), f64)]
const fresh = (s: State, { optimizer }: Programs): Carry => {
  const params = begin(s).flatMap(({ w, b }) => [tensor(w, f64), tensor(b, f64)])
  return { params, optimizer: optimizer.init(params) }
}
function sessionOf(s: State, made: Programs): Session {
  const key = keyOf(s)
  if (last?.key === key) return last
  const { train, test } = samples(s)
  const carry = fresh(s, made)
  last = { key, train, inputs: inputsOf(s, train), testInputs: inputsOf(s, test), rows: train.map((p) => featuresOf(s, p.x, p.y)), at: 0, carry, history: [], kept: new Map([[0, carry]]), order: { epoch: -1, list: [] }, broken: false }
  return last
}
/** Which epochs are written down: the first fifty, then every fifth. */
const written = (epoch: number): boolean => epoch <= 50 || epoch % 5 === 0

/** One update, on the next batch. */
function update(s: State, session: Session, { step }: Programs): void {
  const n = session.train.length
  const { epoch, inEpoch, updates, wanted } = placeOf(s, n, session.at)
  if (session.order.epoch !== epoch) session.order = { epoch, list: orderOf(s.seed, epoch, n) }
  const batch = session.order.list.slice(inEpoch, inEpoch + wanted)
  const made = [tensor(batch.map((i) => session.rows[i]!), f64), tensor(batch.map((i) => session.train[i]!.c), f64), tensor(s.eta, f64), tensor(s.decay, f64)] as const
  const masks = s.dropout > 0 ? masksOf(s, updates, wanted).map((values, l) => tensor(values, { ...f64, shape: [wanted, s.hidden[l]!] })) : []
  session.carry = step(session.carry, ...made, masks)
  session.at += wanted
  for (const used of [...made, ...masks]) used.dispose()
}

/** Writes the losses of an epoch's end down and keeps the place; false when the numbers are no longer finite. */
async function note(session: Session, { loss }: Programs): Promise<boolean> {
  const both = [loss(session.carry.params, ...session.inputs), loss(session.carry.params, ...session.testInputs)]
  const [a, b] = [await both[0]!.item(), await both[1]!.item()]
  session.history.push([session.at, a, b])
  session.kept.set(session.at, session.carry)
  return Number.isFinite(a)
}

/** Goes towards the state's place for about `budget` ms and tells what is there. */
export async function run(s: State, budget = 30): Promise<Trained> {
  const made = programsOf(s)
  const session = sessionOf(s, made)
  const n = session.train.length
  const goal = placeOf(s, n).settled
  if (session.at > goal) {
    session.at = Math.max(...[...session.kept.keys()].filter((at) => at <= goal))
    session.carry = session.kept.get(session.at)!
    session.history = session.history.filter(([at]) => at <= session.at)
    session.broken = false
  }
  if (session.history.length === 0) session.broken = !(await note(session, made))
  const until = performance.now() + budget
  while (session.at < goal && !session.broken) {
    update(s, session, made)
    if (session.at % n === 0 && written(session.at / n)) session.broken = !(await note(session, made))
    if (performance.now() > until) {
      // computing waits until it is read: the time of these updates is spent here, not later
      await session.carry.params[0]!.data()
      if (performance.now() > until) break
    }
  }
  return tell(s, session, made)
}

const columns = (data: ArrayLike<number>, width: number): Float64Array[] => Array.from({ length: width }, (_, k) => Float64Array.from({ length: data.length / width }, (__, i) => data[i * width + k]!))

async function layersOf(s: State, params: Params): Promise<Layer[]> {
  const [flat, sizes] = [await Promise.all(params.map((p) => p.data())), sizesOf(s)]
  return sizes.slice(1).map((width, l) => ({ w: Array.from({ length: sizes[l]! }, (_, j) => Array.from(flat[2 * l]!.slice(j * width, (j + 1) * width))), b: Array.from(flat[2 * l + 1]!) }))
}
/** The network as it stood when `at` points had been shown: from the nearest kept place on, beside the training. Null: another training has begun. */
export async function layersAt(s: State, at: number): Promise<readonly Layer[] | null> {
  if (last?.key !== keyOf(s)) return null
  const from = Math.max(...[...last.kept.keys()].filter((place) => place <= at))
  const aside = { ...last, at: from, carry: last.kept.get(from)! }
  while (aside.at < at) update(s, aside, programsOf(s))
  return layersOf(s, aside.carry.params)
}

async function tell(s: State, session: Session, { look, loss, slope }: Programs): Promise<Trained> {
  const { params } = session.carry
  const { train } = session
  const reached = session.at === placeOf(s, train.length).settled
  const square = look(params, tensor(gridPoints().map(([a, b]) => featuresOf(s, a, b)), f64))
  const [here, there] = [look(params, session.inputs[0]), look(params, session.testInputs[0])]
  const answersOf = async (z: Tensor): Promise<Float64Array> => Float64Array.from(await z.sigmoid().data())
  const [answers, testAnswers] = [await answersOf(here.z), await answersOf(there.z)]
  const [trainLoss, testLoss] = [await loss(params, ...session.inputs).item(), await loss(params, ...session.testInputs).item()]
  const broken = session.broken || !Number.isFinite(trainLoss)
  const right = (all: Float64Array, y: Float64Array): number => all.reduce((sum, a, i) => sum + ((a > 0.5 ? 1 : 0) === y[i] ? 1 : 0), 0) / all.length
  const [y, ty] = [Float64Array.from(await session.inputs[1].data()), Float64Array.from(await session.testInputs[1].data())]
  return {
    seen: reached ? s.seen : session.at,
    broken,
    n: train.length,
    layers: await layersOf(s, params),
    trainLoss,
    testLoss,
    accuracy: right(testAnswers, ty),
    trainAccuracy: right(answers, y),
    history: session.history.at(-1)![0] === session.at ? session.history : [...session.history, [session.at, trainLoss, testLoss]],
    picture: await answersOf(square.z),
    neurons: await Promise.all(square.hidden.map(async (h) => columns(await h.data(), h.shape[1]!))),
    signals: await Promise.all(here.hidden.map(async (h) => columns(await h.data(), h.shape[1]!))),
    answers,
    testAnswers,
    shown: reached && !broken ? await shownAt(s, session, slope) : null,
  }
}

/** The point shown last and its part of the gradient, while the batch waits. */
async function shownAt(s: State, session: Session, slope: Programs['slope']): Promise<Shown | null> {
  const { epoch, inEpoch, waiting } = placeOf(s, session.train.length)
  if (waiting === 0) return null
  const list = orderOf(s.seed, epoch, session.train.length)
  const lengthOf = async (indices: readonly number[]): Promise<number> => {
    const g = await Promise.all(slope(session.carry.params, tensor(indices.map((i) => session.rows[i]!), f64), tensor(indices.map((i) => session.train[i]!.c), f64)).map((t) => t.data()))
    return Math.hypot(...g.flatMap((values) => Array.from(values)))
  }
  const at = list[inEpoch - 1]!
  const point = session.train[at]!
  const input = tensor([session.rows[at]!], f64)
  const z = forward(s, session.carry.params, input).z
  return { point, a: await z.sigmoid().item(), loss: await lossOf(s, z, tensor([point.c], f64)).item(), slope: await lengthOf([at]), waiting: await lengthOf(list.slice(inEpoch - waiting, inEpoch)) }
}

// ---- files -------------------------------------------------------------------------------------------------------------

export interface OpenedStart {
  readonly ok: true
  readonly file: string
  readonly sizes: readonly number[]
  readonly assumed: boolean
  /** What training begins with. */
  readonly part: Partial<State>
}
/** A network from files as the weights that training starts from, where this lab can train it. */
export async function openNetwork(files: readonly DroppedFile[], features: State['features']): Promise<OpenedStart | ToldFault> {
  const [{ FileFault, toldOf }, { plainNetwork }] = await Promise.all([import('../../core/network-file.ts'), import('../../core/network-open.ts')])
  try {
    const { file, assumed, sizes, layers } = await plainNetwork(files, WIDEST)
    const hidden = sizes.slice(1, -1)
    const names = layers.map(({ activation }) => (activation === 'identity' ? 'linear' : activation))
    const inner = names.slice(0, -1)
    const fits = sizes.at(-1) === 1 && hidden.length <= DEEPEST && (sizes[0] === 2 || sizes[0] === features.length)
    if (!fits) throw new FileFault('sizes', file, `${features.length}-…-1`, sizes.join('-'))
    const last = names.at(-1)!
    const strange = inner.find((name) => name !== inner[0] || !PHI.includes(name as State['activation'])) ?? (last === 'linear' || last === 'sigmoid' ? undefined : last)
    if (strange !== undefined) throw new FileFault('activations', file, PHI.join(', '), layers.map(({ activation }) => activation).join(', '))
    const start = layers.map(({ weights: w, biases: b }): Layer => ({ w, b }))
    return { ok: true, file, sizes, assumed, part: { start, hidden, features: sizes[0] === features.length ? features : ['x1', 'x2'], ...(inner.length === 0 ? {} : { activation: inner[0] as State['activation'] }) } }
  } catch (error) {
    return toldOf(error)
  }
}
/** The network as it stands: features in, the probability of class 1 out. */
export async function saveNetwork(layers: readonly Layer[], activation: State['activation'], as: 'safetensors' | 'onnx'): Promise<Uint8Array> {
  const { networkBytes } = await import('../../core/network-open.ts')
  return networkBytes(layers.map(({ w, b }, l) => ({ weights: w, biases: b, activation: l === layers.length - 1 ? 'sigmoid' : activation === 'linear' ? 'identity' : activation })), as)
}
