// The expression and its gradients as programs.
import { type Expression, evaluate } from '../../core/expression.ts'
import { literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { codeOfNetwork } from './code-network.ts'
import { NAMES, type State, initial, parse } from './model.ts'

const SIGN = { add: '+', sub: '-', mul: '*', div: '/', pow: '**' } as const
function python(e: Expression): string {
  return evaluate<string>(e, Object.fromEntries(NAMES.map((name) => [name, name])), {
    number: literal,
    unary: (op, x) => (op === 'neg' ? `(-${x})` : `${op}(${x})`),
    binary: (op, a, b) => `(${a} ${SIGN[op]} ${b})`,
  })
}
function ours(e: Expression): string {
  if (e.op === 'pow' && e.right.op === 'number') return `${ours(e.left)}.pow(${literal(e.right.value)})`
  if (e.op === 'number') return `c(${literal(e.value)})`
  if (e.op === 'variable') return e.name
  if ('of' in e) return `${ours(e.of)}.${e.op}()`
  return `${ours(e.left)}.${e.op}(${ours(e.right)})`
}

export function code(s: State): Code {
  if (s.mode === 'network') return codeOfNetwork(s)
  let e: Expression
  try {
    e = parse(s.formula)
  } catch {
    e = parse(initial.formula)
  }
  const values = NAMES.map((name) => literal(s[name])).join(', ')
  return {
    gradus: `import { tensor, valueAndGrad } from 'gradus'

const c = (value) => tensor(value, { dtype: 'float64' })
const f = ({ x, y, w, b }) => ${ours(e)}
const [x, y, w, b] = [${values}].map(c)
const [value, g] = valueAndGrad(f)({ x, y, w, b })
console.log(JSON.stringify({ f: await value.item(), x: await g.x.item(), y: await g.y.item(), w: await g.w.item(), b: await g.b.item() }))
`,
    numpy: `import json
from numpy import exp, log, sin, cos, tanh, sqrt, abs, maximum, logaddexp

relu = lambda z: maximum(0, z)
sigmoid = lambda z: 1 / (1 + exp(-z))
softplus = lambda z: logaddexp(0, z)
f = lambda x, y, w, b: ${python(e)}
at = dict(zip("xywb", [${values}]))
h = 1e-5   # NumPy has no gradients: central differences
slope = {n: float((f(**{**at, n: at[n] + h}) - f(**{**at, n: at[n] - h})) / (2 * h)) for n in at}
print(json.dumps({"f": float(f(**at)), **slope}))
`,
    pytorch: `import json
import torch
from torch import exp, log, sin, cos, tanh, sqrt, abs, relu, sigmoid
from torch.nn.functional import softplus

x, y, w, b = [torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in [${values}]]
f = ${python(e)}
f.backward()
g = lambda v: 0.0 if v.grad is None else v.grad.item()
print(json.dumps({"f": f.item(), "x": g(x), "y": g(y), "w": g(w), "b": g(b)}))
`,
  }
}
