// The machine on the screen as programs.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

const X = '[[0, 0], [0, 1], [1, 0], [1, 1]]'

export function code(s: State): Code {
  if (s.way === 'layers') {
    const W = listing([0, 1].map((i) => [s.h1[i]!, s.h2[i]!]))
    const B = listing([s.h1[2]!, s.h2[2]!])
    const V = listing(s.out.slice(0, 2))
    const C = literal(s.out[2]!)
    return {
      gradus: `import { tensor } from 'gradus'

const X = tensor(${X}, { dtype: 'float64' })
const W = tensor(${W}, { dtype: 'float64' })   // W[j][k]: from input j to hidden k
const b = tensor(${B}, { dtype: 'float64' })
const v = tensor(${V}, { dtype: 'float64' })
const h = X.matmul(W).add(b).gt(0).to('float64')   // (4,2)
const z = h.matmul(v).add(${C})
console.log(JSON.stringify({ z: await z.array(), a: (await z.gt(0).array()).map(Number) }))
`,
      numpy: `import json
import numpy as np

X = np.array(${X}, dtype=float)
W = np.array(${W}, dtype=float)   # W[j, k]: from input j to hidden k
b = np.array(${B}, dtype=float)
v = np.array(${V}, dtype=float)
h = (X @ W + b > 0).astype(float)
z = h @ v + ${C}
print(json.dumps({"z": z.tolist(), "a": (z > 0).astype(int).tolist()}))
`,
      pytorch: `import json
import torch

X = torch.tensor(${X}, dtype=torch.float64)
W = torch.tensor(${W}, dtype=torch.float64)   # W[j, k]: from input j to hidden k
b = torch.tensor(${B}, dtype=torch.float64)
v = torch.tensor(${V}, dtype=torch.float64)
h = (X @ W + b > 0).double()
z = h @ v + ${C}
print(json.dumps({"z": z.tolist(), "a": (z > 0).int().tolist()}))
`,
    }
  }
  const lifted = s.way === 'lift'
  const w = listing((lifted ? s.lift : s.one).slice(0, -1))
  const b = literal((lifted ? s.lift : s.one).at(-1)!)
  const rows = lifted ? '[[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 1]]' : X
  const note = lifted ? 'the third column is the product x1*x2' : 'one threshold neuron: no weights give XOR'
  return {
    gradus: `import { tensor } from 'gradus'

const X = tensor(${rows}, { dtype: 'float64' })   // ${note}
const w = tensor(${w}, { dtype: 'float64' })
const z = X.matmul(w).add(${b})
console.log(JSON.stringify({ z: await z.array(), a: (await z.gt(0).array()).map(Number) }))
`,
    numpy: `import json
import numpy as np

X = np.array(${rows}, dtype=float)   # ${note}
w = np.array(${w}, dtype=float)
z = X @ w + ${b}
print(json.dumps({"z": z.tolist(), "a": (z > 0).astype(int).tolist()}))
`,
    pytorch: `import json
import torch

X = torch.tensor(${rows}, dtype=torch.float64)   # ${note}
w = torch.tensor(${w}, dtype=torch.float64)
z = X @ w + ${b}
print(json.dumps({"z": z.tolist(), "a": (z > 0).int().tolist()}))
`,
  }
}
