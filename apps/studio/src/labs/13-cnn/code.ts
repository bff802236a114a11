// The picture through the network with its filters as they are set (the rest before training, or from the file), as programs.
import { listing, mulberryJs, mulberryPy } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { type Filter, type State, begin, channelsOf, filterOf } from './model.ts'

export function code(s: State): Code {
  const weights = begin(s)
  const round = (v: number): number => Number(v.toFixed(6))
  const rounded = (f: Filter): Filter => ({ w: f.w.map(round), b: round(f.b) })
  // those set by hand to their last digit: they can be changed in the program too
  const filters = s.edits.map((set, k) => set ?? rounded(filterOf(s, weights, k)))
  const w = listing(filters.map((f) => [0, 3, 6].map((r) => f.w.slice(r, r + 3))))
  const b = listing(filters.map((f) => f.b))
  const rows = s.pixels.match(/.{56}/g) ?? []
  const place = `${Math.min(s.channel, channelsOf(s.layer) - 1)}, ${s.row}, ${s.column}`
  const pySheet = `ROWS = [   # 28×28, two hexadecimal digits a pixel
${rows.map((row) => `    "${row}",`).join('\n')}
]
x = [[int(row[2 * c : 2 * c + 2], 16) / 255 for c in range(28)] for row in ROWS]
W1 = ${w}   # the filters
B1 = ${b}

${s.own !== null ? `def weights(file):   # safetensors: the length of a header, the header, the numbers
    data = open(file, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    at = lambda a, b: array("f", data[8 + size + a : 8 + size + b]).tolist()
    return {name: at(*v["data_offsets"]) for name, v in header.items() if name != "__metadata__"}

w = weights("cnn.safetensors")   # “Weights as safetensors” in the lab
W2, B2, W3, B3 = w["conv2.weight"], w["conv2.bias"], w["out.weight"], w["out.bias"]
` : `${mulberryPy(': the rest of the network before training')}

draw = mulberry(${s.seed})
for _ in range(54):   # the first filters, as they began
    next(draw)
W2 = [(2 * next(draw) - 1) * (6 / 54) ** 0.5 for _ in range(12 * 54)]
W3 = [(2 * next(draw) - 1) * (6 / 588) ** 0.5 for _ in range(10 * 588)]
B2, B3 = [0] * 12, [0] * 10
`}`
  const imports = s.own !== null ? 'import json\nfrom array import array' : 'import json'
  return {
    gradus: `${s.own !== null ? `import { readFileSync } from 'node:fs'
import { conv2d, maxPool2d, tensor } from 'gradus'
import { readSafetensors } from 'gradus/formats'` : `import { conv2d, maxPool2d, tensor, zeros } from 'gradus'`}

const ROWS = [   // 28×28, two hexadecimal digits a pixel
${rows.map((row) => `  '${row}',`).join('\n')}
]
const f64 = { dtype: 'float64' }
const x = tensor(ROWS.map((row) => Array.from({ length: 28 }, (_, c) => parseInt(row.slice(2 * c, 2 * c + 2), 16) / 255)), f64).reshape(1, 1, 28, 28)
const W1 = tensor(${w}, f64).reshape(6, 1, 3, 3)   // the filters
const B1 = tensor(${b}, f64).reshape(1, 6, 1, 1)
${s.own !== null ? `const { tensors } = readSafetensors(readFileSync('cnn.safetensors'))   // “Weights as safetensors” in the lab
const [W2, B2, W3, B3] = [['conv2.weight', 12, 6, 3, 3], ['conv2.bias', 1, 12, 1, 1], ['out.weight', 10, 588], ['out.bias', 10]].map(([name, ...shape]) => tensor([...tensors.get(name).data], { ...f64, shape }))` : `${mulberryJs(': the rest of the network before training')}
const draw = mulberry(${s.seed})
for (let i = 0; i < 54; i++) draw()   // the first filters, as they began
const weights = (size, inputs) => Array.from({ length: size }, () => (2 * draw() - 1) * Math.sqrt(6 / inputs))
const W2 = tensor(weights(12 * 54, 54), { ...f64, shape: [12, 6, 3, 3] })
const W3 = tensor(weights(10 * 588, 588), { ...f64, shape: [10, 588] })
const [B2, B3] = [zeros([1, 12, 1, 1], 'float64'), zeros([10], 'float64')]`}
const conv1 = conv2d(x, W1, { padding: 1 }).add(B1)      // (1,1,28,28) → (1,6,28,28)
const pool1 = maxPool2d(conv1.relu(), 2)                 // → (1,6,14,14)
const conv2 = conv2d(pool1, W2, { padding: 1 }).add(B2)  // → (1,12,14,14)
const pool2 = maxPool2d(conv2.relu(), 2)                 // → (1,12,7,7)
const shares = W3.matmul(pool2.flatten()).add(B3).softmax(-1)   // (588) → (10)
const maps = { conv1: conv1.relu(), pool1, conv2: conv2.relu(), pool2 }
const map = await maps.${s.layer}.reshape(${channelsOf(s.layer)}, -1).array()
const [channel, row, column] = [${place}]
const side = Math.sqrt(map[channel].length)
console.log(JSON.stringify({ value: map[channel][row * side + column], sums: await conv1.relu().sum([0, 2, 3]).array(), shares: await shares.array() }))
`,
    numpy: `${imports}
import numpy as np

${pySheet}
def conv(x, w, b):   # (C,H,W) and (K,C,3,3) → (K,H,W), zeros around the border
    _, h, width = x.shape
    p = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    z = sum(np.tensordot(w[:, :, i, j], p[:, i : i + h, j : j + width], 1) for i in range(3) for j in range(3))
    return z + b[:, None, None]

def pool(x):   # the largest of each 2×2
    c, h, width = x.shape
    return x.reshape(c, h // 2, 2, width // 2, 2).max((2, 4))

x = np.array(x)[None]
conv1 = np.maximum(0, conv(x, np.array(W1, dtype=float)[:, None], np.array(B1, dtype=float)))
pool1 = pool(conv1)
conv2 = np.maximum(0, conv(pool1, np.array(W2).reshape(12, 6, 3, 3), np.array(B2, dtype=float)))
pool2 = pool(conv2)
z = np.array(W3).reshape(10, 588) @ pool2.reshape(-1) + np.array(B3)
e = np.exp(z - z.max())
print(json.dumps({"value": float(${s.layer}[${place}]), "sums": conv1.sum((1, 2)).tolist(), "shares": (e / e.sum()).tolist()}))
`,
    pytorch: `${imports}
import torch
import torch.nn.functional as F

${pySheet}
f64 = torch.float64
x = torch.tensor(x, dtype=f64)[None, None]
conv1 = torch.relu(F.conv2d(x, torch.tensor(W1, dtype=f64)[:, None], torch.tensor(B1, dtype=f64), padding=1))
pool1 = F.max_pool2d(conv1, 2)
conv2 = torch.relu(F.conv2d(pool1, torch.tensor(W2, dtype=f64).reshape(12, 6, 3, 3), torch.tensor(B2, dtype=f64), padding=1))
pool2 = F.max_pool2d(conv2, 2)
z = torch.tensor(W3, dtype=f64).reshape(10, 588) @ pool2.reshape(-1) + torch.tensor(B3, dtype=f64)
print(json.dumps({"value": ${s.layer}[0, ${place}].item(), "sums": conv1.sum((0, 2, 3)).tolist(), "shares": torch.softmax(z, 0).tolist()}))
`,
  }
}
