// The network on the screen as programs: all rows of the table, or the polygon on the point and on the mean of its corners.
import { listing } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import type { State } from './model.ts'

const boolean = (s: State): Code => ({
  gradus: `import { tensor } from 'gradus'
import { applyNetwork, booleanNetwork } from 'gradus/models'

const table = ${listing(s.table)}   // row 0…0 first
const { network, hidden } = booleanNetwork(table, { minimise: ${s.minimise} })
const n = ${s.n}
const X = table.map((_, r) => Array.from({ length: n }, (_, i) => (r >> (n - 1 - i)) & 1))
const a = await applyNetwork(network, tensor(X, { dtype: 'float64' })).array()
console.log(JSON.stringify({ a: a.map(([v]) => v), right: a.every(([v], r) => v === table[r]) }))
`,
  numpy: `import json
import numpy as np

table = np.array(${listing(s.table)})   # row 0…0 first
n = ${s.n}
X = np.array([[(r >> (n - 1 - i)) & 1 for i in range(n)] for r in range(2 ** n)], dtype=float)
P = X[table == 1]                       # one hidden neuron for every row that is 1
W, b = (2 * P - 1).T, 1 - P.sum(axis=1)
h = (X @ W + b > 0).astype(float)
a = (h.sum(axis=1) > 0).astype(int)     # OR
print(json.dumps({"a": a.tolist(), "right": bool((a == table).all())}))
`,
  pytorch: `import json
import torch

table = torch.tensor(${listing(s.table)})   # row 0…0 first
n = ${s.n}
X = torch.tensor([[(r >> (n - 1 - i)) & 1 for i in range(n)] for r in range(2 ** n)], dtype=torch.float64)
P = X[table == 1]                       # one hidden neuron for every row that is 1
W, b = (2 * P - 1).T, 1 - P.sum(dim=1)
h = (X @ W + b > 0).double()
a = (h.sum(dim=1) > 0).int()            # OR
print(json.dumps({"a": a.tolist(), "right": bool((a == table).all())}))
`,
})

function polygon(s: State): Code {
  const C = listing(s.corners)
  const middle = [0, 1].map((d) => s.corners.reduce((sum, c) => sum + c[d]!, 0) / s.corners.length)
  const P = listing([s.point, middle])
  const python = (lib: 'np' | 'torch'): string => `C = ${lib === 'np' ? `np.array(${C}, dtype=float)` : `torch.tensor(${C}, dtype=torch.float64)`}
D = ${lib === 'np' ? 'np.roll(C, -1, axis=0)' : 'torch.roll(C, -1, dims=0)'}                  # the next corner
if (C[:, 0] * D[:, 1] - C[:, 1] * D[:, 0]).sum() < 0:
    C, D = D, C                                # clockwise: turn every edge round
W = ${lib}.stack([C[:, 1] - D[:, 1], D[:, 0] - C[:, 0]])   # one neuron for every edge
b = -(W.T * C).sum(${lib === 'np' ? 'axis' : 'dim'}=1)
X = ${lib === 'np' ? `np.array(${P}, dtype=float)` : `torch.tensor(${P}, dtype=torch.float64)`}
h = (X @ W + b >= 0)${lib === 'np' ? '.astype(float)' : '.double()'}
a = (h.sum(${lib === 'np' ? 'axis' : 'dim'}=1) - len(C) + 1 > 0)${lib === 'np' ? '.astype(int)' : '.int()'}   # AND
print(json.dumps({"a": a.tolist()}))
`
  return {
    gradus: `import { convexPolygon, networkOutput, polyhedronNetwork } from 'gradus/models'

const { faces } = convexPolygon(${C})
const network = polyhedronNetwork(faces)   // a neuron for every edge, and an AND
const points = ${P}
console.log(JSON.stringify({ a: points.map((p) => networkOutput(network, p)[0]) }))
`,
    numpy: `import json
import numpy as np

${python('np')}`,
    pytorch: `import json
import torch

${python('torch')}`,
  }
}

export const code = (s: State): Code => (s.part === 'boolean' ? boolean(s) : polygon(s))
