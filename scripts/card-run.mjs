// @ts-check
// What scripts/card.mjs packs and starts, on the machine with the card: no imports but Node's own. Every stage has a time of
// its own and says what it knows as it goes, so that a loan of a few minutes brings figures of every kind.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
// what is asked first comes first: products, writing, training; then what is by choice
const ROWS = 'card-gemm-4096,card-write-124m,card-gpt2-124m,card-mlp-512,card-cnn,card-lenet,card-gpt,card-gemm-1024,card-gemm-2048,card-gemm-8192'
const { values } = parseArgs({ options: {
  minutes: { type: 'string', default: '8' }, tiny: { type: 'boolean', default: false }, out: { type: 'string', default: join(here, 'out') },
  rows: { type: 'string', default: ROWS }, only: { type: 'string', default: 'parts,bench,suite' }, tree: { type: 'string', default: join(here, 'tree') },
} })
const wanted = values.only.split(',')
const end = Date.now() + Number(values.minutes) * 60_000
mkdirSync(values.out, { recursive: true })
let log = ''
let failed = false
const say = (/** @type {string} */ text) => {
  process.stdout.write(text)
  log += text
  writeFileSync(join(values.out, 'card.txt'), log)
}

/**
 * Runs a program until the deadline; what it says goes to the screen and the log. `heard` sees every line, and may put off the deadline.
 * @param {string} title @param {number} seconds @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, heard?: (line: string) => number | undefined }} [options]
 */
async function stage(title, seconds, args, { cwd = here, env = {}, heard } = {}) {
  const limit = Math.min(seconds * 1000, end - Date.now())
  say(`\n== ${title}\n`)
  if (limit < 5000) return say('no time left\n')
  const began = Date.now()
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let late = false
  const stop = () => {
    late = true
    child.kill('SIGTERM')
  }
  let timer = setTimeout(stop, limit)
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      say(String(chunk))
      for (const line of String(chunk).split('\n')) {
        const more = heard?.(line)
        if (more === undefined) continue
        clearTimeout(timer)
        timer = setTimeout(stop, Math.max(0, Math.min(more * 1000, end - Date.now())))
      }
    })
  }
  const code = await new Promise((done) => child.on('close', done))
  clearTimeout(timer)
  if (code !== 0) failed = true
  say(`-- ${code === 0 ? 'done' : late ? 'out of time' : `exit ${code}`} after ${((Date.now() - began) / 1000).toFixed(0)} s\n`)
}

/** All rows in one process (loading PyTorch once); where one hangs those after it begin anew. @param {string} title @param {string} device @param {string} peers @param {string[]} rows */
async function bench(title, device, peers, rows) {
  let left = rows
  for (let part = 0; left.length > 0 && end - Date.now() > 5000; part++) {
    const done = new Set()
    const common = ['--eager', '--progress', '--seconds', values.tiny ? '0.2' : '1.5', '--rounds', values.tiny ? '1' : '3', ...(values.tiny ? ['--tiny'] : [])]
    await stage(`${title}: ${left.join(' ')}`, 90, [join(here, 'bench/.cache/main.mjs'), ...common, '--device', device, '--peers', peers, '--only', left.join(','), '--out', join(values.out, `${title}${part === 0 ? '' : `-${part}`}.json`)], {
      heard(line) {
        const row = left.find((name) => line.startsWith(`${name} `))
        if (row !== undefined) done.add(row)
        return row === undefined ? undefined : 60
      },
    })
    const at = left.findIndex((name) => !done.has(name))
    if (at < 0) return
    left = left.slice(at + 1) // that one took too long
  }
}

if (wanted.includes('profile')) await stage('where the time goes', 120, [join(here, 'card-profile.mjs'), ...(values.tiny ? ['tiles', 'kernels', 'tiny'] : [])])
if (wanted.includes('parts')) await stage('kernels of every kind against the reference', 60, [join(here, 'card-parts.mjs')])
if (wanted.includes('bench')) {
  await bench('bench', 'webgpu', 'torch', values.rows.split(','))
  await bench('bench-f16', 'webgpu-f16', 'none', ['card-gemm-4096', 'card-gemm-8192'])
}
const vitest = [join(here, 'node_modules/vitest/vitest.mjs'), join(values.tree, 'node_modules/vitest/vitest.mjs')].find((file) => existsSync(file))
if (wanted.includes('suite') && vitest !== undefined) {
  // in two parts, as what fails is told at the end
  const suite = [vitest, 'run', '--config', 'vitest.card.config.ts']
  await stage('the suites of every device', 1800, [...suite, '--exclude', 'test/ops/**'], { cwd: values.tree, env: { NO_COLOR: '1' } })
  await stage('every op', 1800, [...suite, 'test/ops/'], { cwd: values.tree, env: { NO_COLOR: '1' } })
}
process.exitCode = failed ? 1 : 0
