// npm run networks: three trained networks run by Gradus (on every device here) and by ONNX Runtime with the same inputs.
// Outputs must agree; then the times, in turns. `--write` puts the tables into docs/results.md, `--quick` leaves out the times.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { type DeviceName, type Tensor, deviceProblem, jit, setDevice, tensor } from 'gradus'
import { importOnnx } from 'gradus/formats'
import { type Piece, cutOut } from './cut-out.ts'
import { load, open, picture, pixels } from './files.ts'
import { compiled, eager } from './gradus.ts'
import { DECODER, ENCODER, OCR, OCR_KEYS, VAD, type Value, decodeLine, speechProbabilities, transcribe } from './models.ts'
import { type OrtTensor, ort } from './ort.ts'
import { type Contender, LIMIT, TASKS, gradusOn, race, runtime, sound, taskOf } from './times.ts'

const flag = (name: string): boolean => process.argv.includes(`--${name}`)
const ROUNDS = flag('quick') ? 0 : 9
const threads = availableParallelism()
const devices: DeviceName[] = []
for (const name of ['reference', 'wasm', 'native'] as const) if ((await deviceProblem(name)) === null) devices.push(name)

const [node, web] = [await ort('node', threads), await ort('web', threads)]
const line = pixels(picture())
const keys = new TextDecoder().decode(open(OCR_KEYS)).replace(/\n$/, '').split('\n')
const tokenizer = (await load<{ default: { decode(tokens: readonly number[], bos: boolean, space: boolean): string } }>('llama-tokenizer-js/llama-tokenizer.js')).default

const problems: string[] = []
const rows: string[] = []
/** The largest difference, and the largest part of what is allowed (rtol, atol). */
function distance(a: ArrayLike<number>, b: ArrayLike<number>, rtol = 0, atol = 0): { most: number; largest: number; used: number } {
  let [most, largest, used] = [a.length === b.length ? 0 : Infinity, 0, a.length === b.length ? 0 : Infinity]
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs(a[i]! - b[i]!)
    if (!(d <= most)) most = d
    if (!(d <= used * (atol + rtol * Math.abs(b[i]!)))) used = d / (atol + rtol * Math.abs(b[i]!))
    largest = Math.max(largest, Math.abs(b[i]!))
  }
  return { most, largest, used }
}
function note(what: string, device: string, most: number, largest: number, allowed: string, good: boolean): void {
  rows.push(`| ${what} | ${device} | ${most === 0 ? '0' : most.toExponential(1)} | ${Number(largest.toPrecision(3))} | ${allowed} |`)
  console.log(`${good ? 'equal    ' : 'DIFFERENT'} ${what}, ${device}: at most ${most.toExponential(1)} of ${largest.toPrecision(3)} (${allowed})`)
  if (!good) problems.push(`${what} on ${device}: ${most} of ${largest}, allowed ${allowed}`)
}
function floats(what: string, device: string, got: ArrayLike<number>, expected: ArrayLike<number>): void {
  const { most, largest, used } = distance(got, expected, 1e-4, 1e-5)
  note(what, device, most, largest, 'relative 10⁻⁴ + 10⁻⁵', used <= 1)
}
const first = <T>(outputs: Readonly<Record<string, T>>): T => Object.values(outputs)[0]!
const wave: Value = { type: 'float32', data: sound, shape: [1, sound.length] }
const page: Value = { type: 'float32', ...line }

// ---- the truth

const vad = await node.open(open(VAD))
const heardSpeech = await speechProbabilities(vad, sound)
const reader = await node.open(open(OCR))
const scores = await reader.read(first(await reader.run({ x: page })))
const text = decodeLine(scores, keys)
const encoder = await node.open(open(ENCODER))
const encoded = first(await encoder.run({ input_values: wave }))
const decoder = await node.open(open(DECODER))
const said = await transcribe(decoder, encoded, LIMIT)
const spoken = tokenizer.decode(said.tokens.slice(0, -1), false, true)
console.log(`ONNX Runtime reads "${text}" and hears "${spoken}"`)

// How far ONNX Runtime is from itself, optimised and not, when rounding to 8 bits falls otherwise: the yardstick end to end.
const plain = { graphOptimizationLevel: 'disabled' }
const itself = distance(first(await (await node.open(open(ENCODER), plain)).run({ input_values: wave })).data as Float32Array, encoded.data as Float32Array)
const again = await transcribe(await node.open(open(DECODER), plain), encoded, LIMIT, said.tokens)
const differs = (steps: readonly Float32Array[]): { most: number; largest: number; used: number } =>
  steps.map((s, i) => distance(s, said.logits[i]!)).reduce((a, b) => ({ most: Math.max(a.most, b.most), largest: Math.max(a.largest, b.largest), used: 0 }))
const itselfDecoding = differs(again.logits)
console.log(`ONNX Runtime, optimised and not, differs from itself by ${itself.most.toExponential(1)} (encoder) and ${itselfDecoding.most.toExponential(1)} (decoder)`)

/** What was said; commas are near ties, which 8-bit rounding decides. */
const words = (text: string): string => text.toLowerCase().replace(/[^a-z ]/g, '')
const hearings = new Set<string>()

/** The quantised operators one by one, with ONNX Runtime's own inputs. */
const quantised: { what: string; piece: Piece; values: Readonly<Record<string, OrtTensor>> }[] = []
for (const [operator, inputs, outputs] of [['MatMulInteger', [2, 2, 2, 2], [6]], ['DynamicQuantizeLinear', [1], [2, 1, 2]]] as const) {
  const piece = cutOut(open(ENCODER), operator, inputs, outputs)
  quantised.push({ what: `Moonshine encoder, each ${operator} by itself`, piece, values: await (await node.open(piece.whole, plain)).run({ input_values: wave }) })
}

// ---- Gradus

for (const device of devices) {
  await setDevice(device)
  const slow = device === 'reference'
  const windows = slow ? 40 : heardSpeech.length
  floats(`Silero VAD, ${windows} windows`, device, await speechProbabilities(compiled(VAD), sound, windows), heardSpeech.slice(0, windows))
  if (slow) continue // the oracle takes minutes for the larger ones
  const ocr = compiled(OCR)
  const read = await ocr.read(first(await ocr.run({ x: page })))
  floats('PP-OCR, probabilities', device, read, scores)
  if (decodeLine(read, keys) !== text) problems.push(`PP-OCR on ${device} reads "${decodeLine(read, keys)}"`)

  for (const { what, piece, values } of quantised) {
    const net = importOnnx(piece.model)
    const give = Object.fromEntries(piece.inputs.map((name) => {
      const { data, dims, type } = values[name]!
      return [name, tensor(data as Float32Array, { shape: dims, dtype: type === 'uint8' ? 'uint8' : 'float32' })]
    }))
    const got = jit((inputs: Record<string, Tensor>) => net.run(inputs))(give)
    let [integers, size, scale] = [0, 0, 0]
    for (const name of piece.outputs) {
      const { most, largest } = distance((await got[name]!.data()) as Float32Array, values[name]!.data as Float32Array)
      if (values[name]!.type === 'float32') scale = Math.max(scale, most)
      else [integers, size] = [Math.max(integers, most), Math.max(size, largest)]
    }
    note(what, device, integers, size, scale === 0 ? 'exactly' : `exactly; scales differ by ${scale.toExponential(1)}`, integers === 0 && scale < 1e-7)
  }
  const enc = compiled(ENCODER)
  const ends = distance(await enc.read(first(await enc.run({ input_values: wave }))), encoded.data as Float32Array)
  note('Moonshine encoder, end to end', device, ends.most, ends.largest, `2 × ${itself.most.toPrecision(2)}`, ends.most <= 2 * itself.most)
  const given: Value = { type: 'float32', data: encoded.data as Float32Array, shape: encoded.dims }
  const decoding = eager(DECODER)
  const steps = await transcribe(decoding, given, LIMIT, said.tokens)
  const gap = differs(steps.logits)
  note(`Moonshine decoder, ${said.tokens.length} steps`, device, gap.most, gap.largest, `2 × ${itselfDecoding.most.toPrecision(2)}`, gap.most <= 2 * itselfDecoding.most)
  const own = await transcribe(decoding, first(await enc.run({ input_values: wave })), LIMIT)
  const heard = tokenizer.decode(own.tokens.slice(0, -1), false, true)
  console.log(`Gradus hears "${heard}" (${device})`)
  hearings.add(heard)
  if (words(heard) !== words(spoken)) problems.push(`Moonshine on ${device} hears "${heard}"`)
}

// ---- times

const contenders: Contender[] = [...devices.filter((d) => d !== 'reference').map(gradusOn), runtime('onnxruntime-node', node), runtime('onnxruntime-web', web)]
const times: string[] = []
for (const name of ROUNDS === 0 ? [] : TASKS) {
  const task = await taskOf(name, runtime('onnxruntime-node', node))
  const ready = await race(task, contenders, ROUNDS)
  const cells = ready.map(({ contender, ms, cold }) => {
    console.log(`${task.name}: ${contender.name} ${ms[ROUNDS >> 1]!.toFixed(3)} ms (${ms[0]!.toFixed(3)}–${ms[ROUNDS - 1]!.toFixed(3)}), opened and run once in ${cold.toFixed(0)} ms`)
    return `${Number(ms[ROUNDS >> 1]!.toPrecision(3))} (${Number(ms[0]!.toPrecision(3))}–${Number(ms[ROUNDS - 1]!.toPrecision(3))})`
  })
  times.push(`| ${task.name} | ${cells.join(' | ')} |`)
}

if (flag('write')) {
  const [begin, end] = ['<!-- networks: written by examples/networks/compare.ts -->', '<!-- end of networks -->']
  const section = [
    begin, '## Trained networks of others', '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'processor not told'}, ${threads} cores, Node ${process.versions.node}; \`npm run networks -- --write\`: Silero VAD 5, PP-OCR v4 (recognition) and Moonshine tiny (8-bit weights), ONNX files of npm packages, run with the same inputs by Gradus and by onnxruntime-node ${node.version}.`,
    `Both read “${text}”. ONNX Runtime hears “${spoken}”, Gradus “${[...hearings].join('”, “')}”: commas are near ties (see below).`, '',
    '| outputs | device | largest difference | largest value | allowed |', '|---|---|---|---|---|', ...rows, '',
    `Moonshine rounds activations to 8 bits on the way: a difference in the last bit of a float32 sum moves a rounding, and the layers after it carry that on. ONNX Runtime with and without its optimiser differs from itself by ${itself.most.toPrecision(2)} (encoder) and ${itselfDecoding.most.toPrecision(2)} (decoder), and twice that is what Gradus may differ end to end; given equal inputs, the quantised operators give equal integers.`,
    ...(times.length === 0 ? [] : ['', `Milliseconds, ${ROUNDS} rounds in turns, medians (lowest–highest), ${threads} threads each:`, '', `| | ${contenders.map((c) => c.name).join(' | ')} |`, `|${'---|'.repeat(contenders.length + 1)}`, ...times]),
    end,
  ].join('\n')
  const path = new URL('../../docs/results.md', import.meta.url)
  const old = readFileSync(path, 'utf8')
  const [from, to] = [old.indexOf(begin), old.indexOf(end)]
  writeFileSync(path, from < 0 ? `${old.trimEnd()}\n\n${section}\n` : `${old.slice(0, from)}${section}${old.slice(to + end.length)}`)
}
for (const p of problems) console.error(p)
process.exit(problems.length === 0 ? 0 : 1)
