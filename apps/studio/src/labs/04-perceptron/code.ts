// The learning up to this step as programs.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code({ points, eta, steps }: State): Code {
  const X = listing(points.map((p) => [p.x, p.y, 1]))
  const Y = listing(points.map((p) => p.c))
  const E = literal(eta)
  return {
    gradus: `import { tensor } from 'gradus'

const X = ${X}   // the last column is 1: its weight is the bias
const y = ${Y}
let w = tensor([0, 0, 0], { dtype: 'float64' })
for (let k = 0; k < ${steps + 1}; k++) {
  const x = tensor(X[k % X.length], { dtype: 'float64' })
  const a = (await w.dot(x).item()) > 0 ? 1 : 0
  w = w.add(x.mul(${E} * (y[k % X.length] - a)))   // w <- w + eta (y - a) x
}
console.log(JSON.stringify({ w: await w.array() }))
`,
    numpy: `import json
import numpy as np

X = np.array(${X}, dtype=float)   # the last column is 1: its weight is the bias
y = ${Y}
w = np.zeros(3)
for k in range(${steps + 1}):
    i = k % len(X)
    a = 1 if w @ X[i] > 0 else 0
    w = w + ${E} * (y[i] - a) * X[i]   # w <- w + eta (y - a) x
print(json.dumps({"w": w.tolist()}))
`,
    pytorch: `import json
import torch

X = torch.tensor(${X}, dtype=torch.float64)   # the last column is 1: its weight is the bias
y = ${Y}
w = torch.zeros(3, dtype=torch.float64)
for k in range(${steps + 1}):
    i = k % len(X)
    a = 1 if w @ X[i] > 0 else 0
    w = w + ${E} * (y[i] - a) * X[i]   # w <- w + eta (y - a) x
print(json.dumps({"w": w.tolist()}))
`,
  }
}
