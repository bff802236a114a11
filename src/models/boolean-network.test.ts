import { describe, expect, it } from 'vitest'
import { type Product, allInputs, booleanNetwork, minimiseTable, network, showProducts, tableOf, verifyBoolean, verifyBooleanOnTensors } from './index.ts'

function random(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}
const satisfies = (p: Product, x: readonly number[]): boolean => p.every((v, i) => v === null || v === x[i])
const allProducts = (n: number): Product[] => (n === 0 ? [[]] : allProducts(n - 1).flatMap((p) => [[...p, 0], [...p, 1], [...p, null]] as Product[]))

/** Fewest products by trying all sets of implicants of growing size. */
function fewestByBruteForce(table: readonly number[], n: number): number {
  const rows = allInputs(n)
  const target = table.reduce<number>((m, v, i) => (v === 1 ? m | (1 << i) : m), 0)
  const masks = allProducts(n)
    .map((p) => rows.reduce((m, x, i) => (satisfies(p, x) ? m | (1 << i) : m), 0))
    .filter((m) => (m & ~target) === 0)
  let reach = new Set([0])
  for (let k = 0; ; k++) {
    if (reach.has(target)) return k
    reach = new Set([...reach].flatMap((r) => masks.map((m) => r | m)))
  }
}

describe('minimiseTable', () => {
  it('finds as few products as brute force, for every function of 3 variables', () => {
    for (let code = 0; code < 256; code++) {
      const table = Array.from({ length: 8 }, (_, i) => (code >> i) & 1)
      const { products, minimal } = minimiseTable(table)
      expect(minimal).toBe(true)
      expect(products.length).toBe(fewestByBruteForce(table, 3))
      expect(allInputs(3).map((x) => (products.some((p) => satisfies(p, x)) ? 1 : 0))).toEqual(table)
    }
  })
  it('does so for random functions of 4 variables', () => {
    const next = random(3)
    for (let trial = 0; trial < 25; trial++) {
      const table = allInputs(4).map(() => (next() < 0.5 ? 1 : 0))
      expect(minimiseTable(table).products.length).toBe(fewestByBruteForce(table, 4))
    }
  })
  it('takes a hard random function in its stride', () => {
    const next = random(12)
    const table = tableOf(10, () => next() < 0.9)
    const { network: net, hidden, minimal } = booleanNetwork(table)
    expect([hidden < 110, minimal]).toEqual([true, false])
    expect(verifyBoolean(net, table).wrong).toEqual([])
  })
  it("knows McCluskey's classics", () => {
    // parity has no two rows to merge; majority of three is x₁x₂ ∨ x₁x₃ ∨ x₂x₃
    expect(minimiseTable(tableOf(4, (x) => x.reduce<number>((s, v) => s ^ v, 0))).products.length).toBe(8)
    expect(showProducts(minimiseTable(tableOf(3, (x) => x[0]! + x[1]! + x[2]! > 1)).products).split(' ∨ ').sort()).toEqual(['x₁x₂', 'x₁x₃', 'x₂x₃'])
    expect(showProducts(minimiseTable([0, 0, 1, 1]).products)).toBe('x₁')
    expect(showProducts(minimiseTable([1, 1]).products)).toBe('1')
    expect(showProducts([])).toBe('0')
  })
})

describe('booleanNetwork', () => {
  it('realises every function of up to 3 variables, both ways', () => {
    for (const n of [0, 1, 2, 3]) {
      for (let code = 0; code < 2 ** 2 ** n; code++) {
        const table = Array.from({ length: 2 ** n }, (_, i) => (code >> i) & 1)
        for (const minimise of [true, false]) {
          const { network: net, hidden } = booleanNetwork(table, { minimise })
          expect(verifyBoolean(net, table)).toEqual({ rows: 2 ** n, wrong: [] })
          if (!minimise) expect(hidden).toBe(table.filter((v) => v === 1).length)
        }
      }
    }
  })
  it.each([6, 8, 10])('realises a random function of %i variables, in numbers and on tensors', async (n) => {
    const next = random(n)
    const table = tableOf(n, () => next() < 0.3)
    const full = booleanNetwork(table, { minimise: false })
    const small = booleanNetwork(table)
    expect(small.hidden).toBeLessThan(full.hidden)
    for (const { network: net } of [full, small]) {
      expect(verifyBoolean(net, table).wrong).toEqual([])
      expect((await verifyBooleanOnTensors(net, table)).wrong).toEqual([])
    }
  })
  it('reaches 12 variables: a multiplexer in 8 products instead of 1024', () => {
    // three address bits choose one of eight data bits (the twelfth variable does not matter)
    const table = tableOf(12, (x) => x[3 + 4 * x[0]! + 2 * x[1]! + x[2]!]!)
    const { network: net, hidden } = booleanNetwork(table)
    expect(hidden).toBe(8)
    expect(verifyBoolean(net, table)).toEqual({ rows: 4096, wrong: [] })
  })
  it('notices a wrong network', async () => {
    const wrong = network([2, 1], { activation: 'step', weight: () => 1 })
    expect(verifyBoolean(wrong, [0, 1, 1, 0]).wrong).toEqual([3])
    expect((await verifyBooleanOnTensors(wrong, [0, 1, 1, 0])).wrong).toEqual([3])
  })
  it('refuses what is no table', () => {
    expect(() => booleanNetwork([])).toThrow(/truth table/)
    expect(() => booleanNetwork([0, 1, 2, 0])).toThrow(/bit/)
    expect(() => tableOf(2, () => 0.5)).toThrow(/no bit/)
    expect(() => minimiseTable(tableOf(13, () => 0))).toThrow(/at most 12/)
  })
})
