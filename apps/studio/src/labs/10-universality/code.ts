// The network of bumps as programs: hidden layer, output and the largest error on a grid.
import { listing, literal } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

export function code({ heights, count, sharpness, form }: State): Code {
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
