// The samples of every op, exhaustive by type: an op without samples does not compile.
import type { OpName } from '../../src/ir/index.ts'
import { type Sample, restartSeeds } from './kit.ts'
import * as arrays from './samples-arrays.ts'
import * as control from './samples-control.ts'
import { betweenSteps, binary, bitcast, cast, unary, where } from './samples-pointwise.ts'
import * as products from './samples-products.ts'

const off = { away: 0.25 }
const positive = { range: [0.25, 3] as const }
const inside = { range: [-0.9, 0.9] as const }

/** sin, cos and tan promise their accuracy up to 1e5 in float32 (src/ir/math/trigonometry.ts). */
const FAR = 1e5
/** The remainder is as exact as the quotient: x − y·⌊x / y⌋ loses what x / y has no digits for. */
const QUOTIENT = 100

const GENERATORS = {
  input: control.identity<'input'>(false, control.throughJit),
  data: control.identity<'data'>(false, (xs) => xs),
  full: control.full, iota: control.iota, random: control.random,
  neg: unary('number'), abs: unary('number', off), sign: unary('number', off, true), not: unary('logic'),
  exp: unary('float'), expm1: unary('float'), log: unary('float', positive), log1p: unary('float', { range: [-0.5, 3] }), sqrt: unary('float', positive), rsqrt: unary('float', positive),
  sin: unary('float', { range: [-9, 9] }, false, FAR), cos: unary('float', { range: [-9, 9] }, false, FAR), tan: unary('float', { range: [-1.2, 1.2] }, false, FAR), asin: unary('float', inside), acos: unary('float', inside), atan: unary('float'),
  sinh: unary('float'), cosh: unary('float'), tanh: unary('float'), asinh: unary('float'), acosh: unary('float', { range: [1.25, 4] }), atanh: unary('float', inside),
  erf: unary('float'), sigmoid: unary('float', { range: [-6, 6] }), softplus: unary('float', { range: [-6, 6] }), relu: unary('number', off),
  floor: unary('float', {}, true), ceil: unary('float', {}, true), trunc: unary('float', {}, true), round: unary('float', {}, true),
  cast, bitcast,
  add: binary('number'), sub: binary('number'), mul: binary('number'), div: binary('float', {}, off), pow: binary('number', positive), atan2: binary('float', off, off),
  max: binary('number'), min: binary('number'), floorDiv: binary('number', {}, off, true, betweenSteps), remainder: binary('number', {}, off, false, betweenSteps, QUOTIENT),
  and: binary('logic'), or: binary('logic'), xor: binary('logic'), shl: binary('int'), shr: binary('int'), ushr: binary('int'),
  eq: binary('any', {}, {}, true), ne: binary('any', {}, {}, true), lt: binary('any', {}, {}, true), le: binary('any', {}, {}, true),
  where,
  reshape: arrays.reshape, permute: arrays.permute, expand: arrays.expand, slice: arrays.slice, pad: arrays.pad, concat: arrays.concat, window: arrays.window, fold: arrays.fold,
  sum: arrays.reduction<'sum'>(false), prod: arrays.reduction<'prod'>(false), reduceMax: arrays.reduction<'reduceMax'>(true), reduceMin: arrays.reduction<'reduceMin'>(true),
  argmax: arrays.argReduce<'argmax'>, argmin: arrays.argReduce<'argmin'>, cumsum: arrays.cumsum,
  dot: products.dot, conv: products.conv, attention: products.attention, attentionGradient: products.attentionGradient,
  gather: arrays.gather, scatter: arrays.scatter, argsort: arrays.argsort,
  alias: control.identity<'alias'>(true), stopGradient: control.identity<'stopGradient'>(false), barrier: control.identity<'barrier'>(true), custom: control.custom,
  scan: control.scan, cond: control.cond, pick: control.pick,
} satisfies { readonly [K in OpName]: () => Sample<K>[] }

export const OPS = Object.keys(GENERATORS) as OpName[]

const made = new Map<OpName, readonly Sample[]>()
/** The samples of one op, the same at every call and in every process. */
export function samplesOf(op: OpName): readonly Sample[] {
  let list = made.get(op)
  if (list === undefined) {
    restartSeeds()
    made.set(op, (list = (GENERATORS[op] as () => Sample[])()))
  }
  return list
}
