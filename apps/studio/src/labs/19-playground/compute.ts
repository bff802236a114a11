// Trains the network with Gradus, epoch by epoch over the whole training set, and draws what every neuron sees.
import { type Tensor, tensor, valueAndGrad } from 'gradus'
import { type Layer, type Sample, type State, begin, featuresOf, gridPoints, keyOf, samples } from './model.ts'

const f64 = { dtype: 'float64' } as const
interface Weights {
  readonly w: readonly Tensor[]
  readonly b: readonly Tensor[]
}
interface Session {
  epoch: number
  flat: Float64Array[]
  m: Float64Array[]
  v: Float64Array[]
  readonly losses: [number, number, number][]
}
export interface Trained {
  readonly epoch: number
  readonly layers: readonly Layer[]
  readonly trainLoss: number
  readonly testLoss: number
  readonly accuracy: number
  /** [epoch, training loss, test loss] */
  readonly history: readonly (readonly [number, number, number])[]
  /** The answer over the square, row by row from the top; and what every hidden neuron gives there. */
  readonly picture: Float64Array
  readonly neurons: readonly (readonly Float64Array[])[]
}
/** The last training, so that going on does not begin anew. Going back does. */
let last: { key: string; session: Session } | null = null

function shapes(s: State): readonly (readonly number[])[] {
  const sizes = [s.features.length, ...s.hidden, 1]
  return sizes.slice(1).flatMap((n, l) => [[sizes[l]!, n], [n]])
}
const toWeights = (s: State, flat: readonly Float64Array[]): Weights => {
  const all = flat.map((values, i) => tensor(values, { ...f64, shape: shapes(s)[i]! }))
  return { w: all.filter((_, i) => i % 2 === 0), b: all.filter((_, i) => i % 2 === 1) }
}
function hidden(s: State, { w, b }: Weights, x: Tensor): Tensor[] {
  const out: Tensor[] = []
  let a = x
  for (let l = 0; l < w.length - 1; l++) {
    const z = a.matmul(w[l]!).add(b[l]!) // (B,n)·(n,m) + (m) → (B,m)
    a = s.activation === 'tanh' ? z.tanh() : s.activation === 'relu' ? z.relu() : z.sigmoid()
    out.push(a)
  }
  return out
}
const logits = (s: State, p: Weights, x: Tensor): Tensor => (hidden(s, p, x).at(-1) ?? x).matmul(p.w.at(-1)!).add(p.b.at(-1)!).reshape(-1)
const lossOf = (s: State, p: Weights, x: Tensor, y: Tensor): Tensor => {
  const z = logits(s, p, x)
  return z.softplus().sub(z.mul(y)).mean()
}
const inputs = (s: State, points: readonly Sample[]): [Tensor, Tensor] => [tensor(points.map((p) => featuresOf(s, p.x, p.y)), f64), tensor(points.map((p) => p.c), f64)]

export async function run(s: State): Promise<Trained> {
  const key = keyOf(s)
  const data = samples(s)
  const [x, y] = inputs(s, data.train)
  const [tx, ty] = inputs(s, data.test)
  if (last === null || last.key !== key || last.session.epoch > s.epochs) {
    const flat = begin(s).flatMap(({ w, b }) => [Float64Array.from(w.flat()), Float64Array.from(b)])
    last = { key, session: { epoch: 0, flat, m: flat.map((f) => new Float64Array(f.length)), v: flat.map((f) => new Float64Array(f.length)), losses: [] } }
  }
  const { session } = last
  const both = valueAndGrad((p: Weights) => lossOf(s, p, x, y))
  while (session.epoch < s.epochs) {
    const [value, g] = both(toWeights(s, session.flat))
    if (session.epoch % 5 === 0) session.losses.push([session.epoch, await value.item(), await lossOf(s, toWeights(s, session.flat), tx, ty).item()])
    session.epoch++
    for (const [i, weights] of session.flat.entries()) {
      const slope = await (i % 2 === 0 ? g.w[i / 2]! : g.b[(i - 1) / 2]!).data()
      const [m, v] = [session.m[i]!, session.v[i]!]
      for (let k = 0; k < weights.length; k++) {
        const d = slope[k]! + (i % 2 === 0 ? s.decay * weights[k]! : 0)
        if (s.optimizer === 'sgd') weights[k] = weights[k]! - s.eta * d
        else {
          m[k] = 0.9 * m[k]! + 0.1 * d
          v[k] = 0.999 * v[k]! + 0.001 * d * d
          weights[k] = weights[k]! - (s.eta * (m[k]! / (1 - 0.9 ** session.epoch))) / (Math.sqrt(v[k]! / (1 - 0.999 ** session.epoch)) + 1e-8)
        }
      }
    }
  }
  const p = toWeights(s, session.flat)
  const square = tensor(gridPoints().map(([a, b]) => featuresOf(s, a, b)), f64)
  const seen = await Promise.all(hidden(s, p, square).map(async (layer) => ({ width: layer.shape[1]!, data: await layer.data() })))
  const answers = await logits(s, p, tx).data()
  const sizes = shapes(s)
  const trainLoss = await lossOf(s, p, x, y).item()
  const testLoss = await lossOf(s, p, tx, ty).item()
  return {
    epoch: session.epoch,
    layers: sizes.flatMap(([rows, columns], i) => (columns === undefined ? [] : [{ w: Array.from({ length: rows! }, (_, j) => Array.from(session.flat[i]!.slice(j * columns, (j + 1) * columns))), b: Array.from(session.flat[i + 1]!) }])),
    trainLoss,
    testLoss,
    accuracy: data.test.filter((q, i) => (answers[i]! > 0 ? 1 : 0) === q.c).length / data.test.length,
    history: [...session.losses, [session.epoch, trainLoss, testLoss]],
    picture: Float64Array.from(await logits(s, p, square).sigmoid().data(), (v) => 2 * v - 1),
    neurons: seen.map(({ width, data: all }) => Array.from({ length: width }, (_, k) => Float64Array.from({ length: all.length / width }, (__, i) => all[i * width + k]! - (s.activation === 'sigmoid' ? 0.5 : 0)))),
  }
}
