// The network of the lab with Gradus: every layer of one picture, training, tests, and what a filter answers to.
import { type Tensor, conv2d, jit, maxPool2d, tensor, zeros } from 'gradus'
import { toUnit } from 'gradus/data'
import { writeSafetensors } from 'gradus/formats'
import { Adam, oneCycle } from 'gradus/nn'
import { onTrainingDevice, trainingDevice } from '../../core/device.ts'
import { type TestResult, softmaxOf, testDigits } from '../../core/digit-test.ts'
import { digits } from '../../core/mnist.ts'
import type { DroppedFile, ToldFault } from '../../core/network-file.ts'
import { type Info, type Progress, Sessions } from '../../core/sessions.ts'
import type { Look, Recount, Signals, Weights } from '../../core/trainer.ts'
import { FIRST, type Filter, type Kind, ORIENTATION, SECOND, SHAPES, SIDE, type State, begin, filterOf, insideMap, keyOf, orientations, packed, picture, strokeImage, windowOf, windowValues } from './model.ts'

type Params = Readonly<Record<string, Tensor>>
const bias = (b: Tensor): Tensor => b.reshape([1, -1, 1, 1])

interface Maps {
  readonly conv1: Tensor
  readonly pool1: Tensor
  readonly conv2: Tensor
  readonly pool2: Tensor
  readonly logits: Tensor
}
/** x: (B, 28, 28). The convolutions are given before their ReLU. */
function maps(p: Params, x: Tensor): Maps {
  const conv1 = conv2d(x.unsqueeze(1), p['conv1.weight']!, { padding: 1 }).add(bias(p['conv1.bias']!)) // (B,1,28,28) → (B,6,28,28)
  const pool1 = maxPool2d(conv1.relu(), 2) // → (B,6,14,14)
  const conv2 = conv2d(pool1, p['conv2.weight']!, { padding: 1 }).add(bias(p['conv2.bias']!)) // → (B,12,14,14)
  const pool2 = maxPool2d(conv2.relu(), 2) // → (B,12,7,7)
  return { conv1, pool1, conv2, pool2, logits: pool2.flatten(1).matmul(p['out.weight']!.transpose()).add(p['out.bias']!) } // (B,588) → (B,10)
}
/** With the strongest answer of every channel, to see which never answer. */
const signalsOf = (p: Params, x: Tensor): Signals => {
  const all = maps(p, x)
  return { logits: all.logits, hidden: [all.pool1.max([2, 3]), all.pool2.max([2, 3])] }
}

const sessions = new Sessions<State>(keyOf, async (s) => {
  const [{ train }, device] = await Promise.all([digits(), trainingDevice()])
  const steps = Math.ceil(train.length / s.batch) * s.epochs
  return { data: train, start: begin(s), forward: signalsOf, optimizer: new Adam(oneCycle(s.eta, steps)), batchSize: s.batch, epochs: s.epochs, seed: s.seed, device: device.name }
})
export const info = (s: State): Promise<Info> => sessions.info(s)
export const train = (s: State, target: number): AsyncGenerator<Progress | null> => sessions.train(s, target)

const toParams = (weights: Weights): Params => Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, tensor(data, { shape })]))
/** The weights as they stand: with the filters set by hand, or as trained. */
async function weightsNow(s: State, edited = true): Promise<Weights> {
  const weights = (await sessions.weights(s)) ?? begin(s)
  if (!edited || s.edits.every((e) => e === null)) return weights
  const filters = s.edits.map((_, k) => filterOf(s, weights, k))
  return { ...weights, 'conv1.weight': { shape: [FIRST, 1, 3, 3], data: Float32Array.from(filters.flatMap(({ w }) => w)) }, 'conv1.bias': { shape: [FIRST], data: Float32Array.from(filters, ({ b }) => b) } }
}

export interface Layers {
  /** The step from which WebAssembly went on because the GPU was lost. */
  readonly lostAt: number | null
  readonly x: Float32Array
  /** One map a channel. The convolutions before and after their ReLU. */
  readonly z1: readonly Float32Array[]
  readonly conv1: readonly Float32Array[]
  readonly pool1: readonly Float32Array[]
  readonly z2: readonly Float32Array[]
  readonly conv2: readonly Float32Array[]
  readonly pool2: readonly Float32Array[]
  readonly outputs: readonly number[]
  readonly shares: readonly number[]
  readonly filters: readonly Filter[]
  readonly trained: readonly Filter[]
  /** conv2's weights, [out][in] nine each, and biases. */
  readonly kernels: Float32Array
  readonly biases: Float32Array
}
const forward = jit(maps)
const split = (all: Float32Array, count: number): Float32Array[] => Array.from({ length: count }, (_, k) => all.slice((k * all.length) / count, ((k + 1) * all.length) / count))
const positive = (map: Float32Array): Float32Array => map.map((v) => Math.max(0, v))

/** Every layer's answer to the picture. */
export async function layers(s: State): Promise<Layers> {
  const [weights, plain] = await Promise.all([weightsNow(s), weightsNow(s, false)])
  const x = Float32Array.from(picture(s))
  const out = forward(toParams(weights), tensor(x, { shape: [1, SIDE, SIDE] }))
  const read = async (t: Tensor, count: number): Promise<Float32Array[]> => split((await t.data()) as Float32Array, count)
  const [z1, pool1, z2, pool2, logits] = [await read(out.conv1, FIRST), await read(out.pool1, FIRST), await read(out.conv2, SECOND), await read(out.pool2, SECOND), Array.from(await out.logits.data())]
  const channels = Array.from({ length: FIRST }, (_, k) => k)
  return {
    lostAt: sessions.current(s)?.lostAt ?? null, x, z1, conv1: z1.map(positive), pool1, z2, conv2: z2.map(positive), pool2, outputs: logits, shares: softmaxOf(logits),
    filters: channels.map((k) => filterOf(s, weights, k)), trained: channels.map((k) => filterOf({ edits: [] }, plain, k)),
    kernels: weights['conv2.weight']!.data, biases: weights['conv2.bias']!.data,
  }
}
/** The network once more by plain loops in 64 bits: 784 numbers from 0 to 1 → ten outputs. */
function loops(w: Weights): (x: ArrayLike<number>) => number[] {
  /** Convolution, ReLU and pooling of maps that stand in a border of zeros; the maps after it in such a border too. */
  const stage = (x: Float64Array, inputs: number, side: number, name: 'conv1' | 'conv2', outputs: number): Float64Array => {
    const [k, b] = [w[`${name}.weight`]!.data, w[`${name}.bias`]!.data]
    const [wide, half] = [side + 2, side / 2]
    const out = new Float64Array(outputs * (half + 2) ** 2) // zeros: the ReLU’s least
    for (let o = 0; o < outputs; o++) for (let r = 0; r < side; r++) for (let c = 0; c < side; c++) {
      let z = b[o]!
      for (let i = 0; i < inputs; i++) {
        const [at, from] = [(i * wide + r) * wide + c, (o * inputs + i) * 9]
        for (let u = 0; u < 3; u++) for (let v = 0; v < 3; v++) z += k[from + 3 * u + v]! * x[at + u * wide + v]!
      }
      const place = (o * (half + 2) + (r >> 1) + 1) * (half + 2) + (c >> 1) + 1
      if (z > out[place]!) out[place] = z
    }
    return out
  }
  return (pixels) => {
    const x = new Float64Array(30 * 30)
    for (let i = 0; i < 784; i++) x[(Math.floor(i / 28) + 1) * 30 + (i % 28) + 1] = pixels[i]!
    const last = stage(stage(x, 1, 28, 'conv1', FIRST), FIRST, 14, 'conv2', SECOND) // 12 maps of 7×7 in 9×9
    return Array.from(w['out.bias']!.data, (b, k) => {
      let z = b
      for (let j = 0; j < SECOND * 49; j++) z += w['out.weight']!.data[k * SECOND * 49 + j]! * last[(Math.floor(j / 49) * 9 + Math.floor((j % 49) / 7) + 1) * 9 + (j % 7) + 1]!
      return z
    })
  }
}
/** The outputs once more, by plain loops. */
export const plain = async (s: State): Promise<readonly number[]> => loops(await weightsNow(s))(picture(s))
/** The nine numbers of a convolution's window once more, by plain loops from the picture, and the nine weights that go with them. */
export async function windowAgain(s: State, source: number): Promise<{ readonly values: readonly number[]; readonly weights: readonly number[] }> {
  const [w, x, frame] = [await weightsNow(s), picture(s), windowOf(s)]
  if (s.layer === 'conv1') return { values: windowValues(x, SIDE, frame), weights: Array.from(w['conv1.weight']!.data.subarray(9 * s.channel, 9 * s.channel + 9)) }
  const { w: kernel, b } = filterOf(s, w, source)
  /** The largest of the first convolution's 2×2 answers over this place; at least 0, as the ReLU has it. */
  const pooled = (row: number, column: number): number => {
    let best = 0
    for (const [r, c] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
      const seen = windowValues(x, SIDE, windowOf({ layer: 'conv1', row: 2 * row + r, column: 2 * column + c }))
      best = Math.max(best, seen.reduce((z, v, i) => z + v * kernel[i]!, b))
    }
    return best
  }
  const values = Array.from({ length: 9 }, (_, i) => [frame.row + Math.floor(i / 3), frame.column + (i % 3)] as const).map(([r, c]) => (insideMap([r, c], SIDE / 2) ? pooled(r, c) : 0))
  const from = (s.channel * FIRST + source) * 9
  return { values, weights: Array.from(w['conv2.weight']!.data.subarray(from, from + 9)) }
}
/** How many test images are taken for another digit, counted by plain loops, a few at a time. */
export async function* recount(s: State, edited: boolean, count = 10_000): AsyncGenerator<number | null> {
  const [{ test: data }, run] = [await digits(), loops(await weightsNow(s, edited))]
  let wrong = 0
  for (let i = 0; i < Math.min(count, data.length); i++) {
    const out = run(Float64Array.from(data.inputs.data.subarray(784 * i, 784 * (i + 1)), (v) => v / 255))
    if (out.indexOf(Math.max(...out)) !== data.targets.data[i]) wrong++
    if (i % 25 === 24) yield null
  }
  yield wrong
}

/** A look's training steps once more: images read rightly and their loss, by plain loops; null before it is done or without a training. */
export async function* recountTraining(s: State, look: Pick<Look, 'from' | 'step'>): AsyncGenerator<Recount | null> {
  const trainer = sessions.current(s)
  if (trainer !== null) yield* trainer.recount(look, loops)
}
/** The test's loss after some steps of the training once more, by plain loops; null before it is done or without a training. */
export async function* retest(s: State, step: number, count = 10_000): AsyncGenerator<number | null> {
  const trainer = sessions.current(s)
  if (trainer !== null) yield* trainer.retest(step, (await digits()).test, loops, count)
}

/** The test error of the weights as they stand, with or without the filters set by hand. */
export async function* test(s: State, edited: boolean): AsyncGenerator<TestResult | null> {
  const { test: data } = await digits()
  const params = toParams(await weightsNow(s, edited))
  yield* onTrainingDevice((device) => {
    const run = jit((p: Params, x: Tensor) => signalsOf(p, toUnit(x)), { device })
    return testDigits(data, (x) => run(params, x))
  })
}
export async function image(index: number): Promise<{ readonly pixels: Uint8Array; readonly label: number }> {
  const { test: data } = await digits()
  const i = ((index % data.length) + data.length) % data.length
  return { pixels: Uint8Array.from(data.inputs.data.subarray(784 * i, 784 * (i + 1))), label: data.targets.data[i]! }
}
/** The network as it stands, with the filters set by hand: its weights under their names, or all of it (pictures from 0 to 1, any number of them → logits). */
export async function save(s: State, as: 'safetensors' | 'onnx'): Promise<Uint8Array> {
  const weights = await weightsNow(s)
  if (as === 'safetensors') return writeSafetensors(Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, { dtype: 'float32' as const, shape, data }])))
  const { exportOnnx } = await import('gradus/formats')
  const parameters = toParams(weights)
  return exportOnnx((x: Tensor) => maps(parameters, x).logits, zeros([1, SIDE, SIDE]), { parameters })
}
export interface OpenedCnn {
  readonly ok: true
  readonly file: string
  readonly own: NonNullable<State['own']>
}
/** A network of these layers from files: what this lab saved (safetensors, ONNX), or any file with weights of these names and shapes. */
export async function openNetwork(files: readonly DroppedFile[]): Promise<OpenedCnn | ToldFault> {
  const [{ FileFault, readNetwork, toldOf }, { finite }] = await Promise.all([import('../../core/network-file.ts'), import('../../core/network-fault.ts')])
  try {
    const { file, weights } = await readNetwork(files)
    for (const [name, shape] of Object.entries(SHAPES)) {
      const got = weights[name]
      if (got?.shape.join() !== shape.join()) throw new FileFault('shape', file, `${name} [${shape.join(', ')}]`, got === undefined ? Object.entries(weights).slice(0, 2).map(([n, { shape: of }]) => `${n} [${of.join(', ')}]`).join(', ') : `[${got.shape.join(', ')}]`)
    }
    return { ok: true, file, own: { file: file.slice(0, 200), weights: packed(finite(file, weights)) } }
  } catch (error) {
    return toldOf(error)
  }
}

// ---- a filter for vertical strokes -------------------------------------------------------------------------------

export type Strokes =
  | { readonly ok: true; readonly ratio: number; readonly images: number }
  | { readonly ok: false; readonly why: 'misses'; readonly width: number; readonly at: number }
  | { readonly ok: false; readonly why: 'other'; readonly kind: Exclude<Kind, 'vertical'>; readonly width: number; readonly at: number; readonly answer: number; readonly vertical: number }
  | { readonly ok: false; readonly why: 'flat'; readonly full: boolean; readonly answer: number; readonly vertical: number }
  | { readonly ok: false; readonly why: 'real'; readonly index: number; readonly label: number; readonly vertical: number; readonly horizontal: number; readonly ratio: number }

const respond = jit((images: Tensor, w: Tensor, b: Tensor): Tensor => conv2d(toUnit(images).unsqueeze(1), w, { padding: 1 }).add(b).relu())
/** The filter's answers (after ReLU) to images, one map each. */
async function answers(filter: Filter, images: readonly Uint8Array[]): Promise<Float32Array[]> {
  const all = new Uint8Array(images.length * SIDE * SIDE)
  images.forEach((image, i) => all.set(image, i * SIDE * SIDE))
  const out = respond(tensor(all, { shape: [images.length, SIDE, SIDE], dtype: 'uint8' }), tensor(filter.w, { shape: [1, 1, 3, 3], dtype: 'float32' }), tensor(filter.b, { dtype: 'float32' }))
  return split((await out.data()) as Float32Array, images.length)
}
/** The strongest answer away from the border, where the sheet's edge is no edge of a stroke. */
const strongest = (map: Float32Array): number => {
  let best = 0
  for (let r = 2; r < SIDE - 2; r++) for (let c = 2; c < SIDE - 2; c++) best = Math.max(best, map[r * SIDE + c]!)
  return best
}
const REAL = 300

/**
 * Whether a filter finds vertical strokes: it must answer to every vertical stroke of 1 to 3 pixels; at most half as strongly
 * to horizontal ones and flat sheets, less strongly to slanted ones; and on real digits its answers near vertical strokes must
 * be on average twice those near horizontal ones.
 */
export async function strokes(filter: Filter): Promise<Strokes> {
  const places = [6, 9, 12, 14, 15, 17, 20]
  const [blank, full] = await answers(filter, [new Uint8Array(784), new Uint8Array(784).fill(255)])
  for (const width of [1, 2, 3]) {
    const upright = (await answers(filter, places.map((at) => strokeImage('vertical', width, at)))).map(strongest)
    const missed = upright.findIndex((v) => v <= 1e-6)
    if (missed !== -1) return { ok: false, why: 'misses', width, at: places[missed]! }
    const vertical = Math.min(...upright)
    for (const [map, isFull] of [[blank!, false], [full!, true]] as const) {
      if (strongest(map) > vertical / 2) return { ok: false, why: 'flat', full: isFull, answer: strongest(map), vertical }
    }
    for (const [kind, limit] of [['horizontal', 0.5], ['rising', 0.95], ['falling', 0.95]] as const) {
      const others = (await answers(filter, places.map((at) => strokeImage(kind, width, at)))).map(strongest)
      const worst = others.indexOf(Math.max(...others))
      if (others[worst]! > limit * vertical) return { ok: false, why: 'other', kind, width, at: places[worst]!, answer: others[worst]!, vertical }
    }
  }
  const { test: data } = await digits()
  const images = Array.from({ length: REAL }, (_, i) => Uint8Array.from(data.inputs.data.subarray(784 * i, 784 * (i + 1))))
  const found = await answers(filter, images)
  const sums = images.map((image, i) => {
    const kinds = orientations(Array.from(image, (v) => v / 255))
    const sum = { v: 0, nv: 0, h: 0, nh: 0 }
    for (let r = 1; r < SIDE - 1; r++) for (let c = 1; c < SIDE - 1; c++) {
      const kind = kinds[r * SIDE + c]
      if (kind === ORIENTATION.none) continue
      let near = 0
      for (let dr = -1; dr <= 1; dr++) for (let dc = -1; dc <= 1; dc++) near = Math.max(near, found[i]![(r + dr) * SIDE + c + dc]!)
      if (kind === ORIENTATION.vertical) { sum.v += near; sum.nv++ } else { sum.h += near; sum.nh++ }
    }
    return sum
  })
  const total = sums.reduce((a, b) => ({ v: a.v + b.v, nv: a.nv + b.nv, h: a.h + b.h, nh: a.nh + b.nh }))
  const ratio = total.v / total.nv / Math.max(1e-9, total.h / total.nh)
  if (ratio >= 2) return { ok: true, ratio, images: REAL }
  const clear = sums.map((sum, index) => ({ index, vertical: sum.v / sum.nv, horizontal: sum.h / sum.nh, enough: sum.nv >= 10 && sum.nh >= 10 })).filter(({ enough }) => enough)
  const worst = clear.reduce((a, b) => (b.horizontal - b.vertical > a.horizontal - a.vertical ? b : a))
  return { ok: false, why: 'real', index: worst.index, label: data.targets.data[worst.index]!, vertical: worst.vertical, horizontal: worst.horizontal, ratio }
}
/** Numbers of the network's weights and biases, layer by layer. */
export async function parameters(): Promise<readonly number[]> {
  const weights = begin({ seed: 1, own: null })
  return ['conv1', 'conv2', 'out'].map((name) => weights[`${name}.weight`]!.data.length + weights[`${name}.bias`]!.data.length)
}
