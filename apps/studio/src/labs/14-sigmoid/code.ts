// The nudge as programs; the derivative by each library's own means.
import { literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code(s: State): Code {
  const [w, b, x, k, dw] = [s.w, s.b, s.x, s.k, s.dw].map(literal)
  return {
    gradus: `import { grad, tensor } from 'gradus'

const neuron = (w) => w.mul(${x}).add(${b}).mul(${k}).sigmoid()
const w = tensor(${w}, { dtype: 'float64' })
const a = await neuron(w).item()
const slope = await grad(neuron)(w).item()              // da/dw
const change = (await neuron(w.add(${dw})).item()) - a  // what the nudge really does
console.log(JSON.stringify({ a, slope, change, linear: slope * ${dw} }))
`,
    numpy: `import json
import numpy as np

neuron = lambda w: 1 / (1 + np.exp(-${k} * (w * ${x} + ${b})))
w, dw = ${w}, ${dw}
a = neuron(w)
slope = a * (1 - a) * ${k} * ${x}   # sigma' = sigma (1 - sigma), then the chain rule
change = neuron(w + dw) - a
print(json.dumps({"a": float(a), "slope": float(slope), "change": float(change), "linear": float(slope * dw)}))
`,
    pytorch: `import json
import torch

neuron = lambda w: torch.sigmoid(${k} * (w * ${x} + ${b}))
w = torch.tensor(float(${w}), dtype=torch.float64, requires_grad=True)
a = neuron(w)
a.backward()
dw = ${dw}
change = neuron(w.detach() + dw) - a.detach()
print(json.dumps({"a": a.item(), "slope": w.grad.item(), "change": change.item(), "linear": w.grad.item() * dw}))
`,
  }
}
