// The chain and its gradient as programs.
import { literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

const NUMPY = {
  sigmoid: ['1 / (1 + np.exp(-z))', 'f(z) * (1 - f(z))'],
  tanh: ['np.tanh(z)', '1 - np.tanh(z) ** 2'],
  relu: ['np.maximum(0, z)', 'float(z > 0)'],
  softplus: ['np.logaddexp(0, z)', '1 / (1 + np.exp(-z))'],
} as const
const TORCH = { sigmoid: 'torch.sigmoid', tanh: 'torch.tanh', relu: 'torch.relu', softplus: 'torch.nn.functional.softplus' } as const

export function code({ kind, z, depth, w }: State): Code {
  const [Z, W] = [literal(z), literal(w)]
  return {
    gradus: `import { grad, tensor } from 'gradus'

const chain = (z) => {
  let a = z.${kind}()
  for (let layer = 1; layer < ${depth}; layer++) a = a.mul(${W}).${kind}()
  return a
}
const z = tensor(${Z}, { dtype: 'float64' })
console.log(JSON.stringify({ a: await chain(z).item(), gradient: await grad(chain)(z).item() }))
`,
    numpy: `import json
import numpy as np

f = lambda z: ${NUMPY[kind][0]}
slope = lambda z: ${NUMPY[kind][1]}
z = ${Z}
a, gradient = f(z), slope(z)
for layer in range(1, ${depth}):
    z = ${W} * a
    a, gradient = f(z), gradient * slope(z) * ${W}   # the chain rule
print(json.dumps({"a": float(a), "gradient": float(gradient)}))
`,
    pytorch: `import json
import torch

z = torch.tensor(float(${Z}), dtype=torch.float64, requires_grad=True)
a = ${TORCH[kind]}(z)
for layer in range(1, ${depth}):
    a = ${TORCH[kind]}(${W} * a)
a.backward()
print(json.dumps({"a": a.item(), "gradient": z.grad.item()}))
`,
  }
}
