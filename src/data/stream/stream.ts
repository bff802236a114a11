// Stream: elements one after another, more than memory holds. Every pass is opened anew and depends on (seed, epoch) alone;
// it can begin anywhere, so that a training that was stopped goes on where it was.
import { ValueError } from '../../base/index.ts'
import { type HostRandom, hostRandom } from '../random.ts'
import { type Found, ahead, flow, grouped, interleaved, shuffledBy } from './steps.ts'

/** One run through a stream. Two passes with equal numbers give the same elements in the same order. */
export interface Pass {
  readonly seed: number
  readonly epoch: number
}
/** Where an element stands: its number in the pass, and random numbers that belong to it alone. */
export interface Place extends Pass {
  readonly index: number
  readonly random: HostRandom
}
export type Elements<T> = Iterable<T> | AsyncIterable<T>
/** Opens a pass at an element. */
type Open<T> = (pass: Pass, start: number) => AsyncIterable<T>

/** Random streams of the stages of a stream stand apart from those of `STREAM`. */
const STAGES = 1000
/** Passes of an endless stream that belong to one epoch; beyond that orders come again. */
const ROUNDS = 65536

/**
 * A stream of elements: numbers, lines, examples … Steps (`map`, `filter`, `shuffle` …) give new streams; nothing is read before
 * somebody asks, and no more than what is asked for.
 *
 * @example
 * ```ts
 * import { Stream } from 'gradus/data'
 *
 * const squares = Stream.from([1, 2, 3, 4, 5]).filter((n) => n % 2 === 1).map((n) => n * n).batch(2)
 * await squares.toArray() // → [[1, 9], [25]]
 * ```
 */
export class Stream<T> implements AsyncIterable<T> {
  /** Elements of a pass; null: known only when it has passed. */
  readonly length: number | null
  private readonly source: Open<T>
  private readonly stage: number

  private constructor(source: Open<T>, length: number | null, stage: number) {
    this.source = source
    this.length = length
    this.stage = stage
  }

  /**
   * A stream of the elements of a list, or of what a function gives at every pass (a generator function, for instance).
   *
   * @throws ValueError for a generator that has begun: it could be read once only.
   */
  static from<T>(elements: Elements<T> | ((pass: Pass) => Elements<T>), options: { readonly length?: number } = {}): Stream<T> {
    if (typeof elements === 'function') {
      if (options.length !== undefined) whole('Stream.from', 'length', options.length)
      return new Stream((pass, start) => flow(elements(pass), start), options.length ?? null, 0)
    }
    if (Array.isArray(elements)) return new Stream((_, start) => flow(elements.slice(start) as T[]), elements.length, 0)
    const once = elements as Partial<Iterable<T> & AsyncIterable<T>>
    if (((once[Symbol.iterator]?.() ?? once[Symbol.asyncIterator]?.()) as unknown) === elements) throw new ValueError('Stream.from', 'a generator can be read once only', { expected: 'a list, or a function that makes a generator', remedy: 'Hand over the generator function itself, without calling it.' })
    return new Stream((_, start) => flow(elements, start), options.length ?? null, 0)
  }

  /** A stream whose passes can begin anywhere without reading what lies before. */
  static at<T>(open: (start: number, pass: Pass) => Elements<T>, length: number | null = null): Stream<T> {
    return new Stream((pass, start) => flow(open(start, pass)), length, 0)
  }

  /** The streams one after another. */
  static concat<T>(...streams: readonly Stream<T>[]): Stream<T> {
    return new Stream((pass, start) => concatenated(streams, pass, start), sum(streams.map((s) => s.length)), 1 + Math.max(0, ...streams.map((s) => s.stage)))
  }

  /** A pass, from the element of number `start` on. */
  open(pass: Partial<Pass> = {}, start = 0): AsyncIterable<T> {
    return this.source({ seed: pass.seed ?? 0, epoch: pass.epoch ?? 0 }, whole('Stream.open', 'start', start))
  }
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.open()[Symbol.asyncIterator]()
  }
  async toArray(pass: Partial<Pass> = {}): Promise<T[]> {
    const out: T[] = []
    for await (const element of this.open(pass)) out.push(element)
    return out
  }

  /** Each element changed. `f` gets random numbers that depend on (seed, epoch, number of the element) alone, and may be asynchronous. */
  map<U>(f: (element: T, place: Place) => U | Promise<U>): Stream<U> {
    const purpose = STAGES + this.stage
    const { source } = this
    return this.next(async function* (pass, start): AsyncGenerator<U, void, undefined> {
      let index = start
      for await (const element of source(pass, start)) {
        const made = f(element, placeOf(pass, index++, purpose))
        yield made instanceof Promise ? await made : made
      }
    }, this.length)
  }
  /** The elements for which `f` holds. */
  filter(f: (element: T, index: number) => boolean): Stream<T> {
    const { source } = this
    async function* chosen(pass: Pass): AsyncGenerator<T, void, undefined> {
      let index = 0
      for await (const element of source(pass, 0)) if (f(element, index++)) yield element
    }
    return this.next((pass, start) => flow(chosen(pass), start), null)
  }
  /** The first n elements. */
  take(n: number): Stream<T> {
    whole('Stream.take', 'n', n)
    const { source } = this
    return this.next(async function* (pass, start): AsyncGenerator<T, void, undefined> {
      let left = n - start
      if (left <= 0) return
      for await (const element of source(pass, start)) {
        yield element
        if (--left === 0) return
      }
    }, this.length === null ? null : Math.min(n, this.length))
  }
  /** Without the first n elements. */
  skip(n: number): Stream<T> {
    whole('Stream.skip', 'n', n)
    return this.next((pass, start) => this.source(pass, start + n), this.length === null ? null : Math.max(0, this.length - n))
  }
  /** The stream again and again: `count` times, or without end. Each time is a pass of its own: a `shuffle` before it differs. */
  repeat(count = Number.POSITIVE_INFINITY): Stream<T> {
    if (count !== Number.POSITIVE_INFINITY) whole('Stream.repeat', 'count', count)
    const rounds = Number.isFinite(count) ? count : ROUNDS
    const { source, length } = this
    async function* all(pass: Pass, first: number, start: number): AsyncGenerator<T, void, undefined> {
      for (let round = first, at = start; round < count; round++, at = 0) {
        let any = at > 0
        for await (const element of source({ ...pass, epoch: pass.epoch * rounds + round }, at)) {
          any = true
          yield element
        }
        if (!any) return // an empty stream stays empty
      }
    }
    const total = length === null ? null : length === 0 ? 0 : length * count
    return this.next((pass, start) => (length === null || length === 0 ? flow(all(pass, 0, 0), start) : all(pass, Math.floor(start / length), start % length)), total)
  }
  /**
   * In random order: `size` elements are held, and one of them, drawn at random, comes next. With `size` at least the length of the
   * stream this is a full shuffle. Another order every epoch; `seed` stands in for the seed of the pass.
   */
  shuffle(size: number, options: { readonly seed?: number } = {}): Stream<T> {
    whole('Stream.shuffle', 'size', size, 1)
    const purpose = STAGES + this.stage
    return this.next((pass, start) => flow(shuffledBy(this.source(pass, 0), size, hostRandom(options.seed ?? pass.seed, purpose, pass.epoch)), start), this.length)
  }
  /** Elements in groups of n; the last may be smaller. */
  batch(n: number, options: { readonly dropLast?: boolean } = {}): Stream<T[]> {
    whole('Stream.batch', 'n', n, 1)
    const { dropLast = false } = options
    return this.next((pass, start) => grouped(this.source(pass, start * n), n, dropLast), this.length === null ? null : dropLast ? Math.floor(this.length / n) : Math.ceil(this.length / n))
  }
  /**
   * Each element made a stream (a file its lines, say), and these read in turns: `cycle` of them are open, `block` elements are taken
   * from one before the next has its turn, and one that ends makes room for the next.
   */
  interleave<U>(f: (element: T) => Stream<U>, options: { readonly cycle?: number; readonly block?: number } = {}): Stream<U> {
    const cycle = whole('Stream.interleave', 'cycle', options.cycle ?? 4, 1)
    const block = whole('Stream.interleave', 'block', options.block ?? 1, 1)
    return this.next((pass, start) => flow(interleaved(this.source(pass, 0), (element) => f(element).source(pass, 0), cycle, block), start), null)
  }
  /** Each element made a stream, one after another. */
  flatMap<U>(f: (element: T) => Stream<U>): Stream<U> {
    return this.interleave(f, { cycle: 1 })
  }
  /** Up to n elements are asked for before they are needed: files are read while the last elements are worked on. */
  prefetch(n: number): Stream<T> {
    whole('Stream.prefetch', 'n', n)
    return n === 0 ? this : this.next((pass, start) => ahead(this.source(pass, start), n), this.length)
  }

  private next<U>(source: Open<U>, length: number | null): Stream<U> {
    return new Stream(source, length, this.stage + 1)
  }
}

async function* concatenated<T>(streams: readonly Stream<T>[], pass: Pass, start: number): AsyncGenerator<T, void, undefined> {
  let before = start
  for (const stream of streams) {
    if (stream.length !== null && stream.length <= before) {
      before -= stream.length
      continue
    }
    const found: Found = { count: 0 }
    const known = stream.length !== null
    // a part of unknown length is counted while it is passed over
    for await (const element of known ? stream.open(pass, before) : stream.open(pass)) if (known || found.count++ >= before) yield element
    before = known ? 0 : Math.max(0, before - found.count)
  }
}

/** Random numbers are made when asked for: most functions do not. */
function placeOf(pass: Pass, index: number, purpose: number): Place {
  let random: HostRandom | null = null
  return { ...pass, index, get random() { return (random ??= hostRandom(pass.seed, purpose, pass.epoch, index)) } }
}

const sum = (lengths: readonly (number | null)[]): number | null => lengths.reduce<number | null>((a, b) => (a === null || b === null ? null : a + b), 0)

function whole(operation: string, name: string, value: number, least = 0): number {
  if (!Number.isSafeInteger(value) || value < least) throw new ValueError(operation, `bad ${name}`, { expected: `a whole number from ${least}`, received: String(value) })
  return value
}
