// Streams against enumeration: every step beside the plain list it must give, orders as permutations, passes that begin anywhere.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Stream } from './stream.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const upTo = (n: number): Stream<number> => Stream.from(range(n))
const sorted = (a: readonly number[]): number[] => [...a].sort((x, y) => x - y)
async function collect<T>(elements: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const e of elements) out.push(e)
  return out
}

test('take, skip, filter, map, batch, repeat, concat give what lists give', async () => {
  const all = range(10)
  expect(await upTo(10).take(3).toArray()).toEqual(all.slice(0, 3))
  expect(await upTo(10).take(0).toArray()).toEqual([])
  expect(await upTo(10).skip(4).toArray()).toEqual(all.slice(4))
  expect(await upTo(10).filter((x) => x % 3 === 0).toArray()).toEqual([0, 3, 6, 9])
  expect(await upTo(3).map(async (x, { index }) => x * 10 + index).toArray()).toEqual([0, 11, 22])
  expect(await upTo(7).batch(3).toArray()).toEqual([[0, 1, 2], [3, 4, 5], [6]])
  expect(await upTo(7).batch(3, { dropLast: true }).toArray()).toEqual([[0, 1, 2], [3, 4, 5]])
  expect(await upTo(2).repeat(3).toArray()).toEqual([0, 1, 0, 1, 0, 1])
  expect(await upTo(2).repeat().take(5).toArray()).toEqual([0, 1, 0, 1, 0])
  expect(await upTo(0).repeat().toArray()).toEqual([])
  expect(await Stream.concat(upTo(2), upTo(3)).toArray()).toEqual([0, 1, 0, 1, 2])
  expect(await upTo(5).prefetch(3).toArray()).toEqual(range(5))
})

test('interleave takes turns, and a place that becomes free goes to the next', async () => {
  const parts = ['a', 'bbb', 'cc', 'dd']
  const letters = (cycle: number, block: number) => Stream.from(parts).interleave((p) => Stream.from([...p].map((c, i) => `${c}${i}`)), { cycle, block }).toArray()
  expect(await letters(2, 1)).toEqual(['a0', 'b0', 'b1', 'c0', 'b2', 'c1', 'd0', 'd1'])
  expect(await letters(2, 2)).toEqual(['a0', 'b0', 'b1', 'c0', 'c1', 'b2', 'd0', 'd1'])
  expect(await letters(1, 1)).toEqual(['a0', 'b0', 'b1', 'b2', 'c0', 'c1', 'd0', 'd1'])
  expect(await Stream.from(parts).flatMap((p) => Stream.from([...p])).toArray()).toEqual([...parts.join('')])
})

describe('shuffle', () => {
  test('is a permutation, the same for the same seed and epoch, and no element comes before the buffer allows', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 70 }), fc.nat(1000), fc.nat(5), async (n, size, seed, epoch) => {
      const stream = upTo(n).shuffle(size)
      const order = await stream.toArray({ seed, epoch })
      expect(sorted(order)).toEqual(range(n))
      expect(await stream.toArray({ seed, epoch })).toEqual(order)
      order.forEach((element, place) => expect(element).toBeLessThan(place + size))
    }), { numRuns: 60 })
  })
  test('differs by seed, by epoch and by repetition, unless it has a seed of its own', async () => {
    const stream = upTo(50).shuffle(50)
    const first = await stream.toArray({ seed: 1, epoch: 0 })
    expect(await stream.toArray({ seed: 2, epoch: 0 })).not.toEqual(first)
    expect(await stream.toArray({ seed: 1, epoch: 1 })).not.toEqual(first)
    const twice = await stream.repeat(2).toArray()
    expect(twice.slice(0, 50)).not.toEqual(twice.slice(50))
    const own = upTo(50).shuffle(50, { seed: 7 })
    expect(await own.toArray({ seed: 1 })).toEqual(await own.toArray({ seed: 2 }))
  })
  test('with a buffer of everything each element comes first equally often', async () => {
    const counts = new Array<number>(5).fill(0)
    for (let seed = 0; seed < 2000; seed++) counts[(await collect(upTo(5).shuffle(5).take(1).open({ seed })))[0]!]!++
    // binomial: 400 ± 18; five deviations
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(90)
  })
})

test('a pass that begins later gives the rest of the same pass, whatever the steps', async () => {
  const streams: Record<string, Stream<unknown>> = {
    list: upTo(12),
    generator: Stream.from(function* () { yield* range(12) }),
    map: upTo(12).map((x, { random, index }) => [x, index, random.next()]),
    filter: upTo(20).filter((x) => x % 3 !== 0),
    shuffle: upTo(12).shuffle(5),
    batch: upTo(12).batch(2),
    repeat: upTo(4).shuffle(4).repeat(3),
    unknown: upTo(4).filter(() => true).repeat(3),
    concat: Stream.concat(upTo(5), upTo(8).filter((x) => x > 1), upTo(3)),
    interleave: upTo(4).interleave((x) => Stream.from([x, x, x]), { cycle: 2 }),
    chain: upTo(30).shuffle(8).map((x, { random }) => x + random.next()).skip(2).take(14).prefetch(2),
  }
  for (const [name, stream] of Object.entries(streams)) {
    const whole = await stream.toArray({ seed: 3, epoch: 2 })
    expect(whole.length, name).toBeGreaterThan(5)
    if (stream.length !== null) expect(whole.length, name).toBe(stream.length)
    for (const start of [0, 1, 5, whole.length, whole.length + 1]) expect(await collect(stream.open({ seed: 3, epoch: 2 }, start)), `${name} from ${start}`).toEqual(whole.slice(start))
  }
})

test('whoever stops reading closes the source, through every step', async () => {
  let closed = 0
  const source = Stream.from(function* () {
    try { yield* range(100) } finally { closed++ }
  })
  const chains = [source.map((x) => x), source.shuffle(4), source.batch(2), source.prefetch(3), source.take(50), source.filter(() => true), source.repeat(), source.interleave((x) => Stream.from([x])), Stream.from([0, 1]).interleave(() => source), Stream.concat(source, source)]
  for (const chain of chains) {
    const before = closed
    for await (const _ of chain.open()) break
    expect(closed).toBeGreaterThan(before)
  }
})

test('prefetch asks ahead, tells an error at its turn, and asks for no more', async () => {
  const asked: number[] = []
  const stream = upTo(10).map((x) => {
    asked.push(x)
    if (x === 3) throw new Error('three')
    return x
  }).prefetch(2)
  const seen: number[] = []
  await expect((async () => {
    for await (const x of stream) {
      seen.push(x)
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (x === 0) expect(asked).toEqual([0, 1, 2])
    }
  })()).rejects.toThrow('three')
  expect(seen).toEqual([0, 1, 2])
  expect(asked).toEqual([0, 1, 2, 3])
})

test('bad calls say what is wrong', () => {
  const generator = (function* () { yield 1 })()
  expect(() => Stream.from(generator)).toThrow(/Stream\.from: a generator can be read once only: expected a list, or a function/)
  expect(() => upTo(3).shuffle(0)).toThrow(/Stream\.shuffle: bad size: expected a whole number from 1, received 0/)
  expect(() => upTo(3).take(-1)).toThrow(/Stream\.take: bad n/)
  expect(() => upTo(3).batch(1.5)).toThrow(/Stream\.batch: bad n/)
})
