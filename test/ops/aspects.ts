// The rows of docs/op-matrix.md: for every op and aspect either samples that ran, or the reason why there is nothing to run.
import { isFloat, tabulate } from '../../src/base/index.ts'
import type { OpName } from '../../src/ir/index.ts'
import { defOf } from '../../src/ir/index.ts'
import type { DeviceName } from '../../src/tensor/index.ts'
import { checkComposed, checkDerivatives, checkJit, checkValue, checkVmap } from './checks.ts'
import { flushed } from '../support/denormals.ts'
import { computesWith, flushes, isCostly, spread } from '../support/devices.ts'
import { type Case, type Runner, alone, together } from './run.ts'
import type { Input } from './kit.ts'
import { samplesOf } from './samples.ts'

export const ASPECTS = ['value', 'grad', 'grad²', 'vmap', 'jit', 'vmap·grad'] as const
export type Aspect = (typeof ASPECTS)[number]
export interface Outcome {
  readonly ran: number
  readonly problems: readonly string[]
  /** Why nothing ran. */
  readonly reason: string | null
}

function casesOf(op: OpName, aspect: Aspect): Case[] {
  const all = samplesOf(op).flatMap((sample, n) => sample.floats.map((float): Case => ({ op, n, sample, float })))
  const small = all.filter((c) => !c.sample.large)
  switch (aspect) {
    case 'value': return all
    case 'jit': return small
    case 'vmap': return small.filter((c) => c.sample.inputs.length > 0 && c.sample.inputs.every((x) => x.array.data.length <= 64))
    default: return small.filter((c) => c.sample.smooth)
  }
}

/** Why an op has no derivative to test, or no input to batch; null where the samples are simply missing. */
function reasonFor(op: OpName, aspect: Aspect): string | null {
  if (aspect === 'vmap') return samplesOf(op).every((s) => s.inputs.length === 0) ? 'no inputs' : null
  const { derivative } = defOf(op)
  return derivative.kind === 'none' ? derivative.reason : null
}

async function each(cases: readonly Case[], runner: Runner, check: (c: Case, runner: Runner) => Promise<readonly string[]>): Promise<Outcome> {
  const one = async (c: Case): Promise<readonly string[]> => {
    try {
      return await check(c, runner)
    } catch (error) {
      return [`#${c.n} ${c.float} ${c.sample.inputs.map((x) => `${x.dtype}[${x.array.shape}]`).join(', ')}: ${(error as Error).name}: ${(error as Error).message}`]
    }
  }
  const problems: string[] = []
  if (isCostly(runner.device)) problems.push(...(await Promise.all(cases.map(one))).flat())
  else for (const c of cases) problems.push(...(await one(c)))
  return { ran: cases.length, problems, reason: null }
}

const needsFloat64 = ({ float, sample }: Case): boolean =>
  float === 'float64' || sample.inputs.some((x) => x.dtype === 'float64') || JSON.stringify(sample.params('float32'), (k, v) => (k === 'body' || k === 'then' || k === 'else' ? null : (v as unknown)))?.includes('float64') === true

const zeroed = (x: Input): Input => (x.dtype !== 'float' && x.dtype !== 'float32' ? x : { ...x, array: flushed(x.array) })
/** WGSL's fma may round the product first: sums of products that overflow before they cancel are not promised. */
const smaller = (x: Input): Input => ({ ...x, array: tabulate(x.array.dtype, x.array.shape, (i) => (Number.isFinite(x.array.data[i]!) && Math.abs(x.array.data[i]!) > 1e18 ? 1e18 : x.array.data[i]!)) })
/** Products of many may be taken in any order, on the way out of the range and back: factors are near 1, or 0, infinite or NaN. */
const near = (x: Input): Input => (!isFloat(x.array.dtype) ? x : { ...x, array: tabulate(x.array.dtype, x.array.shape, (i) => {
  const v = x.array.data[i]!
  return v === 0 || !Number.isFinite(v) ? v : Math.sign(v) * Math.min(8, Math.max(1 / 8, Math.abs(v)))
}) })
const withoutDenormals = (c: Case): Case => {
  const tame = c.op === 'dot' ? smaller : c.op === 'prod' ? near : (x: Input): Input => x
  return { ...c, sample: { ...c.sample, inputs: c.sample.inputs.map(zeroed).map(tame) } }
}

/** How many samples run: all values; of what takes several programs a sample, some; where a program is dear, few. */
const LIMITS: Readonly<Record<Aspect, { readonly usual: number; readonly costly: number }>> = {
  value: { usual: Infinity, costly: 12 },
  jit: { usual: 12, costly: 1 },
  vmap: { usual: 16, costly: 3 },
  'vmap·grad': { usual: 6, costly: 1 },
  grad: { usual: 24, costly: 4 },
  'grad²': { usual: 12, costly: 2 },
}

/** Ops whose kernels are so long that each costs SwiftShader's compiler ten times the usual: few samples there. */
const LONG: ReadonlySet<OpName> = new Set<OpName>(['attention', 'attentionGradient'])
const limitOf = (op: OpName, aspect: Aspect, device: DeviceName): number => {
  const { usual, costly } = LIMITS[aspect]
  return !isCostly(device) ? usual : device === 'webgpu' && LONG.has(op) ? Math.ceil(costly / 3) : costly
}

export async function runAspect(op: OpName, aspect: Aspect, device: DeviceName): Promise<Outcome> {
  const all = casesOf(op, aspect)
  if (all.length === 0) {
    const reason = reasonFor(op, aspect)
    return { ran: 0, problems: reason === null ? [`no samples for ${aspect}`] : [], reason }
  }
  // Finite differences are taken in float64 on the reference; elsewhere both types are compared with it.
  const fitting = aspect.startsWith('grad') && device === 'reference' ? all.filter((c) => c.float === 'float64') : computesWith(device, 'float64') ? all : all.filter((c) => !needsFloat64(c))
  if (fitting.length === 0) return { ran: 0, problems: [], reason: `every such sample needs float64, which ${device} lacks` }
  const cases = spread(flushes(device) ? fitting.map(withoutDenormals) : fitting, limitOf(op, aspect, device))
  const runner = isCostly(device) ? together(device) : alone(device)
  switch (aspect) {
    case 'value': return each(cases, runner, checkValue)
    case 'jit': return each(cases, runner, checkJit)
    case 'vmap': return each(cases, runner, checkVmap)
    case 'vmap·grad': return each(cases, runner, checkComposed)
    case 'grad': return each(cases, runner, (c, on) => checkDerivatives(c, on, 1))
    case 'grad²': return each(cases, runner, (c, on) => checkDerivatives(c, on, 2))
  }
}
