// The neuron's truth table as programs.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { type State, rows } from './model.ts'

export function code({ n, w, b }: State): Code {
  const X = `[\n${rows(n).map((x) => `  ${listing(x)},`).join('\n')}\n]`
  const W = listing(w.slice(0, n))
  const B = literal(b)
  return {
    gradus: `import { tensor } from 'gradus'

const X = tensor(${X}, { dtype: 'float64' })
const w = tensor(${W}, { dtype: 'float64' })
const z = X.matmul(w).add(${B})   // z = b + Σ w_i x_i
const a = z.gt(0)                 // a = 1 where z > 0
console.log(JSON.stringify({ z: await z.array(), a: (await a.array()).map(Number) }))
`,
    numpy: `import json
import numpy as np

X = np.array(${X})
w = np.array(${W})
z = X @ w + ${B}               # z = b + sum w_i x_i
a = (z > 0).astype(int)        # a = 1 where z > 0
print(json.dumps({"z": z.tolist(), "a": a.tolist()}))
`,
    pytorch: `import json
import torch

X = torch.tensor(${X}, dtype=torch.float64)
w = torch.tensor(${W}, dtype=torch.float64)
z = X @ w + ${B}               # z = b + sum w_i x_i
a = (z > 0).int()              # a = 1 where z > 0
print(json.dumps({"z": z.tolist(), "a": a.tolist()}))
`,
  }
}
