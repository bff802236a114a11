// Attention and rotary positions of opset 23.
import { type Tensor, arange, concat, where } from '../../../tensor/index.ts'
import type { Handler, OpTable } from '../call.ts'
import { indexOf } from '../long.ts'
import { tensorOf, tensorValue } from '../value.ts'
import { fit } from './support.ts'

/** (B,T,H·D) → (B,H,T,D); four axes stay. */
const heads = (x: Tensor, n: number): Tensor => (x.ndim === 4 ? x : x.reshape(x.shape[0]!, x.shape[1]!, n, -1).permute(0, 2, 1, 3))

const attention: Handler = (c) => {
  const q0 = c.array(0)
  const flat = q0.shape.length === 3
  const q = heads(tensorOf(q0), flat ? c.int('q_num_heads') : 0)
  let k = heads(c.tensor(1), flat ? c.int('kv_num_heads') : 0)
  let v = heads(c.tensor(2), flat ? c.int('kv_num_heads') : 0)
  if (c.maybe(4) !== null) k = concat([c.tensor(4), k], 2)
  if (c.maybe(5) !== null) v = concat([c.tensor(5), v], 2)
  const [keys, values] = [k, v]
  const groups = q.shape[1]! / k.shape[1]!
  const repeat = (x: Tensor): Tensor => (groups === 1 ? x : x.unsqueeze(2).expand(x.shape[0]!, x.shape[1]!, groups, x.shape[2]!, x.shape[3]!).reshape(x.shape[0]!, q.shape[1]!, x.shape[2]!, x.shape[3]!))
  const scale = c.float('scale', 1 / Math.sqrt(q.shape[3]!))
  const root = Math.sqrt(scale)
  let s = q.mul(root).matmul(repeat(k).transpose().mul(root)) // (B,H,T,S)
  const mode = c.int('qk_matmul_output_mode', 0)
  const seen: Tensor[] = [s]
  const [T, S] = [q.shape[2]!, k.shape[2]!]
  if (c.flag('is_causal')) {
    const past = S - T
    s = where(arange(S).reshape(1, S).le(arange(T).reshape(T, 1).add(c.maybe(4) === null ? 0 : past)), s, -Infinity)
  }
  if (c.maybe(3) !== null) {
    const mask = c.tensor(3)
    s = mask.dtype === 'bool' ? where(mask, s, -Infinity) : s.add(mask)
  }
  seen.push(s)
  const cap = c.float('softcap', 0)
  if (cap > 0) s = s.div(cap).tanh().mul(cap)
  seen.push(s)
  const p = s.softmax(-1)
  seen.push(p)
  const y = p.matmul(repeat(v))
  const out = flat ? y.permute(0, 2, 1, 3).reshape(y.shape[0]!, T, -1) : y
  return [fit(q0.type, out), tensorValue(c.array(1).type, keys), tensorValue(c.array(2).type, values), tensorValue(q0.type, seen[mode] ?? s)]
}

const rotary: Handler = (c) => {
  const x0 = c.array(0)
  const flat = x0.shape.length === 3
  const x = flat ? heads(tensorOf(x0), c.int('num_heads')).permute(0, 2, 1, 3) : tensorOf(x0).permute(0, 2, 1, 3) // (B,T,H,D)
  const D = x.shape[3]!
  const R = c.int('rotary_embedding_dim', 0) || D
  const position = c.maybe(3)
  const table = (i: number): Tensor => (position === null ? c.tensor(i) : c.tensor(i).take(indexOf(position), 0)).unsqueeze(2) // (B,T,1,R/2)
  const [cos, sin] = [table(1), table(2)]
  const turned = x.at('...', [0, R])
  const mixed = c.flag('interleaved')
  const [a, b] = mixed ? [turned.at('...', [0, null, 2]), turned.at('...', [1, null, 2])] : [turned.at('...', [0, R / 2]), turned.at('...', [R / 2, R])]
  const [p, q] = [a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))]
  const joined = mixed ? concat([p.unsqueeze(-1), q.unsqueeze(-1)], -1).reshape(turned.shape) : concat([p, q], -1)
  const y = R === D ? joined : concat([joined, x.at('...', [R, D])], -1)
  return fit(x0.type, flat ? y.reshape(x0.shape) : y.permute(0, 2, 1, 3))
}
export const attentionTable: OpTable = { Attention: attention, RotaryEmbedding: rotary }
