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
      // counted on fingers: two ones or more carry, an odd number of them leaves a one
      redraw: async () => {
        const rows = Array.from({ length: done }, (_, i) => {
          const ones = bits(i).filter((bit) => bit === 1).length
          return { cells: [...bits(i).map(String), Math.floor(ones / 2), ones % 2], good: true }
        })
        return [{ kind: 'table', key: 'adder', head: ['x₁', 'x₂', 'x₃', 'carry', 'sum'], rows }]
      },
      look: async () => {
        const inputs = Array.from({ length: 8 }, (_, i) => bits(i))
        const x = tensor(inputs.map((row) => [...row]))
        const carry = x.matmul(CARRY.w).add(CARRY.b).gt(0).to('float32') // (8,3) → (8,1)
        const both = await tensor(await carry.data()).reshape(8, 1).data()
        const fed = tensor(inputs.map((row, i) => [...row, both[i]!]))
        const sum = await fed.matmul(SUM.w).add(SUM.b).gt(0).to('float32').data() // (8,4) → (8,1)
        const right = inputs.filter((row, i) => i < done && 2 * both[i]! + sum[i]! === row.reduce((a, b) => a + b, 0)).length
        const rows = inputs.slice(0, done).map((row, i) => ({ cells: [...row.map(String), both[i]!, sum[i]!], good: 2 * both[i]! + sum[i]! === row.reduce((a, b) => a + b, 0) }))
        return { curves: {}, figures: { rowsRight: right, rowsAll: done }, pictures: [{ kind: 'table', key: 'adder', head: ['x₁', 'x₂', 'x₃', 'carry', 'sum'], rows }] }
      },
    }
  },
}

const tableOf = (f: number): readonly (0 | 1)[] => [0, 1, 2, 3].map((row) => ((f >> (3 - row)) & 1) as 0 | 1)
const functionsPicture = (rows: readonly { readonly table: readonly number[]; readonly weights: readonly number[] | null }[]): Picture =>
  ({ kind: 'table', key: 'functions', head: ['00', '01', '10', '11', 'w₁', 'w₂', 'b'], rows: rows.map(({ table, weights }) => ({ cells: [...table.map(String), ...(weights ?? ['—', '—', '—'])], good: weights !== null })) })
/** w₁, w₂ and b as found for a function, or null. */
function found(table: readonly (0 | 1)[]): readonly number[] | null {
  const answer = separateBoolean(table)
  return answer.separable ? [...answer.weights, answer.bias].map((v) => Number(v.toFixed(2))) : null
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
      // by enumeration: of all whole weights from −4 to 4 those nearest to the ones found that do compute the function
      redraw: async () => {
        const whole = Array.from({ length: 9 }, (_, i) => i - 4)
        const all = whole.flatMap((w1) => whole.flatMap((w2) => whole.map((b) => ({ weights: [w1, w2, b], code: [b, b + w2, b + w1, b + w1 + w2].reduce((code, z) => 2 * code + Number(z > 0), 0) }))))
        return [functionsPicture(Array.from({ length: done }, (_, f) => {
          const near = found(tableOf(f)) ?? [0, 0, 0]
          const far = (weights: readonly number[]): number => Math.hypot(...weights.map((w, i) => w - near[i]!))
          const able = all.filter(({ code }) => code === f).map(({ weights }) => weights)
          return { table: tableOf(f), weights: able.length === 0 ? null : able.reduce((a, b) => (far(b) < far(a) ? b : a)) }
        }))]
      },
      look: async () => {
        const rows = Array.from({ length: done }, (_, f) => ({ table: tableOf(f), weights: found(tableOf(f)) }))
        const possible = rows.filter(({ weights }) => weights !== null).length
        return { curves: {}, figures: { possible, impossible: done - possible }, pictures: [functionsPicture(rows)] }
      },
    }
  },
}
