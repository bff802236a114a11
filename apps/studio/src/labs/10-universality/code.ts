// The network as programs: built from bumps, or trained; its largest error on a grid.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code(s: State): Code {
  if (s.way === 'training') return training(s)
  const { heights, count, sharpness, form } = s
  const shared = form === 'shared'
  const H = listing(heights)
  const [N, S] = [literal(count), literal(sharpness)]
  return {
    gradus: `import { approximateByBumps } from 'gradus/models'

const heights = ${H}   // at even places of [0, 1]
const f = (x) => {
  const place = x * (heights.length - 1)
  const i = Math.min(heights.length - 2, Math.floor(place))
  return heights[i] + (place - i) * (heights[i + 1] - heights[i])
}
const { network } = approximateByBumps(f, [0, 1], ${N}, { sharpness: ${S}, form: '${form}' })
const { weights, biases } = network.layers[0]        // sigmoids
const out = network.layers[1].weights.map((row) => row[0])   // ${shared ? 'from one bump to the next' : '+ and − the height of each bump'}
const at = (x) => out.reduce((sum, v, j) => sum + v / (1 + Math.exp(-(weights[0][j] * x + biases[j]))), network.layers[1].biases[0])
const error = Math.max(...Array.from({ length: 401 }, (_, i) => Math.abs(f(i / 400) - at(i / 400))))
console.log(JSON.stringify({ half: at(0.5), error }))
`,
    numpy: `import json
import numpy as np

heights = np.array(${H}, dtype=float)   # at even places of [0, 1]
f = lambda x: np.interp(x, np.linspace(0, 1, len(heights)), heights)
N, h = ${N}, 1 / ${N}
k = ${S} / h                                   # the weight of every hidden neuron
e = np.arange(N + 1) / N
v = f((e[:-1] + e[1:]) / 2)                    # heights of the bumps
${shared ? '' : `left, right = e[:-1].copy(), e[1:].copy()
left[0] -= h; right[-1] += h                   # the outer steps stand off
`}sigmoid = lambda z: np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))
${shared ? 'net = lambda x: v[0] + sigmoid(k * (x[:, None] - e[1:-1])) @ np.diff(v)' : 'net = lambda x: (sigmoid(k * (x[:, None] - left)) - sigmoid(k * (x[:, None] - right))) @ v'}
x = np.arange(401) / 400
print(json.dumps({"half": net(np.array([0.5]))[0], "error": float(np.abs(f(x) - net(x)).max())}))
`,
    pytorch: `import json
import torch

f64 = torch.float64
heights = torch.tensor(${H}, dtype=f64)   # at even places of [0, 1]
def f(x):
    place = x * (len(heights) - 1)
    i = place.floor().long().clamp(max=len(heights) - 2)
    return heights[i] + (place - i) * (heights[i + 1] - heights[i])
N, h = ${N}, 1 / ${N}
k = ${S} / h                                   # the weight of every hidden neuron
e = torch.arange(N + 1, dtype=f64) / N
v = f((e[:-1] + e[1:]) / 2)                    # heights of the bumps
${shared ? 'net = lambda x: v[0] + torch.sigmoid(k * (x[:, None] - e[1:-1])) @ v.diff()' : `left, right = e[:-1].clone(), e[1:].clone()
left[0] -= h; right[-1] += h                   # the outer steps stand off
net = lambda x: (torch.sigmoid(k * (x[:, None] - left)) - torch.sigmoid(k * (x[:, None] - right))) @ v`}
x = torch.arange(401, dtype=f64) / 400
print(json.dumps({"half": net(torch.tensor([0.5], dtype=f64))[0].item(), "error": (f(x) - net(x)).abs().max().item()}))
`,
  }
}

/** Training without chance: steps at even places to begin with (the lab itself draws them by its seed), plain gradient descent. */
function training({ heights, hidden }: State): Code {
  const [H, N] = [listing(heights), literal(hidden)]
  return {
    gradus: `import { tensor, valueAndGrad } from 'gradus'

const f64 = { dtype: 'float64' }
const heights = ${H}   // at even places of [0, 1]
const f = (x) => {
  const i = Math.min(heights.length - 2, Math.floor(x * (heights.length - 1)))
  return heights[i] + (x * (heights.length - 1) - i) * (heights[i + 1] - heights[i])
}
const N = ${N}, n = 101   // hidden neurons; points
const points = Array.from({ length: n }, (_, i) => i / (n - 1))
const x = tensor(points, f64).reshape(n, 1), y = tensor(points.map(f), f64)
const network = ({ w, b, v, d }) => x.mul(w).add(b).sigmoid().matmul(v).add(d)   // (n,1)·(N) → (n,N)·(N) → (n)
const loss = (p) => network(p).sub(y).square().mean()
let p = {
  w: tensor(Array(N).fill(4 * N), f64), b: tensor(Array.from({ length: N }, (_, j) => -4 * (j + 0.5)), f64),
  v: tensor(Array(N).fill(0), f64), d: tensor(0, f64),
}
for (let step = 0; step < 100; step++) {
  const [, g] = valueAndGrad(loss)(p)
  p = Object.fromEntries(Object.keys(p).map((k) => [k, p[k].sub(g[k].mul(tensor(1 / N, f64))).realize()]))
}
console.log(JSON.stringify({ loss: await loss(p).item(), error: await network(p).sub(y).abs().max().item() }))
`,
    numpy: `import json
import numpy as np

heights = np.array(${H}, dtype=float)   # at even places of [0, 1]
N, n = ${N}, 101   # hidden neurons; points
x = np.arange(n) / (n - 1)
y = np.interp(x, np.linspace(0, 1, len(heights)), heights)
w, b, v, d = np.full(N, 4.0 * N), -4 * (np.arange(N) + 0.5), np.zeros(N), 0.0
for step in range(100):
    h = 1 / (1 + np.exp(-(x[:, None] * w + b)))   # (n,N)
    e = 2 * (h @ v + d - y) / n                   # dC/d(answer)
    s = e[:, None] * v * h * (1 - h)              # dC/dz of the hidden neurons
    gw, gb, gv, gd = (s * x[:, None]).sum(0), s.sum(0), h.T @ e, e.sum()
    w, b, v, d = w - gw / N, b - gb / N, v - gv / N, d - gd / N
left = (1 / (1 + np.exp(-(x[:, None] * w + b)))) @ v + d - y
print(json.dumps({"loss": float((left ** 2).mean()), "error": float(np.abs(left).max())}))
`,
    pytorch: `import json
import torch

f64 = torch.float64
heights = torch.tensor(${H}, dtype=f64)   # at even places of [0, 1]
N, n = ${N}, 101   # hidden neurons; points
x = torch.arange(n, dtype=f64) / (n - 1)
place = x * (len(heights) - 1)
i = place.floor().long().clamp(max=len(heights) - 2)
y = heights[i] + (place - i) * (heights[i + 1] - heights[i])
p = [torch.full((N,), 4.0 * N, dtype=f64), -4 * (torch.arange(N, dtype=f64) + 0.5), torch.zeros(N, dtype=f64), torch.zeros((), dtype=f64)]
for q in p: q.requires_grad_()
network = lambda w, b, v, d: torch.sigmoid(x[:, None] * w + b) @ v + d
for step in range(100):
    grads = torch.autograd.grad(((network(*p) - y) ** 2).mean(), p)
    with torch.no_grad():
        for q, g in zip(p, grads): q -= g / N
left = (network(*p) - y).detach()
print(json.dumps({"loss": (left ** 2).mean().item(), "error": left.abs().max().item()}))
`,
  }
}
