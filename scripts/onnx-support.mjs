// @ts-check
// Writes docs/onnx-support.md: the operators, and every official backend test that does not pass, with its reason.
// node scripts/onnx-support.mjs [DIR]   (Debian: apt-get install libonnx-testdata). Needs a fresh dist/ (npm run build).
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { operatorNames, runConformance } from '../dist/formats/index.js'
import { setDevice } from '../dist/index.js'

const dir = process.argv[2] ?? '/usr/share/libonnx-testdata/data'
if (!existsSync(dir)) throw new Error(`there is no folder ${dir}: apt-get install libonnx-testdata`)

/** Why a test cannot pass, or does not yet. A failing test without an entry stops the script. */
const REASONS = [
  [/^test_adam_multiple$/, 'The expected numbers were made with an epsilon of 0.01 that the model does not contain; with the specified default of 10⁻⁶ they are others.'],
  [/^test_cast(like)?_FLOAT_to_BFLOAT16/, 'The expected numbers are cut off; the specification (and Gradus) rounds to the nearest, halves to even.'],
  [/^test_gradient_of_/, 'The training operator Gradient is not supported; use `grad` on the imported function.'],
]
const devices = /** @type {const} */ (['reference', 'wasm'])
const runs = devices.map((name) => {
  setDevice(name)
  return runConformance(dir)
})
const [results] = runs
if (results === undefined) throw new Error('no results')
const lines = results.flatMap(({ name, plain: own }, i) => {
  const failing = devices.filter((_, d) => runs[d]?.[i]?.status === 'fail')
  if (failing.length === 0) return []
  const reason = REASONS.find(([pattern]) => /** @type {RegExp} */ (pattern).test(name))?.[1]
  if (reason === undefined) throw new Error(`${name} fails without a reason: ${runs[0]?.[i]?.reason}`)
  return [`| ${name} | ${failing.join(', ')} | ${own ? 'yes' : 'no'} | ${reason} |`]
})
const random = results.filter((r) => r.status === 'shape')
const count = (/** @type {typeof results} */ list, /** @type {string} */ status) => list.filter((r) => r.status === status).length
const table = devices.map((name, d) => {
  const all = runs[d] ?? []
  const own = all.filter((r) => r.plain)
  return `| ${name} | ${count(all, 'pass')} | ${count(all, 'shape')} | ${count(all, 'fail')} | ${count(own, 'pass') + count(own, 'shape')} of ${own.length} |`
})
/** Cases of test/onnx/newer.ts, which test/onnx/newer.test.ts holds against ONNX Runtime. */
const newer = Object.keys(JSON.parse(readFileSync(new URL('../test/golden/onnx-newer.json', import.meta.url), 'utf8')))
const text = `# ONNX support

Written by \`node scripts/onnx-support.mjs\`; not to be edited by hand. What the reader does and does not do: [onnx.md](onnx.md).

## Official backend tests

${results.length} models of Debian's \`libonnx-testdata\`, each run with its inputs and held against its outputs (relative 10⁻³, absolute 10⁻⁷;
integers and bool exactly). None is left out. "Plain": the model needs nothing but f32, f64, integers and bool, in tensors, of the default domain.

| device | equal | random numbers: types and shapes equal | failed | plain ones that pass |
|---|---|---|---|---|
${table.join('\n')}

### Failing, and why

| test | device | plain | reason |
|---|---|---|---|
${lines.join('\n')}

### Compared by type and shape only

Their operators draw random numbers, which no two libraries draw alike: ${random.map((r) => r.name).join(', ')}.

## Opsets 18 to 23

What they changed, ${newer.length} models held against values of ONNX Runtime 1.30: ${newer.join('; ')}.

Of their operators ImageDecoder and RegexFullMatch are not supported, nor are float8, float4 and complex elements.

## Operators

Of the default domain (${operatorNames().length}): ${operatorNames().join(', ')}.

Of ai.onnx.preview.training: ${operatorNames('ai.onnx.preview.training').join(', ')}.
`
writeFileSync(fileURLToPath(new URL('../docs/onnx-support.md', import.meta.url)), text)
