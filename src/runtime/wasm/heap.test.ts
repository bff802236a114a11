// The heap: random requests never overlap, neighbours merge, freed blocks are found again.
import { describe, expect, test } from 'vitest'
import { ALIGN, Heap, roundUp } from './heap.ts'

function randomSource(seed: number): () => number {
  let a = seed
  return () => {
    a = (Math.imul(a, 1664525) + 1013904223) | 0
    return (a >>> 0) / 4294967296
  }
}

describe('heap', () => {
  test('random requests: aligned, disjoint, inside; all merged at the end', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = randomSource(seed)
      const heap = new Heap(1024)
      let end = 1024
      const live = new Map<number, number>()
      for (let step = 0; step < 2000; step++) {
        if (next() < 0.55 || live.size === 0) {
          const bytes = Math.floor(2 ** (next() * 20))
          let at = heap.allocate(bytes)
          if (at < 0) {
            end += Math.max(roundUp(bytes), 65536)
            heap.extend(end)
            at = heap.allocate(bytes)
          }
          expect(at % ALIGN).toBe(0)
          expect(at).toBeGreaterThanOrEqual(1024)
          expect(at + bytes).toBeLessThanOrEqual(end)
          live.set(at, bytes)
        } else {
          const at = [...live.keys()][Math.floor(next() * live.size)]!
          expect(heap.free(at)).toBe(true)
          live.delete(at)
        }
        if (step % 100 === 0) {
          const sorted = [...live].sort((a, b) => a[0] - b[0])
          for (let i = 1; i < sorted.length; i++) expect(sorted[i]![0]).toBeGreaterThanOrEqual(sorted[i - 1]![0] + sorted[i - 1]![1])
        }
      }
      for (const at of live.keys()) heap.free(at)
      expect(heap.stats().bytesInUse).toBe(0)
      expect(heap.stats().blocks).toBe(0)
      expect(heap.tailBytes).toBe(end - 1024)
    }
  })
  test('a freed block serves the next request of its size', () => {
    const heap = new Heap(0)
    heap.extend(1 << 28)
    for (const bytes of [1, 64, 65, 1000, 4097, 100_000, 123_457, 10_000_019]) {
      const at = heap.allocate(bytes)
      const guard = heap.allocate(64)
      heap.free(at)
      expect(heap.allocate(bytes)).toBe(at)
      heap.free(at)
      heap.free(guard)
    }
  })
  test('rounding costs 3 % at most', () => {
    for (let bytes = 1; bytes < 2 ** 31; bytes = Math.floor(bytes * 1.01) + 1) {
      const rounded = roundUp(bytes)
      expect(rounded).toBeGreaterThanOrEqual(bytes)
      expect(rounded - Math.ceil(bytes / ALIGN) * ALIGN).toBeLessThanOrEqual(bytes / 32)
    }
  })
  test('addresses that are not in use are refused', () => {
    const heap = new Heap(0)
    heap.extend(4096)
    const at = heap.allocate(10)
    expect(heap.free(at + 64)).toBe(false)
    expect(heap.free(at)).toBe(true)
    expect(heap.free(at)).toBe(false)
  })
})
