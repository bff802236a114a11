// @ts-check
// `npm run check`: types, lint, rooms, dead code, lockfile, public surface. Runs all of them, then reports.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = ['src', 'test', 'bench', 'examples', 'apps'].filter((name) => existsSync(join(root, name)))

const steps = [
  { name: 'types', command: 'tsc', args: [] },
  { name: 'lint', command: 'biome', args: ['lint', '--error-on-warnings'] },
  { name: 'rooms', command: 'depcruise', args: ['--config', '.dependency-cruiser.mjs', ...folders] },
  { name: 'dead code', command: 'knip', args: [] },
  { name: 'lockfile', command: 'node', args: ['scripts/lockfile.mjs'] },
  { name: 'surface', command: 'node', args: ['scripts/surface.mjs'] },
]

if (folders.includes('apps')) {
  steps.push({ name: 'studio types', command: 'npm', args: ['run', '--silent', 'types', '--workspace', 'apps/studio'] })
}

/** @param {typeof steps[number]} step @returns {Promise<boolean>} */
function run({ name, command, args }) {
  const path = join(root, 'node_modules/.bin') + delimiter + process.env.PATH
  const started = performance.now()
  return new Promise((resolve) => {
    /** @type {string[]} */
    const output = []
    const child = spawn(command, args, { cwd: root, env: { ...process.env, PATH: path }, shell: process.platform === 'win32' })
    child.stdout.on('data', (text) => output.push(String(text)))
    child.stderr.on('data', (text) => output.push(String(text)))
    child.on('error', (error) => output.push(String(error)))
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
      if (code !== 0) console.log(output.join('').replace(/^npm warn.*\n/gm, ''))
      resolve(code === 0)
    })
  })
}

// Two at a time: the compiler beside the quick ones.
const [types, ...rest] = steps
const inTurn = async () => {
  let ok = true
  for (const step of rest) ok = (await run(step)) && ok
  return ok
}
const results = await Promise.all([run(types), inTurn()])
process.exitCode = results.every(Boolean) ? 0 : 1
