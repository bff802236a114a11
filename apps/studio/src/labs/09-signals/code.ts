// The network and its signals as programs.
import { listing } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { Kind } from '../../core/layered.ts'
import { type State, uniform } from './model.ts'

const GRADUS: Readonly<Record<Kind, string>> = { step: "z.gt(0).to('float64')", sigmoid: 'z.sigmoid()', tanh: 'z.tanh()', relu: 'z.relu()', identity: 'z' }
const NUMPY: Readonly<Record<Kind, string>> = { step: '(z > 0).astype(float)', sigmoid: '1 / (1 + np.exp(-z))', tanh: 'np.tanh(z)', relu: 'np.maximum(z, 0)', identity: 'z' }
const TORCH: Readonly<Record<Kind, string>> = { step: '(z > 0).double()', sigmoid: 'torch.sigmoid(z)', tanh: 'torch.tanh(z)', relu: 'torch.relu(z)', identity: 'z' }

export function code({ net, x }: State): Code {
  const kind = net.layers[0]!.activation
  // layers of different functions carry their own
  const mixed = !uniform(net)
  const rows = (open: string, close: string, phi: (kind: Kind) => string): string => net.layers.map((l) => `  ${open}${listing(l.weights)}, ${listing(l.biases)}${mixed ? `, ${phi(l.activation)}` : ''}${close},`).join('\n')
  const each = mixed ? 'W, b, phi' : 'W, b'
  return {
    gradus: `import { tensor } from 'gradus'

const f64 = { dtype: 'float64' }
const layers = [   // [W, b]; W[j][k] leads from neuron j to neuron k
${rows('[', ']', (of) => `(z) => ${GRADUS[of]}`)}
]
let a = tensor(${listing(x)}, f64)
const out = { z: [], a: [] }
for (const [${each}] of layers) {
  const z = a.matmul(tensor(W, f64)).add(tensor(b, f64))
  a = ${mixed ? 'phi(z)' : GRADUS[kind]}
  out.z.push(await z.array())
  out.a.push(await a.array())
}
console.log(JSON.stringify(out))
`,
    numpy: `import json
import numpy as np

layers = [   # (W, b); W[j][k] leads from neuron j to neuron k
${rows('(', ')', (of) => `lambda z: ${NUMPY[of]}`)}
]
a = np.array(${listing(x)}, dtype=float)
out = {"z": [], "a": []}
for ${each} in layers:
    z = a @ np.array(W, dtype=float) + np.array(b, dtype=float)
    a = ${mixed ? 'phi(z)' : NUMPY[kind]}
    out["z"].append(z.tolist())
    out["a"].append(a.tolist())
print(json.dumps(out))
`,
    pytorch: `import json
import torch

f64 = torch.float64
layers = [   # (W, b); W[j][k] leads from neuron j to neuron k
${rows('(', ')', (of) => `lambda z: ${TORCH[of]}`)}
]
a = torch.tensor(${listing(x)}, dtype=f64)
out = {"z": [], "a": []}
for ${each} in layers:
    z = a @ torch.tensor(W, dtype=f64) + torch.tensor(b, dtype=f64)
    a = ${mixed ? 'phi(z)' : TORCH[kind]}
    out["z"].append(z.tolist())
    out["a"].append(a.tolist())
print(json.dumps(out))
`,
  }
}
