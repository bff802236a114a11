// The chosen hand-made features as programs, on the lecture's zero in the middle of 28 × 28 pixels: on tensors, not in the loops of features.ts.
import { listing } from '../../core/code.ts'
import type { Code } from '../../core/lab.ts'
import { GROUPS, type Group, type State } from './model.ts'

/** A zero on 13 × 10 cells, as the lecture prints one. */
export const ZERO: readonly (readonly number[])[] = [
  '0001111000', '0011111100', '0111001110', '0110000110', '1110000111', '1100000011', '1100000011', '1100000011', '1110000111', '0110000110', '0111001110', '0011111100', '0001111000',
].map((row) => [...row].map(Number))
/** Empty rows and columns around it. */
export const MARGIN = [[7, 8], [9, 9]] as const

const ABOUT: Readonly<Record<Group, string>> = {
  ink: 'share of ink', zones: 'mean ink of 4 x 4 zones', profiles: 'mean ink of 14 bands of rows, then of columns', symmetry: 'likeness to the mirror images',
  holes: 'pieces minus holes, on squares of 2 x 2: one pixel full +1, three -1, two on a diagonal -2, a quarter of the sum', strokes: 'slopes of the ink in 4 x 4 zones, by 4 directions',
}
const GRADUS: Readonly<Record<Group, string>> = {
  ink: 'out.ink = [await x.mean().item()]',
  zones: 'out.zones = await x.reshape([4, 7, 4, 7]).mean([1, 3]).flatten().array()',
  profiles: 'out.profiles = [...await x.reshape([14, 56]).mean(1).array(), ...await x.reshape([28, 14, 2]).mean([0, 2]).array()]',
  symmetry: 'out.symmetry = await Promise.all([1, 0].map((axis) => x.mul(x.flip(axis)).sum().div(x.square().sum()).item()))',
  holes: `const p = x.pad([[1, 1], [1, 1]])
const [a, b, c, d] = [p.at([0, -1], [0, -1]), p.at([0, -1], [1, null]), p.at([1, null], [0, -1]), p.at([1, null], [1, null])]
const full = a.add(b).add(c).add(d)
const is = (n) => full.eq(n).to('float64')
out.holes = [await is(1).sub(is(3)).sub(is(2).mul(a.eq(d).to('float64')).mul(2)).sum().div(4).item()]`,
  strokes: `const q = x.pad([[1, 1], [1, 1]])
const [dx, dy] = [q.at([1, -1], [2, null]).sub(q.at([1, -1], [0, -2])), q.at([2, null], [1, -1]).sub(q.at([0, -2], [1, -1]))]
const size = dx.square().add(dy.square()).sqrt()
const angle = dy.atan2(dx).mul(4 / Math.PI).add(8)
const turn = angle.sub(angle.div(4).floor().mul(4))                // 0 ... 4: which side is darker does not matter
const share = (k) => turn.sub(k).abs().minimum(turn.sub(k + 4).abs()).neg().add(1).relu()
const parts = [0, 1, 2, 3].map((k) => size.mul(share(k)).reshape([4, 7, 4, 7]).mean([1, 3]))
out.strokes = await stack(parts, 2).flatten().array()              // (4,4,4)`,
}
const NUMPY: Readonly<Record<Group, string>> = {
  ink: 'out["ink"] = [x.mean()]',
  zones: 'out["zones"] = x.reshape(4, 7, 4, 7).mean((1, 3)).ravel().tolist()',
  profiles: 'out["profiles"] = x.reshape(14, 56).mean(1).tolist() + x.reshape(28, 14, 2).mean((0, 2)).tolist()',
  symmetry: 'out["symmetry"] = [(x * np.flip(x, axis)).sum() / (x ** 2).sum() for axis in (1, 0)]',
  holes: `p = np.pad(x, 1)
a, b, c, d = p[:-1, :-1], p[:-1, 1:], p[1:, :-1], p[1:, 1:]
full = a + b + c + d
out["holes"] = [float((full == 1).sum() - (full == 3).sum() - 2 * ((full == 2) & (a == d)).sum()) / 4]`,
  strokes: `q = np.pad(x, 1)
dx, dy = q[1:-1, 2:] - q[1:-1, :-2], q[2:, 1:-1] - q[:-2, 1:-1]
size = np.hypot(dx, dy)
turn = (np.arctan2(dy, dx) / np.pi * 4 + 8) % 4   # 0 ... 4: which side is darker does not matter
share = lambda k: np.maximum(0, 1 - np.minimum(abs(turn - k), abs(turn - k - 4)))
out["strokes"] = np.stack([(size * share(k)).reshape(4, 7, 4, 7).mean((1, 3)) for k in range(4)], -1).ravel().tolist()`,
}
const PYTORCH: Readonly<Record<Group, string>> = {
  ink: 'out["ink"] = [x.mean().item()]',
  zones: NUMPY.zones,
  profiles: NUMPY.profiles,
  symmetry: 'out["symmetry"] = [((x * x.flip(axis)).sum() / (x ** 2).sum()).item() for axis in (1, 0)]',
  holes: `p = torch.nn.functional.pad(x, (1, 1, 1, 1))
a, b, c, d = p[:-1, :-1], p[:-1, 1:], p[1:, :-1], p[1:, 1:]
full = a + b + c + d
out["holes"] = [((full == 1).sum() - (full == 3).sum() - 2 * ((full == 2) & (a == d)).sum()).item() / 4]`,
  strokes: `q = torch.nn.functional.pad(x, (1, 1, 1, 1))
dx, dy = q[1:-1, 2:] - q[1:-1, :-2], q[2:, 1:-1] - q[:-2, 1:-1]
size = torch.hypot(dx, dy)
turn = (torch.atan2(dy, dx) / torch.pi * 4 + 8) % 4   # 0 ... 4: which side is darker does not matter
share = lambda k: (1 - torch.minimum((turn - k).abs(), (turn - k - 4).abs())).clamp(min=0)
out["strokes"] = torch.stack([(size * share(k)).reshape(4, 7, 4, 7).mean((1, 3)) for k in range(4)], -1).ravel().tolist()`,
}

export function code({ groups }: Pick<State, 'groups'>): Code {
  const grid = `[${ZERO.map((row) => listing(row)).join(',\n ')}]`
  const chosen = GROUPS.filter((g) => groups.includes(g))
  const body = (of: Readonly<Record<Group, string>>, comment: string): string => chosen.map((g) => `${comment} ${ABOUT[g]}\n${of[g]}`).join('\n')
  const margin = JSON.stringify(MARGIN).replaceAll(',', ', ')
  return {
    gradus: `import { ${chosen.includes('strokes') ? 'stack, ' : ''}tensor } from 'gradus'

const zero = tensor(${grid}, { dtype: 'float64' })
const x = zero.pad(${margin})   // (28,28)
const out = {}
${body(GRADUS, '//')}
console.log(JSON.stringify(out))
`,
    numpy: `import json
import numpy as np

zero = np.array(${grid}, dtype=float)
x = np.pad(zero, ${margin})   # (28,28)
out = {}
${body(NUMPY, '#')}
print(json.dumps(out))
`,
    pytorch: `import json
import torch

zero = torch.tensor(${grid}, dtype=torch.float64)
x = torch.nn.functional.pad(zero, (${[...MARGIN[1], ...MARGIN[0]].join(', ')}))   # (28,28)
out = {}
${body(PYTORCH, '#')}
print(json.dumps(out))
`,
  }
}
