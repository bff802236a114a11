// The engine's training against finite differences of plain loops; places reached by any way; every trouble and its repair.
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { layersAt, run } from './compute.ts'
import { ACT, type Layer, type Sample, type State, begin, changed, featuresOf, form, gridPoints, initial, plainAccuracy, plainAnswer, plainLoss, plainSlope, pointsOf, samples, withOwn, withPoint, withWeight } from './model.ts'
import { accuracyCheck, answerCheck, drawnCheck, lengthCheck, lossCheck, pastLossCheck, signalCheck } from './proofs.ts'
import { masksOf, orderOf, placeOf, stepped } from './schedule.ts'
import { type Trouble, repaired, troublesOf } from './troubles.ts'

const own: readonly Sample[] = [{ x: 1, y: 2, c: 1 }, { x: -1, y: 0.5, c: 0 }, { x: 2, y: -1, c: 1 }, { x: 0.3, y: -2, c: 0 }, { x: -2, y: 1.2, c: 1 }, { x: 1.1, y: 1.3, c: 0 }]
const small: State = { ...initial, set: 'own', own, share: 0.9, features: ['x1', 'x2', 'x1x2'], hidden: [3, 2], optimizer: 'sgd', batch: 3, eta: 0.3 }

const flatOf = (layers: readonly Layer[]): number[] => layers.flatMap(({ w, b }) => [...w.flat(), ...b])
function layersOf(like: readonly Layer[], flat: readonly number[]): Layer[] {
  const rest = [...flat]
  return like.map(({ w, b }) => ({ w: w.map((row) => rest.splice(0, row.length)), b: rest.splice(0, b.length) }))
}
/** The loss of a batch with dropout, by plain loops. */
function lossWith(s: State, layers: readonly Layer[], points: readonly Sample[], masks: readonly Float64Array[]): number {
  return points.reduce((total, p, i) => {
    let a = [...featuresOf(s, p.x, p.y)]
    for (const [l, { w, b }] of layers.entries()) {
      const z = b.map((bias, k) => a.reduce((sum, v, j) => sum + v * w[j]![k]!, bias))
      a = l === layers.length - 1 ? z.map(ACT.sigmoid) : z.map((v, k) => ACT[s.activation](v) * (masks[l]?.[i * z.length + k] ?? 1))
    }
    return total + (s.loss === 'square' ? (a[0]! - p.c) ** 2 : -Math.log(p.c === 1 ? a[0]! : 1 - a[0]!))
  }, 0) / points.length
}
/** `updates` updates by central differences and the textbook rules. */
function textbook(s: State, updates: number): number[] {
  const { train } = samples(s)
  const like = begin(s)
  const isBias = like.flatMap(({ w, b }) => [...w.flat().map(() => false), ...b.map(() => true)])
  let w = flatOf(like)
  const m = w.map(() => 0)
  const v = w.map(() => 0)
  for (let k = 0, seen = 0; k < updates; k++) {
    const { epoch, inEpoch, wanted } = placeOf(s, train.length, seen)
    const batch = orderOf(s.seed, epoch, train.length).slice(inEpoch, inEpoch + wanted).map((i) => train[i]!)
    const masks = s.dropout > 0 ? masksOf(s, k, wanted) : []
    const h = 1e-6
    const g = w.map((x, i) => {
      const at = (y: number): number => lossWith(s, layersOf(like, w.map((u, j) => (j === i ? y : u))), batch, masks)
      return (at(x + h) - at(x - h)) / (2 * h) + (isBias[i]! || s.penalty === 'none' ? 0 : s.decay * (s.penalty === 'l2' ? x : Math.sign(x)))
    })
    w = w.map((x, i) => {
      if (s.optimizer === 'sgd') return x - s.eta * g[i]!
      if (s.optimizer === 'momentum') return x - s.eta * (m[i] = 0.9 * m[i]! + g[i]!)
      m[i] = 0.9 * m[i]! + 0.1 * g[i]!
      v[i] = 0.999 * v[i]! + 0.001 * g[i]! ** 2
      return x - (s.eta * (m[i]! / (1 - 0.9 ** (k + 1)))) / (Math.sqrt(v[i]! / (1 - 0.999 ** (k + 1))) + 1e-8)
    })
    seen += wanted
  }
  return w
}
const close = (got: readonly number[], want: readonly number[], within: number): void => {
  expect(got.length).toBe(want.length)
  got.forEach((v, i) => expect(Math.abs(v - want[i]!), `${i}: ${v} and ${want[i]}`).toBeLessThan(within))
}

describe('updates are those of the textbook, by finite differences', () => {
  const cases: readonly (readonly [string, Partial<State>])[] = [
    ['gradient descent, tanh', {}],
    ['sigmoid, squared error', { activation: 'sigmoid', loss: 'square' }],
    ['ReLU', { activation: 'relu' }],
    ['softplus', { activation: 'softplus' }],
    ['linear', { activation: 'linear' }],
    ['momentum', { optimizer: 'momentum' }],
    ['Adam', { optimizer: 'adam', eta: 0.02 }],
    ['L1', { penalty: 'l1', decay: 0.05 }],
    ['L2', { penalty: 'l2', decay: 0.05 }],
    ['dropout', { dropout: 0.4 }],
    ['a batch that does not divide the epoch', { batch: 4 }],
    ['weights of one’s own', { start: begin({ ...small, seed: 3 }) }],
    ['no hidden layer', { hidden: [], start: null }],
  ]
  test.each(cases)('%s', async (_, part) => {
    const s = { ...small, ...part }
    const n = samples(s).train.length
    expect(n).toBe(6)
    const got = await run({ ...s, seen: 2 * n }, 1e4)
    close(flatOf(got.layers), textbook(s, placeOf(s, n, 2 * n).updates), 1e-6)
    const { train, test: rest } = samples(s)
    expect([got.trainLoss, got.testLoss]).toEqual([train, rest].map((points) => expect.closeTo(plainLoss(s, got.layers, points), 9)))
    expect([got.trainAccuracy, got.accuracy]).toEqual([train, rest].map((points) => plainAccuracy(s, got.layers, points)))
    for (const i of [0, 777, 1680]) expect(got.picture[i]).toBeCloseTo(plainAnswer(s, got.layers, ...gridPoints()[i]!), 9)
    // the proofs pass these numbers and refuse what is a little off
    for (const [points, loss, share] of [[train, got.trainLoss, got.trainAccuracy], [rest, got.testLoss, got.accuracy]] as const) {
      await caught(lossCheck(s, got.layers, points), loss, 'loss')
      await caught(pastLossCheck(s, () => Promise.resolve(got.layers), points), loss, 'loss of the past')
      await caught(accuracyCheck(s, got.layers, points), 100 * share, 'share')
    }
    await expect(pastLossCheck(s, () => Promise.resolve(null), train).check()).rejects.toThrow('another training')
    for (const [i, p] of train.entries()) await caught(answerCheck(s, got.layers, p), got.answers[i]!, 'answer', 1e-4)
    for (const i of [3, 900]) {
      const [x, y] = gridPoints()[i]!
      await caught(drawnCheck(s, got.layers, { x, y }, got.layers.length - 1, 0), 2 * got.picture[i]! - 1, 'drawn answer', 1e-3)
      for (const [l, neurons] of got.neurons.entries()) for (const [k, values] of neurons.entries()) await caught(signalCheck(s, got.layers, { x, y }, l, k), values[i]!, `neuron ${l} ${k}`, 1e-3)
    }
  })
})

describe('places', () => {
  test('an epoch shows every point once, another epoch in another order', () => {
    expect([...orderOf(7, 3, 50)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(orderOf(7, 3, 50)).not.toEqual(orderOf(7, 4, 50))
  })
  test('steps by sample, batch and epoch, there and back', () => {
    const s = { ...small, batch: 4 }
    const at = (seen: number, by: 'sample' | 'batch' | 'epoch', way: 1 | -1): number => stepped({ ...s, seen }, by, way)
    expect([at(0, 'sample', 1), at(0, 'batch', 1), at(4, 'batch', 1), at(5, 'batch', 1), at(6, 'batch', 1), at(0, 'epoch', 1), at(3, 'epoch', 1)]).toEqual([1, 4, 6, 6, 10, 6, 6])
    expect([at(1, 'sample', -1), at(5, 'batch', -1), at(4, 'batch', -1), at(6, 'batch', -1), at(10, 'batch', -1), at(7, 'epoch', -1), at(12, 'epoch', -1), at(0, 'epoch', -1)]).toEqual([0, 4, 0, 4, 6, 6, 6, 0])
    expect(placeOf({ ...s, seen: 11 }, 6)).toMatchObject({ epoch: 1, inEpoch: 5, updates: 3, settled: 10, waiting: 1, wanted: 2 })
  })
  test('whether in one go, in pieces, or back from further on: the same numbers', async () => {
    const s: State = { ...initial, dropout: 0.2, seen: 7 * 100 + 30 }
    const once = await run(s, 1e4)
    await run({ ...s, seed: 8 }, 1e4)
    let pieces = await run(s, 0)
    for (let k = 0; pieces.seen < s.seen; k++) {
      expect(k).toBeLessThan(1000)
      pieces = await run(s, 0)
    }
    await run({ ...s, seen: 2000 }, 1e4)
    const back = await run(s, 1e4)
    for (const other of [pieces, back]) {
      expect(other.layers).toEqual(once.layers)
      expect(other.history).toEqual(once.history)
      expect(other.trainLoss).toBe(once.trainLoss)
      expect(other.shown).toEqual(once.shown)
    }
  })
  test('every loss of the past is that of the weights of its place, also after going back; another training has none', async () => {
    const s: State = { ...initial, dropout: 0.2, optimizer: 'momentum', seen: 57 * 100 + 30 }
    const far = await run(s, 1e4)
    const { train, test: rest } = samples(s)
    expect(far.history.map(([at]) => at)).toEqual([...Array.from({ length: 51 }, (_, k) => 100 * k), 5500, 5720])
    for (const seen of [s.seen, 1220]) {
      const got = await run({ ...s, seen }, 1e4)
      for (const [at, a, b] of far.history.slice(-8)) {
        const layers = (await layersAt(s, at))!
        expect([a, b]).toEqual([train, rest].map((points) => expect.closeTo(plainLoss(s, layers, points), 9)))
      }
      expect((await run({ ...s, seen }, 1e4)).layers, 'looking back moves nothing').toEqual(got.layers)
    }
    expect(await layersAt({ ...s, eta: 0.5 }, 100)).toBeNull()
  })
  test('the loss by plain loops is exact where an answer is confidently wrong', () => {
    for (const c of [0, 1] as const) {
      const one: State = { ...initial, loss: 'log', features: ['x1'], hidden: [], start: null }
      const steep: readonly Layer[] = [{ w: [[c === 1 ? -100 : 100]], b: [0] }]
      expect(plainLoss(one, steep, [{ x: 3, y: 0, c }])).toBe(300)
      expect(plainLoss(one, steep, [{ x: 0.3, y: 0, c }])).toBeCloseTo(30 + Math.exp(-30), 12)
    }
  })
  test('while a batch waits the weights stay; the shown point is the schedule’s', async () => {
    const s: State = { ...initial, seen: 47 }
    const [before, waiting] = [await run({ ...s, seen: 40 }, 1e4), await run(s, 1e4)]
    expect(waiting.layers).toEqual(before.layers)
    const { train } = samples(s)
    const point = train[orderOf(s.seed, 0, train.length)[46]!]!
    expect(waiting.shown!.point).toEqual(point)
    expect(waiting.shown!.loss).toBeCloseTo(plainLoss(s, before.layers, [point]), 9)
    const batch = orderOf(s.seed, 0, train.length).slice(40, 47).map((i) => train[i]!)
    const flat = flatOf(before.layers)
    const slope = (points: readonly Sample[]): number => Math.hypot(...flat.map((_, i) => {
      const at = (d: number): number => plainLoss(s, layersOf(before.layers, flat.map((u, j) => (j === i ? u + d : u))), points)
      return (at(1e-6) - at(-1e-6)) / 2e-6
    }))
    expect(waiting.shown!.slope).toBeCloseTo(slope([point]), 6)
    expect(waiting.shown!.waiting).toBeCloseTo(slope(batch), 6)
    // what the page's proofs check with: the same lengths, and another for another point
    for (const [points, length] of [[[point], waiting.shown!.slope], [batch, waiting.shown!.waiting]] as const) expect(plainSlope(s, before.layers, points)).toBeCloseTo(length, 7)
    for (const [points, length] of [[[point], waiting.shown!.slope], [batch, waiting.shown!.waiting]] as const) await caught(lengthCheck(s, before.layers, points), length, 'length')
    expect(Math.abs(plainSlope(s, before.layers, [batch[0]!]) - waiting.shown!.slope)).toBeGreaterThan(1e-3)
    expect(waiting.shown!.a).toBeCloseTo(plainAnswer(s, before.layers, point.x, point.y), 9)
  })
})

describe('the state', () => {
  test('every set: both classes in both parts, inside the square; the share is kept', () => {
    for (const set of ['blobs', 'ring', 'xor', 'spirals'] as const) {
      for (const share of [0.1, 0.5, 0.8]) {
        const { train, test: rest } = samples({ ...initial, set, share, noise: 1 })
        expect(train.length).toBe(200 * share)
        for (const part of [train, rest]) expect(new Set(part.map((p) => p.c)).size).toBe(2)
        for (const p of [...train, ...rest]) expect(Math.max(Math.abs(p.x), Math.abs(p.y))).toBeLessThanOrEqual(5)
      }
    }
  })
  test('a change begins anew; weights of one’s own go when the network’s sizes change', () => {
    const s = withWeight({ ...initial, seen: 300 }, begin(initial), [0, 1, 2], 0.75)
    expect([s.seen, s.start![0]!.w[1]![2]]).toEqual([0, 0.75])
    expect(withWeight(s, s.start!, [1, -1, 0], -2).start![1]!.b).toEqual([-2])
    expect(changed(s, { eta: 1 }).start).toBe(s.start)
    expect(changed(s, { hidden: [3] }).start).toBeNull()
  })
  test('one’s own points begin as those on the screen; only both classes are accepted', () => {
    const s = withPoint(initial, 3, { x: 4.5 })
    expect([s.set, s.own.length, s.own[3]!.x, s.own[2]!.y]).toEqual(['own', 200, 4.5, Number(pointsOf(initial)[2]!.y.toFixed(2))])
    expect(form(s)).toEqual(s)
    expect(() => form(withOwn(initial, own.filter((p) => p.c === 1)))).toThrow('both classes')
  })
  test('weights that do not fit the network are refused with their place', () => {
    expect(form({ ...small, start: begin(small) }).start).toEqual(begin(small))
    expect(() => form({ ...small, hidden: [3], start: begin(small) })).toThrow('start: expected 2\u00a0layers')
    expect(() => form({ ...small, hidden: [2, 2], start: begin(small) })).toThrow('start[0]: expected weights 3 × 2')
  })
})

describe('troubles: found where they are, not where they are not, and repaired', () => {
  const seenOf = async (s: State) => {
    const got = await run(s, 1e5)
    return { got, kinds: troublesOf(s, got).map(({ trouble }) => trouble) }
  }
  const cases: readonly (readonly [Trouble, Partial<State>])[] = [
    ['broken', { activation: 'linear', hidden: [8, 8, 8], features: ['x1', 'x2', 'x1^2', 'x2^2'], optimizer: 'momentum', eta: 10, seen: 3000 }],
    ['diverged', { activation: 'linear', hidden: [], optimizer: 'sgd', features: ['x1^2', 'x2^2', 'x1x2'], eta: 10, set: 'xor', noise: 1, seen: 200 }],
    ['dead', { activation: 'relu', hidden: [8, 8], features: ['x1', 'x2', 'x1^2', 'x2^2'], optimizer: 'sgd', eta: 10, seen: 1000 }],
    ['saturated', { activation: 'sigmoid', features: ['x1^2', 'x2^2', 'x1x2'], hidden: [4], optimizer: 'sgd', eta: 10, set: 'xor', noise: 0.8, seen: 1000 }],
    ['plateau', { activation: 'linear', hidden: [4], seen: 12_000 }],
    ['overfit', { set: 'spirals', noise: 0.8, share: 0.2, hidden: [8, 8], eta: 0.05, seed: 1, seen: 40 * 500 }],
  ]
  test.each(cases)('%s', async (trouble, part) => {
    const s = { ...initial, ...part }
    const { got, kinds } = await seenOf(s)
    expect(kinds, `training ${got.trainLoss}, test ${got.testLoss}`).toContain(trouble)
    const found = troublesOf(s, got).find((f) => f.trouble === trouble)!
    const next = repaired(s, found)
    expect(form(next)).toEqual(next)
    const after = await seenOf({ ...next, seen: trouble === 'overfit' ? next.seen : s.seen })
    expect(after.kinds).not.toContain(trouble)
  })
  test('a training that goes well has none', async () => {
    for (const activation of ['tanh', 'relu', 'sigmoid'] as const) {
      const { got, kinds } = await seenOf({ ...initial, activation, hidden: [6], seen: 6000 })
      expect(got.testLoss).toBeLessThan(0.2)
      expect(kinds.filter((k) => k !== 'dead')).toEqual([])
    }
  })
})
