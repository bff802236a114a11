// @ts-check
// What scripts/card.mjs packs and starts, on the machine with the card: no imports but Node's own.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '8' }, tiny: { type: 'boolean', default: false }, out: { type: 'string', default: join(here, 'out') } } })
const end = Date.now() + Number(values.minutes) * 60_000
mkdirSync(values.out, { recursive: true })
let log = ''
let failed = false

/** Runs a program until the deadline; what it says goes to the screen and the log. @param {string} title @param {number} seconds @param {string[]} args */
async function step(title, seconds, args) {
  const limit = Math.min(seconds * 1000, end - Date.now())
  const say = (/** @type {string} */ text) => {
    process.stdout.write(text)
    log += text
    writeFileSync(join(values.out, 'card.txt'), log)
  }
  say(`\n== ${title}\n`)
  if (limit < 5000) return say('no time left\n')
  const began = Date.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => say(String(chunk)))
  const timer = setTimeout(() => child.kill('SIGTERM'), limit)
  const code = await new Promise((done) => child.on('close', done))
  clearTimeout(timer)
  if (code !== 0) failed = true
  say(`-- ${code === 0 ? 'done' : Date.now() - began >= limit ? 'out of time' : `exit ${code}`} after ${((Date.now() - began) / 1000).toFixed(0)} s\n`)
}
/** @param {string} name @param {string[]} args */
const bench = (name, ...args) => [join(here, 'bench/.cache/main.mjs'), '--eager', '--seconds', values.tiny ? '0.2' : '1.5', '--rounds', values.tiny ? '1' : '3', '--out', join(values.out, `${name}.json`), ...(values.tiny ? ['--tiny'] : []), ...args]

await step('kernels of every kind against the reference', 120, [join(here, 'card-parts.mjs')])
// what is asked first comes first: products, writing, training; then what is by choice
const rows = ['card-gemm-4096', 'card-write-124m', 'card-gpt2-124m', 'card-mlp-512', 'card-cnn', 'card-lenet', 'card-gpt', 'card-gemm-1024', 'card-gemm-2048', 'card-gemm-8192']
for (const row of rows) await step(row, 110, bench(row, '--device', 'webgpu', '--peers', 'torch', '--only', row))
await step('products of halves', 60, bench('half', '--device', 'webgpu-f16', '--peers', 'none', '--only', 'card-gemm-4096,card-gemm-8192'))
process.exitCode = failed ? 1 : 0
