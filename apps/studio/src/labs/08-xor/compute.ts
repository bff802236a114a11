// The three machines of the lab on all four rows, computed by Gradus.
import { concat, stack, tensor } from 'gradus'

const f64 = { dtype: 'float64' } as const
const X = (): ReturnType<typeof tensor> => tensor([[0, 0], [0, 1], [1, 0], [1, 1]], f64)

export interface Answers {
  readonly z: readonly number[]
  readonly a: readonly number[]
  /** Hidden signals, row by row: (4,2); empty where there is no hidden layer. */
  readonly hidden: readonly (readonly number[])[]
  readonly hiddenZ: readonly (readonly number[])[]
}

async function read(z: ReturnType<typeof tensor>): Promise<Pick<Answers, 'z' | 'a'>> {
  const a = z.gt(tensor(0, f64))
  return { z: Array.from(await z.data()), a: Array.from(await a.data()) }
}

/** One threshold neuron [w₁, w₂, b]. */
export async function one(neuron: readonly number[]): Promise<Answers> {
  const w = tensor(neuron, f64)
  return { ...(await read(X().matmul(w.at([0, 2])).add(w.at(2)))), hidden: [], hiddenZ: [] } // (4,2)·(2) → (4)
}

/** Two neurons side by side, a third on their outputs. */
export async function layers(h1: readonly number[], h2: readonly number[], out: readonly number[]): Promise<Answers> {
  const first = stack([tensor(h1, f64), tensor(h2, f64)]) // (2,3)
  const hiddenZ = X().matmul(first.at(null, [0, 2]).T).add(first.at(null, 2)) // (4,2)·(2,2) + (2) → (4,2)
  const hidden = hiddenZ.gt(tensor(0, f64)).to('float64')
  const w = tensor(out, f64)
  const z = hidden.matmul(w.at([0, 2])).add(w.at(2)) // (4,2)·(2) → (4)
  return { ...(await read(z)), hidden: (await hidden.array()) as number[][], hiddenZ: (await hiddenZ.array()) as number[][] }
}

/** One neuron [w₁, w₂, w₃, b] that is also given the product x₁x₂. */
export async function lift(neuron: readonly number[]): Promise<Answers> {
  const x = X()
  const product = x.at(null, [0, 1]).mul(x.at(null, [1, 2])) // (4,1)
  const w = tensor(neuron, f64)
  return { ...(await read(concat([x, product], 1).matmul(w.at([0, 3])).add(w.at(3)))), hidden: [], hiddenZ: [] }
}
