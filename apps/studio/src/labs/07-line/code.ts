// The neuron at the lab's points as programs.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code({ w1, w2, b, points }: State): Code {
  const P = listing((points.length > 0 ? points : [{ x: 0, y: 0, c: 0 }]).map(({ x, y }) => [x, y]))
  const W = listing([w1, w2])
  const B = literal(b)
  const lines = (comment: string): string => `${comment} the line: w1*x1 + w2*x2 + b = 0, slope -w1/w2, crosses the x2 axis at -b/w2`
  return {
    gradus: `import { tensor } from 'gradus'

${lines('//')}
const points = tensor(${P}, { dtype: 'float64' })
const w = tensor(${W}, { dtype: 'float64' })
const z = points.matmul(w).add(${B})
const side = z.ge(0)
console.log(JSON.stringify({ z: await z.array(), side: (await side.array()).map(Number) }))
`,
    numpy: `import json
import numpy as np

${lines('#')}
points = np.array(${P}, dtype=float)
w = np.array(${W}, dtype=float)
z = points @ w + ${B}
side = (z >= 0).astype(int)
print(json.dumps({"z": z.tolist(), "side": side.tolist()}))
`,
    pytorch: `import json
import torch

${lines('#')}
points = torch.tensor(${P}, dtype=torch.float64)
w = torch.tensor(${W}, dtype=torch.float64)
z = points @ w + ${B}
side = (z >= 0).int()
print(json.dumps({"z": z.tolist(), "side": side.tolist()}))
`,
  }
}
