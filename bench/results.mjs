// @ts-check
// node bench/results.mjs [--results FILE] [--digits FILE] [--profiles FILE]…: writes the section "Speed" of docs/results.md from what
// `npm run bench`, bench/digits.mjs and bench/profile.mjs --out wrote. Text outside of the section's marks stays.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const [BEGIN, END] = ['<!-- speed: written by bench/results.mjs -->', '<!-- end of speed -->']

/** Least ratios, [wasm, native], and against whom. @type {Record<string, { peer: string, wasm: number, native: number }[]>} */
export const TARGETS = {
  'gemm-64': [{ peer: 'jax', wasm: 3, native: 0 }, { peer: 'torch', wasm: 0, native: 1 }],
  'gemm-128': [{ peer: 'jax', wasm: 3, native: 0 }, { peer: 'torch', wasm: 0, native: 1 }],
  'gemm-256': [{ peer: 'jax', wasm: 3, native: 0 }, { peer: 'torch', wasm: 0, native: 1 }],
  'gemm-1024': [{ peer: 'jax', wasm: 3.5, native: 0 }, { peer: 'tfjs', wasm: 3.5, native: 0 }, { peer: 'torch', wasm: 0, native: 0.95 }],
  'mlp-30': [{ peer: 'torch', wasm: 4, native: 8 }],
  'mlp-128': [{ peer: 'torch', wasm: 1.8, native: 3.5 }],
  'mlp-512': [{ peer: 'torch', wasm: 1.3, native: 2.5 }],
  lenet: [{ peer: 'torch', wasm: 3, native: 6 }],
  cnn: [{ peer: 'torch', wasm: 0.9, native: 1.6 }],
  gpt: [{ peer: 'torch', wasm: 1, native: 1.8 }],
}

/** @param {number} x */
const short = (x) => (x === 0 ? '0' : Number(x.toPrecision(3)).toString())

/**
 * @param {import('./report.ts').Report} report
 * @param {{ date: string, load: number[], epochs: number, rows: { name: string, seconds: number, low: number, high: number, testError: number }[] } | null} digits
 * @param {{ name: string, device: string, threads: number, ms: number, inKernels: number, peak: { gflops: number, gbps: number } | null, kernels: { name: string, share: number, gflops: number, gbps: number }[] }[]} profiles
 */
export function speedSection(report, digits, profiles) {
  const { machine: m, options, versions, missing, rows } = report
  const lines = ['## Speed', '']
  lines.push(`${m.date} UTC, ${m.processor} (${m.vectors}), ${m.cores} cores, ${m.memoryGiB} GiB, ${m.system}, Node ${m.node}; Gradus with ${options.threads} threads; ${options.rounds} rounds in turns, ${options.seconds} s each; medians (lowest–highest). Ratios say how many times better Gradus is.`)
  const load = m.load[0] ?? 0
  if (load >= 3) lines.push('', `**The load average was ${load} when this run began: other programs took most of the machine's time, and single figures, ratios included, are not to be relied upon. Run \`npm run bench\` on an idle machine.**`)
  const peers = ['torch', 'jax', 'tfjs', 'ort'].filter((p) => rows.some((r) => r.peers[p] !== undefined))
  lines.push('', `Against: ${peers.map((p) => `${p} (${Object.entries(versions[p] ?? {}).map(([k, v]) => `${k} ${v}`).join(', ') || 'version not told'})`).join('; ') || 'nobody'}. PyTorch's figure is its best setting${rows.some((r) => r.entries.some((e) => e.contender.includes('compiled'))) ? '' : ' of one and two threads, eager only: torch.compile was left out of this run'}.`)
  for (const [name, why] of Object.entries(missing)) lines.push('', `Not on this machine: ${name}: ${why}.`)
  /** @param {typeof rows[number]} row @param {string} group */
  const cell = (row, group) => {
    const value = row.gradus[group] ?? row.peers[group]
    const entry = row.entries.find((e) => e.group === group && e.median === value)
    return entry === undefined ? '–' : `${short(entry.median)} (${short(entry.low)}–${short(entry.high)})`
  }
  lines.push('', `| row | unit | wasm | native | ${peers.join(' | ')} |`, `|${'---|'.repeat(4 + peers.length)}`)
  for (const row of rows) lines.push(`| ${row.name} | ${row.unit} | ${['wasm', 'native', ...peers].map((g) => cell(row, g)).join(' | ')} |`)
  lines.push('', '| row | device | against | ratio | target | |', '|---|---|---|---|---|---|')
  const missed = new Set()
  for (const row of rows) {
    for (const target of TARGETS[row.name] ?? []) {
      for (const device of /** @type {const} */ (['wasm', 'native'])) {
        const ratio = row.ratio[device]?.[target.peer]
        if (target[device] === 0) continue
        const reached = ratio !== undefined && ratio >= target[device]
        if (!reached) missed.add(`${row.name} ${device}`)
        lines.push(`| ${row.name} | ${device} | ${target.peer} | ${ratio === undefined ? 'not measured' : short(ratio)} | ${target[device]} | ${ratio === undefined ? '' : reached ? 'reached' : 'missed'} |`)
      }
    }
  }
  const explained = profiles.filter((p) => missed.has(`${p.name} ${p.device}`))
  if (explained.length > 0) lines.push('', 'Where the time of the steps that missed goes (profiles):', '')
  for (const p of explained) {
    const kernels = p.kernels.map((k) => `${k.name} ${(k.share * 100).toFixed(0)} % at ${k.gflops.toFixed(0)} GFLOP/s, ${k.gbps.toFixed(1)} GB/s`).join('; ')
    const peak = p.peak === null ? '' : ` (this machine then: ${p.peak.gflops.toFixed(0)} GFLOP/s, ${p.peak.gbps.toFixed(1)} GB/s)`
    lines.push(`- ${p.name}, ${p.device}, ${p.threads} thread${p.threads === 1 ? '' : 's'}: ${short(p.ms)} ms a step, ${(p.inKernels * 100).toFixed(0)} % of it in kernels${peak}: ${kernels}.`)
  }
  const problems = rows.flatMap((r) => Object.entries(r.problems).map(([who, why]) => `- ${r.name}, ${who}: ${why}`))
  if (problems.length > 0) lines.push('', 'Did not take part:', '', ...problems)
  if (digits !== null) {
    lines.push('', `\`gradus train digits\` from the start of the process to its exit, ${digits.epochs} epochs (load average ${digits.load[0]?.toFixed(1)}):`, '', '| program | seconds | test error |', '|---|---|---|')
    for (const r of digits.rows) lines.push(`| ${r.name} | ${short(r.seconds)} (${short(r.low)}–${short(r.high)}) | ${(r.testError * 100).toFixed(2)} % |`)
  }
  return `${BEGIN}\n${lines.join('\n')}\n${END}`
}

/** The page with its section exchanged, or put at its end. @param {string} page @param {string} section */
export function withSection(page, section) {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  return from >= 0 && to > from ? `${page.slice(0, from)}${section}${page.slice(to + END.length)}` : `${page.trimEnd()}\n\n${section}\n`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const { values } = parseArgs({ options: { results: { type: 'string', default: join(here, '.cache/results.json') }, digits: { type: 'string', default: join(here, '.cache/digits.json') }, profiles: { type: 'string', multiple: true, default: [] } } })
  /** @param {string} file */
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
  const path = join(here, '../docs/results.md')
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '# Results\n'
  writeFileSync(path, withSection(page, speedSection(read(values.results), existsSync(values.digits) ? read(values.digits) : null, values.profiles.flatMap(read))))
}
