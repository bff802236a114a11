// The one formula of each card on small numbers: by Gradus (heartOf), and by plain arithmetic (plainHeart in heart-check.ts).
import { type Tensor, conv2d, grad, scaledDotProductAttention, stack, tensor } from 'gradus'
import { crossEntropy } from 'gradus/nn'
import type { CardId } from './model.ts'

const f = (values: number | readonly unknown[]): Tensor => tensor(values as never, { dtype: 'float64' })

export const heartOf: Readonly<Record<CardId, () => Promise<number>>> = {
  mcculloch: () => f([1, 1, 1]).dot(f([1, 0, 1])).add(f(-1.5)).gt(0).to('float64').item(),
  rosenblatt: async () => {
    const [w, x] = [f([0.5, -1, 0.2]), f([2, 1, 1])]
    const a = w.dot(x).gt(0).to('float64')
    return w.add(x.mul(f(0).sub(a))).at(0).item()
  },
  minsky: () => f([[0, 1], [1, 0], [0, 0], [1, 1]]).mul(f([[1], [1], [-1], [-1]])).sum().item(),
  werbos: () => grad((z: Tensor) => z.sigmoid().sub(1).square().mul(0.5))(f(0.5)).item(),
  rumelhart: () => f([1, 0]).matmul(f([[2, -3], [1, 1]])).add(f([-1, 0.5])).sigmoid().matmul(f([1.5, -2])).item(),
  lenet: () => conv2d(f([[[[0, 1, 0], [0, 1, 0], [0, 1, 0]]]]), f([[[[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]]]])).item(),
  belief: () => f([1, 0, 1]).matmul(f([0.8, -0.5, 0.4])).add(f(-0.2)).sigmoid().item(),
  alexnet: () => grad((z: Tensor) => { let h = z; for (let l = 0; l < 8; l++) h = h.mul(1.1).relu(); return h })(f(0.5)).item(),
  gan: () => stack([f(1.2).neg().softplus(), f(-0.4).softplus()]).sum().item(),
  seq2seq: () => f(0.3).sigmoid().mul(f(0.8)).add(f(0.3).neg().sigmoid().mul(f(-0.5).tanh())).item(),
  resnet: () => grad((x: Tensor) => { let h = x; for (let l = 0; l < 10; l++) h = h.add(h.mul(0.1).tanh()); return h })(f(0.2)).item(),
  transformer: () => scaledDotProductAttention(f([[1, 0]]), f([[2, 0], [0, 2]]), f([[10], [20]])).item(),
  bert: () => crossEntropy(f([[0.2, 2, -1]]), tensor([1], { dtype: 'int32' })).item(),
  gpt: () => crossEntropy(f([[1, 0, 0], [0, 3, 0]]), tensor([0, 1], { dtype: 'int32' })).item(),
  clip: () => {
    const scores = f([[0.9, 0.1], [0.3, 0.8]]).mul(8)
    const own = tensor([0, 1], { dtype: 'int32' })
    return crossEntropy(scores, own).add(crossEntropy(scores.T, own)).mul(0.5).item()
  },
  diffusion: () => f(0.64).sqrt().mul(f(2)).add(f(1).sub(f(0.64)).sqrt().mul(f(-0.5))).item(),
  continual: () => stack([f(0.05), f(0.9)]).mean().item(),
}
