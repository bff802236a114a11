// The neuron's error on the points as programs.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code(s: State): Code {
  const [X, Y, W, B] = [listing(s.points.map((p) => p.x)), listing(s.points.map((p) => p.y)), literal(s.w), literal(s.b)]
  const ours = { linear: 'z', threshold: "z.gt(0).to('float64')", logistic: 'z.sigmoid()' }[s.kind]
  const numpy = { linear: 'z', threshold: '(z > 0).astype(float)', logistic: '1 / (1 + np.exp(-z))' }[s.kind]
  const torch = { linear: 'z', threshold: '(z > 0).double()', logistic: 'torch.sigmoid(z)' }[s.kind]
  return {
    gradus: `import { tensor } from 'gradus'

const x = tensor(${X}, { dtype: 'float64' })
const y = tensor(${Y}, { dtype: 'float64' })
const z = x.mul(${W}).add(${B})
const a = ${ours}
console.log(JSON.stringify({ a: await a.array(), mse: await a.sub(y).square().mean().item() }))
`,
    numpy: `import json
import numpy as np

x, y = np.array(${X}, dtype=float), np.array(${Y}, dtype=float)
z = ${W} * x + ${B}
a = ${numpy}
print(json.dumps({"a": a.tolist(), "mse": float(np.mean((a - y) ** 2))}))
`,
    pytorch: `import json
import torch

x, y = torch.tensor(${X}, dtype=torch.float64), torch.tensor(${Y}, dtype=torch.float64)
z = ${W} * x + ${B}
a = ${torch}
print(json.dumps({"a": a.tolist(), "mse": torch.nn.functional.mse_loss(a, y).item()}))
`,
  }
}
