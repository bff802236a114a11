// The results as a table for people and as lines of JSON for programs.
import type { Machine } from './machine.ts'
import type { RowResult } from './race.ts'

export interface Report {
  readonly machine: Machine
  readonly options: { readonly threads: number; readonly seconds: number; readonly rounds: number }
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Peers that are not on this machine. */
  readonly missing: Readonly<Record<string, string>>
  readonly rows: readonly RowResult[]
}

/** Three significant digits, no exponent. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(6, digits))
}

/** The line a program reads. */
export const jsonLine = ({ name, unit, gradus, peers, ratio, problems }: RowResult): string => {
  const rounded = (values: Readonly<Record<string, number>>): Record<string, number> => Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Number(v.toPrecision(5))]))
  return JSON.stringify({
    name, unit, gradus: rounded(gradus), peers: rounded(peers), ratio: Object.fromEntries(Object.entries(ratio).map(([device, r]) => [device, rounded(r)])),
    ...(Object.keys(problems).length === 0 ? {} : { problems }),
  })
}

export function describeMachine({ machine: m, options, versions, missing }: Report): string {
  const shown = Object.entries(versions).map(([name, v]) => `${name} (${Object.entries(v).map(([k, x]) => `${k} ${x}`).join(', ')})`)
  return [
    `${m.date} UTC · ${m.processor}, ${m.cores} cores, ${m.vectors}, ${m.memoryGiB} GiB · ${m.system} · Node ${m.node} · load ${m.load.join(' ')}`,
    `Gradus with ${options.threads} thread${options.threads === 1 ? '' : 's'}; ${options.rounds} rounds, ${options.seconds} s for each; ratios: how many times better Gradus is`,
    `against ${shown.join(', ') || 'nobody'}`,
    ...Object.entries(missing).map(([name, why]) => `missing: ${name}: ${why}`),
  ].join('\n')
}

/** One row of the table. */
export function tableLine(row: RowResult): string {
  const range = (group: string): string => {
    const mine = row.entries.filter((e) => e.group === group)
    const value = row.gradus[group] ?? row.peers[group]
    const best = mine.find((e) => e.median === value)
    return best === undefined ? '' : `${short(best.median)} (${short(best.low)}–${short(best.high)})`
  }
  const parts = Object.keys(row.gradus).map((device) => `${device} ${range(device)}`)
  for (const peer of Object.keys(row.peers)) {
    const ratios = Object.keys(row.gradus).map((device) => `${short(row.ratio[device]![peer]!)}×`)
    const settings = row.entries.filter((e) => e.group === peer && e.median === row.peers[peer])[0]?.contender.replace(`${peer}, `, '')
    parts.push(`${peer}${settings === undefined || settings === peer ? '' : ` [${settings}]`} ${range(peer)} → ${ratios.join(' ')}`)
  }
  const problems = Object.entries(row.problems).map(([who, why]) => `\n    ${who}: ${why}`)
  return `${row.name.padEnd(18)} ${row.unit.padEnd(8)} ${parts.join(' · ')}${problems.join('')}`
}
