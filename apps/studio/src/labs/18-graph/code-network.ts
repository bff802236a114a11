// A network and its input as programs. The two small ones with their weights written out and the backward pass by hand; LeNet
// and networks from files by the files they come in.
import { listing, mulberryJs, mulberryPy } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { CHAINS, type Chain, type State, drawn } from './model.ts'

/** f of the outputs y: one of them, or −ln of its share. */
const goals = ({ goal, output }: State, outputs: number) => {
  const k = Math.min(output, outputs - 1)
  return {
    k,
    gradus: goal === 'output' ? `y.at(${k})` : `y.logSoftmax().at(${k}).neg()`,
    pytorch: goal === 'output' ? `y[${k}]` : `-torch.log_softmax(y, 0)[${k}]`,
    numpy: goal === 'output' ? `y[${k}]` : `np.log(np.exp(y - y.max()).sum()) + y.max() - y[${k}]`,
  }
}

/** A chain of fully connected layers, every weight in sight. */
function ofChain(s: State, chain: Chain): Code {
  const inputs = chain[0]!.rows[0]!.length
  const { k, ...f } = goals(s, chain.at(-1)!.rows.length)
  const x = listing(s.input.length === inputs ? s.input : drawn(s.seed, inputs).map((v) => Number(v.toFixed(9))))
  const layers = (comment: string): string => chain.map(({ rows, bias, phi }) => `  [${listing(rows)}, ${listing(bias)}, "${phi}"],   ${comment} weights into each neuron, biases, activation\n`).join('')
  return {
    gradus: `import { tensor, valueAndGrad } from 'gradus'

const f64 = { dtype: 'float64' }
const LAYERS = [
${layers('//')}]
const x = tensor(${x}, f64)
const weights = LAYERS.map(([w]) => tensor(w, f64))
const biases = LAYERS.map(([, b]) => tensor(b, f64))
function f({ x, weights, biases }) {
  let a = x.unsqueeze(0)                                   // (n) → (1,n)
  for (const [l, [, , phi]] of LAYERS.entries()) a = a.matmul(weights[l].transpose()).add(biases[l])[phi]()
  const y = a.flatten()                                    // → (outputs)
  return ${f.gradus}
}
const [value, g] = valueAndGrad(f)({ x, weights, biases })
const norm = (v) => v.square().sum().sqrt().item()
console.log(JSON.stringify({ f: await value.item(), x: await g.x.array(), weights: await Promise.all(g.weights.map(norm)), biases: await Promise.all(g.biases.map(norm)) }))
`,
    numpy: `import json
import numpy as np

LAYERS = [
${layers('#')}]
PHI = {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
SLOPE = {"tanh": lambda a: 1 - a**2, "sigmoid": lambda a: a * (1 - a)}   # by the output
signals = [np.array(${x}, dtype=float)]
for w, b, phi in LAYERS:   # forward
    signals.append(PHI[phi](np.array(w) @ signals[-1] + np.array(b)))
y = signals[-1]
f = ${f.numpy}
g = np.zeros_like(y)
g[${k}] = 1
${s.goal === 'loss' ? `g = np.exp(y - y.max()) / np.exp(y - y.max()).sum() - g\n` : ''}weights, biases = [], []
for (w, b, phi), a, out in reversed(list(zip(LAYERS, signals, signals[1:]))):   # backward
    delta = g * SLOPE[phi](out)
    weights.insert(0, float(np.linalg.norm(np.outer(delta, a))))
    biases.insert(0, float(np.linalg.norm(delta)))
    g = np.array(w).T @ delta
print(json.dumps({"f": float(f), "x": g.tolist(), "weights": weights, "biases": biases}))
`,
    pytorch: `import json
import torch

LAYERS = [
${layers('#')}]
leaf = lambda v: torch.tensor(v, dtype=torch.float64, requires_grad=True)
x = leaf(${x})
weights = [leaf(w) for w, _, _ in LAYERS]
biases = [leaf(b) for _, b, _ in LAYERS]
a = x
for (_, _, phi), w, b in zip(LAYERS, weights, biases):
    a = getattr(torch, phi)(w @ a + b)
y = a
f = ${f.pytorch}
f.backward()
norms = lambda of: [v.grad.norm().item() for v in of]
print(json.dumps({"f": f.item(), "x": x.grad.tolist(), "weights": norms(weights), "biases": norms(biases)}))
`,
  }
}

const SAME = ': the same in every language'
const drawJs = (seed: number): string => `${mulberryJs(SAME)}
const draw = mulberry(${seed})`
const drawPy = (seed: number): string => `${mulberryPy(SAME)}

draw = mulberry(${seed})`

/** LeNet as it begins: Gradus draws its weights and writes them into a file that the other two read. */
function ofLeNet(s: State): Code {
  const { k: _, ...f } = goals(s, 10)
  const read = `def weights(file):   # safetensors: the length of a header, the header, the numbers
    data = open(file, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    at = lambda a, b: np.frombuffer(data[8 + size + a : 8 + size + b], dtype="<f4").astype(float)
    return {name: at(*v["data_offsets"]).reshape(v["shape"]) for name, v in header.items() if name != "__metadata__"}

w = weights("lenet.safetensors")   # the Gradus program writes it
${drawPy(s.seed)}
x = np.array([next(draw) for _ in range(784)]).reshape(1, 28, 28)
`
  return {
    gradus: `import { writeFileSync } from 'node:fs'
import { grad, key, tensor, withKey } from 'gradus'
import { writeSafetensors } from 'gradus/formats'
import { LeNet } from 'gradus/models'
import { withTensors } from 'gradus/nn'

const net = withKey(key(${s.seed}), () => new LeNet())
const [state, exact] = [{}, {}]
for (const [name, w] of Object.entries(net.state())) {
  state[name] = { dtype: 'float32', shape: w.shape, data: await w.data() }
  exact[name] = w.to('float64')
}
writeFileSync('lenet.safetensors', writeSafetensors(state))   // for the other programs
${drawJs(s.seed)}
const x = tensor(Array.from({ length: 784 }, draw), { shape: [1, 28, 28], dtype: 'float64' })
const f = (x) => {
  const y = withTensors(net, exact).call(x).flatten()   // (1,28,28) → (10)
  return ${f.gradus}
}
const slope = grad(f)(x).reshape(28, 28)
console.log(JSON.stringify({ f: await f(x).item(), slopes: await Promise.all([10, 13, 16].map((column) => slope.at(14).at(column).item())), outputs: await withTensors(net, exact).call(x).flatten().array() }))
`,
    numpy: `import json
import numpy as np

${read}
def conv(x, w, b, padding):   # (C,H,W) and (K,C,5,5) → (K,H′,W′)
    p = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    h, width = p.shape[1] - 4, p.shape[2] - 4
    return sum(np.tensordot(w[:, :, i, j], p[:, i : i + h, j : j + width], 1) for i in range(5) for j in range(5)) + b[:, None, None]

def pool(x):   # the largest of each 2×2
    c, h, width = x.shape
    return x.reshape(c, h // 2, 2, width // 2, 2).max((2, 4))

relu = lambda z: np.maximum(0, z)
def outputs(x):
    a = pool(relu(conv(x, w["conv1.weight"], w["conv1.bias"], 2)))
    a = pool(relu(conv(a, w["conv2.weight"], w["conv2.bias"], 0))).reshape(-1)
    for name in ["full1", "full2"]:
        a = relu(w[name + ".weight"] @ a + w[name + ".bias"])
    return w["out.weight"] @ a + w["out.bias"]

def f(x):
    y = outputs(x)
    return ${f.numpy}

def slope(row, column, h=1e-6):   # NumPy has no gradients: central differences
    step = np.zeros_like(x)
    step[0, row, column] = h
    return float((f(x + step) - f(x - step)) / (2 * h))

print(json.dumps({"f": float(f(x)), "slopes": [slope(14, c) for c in [10, 13, 16]], "outputs": outputs(x).tolist()}))
`,
    pytorch: `import json
import numpy as np
import torch
import torch.nn.functional as F

${read}
w = {name: torch.tensor(v) for name, v in w.items()}
x = torch.tensor(x, requires_grad=True)
a = F.max_pool2d(torch.relu(F.conv2d(x[None], w["conv1.weight"], w["conv1.bias"], padding=2)), 2)
a = F.max_pool2d(torch.relu(F.conv2d(a, w["conv2.weight"], w["conv2.bias"])), 2).flatten()
for name in ["full1", "full2"]:
    a = torch.relu(w[name + ".weight"] @ a + w[name + ".bias"])
y = w["out.weight"] @ a + w["out.bias"]
f = ${f.pytorch}
f.backward()
print(json.dumps({"f": f.item(), "slopes": [x.grad[0, 14, c].item() for c in [10, 13, 16]], "outputs": y.tolist()}))
`,
  }
}

/** A network from a file: read and watched by Gradus; run by ONNX Runtime elsewhere. */
function ofFile(s: State): Code {
  const file = JSON.stringify(s.own!.file)
  const { gradus, numpy } = goals(s, Number.POSITIVE_INFINITY)
  const given = s.input.length > 0 ? listing(s.input) : null
  const python = `# needs the file, and ONNX Runtime: pip install onnxruntime
import json
import numpy as np
import onnxruntime

net = onnxruntime.InferenceSession(${file})
[inp] = net.get_inputs()
shape = [n if isinstance(n, int) and n > 0 else 1 for n in inp.shape]
${given === null ? `${drawPy(s.seed)}\nx = np.array([next(draw) for _ in range(int(np.prod(shape)))])` : `x = np.array(${given})`}
if "int" in inp.type:   # whole numbers are asked for
    x = (4 * x).astype(np.int64 if "64" in inp.type else np.int32)
out = net.run(None, {inp.name: x.reshape(shape) if "int" in inp.type else x.reshape(shape).astype(np.float32)})[0]
y = out.reshape(-1, out.shape[-1])[-1].astype(float)
print(json.dumps({"f": float(${numpy}), "outputs": y.tolist()}))
`
  return {
    gradus: `import { readFileSync } from 'node:fs'
import { tensor } from 'gradus'
import { importOnnx } from 'gradus/formats'

const net = importOnnx(readFileSync(${file}))
for (const { op, inputs, outputs } of net.nodes) console.log(op, inputs.join(', '), '→', outputs.join(', '))
const [{ name, shape, dtype }] = net.inputs
const sizes = shape.map((n) => (typeof n === 'number' && n > 0 ? n : 1))
${given === null ? `${drawJs(s.seed)}\nlet x = tensor(Array.from({ length: sizes.reduce((m, n) => m * n, 1) }, draw), { shape: sizes })` : `let x = tensor(${given}, { shape: sizes })`}
if (dtype !== 'float32' && dtype !== null) x = x.mul(4).to(dtype)   // whole numbers are asked for
const seen = {}   // every value inside; add a tensor there, and grad gives its gradient
const out = Object.values(net.run({ [name]: x }, {}, { watch: (at, value) => (seen[at] = value) }))[0]
const y = out.reshape(-1, out.shape.at(-1)).at(-1)   // the last row: (outputs)
console.log(JSON.stringify({ f: await ${gradus}.item(), outputs: await y.array() }))
`,
    numpy: python,
    pytorch: python,
  }
}

export const codeOfNetwork = (s: State): Code => (s.network === 'own' ? ofFile(s) : s.network === 'lenet' ? ofLeNet(s) : ofChain(s, CHAINS[s.network]))
