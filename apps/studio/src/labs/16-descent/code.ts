// The walk as programs.
import type { Expression, Unary } from '../../core/expression.ts'
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { type State, initial, parse } from './model.ts'

const PYTHON: Readonly<Record<Unary, string>> = { neg: '-', exp: 'exp', log: 'log', sin: 'sin', cos: 'cos', tanh: 'tanh', sqrt: 'sqrt', abs: 'abs', relu: 'relu', sigmoid: 'sigmoid', softplus: 'softplus' }
const SIGN = { add: '+', sub: '-', mul: '*', div: '/', pow: '**' } as const

/** The formula in Python, functions with a prefix. */
function python(e: Expression, prefix: string): string {
  if (e.op === 'number') return literal(e.value)
  if (e.op === 'variable') return e.name
  if (e.op === 'neg') return `(-${python(e.of, prefix)})`
  if ('of' in e) return `${prefix}${PYTHON[e.op]}(${python(e.of, prefix)})`
  return `(${python(e.left, prefix)} ${SIGN[e.op]} ${python(e.right, prefix)})`
}
/** The formula as tensor calls. */
function tensors(e: Expression): string {
  if (e.op === 'number') return `c(${literal(e.value)})`
  if (e.op === 'variable') return e.name
  if ('of' in e) return `${tensors(e.of)}.${e.op}()`
  if (e.op === 'pow' && e.right.op === 'number') return `${tensors(e.left)}.pow(${literal(e.right.value)})`
  return `${tensors(e.left)}.${e.op}(${tensors(e.right)})`
}

export function code(s: State): Code {
  let e: Expression
  try {
    e = parse(s.formula)
  } catch {
    e = parse(initial.formula)
  }
  const [P, E] = [listing(s.start), literal(s.eta)]
  const rule = {
    plain: ['p = p - eta * g'],
    momentum: ['m = 0.9 * m + g', 'p = p - eta * m'],
    adam: ['m = 0.9 * m + 0.1 * g', 'v = 0.999 * v + 0.001 * g * g', 'p = p - eta * (m / (1 - 0.9 ** (k + 1))) / ((v / (1 - 0.999 ** (k + 1))) ** 0.5 + 1e-8)'],
  }[s.method]
  const ours = {
    plain: ['p = p.sub(g.mul(eta))'],
    momentum: ['m = m.mul(0.9).add(g)', 'p = p.sub(m.mul(eta))'],
    adam: ['m = m.mul(0.9).add(g.mul(0.1))', 'v = v.mul(0.999).add(g.mul(g).mul(0.001))', 'p = p.sub(m.div(1 - 0.9 ** (k + 1)).div(v.div(1 - 0.999 ** (k + 1)).sqrt().add(1e-8)).mul(eta))'],
  }[s.method]
  return {
    gradus: `import { grad, tensor, zeros } from 'gradus'

const c = (value) => tensor(value, { dtype: 'float64' })
const f = (p) => {
  const [x, y] = [p.at(0), p.at(1)]
  return ${tensors(e)}
}
const eta = ${E}
let p = c(${P})
let [m, v] = [zeros([2], 'float64'), zeros([2], 'float64')]
for (let k = 0; k < ${s.steps}; k++) {
  const g = grad(f)(p)
${ours.map((line) => `  ${line}`).join('\n')}
}
console.log(JSON.stringify({ p: await p.array(), f: await f(p).item() }))
`,
    numpy: `import json
import numpy as np

relu = lambda x: np.maximum(0, x)
sigmoid = lambda x: 1 / (1 + np.exp(-x))
softplus = lambda x: np.logaddexp(0, x)
from numpy import exp, log, sin, cos, tanh, sqrt, abs
f = lambda x, y: ${python(e, '')}
h = 1e-5   # NumPy has no gradients: central differences
grad = lambda p: np.array([f(p[0] + h, p[1]) - f(p[0] - h, p[1]), f(p[0], p[1] + h) - f(p[0], p[1] - h)]) / (2 * h)
eta, p = ${E}, np.array(${P}, dtype=float)
m, v = np.zeros(2), np.zeros(2)
for k in range(${s.steps}):
    g = grad(p)
${rule.map((line) => `    ${line}`).join('\n')}
print(json.dumps({"p": p.tolist(), "f": float(f(*p))}))
`,
    pytorch: `import json
import torch
import torch.nn.functional as F
from torch import exp, log, sin, cos, tanh, sqrt, abs, relu, sigmoid

softplus = F.softplus
f = lambda x, y: ${python(e, '')}
eta, p = ${E}, torch.tensor(${P}, dtype=torch.float64)
m, v = torch.zeros(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
for k in range(${s.steps}):
    q = p.clone().requires_grad_(True)
    f(q[0], q[1]).backward()
    g = q.grad
${rule.map((line) => `    ${line}`).join('\n')}
print(json.dumps({"p": p.tolist(), "f": float(f(p[0], p[1]))}))
`,
  }
}
