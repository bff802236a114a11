// The drawing and the network before training, as programs: matrix → vector → 784 numbers → outputs → shares.
import { listing, mulberryJs, mulberryPy } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { COLUMNS, ROWS, type State } from './model.ts'

/** A text in pieces of a line each. */
const lines = (text: string, width: number): readonly string[] => text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []

export function code(s: State): Code {
  const grid = s.mode === 'grid'
  const rows = grid ? lines(s.grid, COLUMNS) : lines(s.pixels, 56)
  const sizes = listing([784, ...s.hidden, 10])
  const note = grid ? `the lecture's grid, ${ROWS}×${COLUMNS}` : '28×28, two hexadecimal digits a pixel'
  const middle = 'row + 7, column + 9: the middle of 28×28'
  const py = `ROWS = [   # ${note}
${rows.map((row) => `    "${row}",`).join('\n')}
]
SIZES, SEED = ${sizes}, ${s.seed}

${mulberryPy()}
`
  const pySheet = grid
    ? `sheet = [0.0] * 784
for r, row in enumerate(ROWS):   # ${middle}
    for c, cell in enumerate(row):
        sheet[(r + 7) * 28 + c + 9] = float(cell)`
    : 'sheet = [int(row[2 * c : 2 * c + 2], 16) / 255 for row in ROWS for c in range(28)]   # row by row'
  return {
    gradus: `import { tensor } from 'gradus'

const ROWS = [   // ${note}
${rows.map((row) => `  '${row}',`).join('\n')}
]
const SIZES = ${sizes}
${mulberryJs()}
// The vector: row after row. (Studio first brings the digit to MNIST's size and place: centerDigit of gradus/data.)
${grid
    ? `const sheet = new Array(784).fill(0)
ROWS.forEach((row, r) => [...row].forEach((cell, c) => (sheet[(r + 7) * 28 + c + 9] = Number(cell))))   // ${middle}`
    : 'const sheet = ROWS.flatMap((row) => Array.from({ length: 28 }, (_, c) => parseInt(row.slice(2 * c, 2 * c + 2), 16) / 255))'}
const next = mulberry(${s.seed})
let a = tensor(sheet, { dtype: 'float64' })   // (784)
let parameters = 0
for (let l = 1; l < SIZES.length; l++) {
  const [n, m] = [SIZES[l - 1], SIZES[l]]
  const w = tensor(Array.from({ length: m * n }, () => (2 * next() - 1) * Math.sqrt(6 / n)), { shape: [m, n], dtype: 'float64' })
  parameters += m * n + m
  const z = w.matmul(a)   // the biases begin at 0
  a = l < SIZES.length - 1 ? z.${s.activation}() : z
}
const shares = a.softmax(-1)
// Training it from the command line: npx gradus train digits
console.log(JSON.stringify({ parameters, outputs: await a.array(), shares: await shares.array() }))
`,
    numpy: `import json
import numpy as np

${py}
# The vector: row after row.
${pySheet}
draw = mulberry(SEED)
a = np.array(sheet)   # (784)
parameters = 0
for l in range(1, len(SIZES)):
    n, m = SIZES[l - 1], SIZES[l]
    w = np.array([(2 * next(draw) - 1) * (6 / n) ** 0.5 for _ in range(m * n)]).reshape(m, n)
    parameters += m * n + m
    z = w @ a   # the biases begin at 0
    a = (${s.activation === 'relu' ? 'np.maximum(0, z)' : '1 / (1 + np.exp(-z))'}) if l < len(SIZES) - 1 else z
e = np.exp(a - a.max())
print(json.dumps({"parameters": parameters, "outputs": a.tolist(), "shares": (e / e.sum()).tolist()}))
`,
    pytorch: `import json
import torch

${py}
# The vector: row after row.
${pySheet}
draw = mulberry(SEED)
a = torch.tensor(sheet, dtype=torch.float64)   # (784)
parameters = 0
for l in range(1, len(SIZES)):
    n, m = SIZES[l - 1], SIZES[l]
    w = torch.tensor([(2 * next(draw) - 1) * (6 / n) ** 0.5 for _ in range(m * n)], dtype=torch.float64).reshape(m, n)
    parameters += m * n + m
    z = w @ a   # the biases begin at 0
    a = torch.${s.activation}(z) if l < len(SIZES) - 1 else z
# Weights trained in Studio: safetensors.torch.load_file("digits.safetensors") has the same names as a module with these layers.
print(json.dumps({"parameters": parameters, "outputs": a.tolist(), "shares": torch.softmax(a, 0).tolist()}))
`,
  }
}
