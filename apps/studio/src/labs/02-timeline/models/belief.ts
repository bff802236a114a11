// 2006: a deep belief network. Layers learn one after another to restore what they saw (restricted Boltzmann machines,
// contrastive divergence); then the whole is taught. Beside it the same network without that preparation.
import { type Tensor, jit, tensor } from 'gradus'
import { binaryCrossEntropyWithLogits } from 'gradus/nn'
import { random } from '../../../core/random.ts'
import { type Draw, type Machine, type Params, flat, mean, trainer, weights } from './machine.ts'

const SIDE = 6
const SIZES = [SIDE * SIDE, 20, 20, 20] as const
const LAYERS = 3
/** Updates of each layer, then of the whole. */
const ALONE = 120
const TOGETHER = 240

/** Bars: one full row (class 0) or one full column (class 1), some pixels flipped. */
function bars(count: number, draw: Draw): { x: number[][]; y: number[] } {
  const x: number[][] = []
  const y: number[] = []
  for (let i = 0; i < count; i++) {
    const at = Math.floor(draw() * SIDE)
    x.push(Array.from({ length: SIDE * SIDE }, (_, p) => {
      const on = (i % 2 === 0 ? Math.floor(p / SIDE) : p % SIDE) === at
      return (draw() < 0.06 ? !on : on) ? 1 : 0
    }))
    y.push(i % 2)
  }
  return { x, y }
}

interface Machine2 extends Params {
  readonly w: Tensor
  readonly a: Tensor
  readonly b: Tensor
}
/** One step of contrastive divergence (Hinton, 2002): w ← w + ε(⟨v h⟩ of the data − ⟨v h⟩ of the reconstruction). */
const divergence = jit((m: Machine2, v: Tensor, chance: Tensor): Machine2 => {
  const h = v.matmul(m.w).add(m.b).sigmoid() // (B,V)·(V,H) → (B,H)
  const drawn = chance.lt(h).to('float32')
  const again = drawn.matmul(m.w.T).add(m.a).sigmoid() // (B,V)
  const h2 = again.matmul(m.w).add(m.b).sigmoid()
  const n = v.shape[0]!
  return {
    w: m.w.add(v.T.matmul(h).sub(again.T.matmul(h2)).mul(0.3 / n)),
    a: m.a.add(v.sub(again).mean(0).mul(0.3)),
    b: m.b.add(h.sub(h2).mean(0).mul(0.3)),
  }
})
const restored = (m: Machine2, v: Tensor): Tensor => v.matmul(m.w).add(m.b).sigmoid().matmul(m.w.T).add(m.a).sigmoid()

const stackOf = (p: Params, x: Tensor): Tensor => {
  let h = x
  for (let l = 0; l < LAYERS; l++) h = h.matmul(p[`w${l}`]!).add(p[`b${l}`]!).sigmoid()
  return h.matmul(p.out!).add(p.outBias!).reshape(-1)
}
const share = async (p: Params, x: Tensor, y: readonly number[]): Promise<number> => {
  const z = await stackOf(p, x).data()
  return mean(y.map((c, i) => ((z[i]! > 0 ? 1 : 0) === c ? 1 : 0)))
}

export const belief: Machine = {
  steps: LAYERS * ALONE + TOGETHER,
  every: 20,
  start: (seed) => {
    const draw = random(seed * 29 + 1)
    const [train, test] = [bars(120, draw), bars(200, draw)]
    const [x, y, tx] = [tensor(train.x), tensor(train.y), tensor(test.x)]
    const rbms: Machine2[] = Array.from({ length: LAYERS }, (_, l) => ({ w: weights([SIZES[l]!, SIZES[l + 1]!], draw, 0.5), a: flat(SIZES[l]!), b: flat(SIZES[l + 1]!) }))
    const last = weights([20, 1], draw)
    const whole = (layers: readonly Machine2[]): Params => ({ ...Object.fromEntries(layers.flatMap((m, l) => [[`w${l}`, m.w], [`b${l}`, m.b]])), out: last, outBias: flat(1) })
    const teach = (p: Params) => trainer(p, (q, bx, by) => binaryCrossEntropyWithLogits(stackOf(q, bx!), by!), 0.01)
    const cold = teach(whole(rbms))
    let warm: ReturnType<typeof teach> | null = null
    /** What layer l sees: the answers of those below. */
    const seenBy = (l: number): Tensor => rbms.slice(0, l).reduce((v, m) => v.matmul(m.w).add(m.b).sigmoid(), x)
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) {
          const l = Math.floor(k / ALONE)
          if (l < LAYERS) {
            const chance = tensor(Float32Array.from({ length: train.x.length * SIZES[l + 1]! }, draw), { shape: [train.x.length, SIZES[l + 1]!] })
            rbms[l] = divergence(rbms[l]!, seenBy(l).realize(), chance)
          } else {
            warm ??= teach(whole(rbms))
            warm.step(x, y)
            cold.step(x, y)
          }
        }
      },
      look: async () => {
        const prepared = warm?.params ?? whole(rbms)
        const filters = await rbms[0]!.w.T.data()
        const images = await restored(rbms[0]!, tx.at([0, 6])).data()
        const picture = (values: ArrayLike<number>, i: number): number[] => Array.from({ length: SIDE * SIDE }, (_, p) => values[SIDE * SIDE * i + p]!)
        const [pretrained, untrained] = [await share(prepared, tx, test.y), await share(cold.params, tx, test.y)]
        return {
          curves: { pretrained, untrained },
          figures: { pretrained, untrained, restoring: await restored(rbms[0]!, tx).sub(tx).square().mean().item() },
          cases: { pretrained: test.y.length, untrained: test.y.length },
          pictures: [
            { kind: 'cells', key: 'features', rows: SIDE, columns: SIDE, signed: true, learned: true, items: Array.from({ length: 10 }, (_, i) => ({ values: picture(filters, i) })) },
            { kind: 'cells', key: 'restored', rows: SIDE, columns: SIDE, signed: false, items: Array.from({ length: 6 }, (_, i) => [{ values: test.x[i]!, given: true as const }, { values: picture(images, i) }]).flat() },
          ],
        }
      },
    }
  },
}
