// jit: a whole training step (loss, gradients, update) compiled to one program and run again and again.
import { type Tensor, jit, linspace, tensor, valueAndGrad } from 'gradus'

const x = linspace(-1, 1, 101)
const y = x.mul(3).sub(0.5)
const loss = ({ w, b }: { w: Tensor; b: Tensor }) => x.mul(w).add(b).sub(y).square().mean()

const step = jit((p: { w: Tensor; b: Tensor }) => {
  const [value, g] = valueAndGrad(loss)(p)
  return { p: { w: p.w.sub(g.w.mul(0.5)), b: p.b.sub(g.b.mul(0.5)) }, value }
})

let p = { w: tensor(0), b: tensor(0) }
for (let i = 0; i < 100; i++) p = step(p).p
console.log(`w = ${(await p.w.item()).toFixed(3)}, b = ${(await p.b.item()).toFixed(3)}, programs compiled: ${step.programs().length}`)
// → w = 3.000, b = -0.500, programs compiled: 1
