// The neuron, computed by Gradus: z = X·w + b for every row at once, a = 1 where z > 0.
import { tensor } from 'gradus'

export interface Signals {
  readonly z: readonly number[]
  readonly a: readonly number[]
}

/** Potential and output for rows of inputs (B,n), weights (n) and a bias. */
export async function forward(x: readonly (readonly number[])[], w: readonly number[], b: number): Promise<Signals> {
  const inputs = tensor(x, { dtype: 'float64' })
  const z = inputs.matmul(tensor(w, { dtype: 'float64' })).add(tensor(b, { dtype: 'float64' })) // (B,n)·(n) → (B)
  const a = z.gt(tensor(0, { dtype: 'float64' }))
  return { z: Array.from(await z.data()), a: Array.from(await a.data()) }
}
