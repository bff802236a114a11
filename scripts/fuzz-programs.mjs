// @ts-check
// `npm run fuzz:programs -- --runs N [--seed S]`: long runs of test/programs.test.ts. A failure prints seed and path to replay.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5000' }, seed: { type: 'string' } } })
const seed = values.seed ?? String(Date.now() % 2 ** 31)
console.log(`${values.runs} programs from seed ${seed}`)
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/programs.test.ts'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, GRADUS_FUZZ_RUNS: values.runs, GRADUS_FUZZ_SEED: seed },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
