// The rows of docs/op-matrix.md: for every op and aspect either samples that ran, or the reason why there is nothing to run.
import type { OpName } from '../../src/ir/index.ts'
import { defOf } from '../../src/ir/index.ts'
import type { DeviceName } from '../../src/tensor/index.ts'
import { checkComposed, checkDerivatives, checkJit, checkValue, checkVmap } from './checks.ts'
import type { Case } from './run.ts'
import { samplesOf } from './samples.ts'

export const ASPECTS = ['value', 'grad', 'grad²', 'vmap', 'jit', 'vmap·grad'] as const
export type Aspect = (typeof ASPECTS)[number]
export interface Outcome {
  readonly ran: number
  readonly problems: readonly string[]
  /** Why nothing ran. */
  readonly reason: string | null
}

/** At most `limit` of a list, spread over it. */
const spread = <T>(list: readonly T[], limit: number): T[] => (list.length <= limit ? [...list] : Array.from({ length: limit }, (_, i) => list[Math.floor((i * list.length) / limit)]!))

function casesOf(op: OpName, aspect: Aspect): Case[] {
  const all = samplesOf(op).flatMap((sample, n) => sample.floats.map((float): Case => ({ op, n, sample, float })))
  const small = all.filter((c) => !c.sample.large)
  switch (aspect) {
    case 'value': return all
    case 'jit': return spread(small, 12)
    case 'vmap': return spread(small.filter((c) => c.sample.inputs.length > 0 && c.sample.inputs.every((x) => x.array.data.length <= 64)), 16)
    default: return small.filter((c) => c.sample.smooth)
  }
}

/** Why an op has no derivative to test, or no input to batch; null where the samples are simply missing. */
function reasonFor(op: OpName, aspect: Aspect): string | null {
  if (aspect === 'vmap') return samplesOf(op).every((s) => s.inputs.length === 0) ? 'no inputs' : null
  const { derivative } = defOf(op)
  return derivative.kind === 'none' ? derivative.reason : null
}

async function each(cases: readonly Case[], check: (c: Case) => Promise<readonly string[]>): Promise<Outcome> {
  const problems: string[] = []
  for (const c of cases) {
    try {
      problems.push(...(await check(c)))
    } catch (error) {
      problems.push(`#${c.n} ${c.float} ${c.sample.inputs.map((x) => `${x.dtype}[${x.array.shape}]`).join(', ')}: ${(error as Error).name}: ${(error as Error).message}`)
    }
  }
  return { ran: cases.length, problems, reason: null }
}

export async function runAspect(op: OpName, aspect: Aspect, device: DeviceName): Promise<Outcome> {
  const cases = casesOf(op, aspect)
  if (cases.length === 0) {
    const reason = reasonFor(op, aspect)
    return { ran: 0, problems: reason === null ? [`no samples for ${aspect}`] : [], reason }
  }
  switch (aspect) {
    case 'value': return each(cases, (c) => checkValue(c, device))
    case 'jit': return each(cases, (c) => checkJit(c, device))
    case 'vmap': return each(cases, (c) => checkVmap(c, device))
    case 'vmap·grad': return each(spread(cases, 6), (c) => checkComposed(c, device))
    case 'grad': return each(pickFloats(cases, device), async (c) => (await checkDerivatives(c, device)).first)
    case 'grad²': return each(spread(pickFloats(cases, device), 12), async (c) => (await checkDerivatives(c, device)).second)
  }
}
/** Finite differences are taken in float64 on the reference; elsewhere both types are compared with it. */
const pickFloats = (cases: readonly Case[], device: DeviceName): Case[] => (device === 'reference' ? cases.filter((c) => c.float === 'float64') : spread([...cases], 24))
