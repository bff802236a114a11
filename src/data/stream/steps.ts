// The steps of streams as generators: whoever stops reading closes what they read from, down to the files.
import type { HostRandom } from '../random.ts'

/** Elements that were counted. */
export interface Found {
  count: number
}

/** Any elements as an asynchronous iterable, without the first `start`. */
export async function* flow<T>(elements: Iterable<T> | AsyncIterable<T>, start = 0): AsyncGenerator<T, void, undefined> {
  let index = 0
  for await (const element of elements) if (index++ >= start) yield element
}

/** A buffer of `size` elements, of which one at random comes next and makes room for a new one. */
export async function* shuffledBy<T>(elements: AsyncIterable<T>, size: number, random: HostRandom): AsyncGenerator<T, void, undefined> {
  const held: T[] = []
  for await (const element of elements) {
    if (held.length < size) {
      held.push(element)
      continue
    }
    const at = random.below(size)
    const out = held[at]!
    held[at] = element
    yield out
  }
  while (held.length > 0) {
    const at = random.below(held.length)
    const out = held[at]!
    held[at] = held[held.length - 1]!
    held.pop()
    yield out
  }
}

export async function* grouped<T>(elements: AsyncIterable<T>, n: number, dropLast: boolean): AsyncGenerator<T[], void, undefined> {
  let group: T[] = []
  for await (const element of elements) {
    group.push(element)
    if (group.length === n) {
      yield group
      group = []
    }
  }
  if (group.length > 0 && !dropLast) yield group
}

/** Streams read in turns; a place that becomes free goes to the next of them. */
export async function* interleaved<T, U>(elements: AsyncIterable<T>, open: (element: T) => AsyncIterable<U>, cycle: number, block: number): AsyncGenerator<U, void, undefined> {
  const outer = elements[Symbol.asyncIterator]()
  const inner: (AsyncIterator<U> | null)[] = []
  let more = true
  const fill = async (place: number): Promise<boolean> => {
    const next = more ? await outer.next() : null
    if (next === null || next.done === true) {
      more = false
      inner[place] = null
      return false
    }
    inner[place] = open(next.value)[Symbol.asyncIterator]()
    return true
  }
  try {
    for (let i = 0; i < cycle && (await fill(i)); i++);
    while (inner.some((one) => one !== null)) {
      for (let place = 0; place < inner.length; place++) {
        for (let taken = 0; taken < block && inner[place] != null; taken++) {
          const { done, value } = await inner[place]!.next()
          if (done === true) {
            await fill(place)
            break
          }
          yield value
        }
      }
    }
  } finally {
    for (const one of inner) await one?.return?.()
    await outer.return?.()
  }
}

/** Asks for up to n elements more than were taken. */
export async function* ahead<T>(elements: AsyncIterable<T>, n: number): AsyncGenerator<T, void, undefined> {
  const iterator = elements[Symbol.asyncIterator]()
  const asked: Promise<IteratorResult<T>>[] = []
  const ask = (): void => {
    const next = iterator.next()
    // an error is told when its turn comes
    next.catch(() => {})
    asked.push(next)
  }
  try {
    for (let i = 0; i < n; i++) ask()
    for (;;) {
      ask()
      const { done, value } = await asked.shift()!
      if (done === true) return
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}
