// The gradients of the one example as programs.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code(s: State): Code {
  const [W, B, V, C, X, Y] = [listing(s.w), listing(s.b), listing(s.v), literal(s.c), listing(s.x), literal(s.y)]
  return {
    gradus: `import { tensor, valueAndGrad } from 'gradus'

const f64 = { dtype: 'float64' }
const x = tensor(${X}, f64)
const cost = ({ w, b, v, c }) => {
  const h = x.matmul(w).add(b).sigmoid()
  const a = h.dot(v).add(c).sigmoid()
  return a.sub(${Y}).square().mul(0.5)
}
const [value, g] = valueAndGrad(cost)({ w: tensor(${W}, f64), b: tensor(${B}, f64), v: tensor(${V}, f64), c: tensor(${C}, f64) })
console.log(JSON.stringify({ cost: await value.item(), w: await g.w.array(), b: await g.b.array(), v: await g.v.array(), c: await g.c.item() }))
`,
    numpy: `import json
import numpy as np

sigmoid = lambda z: 1 / (1 + np.exp(-z))
w, b, v, c = np.array(${W}, dtype=float), np.array(${B}, dtype=float), np.array(${V}, dtype=float), ${C}
x, y = np.array(${X}, dtype=float), ${Y}
h = sigmoid(x @ w + b)                       # steps 1 and 2: the signals
a = sigmoid(h @ v + c)
d_out = (a - y) * a * (1 - a)                # step 3: delta of the output
d_hidden = v * d_out * h * (1 - h)           # step 4: delta of the hidden layer
print(json.dumps({"cost": float((a - y) ** 2 / 2), "w": np.outer(x, d_hidden).tolist(), "b": d_hidden.tolist(), "v": (h * d_out).tolist(), "c": float(d_out)}))
`,
    pytorch: `import json
import torch

leaf = lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True)
w, b, v, c = leaf(${W}), leaf(${B}), leaf(${V}), leaf(float(${C}))
x = torch.tensor(${X}, dtype=torch.float64)
h = torch.sigmoid(x @ w + b)
a = torch.sigmoid(h @ v + c)
cost = (a - ${Y}) ** 2 / 2
cost.backward()
print(json.dumps({"cost": cost.item(), "w": w.grad.tolist(), "b": b.grad.tolist(), "v": v.grad.tolist(), "c": c.grad.item()}))
`,
  }
}
