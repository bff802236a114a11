// npm run bench: every row, all contenders in turns, a table and JSON.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startContenders } from './contenders.ts'
import { writeInputs } from './inputs.ts'
import { machine } from './machine.ts'
import { HELP, type Options, parseOptions } from './options.ts'
import { failed } from './process.ts'
import { type RowResult, race } from './race.ts'
import { type Report, describeMachine, jsonLine, tableLine } from './report.ts'
import { isWhole } from './tasks.ts'
import { measureWhole } from './whole.ts'

// bundled to bench/.cache/
const folder = fileURLToPath(new URL('..', import.meta.url))
const root = process.env.GRADUS_BENCH_ROOT ?? join(folder, '..')

let options: Options
try {
  options = parseOptions(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${(error as Error).message}`)
  process.exit(2)
}
if (options.help) {
  console.log(HELP)
  process.exit(0)
}
const screen = options.json ? process.stderr : process.stdout
const live = process.stderr.isTTY === true
const say = (text: string): void => {
  if (options.progress && text !== '') screen.write(`  ${(performance.now() / 1000).toFixed(0)} s: ${text}\n`)
  else if (live) process.stderr.write(`\r\u001b[K${text}`)
}
const line = (text: string): void => {
  say('')
  screen.write(`${text}\n`)
}

const scratch = mkdtempSync(join(tmpdir(), 'gradus-bench-'))
const { peers, eager, devices, threads, rounds, seconds } = options
const started = startContenders({ folder, devices, peers, threads })
const contenders = started.contenders.filter((c) => !(eager && c.compiled))
started.contenders.filter((c) => eager && c.compiled).forEach((c) => c.process.close())
process.on('exit', () => {
  for (const c of contenders) c.process.close()
  rmSync(scratch, { recursive: true, force: true })
})
process.on('SIGINT', () => process.exit(130))

const versions: Record<string, Record<string, string>> = {}
const missing: Record<string, string> = { ...started.missing }
for (const c of [...contenders]) {
  say(`${c.name} starts`)
  const answer = await c.process.ask<Record<string, string>>({ do: 'versions' })
  if (failed(answer)) {
    missing[c.name] = answer.error
    contenders.splice(contenders.indexOf(c), 1)
    c.process.close()
  } else versions[c.group] = answer
}
const present = devices.filter((d) => contenders.some((c) => c.group === d))
const rows: RowResult[] = []
const report: Report = { machine: machine(), options: { threads, seconds, rounds }, versions, missing, rows }
line(describeMachine(report))
const out = options.out ?? join(folder, '.cache/results.json')
mkdirSync(dirname(out), { recursive: true })
for (const row of options.rows) {
  const { task } = row
  let result: RowResult
  if (isWhole(task)) {
    result = await measureWhole({ ...row, task }, { folder, devices: present, peers, threads, root, scratch, rounds, eager, say })
  } else {
    const path = join(scratch, row.name)
    writeInputs(task, path)
    result = await race({ ...row, task }, path, contenders, { seconds, rounds, say })
  }
  rows.push(result)
  line(tableLine(result))
  // a run that is stopped has told what it knew
  writeFileSync(out, `${JSON.stringify(report, null, 1)}\n`)
}
if (options.json) for (const row of rows) process.stdout.write(`${jsonLine(row)}\n`)
process.exit(0)
