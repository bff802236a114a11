// Hand-made features of the digit on the lecture's grid, as programs: ink, symmetry, pieces minus holes.
import { listing } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'

/** A zero on 13 × 10 cells, as the lecture prints one. */
export const ZERO: readonly (readonly number[])[] = [
  '0001111000', '0011111100', '0111001110', '0110000110', '1110000111', '1100000011', '1100000011', '1100000011', '1110000111', '0110000110', '0111001110', '0011111100', '0001111000',
].map((row) => [...row].map(Number))

export function code(): Code {
  const grid = `[${ZERO.map((row) => listing(row)).join(',\n ')}]`
  return {
    gradus: `import { tensor } from 'gradus'

const x = tensor(${grid}, { dtype: 'float64' })
const ink = x.mean()
const symmetry = x.mul(x.flip(1)).sum().div(x.square().sum())
// squares of 2 x 2: one cell full +1, three -1, two on a diagonal -2; a quarter of the sum is pieces minus holes
const p = x.pad([[1, 1], [1, 1]])
const [a, b, c, d] = [p.at([0, -1], [0, -1]), p.at([0, -1], [1, null]), p.at([1, null], [0, -1]), p.at([1, null], [1, null])]
const full = a.add(b).add(c).add(d)
const diagonal = full.eq(2).to('float64').mul(a.eq(d).to('float64'))
const euler = full.eq(1).to('float64').sub(full.eq(3).to('float64')).sub(diagonal.mul(2)).sum().div(4)
console.log(JSON.stringify({ ink: await ink.item(), symmetry: await symmetry.item(), euler: await euler.item() }))
`,
    numpy: `import json
import numpy as np

x = np.array(${grid}, dtype=float)
symmetry = (x * x[:, ::-1]).sum() / (x ** 2).sum()
# squares of 2 x 2: one cell full +1, three -1, two on a diagonal -2; a quarter of the sum is pieces minus holes
p = np.pad(x, 1)
a, b, c, d = p[:-1, :-1], p[:-1, 1:], p[1:, :-1], p[1:, 1:]
full = a + b + c + d
euler = ((full == 1).sum() - (full == 3).sum() - 2 * ((full == 2) & (a == d)).sum()) / 4
print(json.dumps({"ink": x.mean(), "symmetry": symmetry, "euler": float(euler)}))
`,
    pytorch: `import json
import torch

x = torch.tensor(${grid}, dtype=torch.float64)
symmetry = (x * x.flip(1)).sum() / (x ** 2).sum()
# squares of 2 x 2: one cell full +1, three -1, two on a diagonal -2; a quarter of the sum is pieces minus holes
p = torch.nn.functional.pad(x, (1, 1, 1, 1))
a, b, c, d = p[:-1, :-1], p[:-1, 1:], p[1:, :-1], p[1:, 1:]
full = a + b + c + d
euler = ((full == 1).sum() - (full == 3).sum() - 2 * ((full == 2) & (a == d)).sum()) / 4
print(json.dumps({"ink": x.mean().item(), "symmetry": symmetry.item(), "euler": float(euler)}))
`,
  }
}
