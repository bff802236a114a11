// RNN, GRU and LSTM as loops over time; gates in ONNX's order.
import { type Tensor, arange, scan, stack, where, zeros } from '../../../tensor/index.ts'
import { type Call, type Handler, type OpTable, asProduct } from '../call.ts'
import { tensorValue } from '../value.ts'

type Activation = (x: Tensor) => Tensor
function activation(c: Call, name: string, alpha: number | undefined, beta: number | undefined): Activation {
  switch (name.toLowerCase()) {
    case 'sigmoid': return (x) => x.sigmoid()
    case 'tanh': return (x) => x.tanh()
    case 'relu': return (x) => x.relu()
    case 'leakyrelu': return (x) => where(x.lt(0), x.mul(alpha ?? 0.01), x)
    case 'thresholdedrelu': return (x) => where(x.gt(alpha ?? 1), x, 0)
    case 'hardsigmoid': return (x) => x.mul(alpha ?? 0.2).add(beta ?? 0.5).clamp(0, 1)
    case 'elu': return (x) => where(x.lt(0), x.minimum(0).expm1().mul(alpha ?? 1), x)
    case 'softsign': return (x) => x.div(x.abs().add(1))
    case 'softplus': return (x) => x.softplus()
    case 'affine': return (x) => x.mul(alpha ?? 1).add(beta ?? 0)
    case 'scaledtanh': return (x) => x.mul(beta ?? 1).tanh().mul(alpha ?? 1)
    default: throw c.fail(`the activation "${name}" is not known`)
  }
}

/** What a cell does in one step: states before, W·x of this time (B,gates·H) → states after, the first being the output. */
type Step = (states: readonly Tensor[], wx: Tensor, r: Tensor, bias: Tensor, f: readonly Activation[], peepholes: Tensor | null) => Tensor[]

interface Cell {
  readonly gates: number
  readonly states: 1 | 2
  readonly activations: readonly string[]
  readonly step: (c: Call, clip: Activation) => Step
}

const recurrent = (cell: Cell): Handler => asProduct((c) => {
  const x0 = c.tensor(0)
  const batchFirst = c.flag('layout')
  const x = batchFirst ? x0.transpose(0, 1) : x0 // (T,B,I)
  const [T, B] = x.shape as [number, number]
  const H = c.int('hidden_size', c.array(2).shape[2]!)
  const direction = c.text('direction', 'forward')
  const directions = direction === 'bidirectional' ? 2 : 1
  const names = c.texts('activations') ?? Array.from({ length: directions }, () => cell.activations).flat()
  const [alphas, betas] = [c.floats('activation_alpha') ?? [], c.floats('activation_beta') ?? []]
  const limit = c.has('clip') ? c.float('clip') : null
  const clip: Activation = (v) => (limit === null ? v : v.clamp(-limit, limit))
  const lengths = c.maybe(4) === null ? null : c.tensor(4)
  const step = cell.step(c, clip)
  const all: Tensor[] = []
  const finals: Tensor[][] = []
  for (let d = 0; d < directions; d++) {
    const reverse = direction === 'reverse' || d === 1
    const per = cell.activations.length
    const f = cell.activations.map((_, i) => activation(c, names[d * per + i]!, alphas[d * per + i], betas[d * per + i]))
    const w = c.tensor(1).at(d) // (G·H, I)
    const r = c.tensor(2).at(d).transpose() // (H, G·H)
    const bias = c.maybe(3) === null ? zeros([2 * cell.gates * H], x.dtype) : c.tensor(3).at(d)
    const peepholes = cell.states === 2 && c.maybe(7) !== null ? c.tensor(7).at(d) : null
    const start = Array.from({ length: cell.states }, (_, i) => {
      if (c.maybe(5 + i) === null) return zeros([B, H], x.dtype)
      const s = c.tensor(5 + i)
      return batchFirst ? s.at(null, d) : s.at(d)
    })
    const wx = x.matmul(w.transpose()).add(bias.at([0, cell.gates * H])) // (T,B,G·H)
    const rb = bias.at([cell.gates * H, null])
    const source = reverse ? turn(wx, lengths) : wx
    const alive = lengths === null ? null : arange(T).reshape(T, 1).lt(lengths.reshape(1, B)).unsqueeze(-1) // (T,B,1)
    const once = (states: readonly Tensor[], now: Tensor, live: Tensor | null): [Tensor[], Tensor] => {
      const next = step(states, now, r, rb, f, peepholes)
      if (live === null) return [next, next[0]!]
      return [next.map((s, i) => where(live, s, states[i]!)), where(live, next[0]!, 0)]
    }
    let ys: Tensor
    let last: Tensor[]
    if (T <= 4) {
      last = start
      const list: Tensor[] = []
      for (let t = 0; t < T; t++) {
        const [next, y] = once(last, source.at(t), alive === null ? null : alive.at(t))
        last = next
        list.push(y)
      }
      ys = stack(list)
    } else if (alive === null) [last, ys] = scan((s: Tensor[], now: Tensor): [Tensor[], Tensor] => once(s, now, null), start, source)
    else [last, ys] = scan((s: Tensor[], now: { now: Tensor; live: Tensor }): [Tensor[], Tensor] => once(s, now.now, now.live), start, { now: source, live: alive })
    all.push(reverse ? turn(ys, lengths) : ys)
    finals.push(last)
  }
  const { type } = c.array(0)
  const y = stack(all, 1) // (T,D,B,H)
  const outputs = [tensorValue(type, batchFirst ? y.permute(2, 0, 1, 3) : y)]
  for (let i = 0; i < cell.states; i++) outputs.push(tensorValue(type, stack(finals.map((s) => s[i]!), batchFirst ? 1 : 0)))
  return outputs
})
/** Turned around in time; with lengths, each row within its own. */
function turn(x: Tensor, lengths: Tensor | null): Tensor {
  if (lengths === null) return x.flip(0)
  const [T, B] = x.shape as [number, number]
  const steps = arange(T).reshape(T, 1)
  const back = lengths.reshape(1, B).sub(1).sub(steps)
  const index = where(steps.lt(lengths.reshape(1, B)), back, steps.expand(T, B))
  return x.gather(index.unsqueeze(-1).expand(x.shape), 0)
}
const gate = (x: Tensor, i: number, n: number): Tensor => {
  const H = x.shape[x.ndim - 1]! / n
  return x.at('...', [i * H, (i + 1) * H])
}

const RNN: Cell = {
  gates: 1, states: 1, activations: ['Tanh'],
  step: (_, clip) => ([h], wx, r, rb, [f]) => [f!(clip(wx.add(h!.matmul(r)).add(rb)))],
}
const GRU: Cell = {
  gates: 3, states: 1, activations: ['Sigmoid', 'Tanh'],
  step: (c, clip) => {
    const after = c.flag('linear_before_reset')
    return ([h], wx, r, rb, [f, g]) => {
      const H = h!.shape[1]!
      const rh = h!.matmul(r.at(null, [0, 2 * H])).add(rb.at([0, 2 * H]))
      const zr = f!(clip(wx.at(null, [0, 2 * H]).add(rh)))
      const [z, reset] = [gate(zr, 0, 2), gate(zr, 1, 2)]
      const [rn, rbn] = [r.at(null, [2 * H, null]), rb.at([2 * H, null])]
      const inner = after ? reset.mul(h!.matmul(rn).add(rbn)) : reset.mul(h!).matmul(rn).add(rbn)
      const n = g!(clip(wx.at(null, [2 * H, null]).add(inner)))
      return [n.sub(z.mul(n)).add(z.mul(h!))]
    }
  },
}
const LSTM: Cell = {
  gates: 4, states: 2, activations: ['Sigmoid', 'Tanh', 'Tanh'],
  step: (c, clip) => {
    const forgets = !c.flag('input_forget')
    return ([h, cell], wx, r, rb, [f, g, out], peepholes) => {
      const all = wx.add(h!.matmul(r)).add(rb) // (B, 4·H): i o f c
      const peep = (i: number, state: Tensor): Tensor => (peepholes === null ? gate(all, i, 4) : gate(all, i, 4).add(gate(peepholes, i, 3).mul(state)))
      const input = f!(clip(peep(0, cell!)))
      const forget = forgets ? f!(clip(peep(2, cell!))) : input.neg().add(1)
      const next = forget.mul(cell!).add(input.mul(g!(clip(gate(all, 3, 4)))))
      const output = f!(clip(peep(1, next)))
      return [output.mul(out!(next)), next]
    }
  },
}
export const recurrentTable: OpTable = { RNN: recurrent(RNN), GRU: recurrent(GRU), LSTM: recurrent(LSTM) }
