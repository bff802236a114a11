// The batch's loss and the three-class cross-entropy as programs.
import { listing } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code(s: State): Code {
  const [Z, Y, L] = [listing(s.batch.map((r) => r.z)), listing(s.batch.map((r) => r.y)), listing(s.logits)]
  const mse = s.loss === 'mse'
  return {
    gradus: `import { grad, tensor } from 'gradus'

const z = tensor(${Z}, { dtype: 'float64' })
const y = tensor(${Y}, { dtype: 'float64' })
const loss = (z) => ${mse ? 'z.sigmoid().sub(y).square().mean()' : 'z.softplus().sub(z.mul(y)).mean()'}
const logits = tensor(${L}, { dtype: 'float64' })
const ce = logits.logSoftmax().at(${s.correct}).neg()
console.log(JSON.stringify({ loss: await loss(z).item(), gradient: await grad(loss)(z).array(), ce: await ce.item() }))
`,
    numpy: `import json
import numpy as np

z, y = np.array(${Z}, dtype=float), np.array(${Y}, dtype=float)
a = 1 / (1 + np.exp(-z))
${mse ? 'loss = np.mean((a - y) ** 2)\ngradient = 2 * (a - y) * a * (1 - a) / len(z)' : 'loss = np.mean(-(y * np.log(a) + (1 - y) * np.log(1 - a)))\ngradient = (a - y) / len(z)'}
logits = np.array(${L}, dtype=float)
ce = np.log(np.sum(np.exp(logits))) - logits[${s.correct}]
print(json.dumps({"loss": float(loss), "gradient": gradient.tolist(), "ce": float(ce)}))
`,
    pytorch: `import json
import torch
import torch.nn.functional as F

z = torch.tensor(${Z}, dtype=torch.float64, requires_grad=True)
y = torch.tensor(${Y}, dtype=torch.float64)
loss = ${mse ? 'F.mse_loss(torch.sigmoid(z), y)' : 'F.binary_cross_entropy_with_logits(z, y)'}
loss.backward()
ce = F.cross_entropy(torch.tensor([${L}], dtype=torch.float64), torch.tensor([${s.correct}]))
print(json.dumps({"loss": loss.item(), "gradient": z.grad.tolist(), "ce": ce.item()}))
`,
  }
}
