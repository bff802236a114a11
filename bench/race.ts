// One row: everybody loads it, shows the same numbers, and is timed in turns.
import type { Contender } from './contenders.ts'
import { failed } from './process.ts'
import type { LoadAnswer, Timed } from './protocol.ts'
import { type Summary, firstDifference, summarize, turns } from './statistics.ts'
import { type Row, type TimedTask, inUnit, largerIsBetter, ratio } from './tasks.ts'

export interface Entry extends Summary {
  readonly contender: string
  readonly group: string
  /** CPU time of one run, of all threads, ms (median over the turns). */
  readonly cpuMs: number
}
export interface RowResult {
  readonly name: string
  readonly unit: string
  /** The median of each device; of each peer that of its best setting. */
  readonly gradus: Readonly<Record<string, number>>
  readonly peers: Readonly<Record<string, number>>
  /** ratio.wasm.torch: how many times better wasm is. */
  readonly ratio: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly entries: readonly Entry[]
  /** Who did not take part, and why. */
  readonly problems: Readonly<Record<string, string>>
}
export interface RaceOptions {
  readonly seconds: number
  readonly rounds: number
  readonly say: (text: string) => void
}

/** The most torch.compile may take for a row, ms: what it makes is kept in .cache/, so that the next run has it at once. */
export const COMPILING = 300_000

const isGradus = ({ group }: { readonly group: string }): boolean => ['wasm', 'native', 'webgpu', 'webgpu-f16', 'reference'].includes(group)
const shown = (values: readonly number[]): string => values.slice(0, 8).map((v) => Number(v.toPrecision(6))).join(' ')

export async function race(row: Row & { readonly task: TimedTask }, path: string, contenders: readonly Contender[], { seconds, rounds, say }: RaceOptions): Promise<RowResult> {
  const problems: Record<string, string> = {}
  const ready: { contender: Contender; check: readonly number[] }[] = []
  for (const contender of contenders.filter((c) => c.takes(row.task))) {
    say(`${row.name}: ${contender.name} loads`)
    const answer = await contender.process.ask<LoadAnswer>({ do: 'load', task: row.task, path, threads: contender.threads, compiled: contender.compiled }, contender.compiled ? COMPILING : undefined)
    if (failed(answer)) say(`${row.name}: ${contender.name}: ${(problems[contender.name] = answer.error)}`)
    else {
      ready.push({ contender, check: answer.check })
      const notes = Object.entries(answer.notes).map(([k, v]) => `${k} ${Number(v.toPrecision(4))}`)
      if (notes.length > 0) say(`${row.name}: ${contender.name}: ${notes.join(', ')}`)
    }
  }
  const agreed = agreeing(row, ready, problems)
  const samples = new Map(agreed.map((c) => [c.name, { ms: [] as number[], cpu: [] as number[] }]))
  const turn = async (c: Contender, ms: number): Promise<Timed | null> => {
    const answer = await c.process.ask<Timed>({ do: 'time', ms })
    if (!failed(answer)) return answer
    problems[c.name] = answer.error
    return null
  }
  for (const c of agreed) await turn(c, Math.min(200, seconds * 100))
  for (const [i, who] of turns(agreed.length, rounds).entries()) {
    const c = agreed[who]!
    if (problems[c.name] !== undefined) continue
    if (i % agreed.length === 0) say(`${row.name}: round ${i / agreed.length + 1} of ${rounds}`)
    const timed = await turn(c, (seconds * 1000) / rounds)
    if (timed === null) continue
    samples.get(c.name)!.ms.push(timed.ms)
    say(`${row.name}: ${c.name} ${Number(inUnit(row, timed.ms).toPrecision(4))} ${row.unit}`)
    samples.get(c.name)!.cpu.push(timed.cpuMs)
  }
  const entries = agreed.filter((c) => samples.get(c.name)!.ms.length > 0).map((c): Entry => {
    const { ms, cpu } = samples.get(c.name)!
    return { contender: c.name, group: c.group, ...summarize(ms.map((t) => inUnit(row, t))), cpuMs: summarize(cpu).median }
  })
  return resultOf(row, entries, problems)
}

/**
 * Those who computed the same: losses (or outputs) within 10⁻³ of PyTorch's, or of the first there is. A device of Gradus
 * that differs makes the row worthless: nobody is timed. A peer that differs is left out.
 */
export function agreeing(row: Row, ready: readonly { readonly contender: Contender; readonly check: readonly number[] }[], problems: Record<string, string>): Contender[] {
  const reference = ready.find((r) => r.contender.group === 'torch') ?? ready[0]
  if (reference === undefined) return []
  let refused = false
  const agreed = ready.filter(({ contender, check }) => {
    const at = firstDifference(check, reference.check, 1e-3, row.task.kind === 'step' ? 0 : 0.1)
    if (at === null) return true
    problems[contender.name] = `differs at ${at}: ${shown(check)} where ${reference.contender.name} has ${shown(reference.check)}`
    if (isGradus(contender)) refused = true
    return false
  })
  return refused ? [] : agreed.map((r) => r.contender)
}

/** Medians by group, the best setting of each peer, and the ratios. */
export function resultOf(row: Row, entries: readonly Entry[], problems: Readonly<Record<string, string>>): RowResult {
  const best = (ours: boolean): Record<string, number> => {
    const out: Record<string, number> = {}
    for (const e of entries.filter((x) => isGradus(x) === ours)) {
      const before = out[e.group]
      if (before === undefined || (largerIsBetter(row.unit) ? e.median > before : e.median < before)) out[e.group] = e.median
    }
    return out
  }
  const [gradus, peers] = [best(true), best(false)]
  const ratios = Object.fromEntries(Object.entries(gradus).map(([device, ours]) => [device, Object.fromEntries(Object.entries(peers).map(([peer, theirs]) => [peer, ratio(row, ours, theirs)]))]))
  return { name: row.name, unit: row.unit, gradus, peers, ratio: ratios, entries, problems }
}
