// The formula of the open card as programs.
import type { Code } from '../../core/lab.ts'
import type { CardId, State } from './model.ts'

interface Lines {
  readonly gradus: string
  readonly numpy: string
  readonly pytorch: string
}
const D = `{ dtype: 'float64' }`
/** Each defines `value`. */
const PROGRAMS: Readonly<Record<CardId, Lines>> = {
  mcculloch: {
    gradus: `const z = tensor([1, 1, 1], ${D}).dot(tensor([1, 0, 1], ${D})).add(-1.5)   // at least two of three\nconst value = z.gt(0).to('float64')`,
    numpy: 'z = np.array([1.0, 1, 1]) @ np.array([1.0, 0, 1]) - 1.5   # at least two of three\nvalue = float(z > 0)',
    pytorch: 'z = torch.tensor([1.0, 1, 1]) @ torch.tensor([1.0, 0, 1]) - 1.5   # at least two of three\nvalue = (z > 0).double()',
  },
  rosenblatt: {
    gradus: `const w = tensor([0.5, -1, 0.2], ${D})\nconst x = tensor([2, 1, 1], ${D})   // class 0\nconst a = w.dot(x).gt(0).to('float64')\nconst value = w.add(x.mul(a.neg())).at(0)   // w <- w + (y - a) x`,
    numpy: 'w, x = np.array([0.5, -1, 0.2]), np.array([2.0, 1, 1])   # class 0\na = float(w @ x > 0)\nvalue = (w + (0 - a) * x)[0]   # w <- w + (y - a) x',
    pytorch: 'w, x = torch.tensor([0.5, -1, 0.2], dtype=torch.float64), torch.tensor([2.0, 1, 1], dtype=torch.float64)   # class 0\na = (w @ x > 0).double()\nvalue = (w + (0 - a) * x)[0]   # w <- w + (y - a) x',
  },
  minsky: {
    gradus: `const rows = tensor([[0, 1], [1, 0], [0, 0], [1, 1]], ${D})\nconst sign = tensor([[1], [1], [-1], [-1]], ${D})   // two rows must be above 0, two not\nconst value = rows.mul(sign).sum()   // yet their sums are the same`,
    numpy: 'rows = np.array([[0.0, 1], [1, 0], [0, 0], [1, 1]])\nsign = np.array([[1.0], [1], [-1], [-1]])   # two rows must be above 0, two not\nvalue = (rows * sign).sum()   # yet their sums are the same',
    pytorch: 'rows = torch.tensor([[0.0, 1], [1, 0], [0, 0], [1, 1]])\nsign = torch.tensor([[1.0], [1], [-1], [-1]])   # two rows must be above 0, two not\nvalue = (rows * sign).sum()   # yet their sums are the same',
  },
  werbos: {
    gradus: `const value = grad((z) => z.sigmoid().sub(1).square().mul(0.5))(tensor(0.5, ${D}))   // delta`,
    numpy: 'a = 1 / (1 + np.exp(-0.5))\nvalue = (a - 1) * a * (1 - a)   # delta',
    pytorch: 'z = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)\n((torch.sigmoid(z) - 1) ** 2 / 2).backward()\nvalue = z.grad   # delta',
  },
  rumelhart: {
    gradus: `const h = tensor([1, 0], ${D}).matmul(tensor([[2, -3], [1, 1]], ${D})).add(tensor([-1, 0.5], ${D})).sigmoid()\nconst value = h.matmul(tensor([1.5, -2], ${D}))`,
    numpy: 'h = 1 / (1 + np.exp(-(np.array([1.0, 0]) @ np.array([[2.0, -3], [1, 1]]) + np.array([-1, 0.5]))))\nvalue = h @ np.array([1.5, -2])',
    pytorch: 'F = torch.float64\nh = torch.sigmoid(torch.tensor([1.0, 0], dtype=F) @ torch.tensor([[2.0, -3], [1, 1]], dtype=F) + torch.tensor([-1, 0.5], dtype=F))\nvalue = h @ torch.tensor([1.5, -2], dtype=F)',
  },
  lenet: {
    gradus: `const image = tensor([[[[0, 1, 0], [0, 1, 0], [0, 1, 0]]]], ${D})   // a vertical stroke\nconst kernel = tensor([[[[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]]]], ${D})\nconst value = conv2d(image, kernel)`,
    numpy: 'image = np.array([[0.0, 1, 0]] * 3)   # a vertical stroke\nkernel = np.array([[-1.0, 2, -1]] * 3)\nvalue = (image * kernel).sum()',
    pytorch: 'image = torch.tensor([[[[0.0, 1, 0]] * 3]])   # a vertical stroke\nkernel = torch.tensor([[[[-1.0, 2, -1]] * 3]])\nvalue = torch.nn.functional.conv2d(image, kernel)',
  },
  belief: {
    gradus: `const value = tensor([1, 0, 1], ${D}).matmul(tensor([0.8, -0.5, 0.4], ${D})).add(-0.2).sigmoid()   // P(h = 1 | v)`,
    numpy: 'value = 1 / (1 + np.exp(-(np.array([1.0, 0, 1]) @ np.array([0.8, -0.5, 0.4]) - 0.2)))   # P(h = 1 | v)',
    pytorch: 'value = torch.sigmoid(torch.tensor([1.0, 0, 1], dtype=torch.float64) @ torch.tensor([0.8, -0.5, 0.4], dtype=torch.float64) - 0.2)   # P(h = 1 | v)',
  },
  alexnet: {
    gradus: `const deep = (z) => {\n  for (let l = 0; l < 8; l++) z = z.mul(1.1).relu()\n  return z\n}\nconst value = grad(deep)(tensor(0.5, ${D}))`,
    numpy: 'value = np.prod([1.1] * 8)   # the slope of ReLU is 1 above 0',
    pytorch: 'x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)\nz = x\nfor _ in range(8): z = torch.relu(1.1 * z)\nz.backward()\nvalue = x.grad',
  },
  gan: {
    gradus: `const [real, made] = [tensor(1.2, ${D}), tensor(-0.4, ${D})]   // the critic's logits\nconst value = real.neg().softplus().add(made.softplus())`,
    numpy: 'real, made = 1.2, -0.4   # the logits of the critic\nvalue = np.logaddexp(0, -real) + np.logaddexp(0, made)',
    pytorch: 'real, made = torch.tensor([1.2, -0.4], dtype=torch.float64)   # the logits of the critic\nvalue = torch.nn.functional.softplus(-real) + torch.nn.functional.softplus(made)',
  },
  seq2seq: {
    gradus: `const u = tensor(0.3, ${D}).sigmoid()   // how much is kept\nconst value = u.mul(0.8).add(u.neg().add(1).mul(tensor(-0.5, ${D}).tanh()))`,
    numpy: 'u = 1 / (1 + np.exp(-0.3))   # how much is kept\nvalue = u * 0.8 + (1 - u) * np.tanh(-0.5)',
    pytorch: 'u = torch.sigmoid(torch.tensor(0.3, dtype=torch.float64))   # how much is kept\nvalue = u * 0.8 + (1 - u) * torch.tanh(torch.tensor(-0.5, dtype=torch.float64))',
  },
  resnet: {
    gradus: `const deep = (h) => {\n  for (let l = 0; l < 10; l++) h = h.add(h.mul(0.1).tanh())\n  return h\n}\nconst value = grad(deep)(tensor(0.2, ${D}))`,
    numpy: 'h, value = 0.2, 1.0\nfor _ in range(10):\n    value *= 1 + 0.1 * (1 - np.tanh(0.1 * h) ** 2)\n    h = h + np.tanh(0.1 * h)',
    pytorch: 'x = torch.tensor(0.2, dtype=torch.float64, requires_grad=True)\nh = x\nfor _ in range(10): h = h + torch.tanh(0.1 * h)\nh.backward()\nvalue = x.grad',
  },
  transformer: {
    gradus: `const [q, k, v] = [tensor([[1, 0]], ${D}), tensor([[2, 0], [0, 2]], ${D}), tensor([[10], [20]], ${D})]\nconst value = q.matmul(k.T).div(Math.sqrt(2)).softmax(-1).matmul(v)`,
    numpy: 'q, k, v = np.array([[1.0, 0]]), np.array([[2.0, 0], [0, 2]]), np.array([[10.0], [20]])\ns = np.exp(q @ k.T / np.sqrt(2))\nvalue = (s / s.sum() @ v)[0, 0]',
    pytorch: 'F = torch.float64\nq, k, v = torch.tensor([[1.0, 0]], dtype=F), torch.tensor([[2.0, 0], [0, 2]], dtype=F), torch.tensor([[10.0], [20]], dtype=F)\nvalue = torch.softmax(q @ k.T / 2 ** 0.5, -1) @ v',
  },
  bert: {
    gradus: `const value = tensor([0.2, 2, -1], ${D}).logSoftmax().at(1).neg()   // the loss at the gap`,
    numpy: 'z = np.array([0.2, 2, -1])\nvalue = np.log(np.exp(z).sum()) - z[1]   # the loss at the gap',
    pytorch: 'value = -torch.log_softmax(torch.tensor([0.2, 2, -1], dtype=torch.float64), -1)[1]   # the loss at the gap',
  },
  gpt: {
    gradus: `const z = tensor([[1, 0, 0], [0, 3, 0]], ${D}).logSoftmax()   // place 1, place 2\nconst value = z.at(0, 0).add(z.at(1, 1)).div(-2)   // each place guesses the next symbol`,
    numpy: 'z = np.array([[1.0, 0, 0], [0, 3, 0]])   # place 1, place 2\nlogs = z - np.log(np.exp(z).sum(1, keepdims=True))\nvalue = -(logs[0, 0] + logs[1, 1]) / 2   # each place guesses the next symbol',
    pytorch: 'z = torch.tensor([[1.0, 0, 0], [0, 3, 0]], dtype=torch.float64)   # place 1, place 2\nvalue = torch.nn.functional.cross_entropy(z, torch.tensor([0, 1]))   # each place guesses the next symbol',
  },
  clip: {
    gradus: `const s = tensor([[0.9, 0.1], [0.3, 0.8]], ${D}).mul(8)   // picture i with caption j\nconst own = (m) => m.at(0, 0).add(m.at(1, 1)).div(-2)\nconst value = own(s.logSoftmax(1)).add(own(s.logSoftmax(0))).div(2)`,
    numpy: 's = 8 * np.array([[0.9, 0.1], [0.3, 0.8]])   # picture i with caption j\nown = lambda m, axis: np.mean(np.log(np.exp(m).sum(axis)) - np.diag(m))\nvalue = (own(s, 1) + own(s, 0)) / 2',
    pytorch: 's = 8 * torch.tensor([[0.9, 0.1], [0.3, 0.8]], dtype=torch.float64)   # picture i with caption j\nown, i = torch.nn.functional.cross_entropy, torch.tensor([0, 1])\nvalue = (own(s, i) + own(s.T, i)) / 2',
  },
  diffusion: {
    gradus: `const [x, noise, kept] = [tensor(2, ${D}), tensor(-0.5, ${D}), tensor(0.64, ${D})]\nconst value = kept.sqrt().mul(x).add(kept.neg().add(1).sqrt().mul(noise))`,
    numpy: 'x, noise, kept = 2.0, -0.5, 0.64\nvalue = np.sqrt(kept) * x + np.sqrt(1 - kept) * noise',
    pytorch: 'x, noise, kept = torch.tensor([2.0, -0.5, 0.64], dtype=torch.float64)\nvalue = torch.sqrt(kept) * x + torch.sqrt(1 - kept) * noise',
  },
  continual: {
    gradus: `const value = tensor([0.05, 0.9], ${D}).mean()   // the loss on the new task and on the kept examples`,
    numpy: 'value = np.mean([0.05, 0.9])   # the loss on the new task and on the kept examples',
    pytorch: 'value = torch.tensor([0.05, 0.9], dtype=torch.float64).mean()   # the loss on the new task and on the kept examples',
  },
}

export function code({ card }: Pick<State, 'card'>): Code {
  const { gradus, numpy, pytorch } = PROGRAMS[card]
  const names = ['conv2d', 'grad', 'tensor'].filter((name) => gradus.includes(`${name}(`))
  return {
    gradus: `import { ${names.join(', ')} } from 'gradus'\n\n${gradus}\nconsole.log(JSON.stringify({ value: await value.item() }))\n`,
    numpy: `import json\nimport numpy as np\n\n${numpy}\nprint(json.dumps({"value": float(value)}))\n`,
    pytorch: `import json\nimport torch\n\n${pytorch}\nprint(json.dumps({"value": float(value)}))\n`,
  }
}
