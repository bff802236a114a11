// The network before training and its loss on the data, as programs.
import { listing } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { type State, begin, featuresOf, samples } from './model.ts'

export function code(s: State): Code {
  const { train } = samples(s)
  const round = (v: number): number => Number(v.toFixed(5))
  const X = listing(train.map((p) => featuresOf(s, p.x, p.y).map(round)))
  const Y = listing(train.map((p) => p.c))
  const layers = begin(s)
  const [W, B] = [listing(layers.map((l) => l.w)), listing(layers.map((l) => l.b))]
  const ours = { tanh: 'z.tanh()', relu: 'z.relu()', sigmoid: 'z.sigmoid()', softplus: 'z.softplus()', linear: 'z' }[s.activation]
  const np = { tanh: 'np.tanh(z)', relu: 'np.maximum(0, z)', sigmoid: '1 / (1 + np.exp(-z))', softplus: 'np.logaddexp(0, z)', linear: 'z' }[s.activation]
  const torch = { tanh: 'torch.tanh(z)', relu: 'torch.relu(z)', sigmoid: 'torch.sigmoid(z)', softplus: 'F.softplus(z)', linear: 'z' }[s.activation]
  const square = s.loss === 'square'
  return {
    gradus: `import { tensor } from 'gradus'

const X = tensor(${X}, { dtype: 'float64' })   // features of the training points
const y = tensor(${Y}, { dtype: 'float64' })
const W = ${W}.map((w) => tensor(w, { dtype: 'float64' }))   // before training
const b = ${B}.map((v) => tensor(v, { dtype: 'float64' }))
let a = X
for (let l = 0; l < W.length - 1; l++) {
  const z = a.matmul(W[l]).add(b[l])
  a = ${ours}
}
const z = a.matmul(W.at(-1)).add(b.at(-1)).reshape(-1)
const loss = ${square ? 'z.sigmoid().sub(y).square().mean()' : 'z.softplus().sub(z.mul(y)).mean()'}
console.log(JSON.stringify({ loss: await loss.item() }))
`,
    numpy: `import json
import numpy as np

X, y = np.array(${X}, dtype=float), np.array(${Y}, dtype=float)   # features of the training points
W = [np.array(w, dtype=float) for w in ${W}]   # before training
b = [np.array(v, dtype=float) for v in ${B}]
a = X
for w, v in zip(W[:-1], b[:-1]):
    z = a @ w + v
    a = ${np}
z = (a @ W[-1] + b[-1]).reshape(-1)
print(json.dumps({"loss": float(np.mean(${square ? '(1 / (1 + np.exp(-z)) - y) ** 2' : 'np.logaddexp(0, z) - z * y'}))}))
`,
    pytorch: `import json
import torch
import torch.nn.functional as F

X, y = torch.tensor(${X}, dtype=torch.float64), torch.tensor(${Y}, dtype=torch.float64)
W = [torch.tensor(w, dtype=torch.float64) for w in ${W}]   # before training
b = [torch.tensor(v, dtype=torch.float64) for v in ${B}]
a = X
for w, v in zip(W[:-1], b[:-1]):
    z = a @ w + v
    a = ${torch}
z = (a @ W[-1] + b[-1]).reshape(-1)
print(json.dumps({"loss": ${square ? 'F.mse_loss(torch.sigmoid(z), y)' : 'F.binary_cross_entropy_with_logits(z, y)'}.item()}))
`,
  }
}
