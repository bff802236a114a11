// Both pipelines on real MNIST: hand-made features with logistic regression, and a small convolutional network. Trained,
// timed, and tested by Gradus; what was trained is kept, so that looking again costs nothing.
import { type Tensor, conv2d, jit, maxPool2d, stack, tensor, valueAndGrad } from 'gradus'
import { Adam, type OptimizerState, crossEntropy } from 'gradus/nn'
import { digits } from '../../core/mnist.ts'
import { gaussian, random, shuffled } from '../../core/random.ts'
import { SIDE, allFeatures, featuresOf } from './features.ts'
import { GROUPS, type Group, TESTS } from './model.ts'

type Which = 'hand' | 'network'
export interface Side {
  /** Share of the test digits read right; of the training digits; of the test digits moved by two pixels. */
  readonly test: number
  readonly train: number
  readonly moved: number
  /** Making features or pixels ready, and training, in ms. */
  readonly prepare: number
  readonly fit: number
}
export interface Outcome {
  readonly n: number
  readonly hand: Side
  readonly network: Side
}
interface Asked {
  readonly n: number
  readonly groups: readonly Group[]
  readonly seed: number
}
interface Data {
  readonly pixels: (i: number, held: boolean) => Float32Array
  readonly label: (i: number, held: boolean) => number
  /** Positions in the training set, in an order of the seed's. */
  readonly order: (seed: number) => readonly number[]
}
/** Bytes from 0 to 1. */
function unit(bytes: ArrayLike<number>): Float32Array {
  const out = new Float32Array(bytes.length)
  for (let i = 0; i < out.length; i++) out[i] = bytes[i]! / 255
  return out
}
let kept: Data | null = null
async function data(): Promise<Data> {
  if (kept !== null) return kept
  const { train, test } = await digits()
  const size = SIDE * SIDE
  kept = {
    pixels: (i, held) => unit((held ? test : train).inputs.data.subarray(i * size, (i + 1) * size) as ArrayLike<number>),
    label: (i, held) => Number((held ? test : train).targets.data[i]!),
    order: (seed) => shuffled(Array.from({ length: Math.min(15_000, train.length) }, (_, i) => i), random(seed * 101 + 7)),
  }
  return kept
}
/** Two pixels to the right and down. */
const shifted = (p: Float32Array): Float32Array => p.map((_, i) => (i % SIDE < 2 || i < 2 * SIDE ? 0 : p[i - 2 * SIDE - 2]!))

interface Batch {
  readonly x: readonly Float32Array[]
  readonly y: readonly number[]
}
/** The test digits, as they are and moved: the same for every training. */
let heldOut: { readonly test: Batch; readonly moved: Batch } | null = null
async function batches({ n, seed }: Asked): Promise<{ readonly train: Batch; readonly test: Batch; readonly moved: Batch }> {
  const all = await data()
  const rows = all.order(seed).slice(0, n)
  if (heldOut === null) {
    const held = Array.from({ length: TESTS }, (_, i) => i)
    const test = { x: held.map((i) => all.pixels(i, true)), y: held.map((i) => all.label(i, true)) }
    heldOut = { test, moved: { ...test, x: test.x.map(shifted) } }
  }
  return { train: { x: rows.map((i) => all.pixels(i, false)), y: rows.map((i) => all.label(i, false)) }, ...heldOut }
}
const joined = (rows: readonly ArrayLike<number>[], shape: readonly number[]): Tensor => {
  const width = rows[0]!.length
  const all = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) all.set(row, i * width)
  return tensor(all, { shape: [rows.length, ...shape] })
}
const labels = (y: readonly number[]): Tensor => tensor(Int32Array.from(y), { shape: [y.length], dtype: 'int32' })

/** One training of either kind: predictions for rows of inputs, in pieces of at most 250. */
interface Trained {
  readonly guess: (x: readonly Float32Array[]) => Promise<number[]>
  readonly plain: (x: Float32Array) => number
}
const share = (guesses: readonly number[], y: readonly number[]): number => guesses.filter((g, i) => g === y[i]).length / y.length

function optimise(start: readonly Tensor[], lossOf: (p: readonly Tensor[], x: Tensor, y: Tensor) => Tensor, rate: number, decay: number) {
  const adam = new Adam(rate, { weightDecay: decay })
  const step = jit((p: readonly Tensor[], state: OptimizerState, lr: Tensor, x: Tensor, y: Tensor) => {
    const [loss, g] = valueAndGrad((q: readonly Tensor[]) => lossOf(q, x, y))(p)
    return { ...adam.update(p, g, state, lr), loss }
  })
  let [params, state] = [start, adam.init(start)]
  return {
    get params() {
      return params
    },
    step: (x: Tensor, y: Tensor, lr: number) => {
      const next = step(params, state, tensor(lr), x, y)
      params = next.params
      state = next.state
    },
  }
}
async function guessed(rows: readonly Float32Array[], logits: (some: readonly Float32Array[]) => Tensor): Promise<number[]> {
  const out: number[] = []
  for (let i = 0; i < rows.length; i += 250) out.push(...(await logits(rows.slice(i, i + 250)).argmax(-1).data()))
  return out
}
const best = (scores: readonly number[]): number => scores.indexOf(Math.max(...scores))

// ---- features made by hand, then logistic regression -----------------------------------------------------------------

/** Features are computed once for a picture, whatever is trained on them. */
const known = new WeakMap<Float32Array, Map<Group, readonly number[]>>()
function featuresFor(groups: readonly Group[], p: Float32Array): number[] {
  const found = known.get(p) ?? new Map<Group, readonly number[]>()
  known.set(p, found)
  return groups.flatMap((g) => {
    const values = found.get(g) ?? featuresOf(g, p)
    found.set(g, values)
    return values
  })
}
const HAND_STEPS = 250
async function trainHand(train: Batch, groups: readonly Group[]): Promise<Trained & { readonly prepare: number; readonly fit: number }> {
  let from = performance.now()
  const raw = train.x.map((p) => featuresFor(groups, p))
  const width = raw[0]!.length
  // every feature to mean 0 and spread 1, as measured on the training digits
  const mean = Array.from({ length: width }, (_, k) => raw.reduce((sum, row) => sum + row[k]!, 0) / raw.length)
  const spread = mean.map((m, k) => Math.sqrt(raw.reduce((sum, row) => sum + (row[k]! - m) ** 2, 0) / raw.length) + 0.02)
  const scaled = (p: Float32Array): Float32Array => Float32Array.from(featuresFor(groups, p), (v, k) => (v - mean[k]!) / spread[k]!)
  const x = joined(raw.map((row) => row.map((v, k) => (v - mean[k]!) / spread[k]!)), [width])
  const y = labels(train.y)
  const prepare = performance.now() - from
  from = performance.now()
  const zero = (shape: readonly number[]): Tensor => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape })
  const run = optimise([zero([width, 10]), zero([10])], ([w, b], bx, by) => crossEntropy(bx.matmul(w!).add(b!), by).add(w!.square().sum().mul(1 / (2 * train.x.length))), 0.05, 0)
  for (let k = 0; k < HAND_STEPS; k++) run.step(x, y, 0.05 * (1 - k / HAND_STEPS))
  const [w, b] = await Promise.all(run.params.map((p) => p.data()))
  const fit = performance.now() - from
  return {
    prepare, fit,
    guess: (rows) => guessed(rows, (some) => joined(some.map(scaled), [width]).matmul(run.params[0]!).add(run.params[1]!)),
    plain: (p) => { const f = scaled(p); return best(Array.from({ length: 10 }, (_, d) => f.reduce((sum, v, k) => sum + v * w![k * 10 + d]!, b![d]!))) },
  }
}

// ---- a convolutional network on the pixels ---------------------------------------------------------------------------

const BATCH = 50
/** Ten times through the examples, but not fewer than 240 updates. */
const updatesFor = (n: number): number => Math.max(240, Math.round((10 * n) / BATCH))
/** (B,1,28,28) → 5×5, 8 kernels → 2×2 → 3×3, 16 kernels → 2×2 → 400 → 10 */
function network([k1, b1, k2, b2, w, b]: readonly Tensor[], x: Tensor): Tensor {
  const first = maxPool2d(conv2d(x, k1!).add(b1!.reshape(1, -1, 1, 1)).relu(), 2) // (B,8,12,12)
  const second = maxPool2d(conv2d(first, k2!).add(b2!.reshape(1, -1, 1, 1)).relu(), 2) // (B,16,5,5)
  return second.reshape(x.shape[0]!, 400).matmul(w!).add(b!)
}
/** Kernels, biases, dense weights of the network. */
const SHAPES: readonly (readonly number[])[] = [[8, 1, 5, 5], [8], [16, 8, 3, 3], [16], [400, 10], [10]]
const images = (rows: readonly Float32Array[]): Tensor => joined(rows, [1, SIDE, SIDE])
async function trainNetwork(train: Batch, seed: number): Promise<Trained & { readonly prepare: number; readonly fit: number }> {
  const from = performance.now()
  const draw = random(seed * 103 + 3)
  const normal = gaussian(draw)
  const weights = (shape: readonly number[], inputs: number): Tensor => tensor(Float32Array.from({ length: shape.reduce((a, c) => a * c, 1) }, () => normal() * Math.sqrt(2 / inputs)), { shape })
  const zero = (n: number): Tensor => tensor(new Float32Array(n), { shape: [n] })
  const run = optimise(SHAPES.map((shape, i) => (shape.length === 1 ? zero(shape[0]!) : weights(shape, [25, 0, 72, 0, 800][i]!))), (p, x, y) => crossEntropy(network(p, x), y), 0.004, 0)
  const updates = updatesFor(train.x.length)
  let order: number[] = []
  for (let k = 0; k < updates; k++) {
    if (order.length < BATCH) order = shuffled(Array.from({ length: train.x.length }, (_, i) => i), draw)
    const rows = order.splice(0, BATCH)
    run.step(images(rows.map((i) => train.x[i]!)), labels(rows.map((i) => train.y[i]!)), 0.004 * (1 - 0.9 * (k / updates)))
  }
  const exact = await Promise.all(run.params.map(async (p) => Float64Array.from(await p.data())))
  return { prepare: 0, fit: performance.now() - from, guess: (rows) => guessed(rows, (some) => network(run.params, images(some))), plain: (p) => best(plainNetwork(exact, p)) }
}
/** The network once more in plain loops: the independent check. One kind of array throughout, row by row: quicker. */
function plainNetwork([k1, b1, k2, b2, w, b]: readonly Float64Array[], pixels: ArrayLike<number>, tally = { n: 0 }): number[] {
  const layer = (x: Float64Array, side: number, channels: number, k: Float64Array, bias: Float64Array, out: number, size: number): { readonly values: Float64Array; readonly side: number } => {
    const [wide, half] = [side - size + 1, Math.floor((side - size + 1) / 2)]
    const values = new Float64Array(out * half * half)
    const z = new Float64Array(wide * wide)
    for (let o = 0; o < out; o++) {
      z.fill(bias[o]!)
      for (let at = 0; at < channels * size * size; at++) {
        const weight = k[o * channels * size * size + at]!
        const from = Math.floor(at / (size * size)) * side * side + (Math.floor(at / size) % size) * side + (at % size)
        for (let r = 0; r < wide; r++) {
          tally.n += wide
          for (let c = 0; c < wide; c++) z[r * wide + c]! += weight * x[from + r * side + c]!
        }
      }
      for (let r = 0; r < 2 * half; r++) {
        for (let c = 0; c < 2 * half; c++) {
          const place = (o * half + (r >> 1)) * half + (c >> 1)
          values[place] = Math.max(values[place]!, z[r * wide + c]!)
        }
      }
    }
    return { values, side: half }
  }
  const first = layer(Float64Array.from(pixels), SIDE, 1, k1!, b1!, 8, 5)
  tally.n += w!.length
  const { values } = layer(first.values, first.side, 8, k2!, b2!, 16, 3)
  return Array.from({ length: 10 }, (_, d) => values.reduce((sum, v, i) => sum + v * w![i * 10 + d]!, b![d]!))
}

// ---- asked by the page -------------------------------------------------------------------------------------------------

/** What was trained: accuracies and the models, by what they depend on. The last few. */
const done = new Map<string, Promise<{ readonly side: Side; readonly model: Trained }>>()
function trained(which: Which, asked: Asked): Promise<{ readonly side: Side; readonly model: Trained }> {
  const groups = GROUPS.filter((g) => asked.groups.includes(g))
  const key = JSON.stringify([which, asked.n, asked.seed, which === 'hand' ? groups : null])
  let work = done.get(key)
  if (work === undefined) {
    work = (async () => {
      const { train, test, moved } = await batches(asked)
      const model = which === 'hand' ? await trainHand(train, groups) : await trainNetwork(train, asked.seed)
      const seen = { x: train.x.slice(0, TESTS), y: train.y.slice(0, TESTS) }
      const side = { test: share(await model.guess(test.x), test.y), train: share(await model.guess(seen.x), seen.y), moved: share(await model.guess(moved.x), moved.y), prepare: model.prepare, fit: model.fit }
      return { side, model }
    })()
    done.set(key, work)
    if (done.size > 40) done.delete(done.keys().next().value!)
    work.catch(() => done.delete(key))
  }
  return work
}
export async function outcome(asked: Asked): Promise<Outcome> {
  const hand = await trained('hand', asked)
  const net = await trained('network', asked)
  return { n: asked.n, hand: hand.side, network: net.side }
}
export const handOnly = async (asked: Asked): Promise<Side> => (await trained('hand', asked)).side

/** Outcomes for several counts, one after the other. */
export async function* curve(asked: Omit<Asked, 'n'>, counts: readonly number[]): AsyncGenerator<readonly Outcome[]> {
  const all: Outcome[] = []
  for (const n of counts) {
    all.push(await outcome({ ...asked, n }))
    yield [...all]
  }
}
/** A share read right once more, by plain loops. */
export async function recount(which: Which, asked: Asked, of: 'train' | 'test' | 'moved' = 'test'): Promise<number> {
  const { model } = await trained(which, asked)
  const { x, y } = (await batches(asked))[of]
  return share(x.slice(0, TESTS).map((p) => model.plain(p)), y.slice(0, TESTS))
}
const total = (sizes: readonly (readonly number[])[]): number => sizes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0)
/** Weights and biases as they are made for a training; features of a blank picture. */
export async function parameterCount(which: Which, groups: readonly Group[]): Promise<number> {
  return which === 'network' ? total(SHAPES) : total([[allFeatures(groups, new Float32Array(SIDE * SIDE)).length, 10], [10]])
}
/** Multiplications, counted one by one while a blank picture goes through the plain loops. */
export async function productCount(which: Which, groups: readonly Group[]): Promise<number> {
  const blank = new Float32Array(SIDE * SIDE)
  if (which === 'hand') return allFeatures(groups, blank).reduce((n) => n + 10, 0)
  const tally = { n: 0 }
  plainNetwork(SHAPES.map((shape) => new Float64Array(total([shape]))), blank, tally)
  return tally.n
}
export interface Looked {
  readonly pixels: readonly number[]
  readonly label: number
  readonly features: Readonly<Record<Group, readonly number[]>>
}
/** Slopes by differences of shifted pictures; each shared between the two directions next to it, by how near they are; summed over zones. */
async function strokesOnTensors(x: Tensor): Promise<readonly number[]> {
  const framed = x.pad([[1, 1], [1, 1]])
  const dx = framed.at([1, -1], [2, null]).sub(framed.at([1, -1], [0, -2]))
  const dy = framed.at([2, null], [1, -1]).sub(framed.at([0, -2], [1, -1]))
  const size = dx.square().add(dy.square()).sqrt()
  /** How near the slope's direction is to one of four: 1 at it, 0 at its neighbours. The angle to it is found by turning the slope back. */
  const near = (d: number): Tensor => {
    const [c, s] = [Math.cos((d * Math.PI) / 4), Math.sin((d * Math.PI) / 4)].map((v) => tensor(v, { dtype: 'float64' })) as [Tensor, Tensor]
    const [along, across] = [dx.mul(c).add(dy.mul(s)).abs(), dy.mul(c).sub(dx.mul(s)).abs()]
    const angle = across.div(size.add(along).add(1e-300)).atan().mul(2) // half-angle: 0 … π/2
    return angle.mul(4 / Math.PI).neg().add(1).relu()
  }
  const zones = await stack([0, 1, 2, 3].map((d) => near(d).mul(size).reshape(4, 7, 4, 7).sum([1, 3]).div(49)), -1).data() // (4,4,4): zone row, zone column, direction
  return Array.from(zones)
}
/** The features once more, on tensors. */
export async function featureOnTensors(digit: number, group: Group): Promise<readonly number[]> {
  const x = tensor((await data()).pixels(digit, true), { shape: [SIDE, SIDE] }).to('float64')
  if (group === 'ink') return [await x.mean().item()]
  if (group === 'symmetry') {
    const own = x.square().sum()
    return Promise.all([1, 0].map((axis) => x.mul(x.flip(axis)).sum().div(own).item()))
  }
  if (group === 'zones') return Array.from(await x.reshape(4, 7, 4, 7).mean([1, 3]).data())
  if (group === 'profiles') return [...(await x.reshape(14, 56).mean(1).data()), ...(await x.T.reshape(14, 56).mean(1).data())]
  if (group === 'strokes') return strokesOnTensors(x)
  const p = x.gt(tensor(0.35, { dtype: 'float64' })).to('float64').pad([[1, 1], [1, 1]])
  const [a, b, c, d] = [p.at([0, -1], [0, -1]), p.at([0, -1], [1, null]), p.at([1, null], [0, -1]), p.at([1, null], [1, null])] as const
  const full = a.add(b).add(c).add(d)
  const is = (n: number): Tensor => full.eq(tensor(n, { dtype: 'float64' })).to('float64')
  return [await is(1).sub(is(3)).sub(is(2).mul(a.eq(d).to('float64')).mul(2)).sum().div(4).item()]
}
/** A test digit and all its features. */
export async function look(digit: number): Promise<Looked> {
  const all = await data()
  const pixels = all.pixels(digit, true)
  const features = Object.fromEntries(GROUPS.map((g) => [g, featuresOf(g, pixels)])) as unknown as Looked['features']
  return { pixels: Array.from(pixels), label: all.label(digit, true), features }
}
