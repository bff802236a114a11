// Which golden functions (test/golden/ops.json, made by PyTorch and NumPy) exercise an op's value and gradient on the
// reference device; or why there is nothing to be found outside.
import type { OpName } from '../../src/ir/index.ts'

type Source = readonly string[] | { readonly reason: string }
const IDENTITY: Source = { reason: 'an identity: held against its input' }

export const GOLDEN_OF = {
  input: { reason: 'a placeholder: has a value only through jit' }, data: { reason: 'the numbers themselves' },
  full: ['full'], iota: ['iota', 'eye'], random: ['randomWords', 'uniform'],
  neg: ['neg'], abs: ['abs'], sign: ['sign'], not: ['logicalNot', 'bitwiseNot'], exp: ['exp'], expm1: ['expm1'], log: ['log'], log1p: ['log1p'], sqrt: ['sqrt'], rsqrt: ['rsqrt'],
  sin: ['sin'], cos: ['cos'], tan: ['tan'], asin: ['asin'], acos: ['acos'], atan: ['atan'], sinh: ['sinh'], cosh: ['cosh'], tanh: ['tanh'], asinh: ['asinh'], acosh: ['acosh'], atanh: ['atanh'],
  erf: ['erf'], sigmoid: ['sigmoid'], softplus: ['softplus'], relu: ['relu'], floor: ['floor'], ceil: ['ceil'], trunc: ['trunc'], round: ['round'], cast: ['to'], bitcast: ['bitcast'],
  add: ['add'], sub: ['sub'], mul: ['mul', 'square'], div: ['div', 'reciprocal'], pow: ['pow'], atan2: ['atan2'], max: ['maximum', 'clamp'], min: ['minimum', 'clamp'], floorDiv: ['floorDivide'], remainder: ['remainder'],
  and: ['bitwiseAnd', 'logicalAnd'], or: ['bitwiseOr', 'logicalOr'], xor: ['bitwiseXor', 'logicalXor'], shl: ['shiftLeft'], shr: ['shiftRight'], ushr: ['ushr'],
  eq: ['eq'], ne: ['ne', 'isNaN'], lt: ['lt', 'gt'], le: ['le', 'ge'], where: ['where', 'tril', 'triu'],
  reshape: ['reshape', 'flatten', 'squeeze', 'unsqueeze'], permute: ['permute', 'T', 'transpose', 'moveAxis'], expand: ['expand', 'tile'], slice: ['at', 'flip', 'split'], pad: ['pad'], concat: ['concat', 'stack', 'roll'], window: ['window'], fold: ['fold'],
  sum: ['sum', 'mean', 'var', 'norm'], prod: ['prod'], reduceMax: ['max', 'any'], reduceMin: ['min', 'all'], argmax: ['argmax'], argmin: ['argmin'], cumsum: ['cumsum'],
  dot: ['matmul', 'einsum'], conv: ['conv1d', 'conv2d', 'conv3d', 'convTranspose1d', 'convTranspose2d', 'convTranspose3d'],
  attention: { reason: 'scaledDotProductAttention is held against PyTorch in test/golden-attention.test.ts' }, attentionGradient: { reason: 'the same: gradients are part of these cases' },
  gather: ['take', 'gather', 'embedding'], scatter: ['scatterAdd', 'scatter'], argsort: ['argsort', 'sort', 'topk'],
  alias: IDENTITY, stopGradient: IDENTITY, barrier: IDENTITY, custom: ['maxPool1d', 'maxPool2d', 'maxPool3d'], scan: ['scan'], cond: ['cond'], pick: ['scan'],
} satisfies { readonly [K in OpName]: Source }
