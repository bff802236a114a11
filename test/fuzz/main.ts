// npm run fuzz -- LOADER… --runs N --seed S: changed files are read; whatever is not a value or a typed error is kept.
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { LOADERS, type Loader, type LoaderName } from '../hostile/loaders.ts'
import { judgeTime, memoryJudge } from './judge.ts'
import { mutate } from './mutate.ts'
import { randomFrom } from './random.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string' } } })
const runs = Number(values.runs)
const first = Number(values.seed ?? Date.now() % 2 ** 31)
const wanted = positionals.length === 0 ? Object.keys(LOADERS) : positionals
const unknown = wanted.filter((name) => !Object.hasOwn(LOADERS, name))
if (unknown.length > 0 || !(runs > 0) || !Number.isInteger(first)) {
  process.stderr.write(`fuzz: expected [${Object.keys(LOADERS).join('|')}]… --runs N --seed S, received ${process.argv.slice(2).join(' ')}\n`)
  process.exit(2)
}

/** The file of one run: the same seed and number give the same bytes. */
function fileOf(loader: Loader, seeds: readonly Uint8Array<ArrayBuffer>[], run: number): Uint8Array<ArrayBuffer> {
  const random = randomFrom(first + run)
  const plain = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => mutate(bytes, random, seeds, loader.words)
  const seed = random.pick(seeds)
  return loader.mutate !== undefined && random.chance(0.6) ? loader.mutate(seed, random, plain) : plain(seed)
}

/** A reader that does not come back cannot say so: another thread looks for it, names the seed and ends the process. */
const SECONDS = 30
const at = new Int32Array(new SharedArrayBuffer(8))
function watch(): void {
  const code = `
    const { workerData: { at, names, seconds } } = require('node:worker_threads')
    let last = '', since = Date.now()
    setInterval(() => {
      const now = at.join()
      if (now !== last) [last, since] = [now, Date.now()]
      else if (Date.now() - since > 1000 * seconds) {
        require('node:fs').writeSync(1, names[at[0]] + ': --seed ' + at[1] + ' --runs 1: does not come to an end in ' + seconds + ' s\\n')
        process.kill(process.pid, 'SIGKILL')
      }
    }, 1000)`
  new Worker(code, { eval: true, workerData: { at, names: wanted, seconds: SECONDS } }).unref()
}

/** Files after which the memory is looked at: to ask costs as much as to read one. */
const TOGETHER = 64
let failed = 0
watch()
for (const name of wanted) {
  const loader: Loader = LOADERS[name as LoaderName]
  const seeds = loader.seeds().map((s) => new Uint8Array(s))
  let refused = 0
  const started = performance.now()
  let found = 0
  const counting: Loader = { ...loader, load: async (bytes, file) => {
    try {
      return await (loader.fuzz ?? loader.load)(bytes, file)
    } catch (error) {
      refused++
      throw error
    }
  } }
  let memory = memoryJudge()
  let read = 0
  for (let run = 0; run < runs && found < 10; run++) {
    at[0] = wanted.indexOf(name)
    at[1] = first + run
    const bytes = fileOf(loader, seeds, run)
    read += bytes.length
    let problem = await judgeTime(counting, bytes)
    if (run % TOGETHER === TOGETHER - 1 || run === runs - 1) {
      problem ??= memory(read)
      if (problem?.startsWith('memory') === true) problem += ` over the last ${1 + (run % TOGETHER)} files`
      memory = memoryJudge()
      read = 0
    }
    if (problem === null) continue
    found++
    mkdirSync('.cache/fuzz', { recursive: true })
    const file = `.cache/fuzz/${name}-${first + run}.bin`
    writeFileSync(file, bytes)
    process.stdout.write(`${name}: --seed ${first + run} --runs 1 (${file}): ${problem}\n`)
  }
  failed += found
  process.stdout.write(`${name}: ${runs} runs from seed ${first}, ${refused} refused, ${found} findings, ${((performance.now() - started) / 1000).toFixed(0)} s\n`)
}
process.exitCode = failed > 0 ? 1 : 0
