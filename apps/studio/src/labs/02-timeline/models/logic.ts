// 1943 and 1969: threshold neurons add three bits; a search for the neuron of every Boolean function of two inputs.
import { tensor } from 'gradus'
import { separateBoolean } from 'gradus/models'
import type { Machine, Picture } from './machine.ts'

const bits = (i: number): readonly number[] => [(i >> 2) & 1, (i >> 1) & 1, i & 1]
/** Weights and biases of the adder: carry = at least two of three; sum = the carry counts against the inputs, twice. */
const CARRY = { w: tensor([[1], [1], [1]]), b: tensor([-1.5]) }
const SUM = { w: tensor([[1], [1], [1], [-2]]), b: tensor([-0.5]) }

/** One row of the adder's table a step. */
export const mccullochPitts: Machine = {
  steps: 8,
  every: 1,
  start: () => {
    let done = 0
    return {
      advance: async (_, to) => void (done = to),
      look: async () => {
        const inputs = Array.from({ length: 8 }, (_, i) => bits(i))
        const x = tensor(inputs.map((row) => [...row]))
        const carry = x.matmul(CARRY.w).add(CARRY.b).gt(0).to('float32') // (8,3) → (8,1)
        const both = await tensor(await carry.data()).reshape(8, 1).data()
        const fed = tensor(inputs.map((row, i) => [...row, both[i]!]))
        const sum = await fed.matmul(SUM.w).add(SUM.b).gt(0).to('float32').data() // (8,4) → (8,1)
        const right = inputs.filter((row, i) => i < done && 2 * both[i]! + sum[i]! === row.reduce((a, b) => a + b, 0)).length
        const rows = inputs.slice(0, done).map((row, i) => ({ cells: [...row, both[i]!, sum[i]!].map(String), good: 2 * both[i]! + sum[i]! === row.reduce((a, b) => a + b, 0) }))
        return { curves: {}, figures: { rowsRight: right, rowsAll: done }, pictures: [{ kind: 'table', key: 'adder', head: ['x₁', 'x₂', 'x₃', 'carry', 'sum'], rows }] }
      },
    }
  },
}

/** One of the 16 functions a step: weights that compute it, or the proof that there are none. */
export const minskyPapert: Machine = {
  steps: 16,
  every: 1,
  start: () => {
    let done = 0
    return {
      advance: async (_, to) => void (done = to),
      // by enumeration: every table that some weights of a grid give
      recount: async () => {
        const tables = new Set<number>()
        const grid = (most: number): number[] => Array.from({ length: 8 * most + 1 }, (_, i) => i / 4 - most)
        for (const w1 of grid(2)) for (const w2 of grid(2)) for (const b of grid(4)) tables.add([b, b + w2, b + w1, b + w1 + w2].reduce((bits, z) => 2 * bits + Number(z > 0), 0))
        const possible = Array.from({ length: done }, (_, f) => f).filter((f) => tables.has(f)).length
        return { possible, impossible: done - possible }
      },
      look: async () => {
        const found = Array.from({ length: done }, (_, f) => {
          const table = [0, 1, 2, 3].map((row) => ((f >> (3 - row)) & 1) as 0 | 1)
          return { table, answer: separateBoolean(table) }
        })
        const rows = found.map(({ table, answer }) => ({
          cells: [...table.map(String), answer.separable ? `${answer.weights.map((w) => String(Number(w.toFixed(2)))).join(' ')} | ${Number(answer.bias.toFixed(2))}` : '—'],
          good: answer.separable,
        }))
        const picture: Picture = { kind: 'table', key: 'functions', head: ['00', '01', '10', '11', 'w | b'], rows }
        return { curves: {}, figures: { possible: found.filter(({ answer }) => answer.separable).length, impossible: found.filter(({ answer }) => !answer.separable).length }, pictures: [picture] }
      },
    }
  },
}
