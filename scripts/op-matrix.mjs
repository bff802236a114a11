// @ts-check
// Writes docs/op-matrix.md: op × (value, gradients, batches, jit) × device, from a run of the conformance suites.
// Every cell is a number of samples that passed, a ✗, or a numbered reason why there is nothing to test.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const report = `${root}.cache/op-matrix.json`
mkdirSync(`${root}.cache`, { recursive: true })
spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/ops', 'test/golden-ops.test.ts', '--reporter=json', `--outputFile=${report}`], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })

/** @typedef {{ op: string, aspect: string, device: string, ran: number, reason: string | null, passed: boolean }} Cell */
/** @type {Cell[]} */
const cells = []
for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
  for (const { meta, status } of file.assertionResults) {
    if (meta?.matrix !== undefined) cells.push({ ...meta.matrix, passed: status === 'passed' })
  }
}
const distinct = (/** @type {string[]} */ list) => [...new Set(list)]
const ops = distinct(cells.map((c) => c.op)).sort()
const devices = distinct(cells.map((c) => c.device)).sort()
const aspects = ['golden', 'value', 'grad', 'grad²', 'vmap', 'vmap·grad', 'jit']
/** @type {string[]} */
const reasons = []

/** @param {string} op @param {string} aspect @param {string} device */
function show(op, aspect, device) {
  const cell = cells.find((c) => c.op === op && c.aspect === aspect && c.device === device)
  if (cell === undefined) return '✗'
  if (!cell.passed) return '✗'
  if (cell.reason === null) return `✓ ${cell.ran}`
  if (!reasons.includes(cell.reason)) reasons.push(cell.reason)
  return `– (${reasons.indexOf(cell.reason) + 1})`
}

let text = `# Ops and what is held of them

Made by \`node scripts/op-matrix.mjs\` from a run of [test/ops](../test/ops) and [test/golden-ops.test.ts](../test/golden-ops.test.ts).
A number counts samples. *golden*: values and gradients from PyTorch and NumPy. *value*: against the reference device
(the reference: strided views against plain arrays). *grad*, *grad²*: reverse and forward mode; on the reference against
finite differences in float64, elsewhere against the reference. *vmap*: every subset of the inputs against a loop, and
nested. *vmap·grad*: batches of gradients, gradients of batches, gradients under jit. *jit*: against eager.
✗ fails; – has nothing to test, for the reason numbered below.
`
let failures = 0
for (const device of devices) {
  const shown = aspects.filter((a) => a !== 'golden' || device === 'reference')
  text += `\n## ${device}\n\n| op | ${shown.join(' | ')} |\n|---|${shown.map(() => '--:').join('|')}|\n`
  for (const op of ops) {
    const row = shown.map((a) => show(op, a, device))
    failures += row.filter((c) => c === '✗').length
    text += `| \`${op}\` | ${row.join(' | ')} |\n`
  }
}
text += `\n## Reasons\n\n${reasons.map((r, i) => `${i + 1}. ${r}`).join('\n')}\n`
writeFileSync(`${root}docs/op-matrix.md`, text)
console.log(`docs/op-matrix.md: ${ops.length} ops, ${devices.join(', ')}, ${failures} cells that fail`)
process.exitCode = failures === 0 && ops.length > 0 ? 0 : 1
