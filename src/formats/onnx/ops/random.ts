// Random operators: numbers of Gradus' own generator (a seed in the model gives the same numbers at every call).
import type { Shape } from '../../../base/index.ts'
import { type Tensor, categorical, key, normal, stack, uniform } from '../../../tensor/index.ts'
import { type Call, type Handler, type OpTable, asDrawing } from '../call.ts'
import { type ElementType, TYPES } from '../element-type.ts'
import { tensorOf, tensorValue } from '../value.ts'
import { fit } from './support.ts'

const seeded = (c: Call): { key?: Tensor } => {
  if (!c.has('seed')) return {}
  const seed = c.float('seed')
  return { key: key(Number.isInteger(seed) ? seed | 0 : new Int32Array(Float32Array.of(seed).buffer)[0]!) }
}
type Draw = (c: Call, shape: Shape) => Tensor
const normals: Draw = (c, shape) => normal(shape, { mean: c.float('mean', 0), std: c.float('scale', 1), ...seeded(c) })
const uniforms: Draw = (c, shape) => uniform(shape, { low: c.float('low', 0), high: c.float('high', 1), ...seeded(c) })

const fresh = (draw: Draw): Handler => (c) => fit(c.elementType('dtype', 'float32'), draw(c, c.ints('shape') ?? []))
const like = (draw: Draw): Handler => (c) => {
  const x = c.array(0)
  const type: ElementType = c.elementType('dtype', TYPES[x.type].kind === 'float' ? x.type : 'float32')
  return fit(type, draw(c, x.shape))
}
const bernoulli: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const type = c.elementType('dtype', x.type)
  return tensorValue(type, uniform(t.shape, seeded(c)).to(t.dtype).lt(t).to(TYPES[type].dtype!))
}
const multinomial: Handler = (c) => {
  const n = c.int('sample_size', 1)
  c.budget.loop(n, 1)
  const logits = c.tensor(0)
  return tensorValue(c.elementType('dtype', 'int32'), stack(Array.from({ length: n }, () => categorical(logits)), -1))
}

export const random: OpTable = {
  RandomNormal: asDrawing(fresh(normals)), RandomUniform: asDrawing(fresh(uniforms)), RandomNormalLike: asDrawing(like(normals)), RandomUniformLike: asDrawing(like(uniforms)),
  Bernoulli: asDrawing(bernoulli), Multinomial: asDrawing(multinomial),
}
