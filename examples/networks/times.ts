// Who runs a trained network how fast: Gradus on its devices and ONNX Runtime (Node's and WebAssembly's), in turns.
// `npm run networks` puts the times into its tables; `npm run bench -- --only silero` calls this file:
// jiti times.ts NAME ROUNDS DEVICES PEERS, one line of JSON with the milliseconds of every round.
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { type DeviceName, setDevice } from 'gradus'
import { open, picture, pixels, speech } from './files.ts'
import { compiled, eager } from './gradus.ts'
import { DECODER, ENCODER, OCR, type Runner, VAD, type Value, WINDOW, speechProbabilities, transcribe } from './models.ts'
import { type Ort, ort } from './ort.ts'

export const LIMIT = 70
export const sound = speech()
const wave: Value = { type: 'float32', data: sound, shape: [1, sound.length] }
const line = pixels(picture())

export interface Contender {
  readonly name: string
  /** Null: ONNX Runtime. */
  readonly device: DeviceName | null
  readonly open: (path: string, form?: 'eager') => Promise<Runner<unknown>>
}
export const gradusOn = (device: DeviceName): Contender => ({ name: `Gradus ${device}`, device, open: async (path, form) => (form === 'eager' ? eager(path) : compiled(path)) as Runner<unknown> })
export const runtime = (name: string, { open: load }: Ort): Contender => ({ name, device: null, open: async (path) => (await load(open(path))) as Runner<unknown> })

export interface Task {
  readonly name: string
  readonly path: string
  readonly form?: 'eager'
  /** Windows or tokens of a run: times are for one. */
  readonly per: number
  /** Numbers that everybody must have, within `off` (of 8-bit rounding: twice what ONNX Runtime, optimised and not, differs from itself). */
  readonly run: (runner: Runner<unknown>) => Promise<ArrayLike<number>>
  readonly off: number
}
const first = (outputs: Readonly<Record<string, unknown>>): unknown => Object.values(outputs)[0]
export const TASKS = ['silero', 'ppocr', 'moonshine-encoder', 'moonshine-decoder'] as const
/** What is timed; `teacher` hears first which tokens the decoder is to write. */
export async function taskOf(name: (typeof TASKS)[number], teacher: Contender): Promise<Task> {
  switch (name) {
    case 'silero': return { name: `Silero VAD, a window (${(WINDOW / 16).toFixed(0)} ms)`, path: VAD, per: 50, off: 1e-4, run: (r) => speechProbabilities(r, sound, 50) }
    case 'ppocr': return { name: `PP-OCR, a line of ${line.shape[3]} pixels`, path: OCR, per: 1, off: 1e-4, run: async (r) => r.read(first(await r.run({ x: { type: 'float32', ...line } }))) }
    case 'moonshine-encoder': return { name: 'Moonshine encoder, 11 s of sound', path: ENCODER, per: 1, off: 0.9, run: async (r) => r.read(first(await r.run({ input_values: wave }))) }
    case 'moonshine-decoder': {
      const [encoder, decoder] = [await teacher.open(ENCODER), await teacher.open(DECODER, 'eager')]
      // (1,T,288)
      const data = await encoder.read(first(await encoder.run({ input_values: wave })))
      const encoded: Value = { type: 'float32', data: data.slice(), shape: [1, data.length / 288, 288] }
      const { tokens } = await transcribe(decoder, encoded, LIMIT)
      return { name: 'Moonshine decoder, a token', path: DECODER, form: 'eager', per: tokens.length, off: 0.8, run: async (r) => (await transcribe(r, encoded, LIMIT, tokens)).logits[0]! }
    }
  }
}

export interface Timed {
  readonly contender: Contender
  /** Milliseconds of each round, sorted. */
  readonly ms: number[]
  /** Opened and run once. */
  readonly cold: number
  readonly numbers: ArrayLike<number>
}
/** Everybody once, then in turns. */
export async function race(task: Task, contenders: readonly Contender[], rounds: number): Promise<Timed[]> {
  const ready: (Timed & { readonly runner: Runner<unknown> })[] = []
  for (const contender of contenders) {
    if (contender.device !== null) await setDevice(contender.device)
    const begin = performance.now()
    const runner = await contender.open(task.path, task.form)
    const numbers = Float64Array.from(await task.run(runner))
    ready.push({ contender, runner, ms: [], cold: performance.now() - begin, numbers })
  }
  for (let round = 0; round < rounds; round++) {
    for (const { contender, runner, ms } of ready) {
      if (contender.device !== null) await setDevice(contender.device)
      const begin = performance.now()
      await task.run(runner)
      ms.push((performance.now() - begin) / task.per)
    }
  }
  for (const { ms } of ready) ms.sort((a, b) => a - b)
  return ready
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href || process.argv[1]?.endsWith('times.ts')) {
  const [name, rounds, devices, peers] = process.argv.slice(2) as [(typeof TASKS)[number], string, string, string]
  const threads = availableParallelism()
  const problems: Record<string, string> = {}
  const contenders: { group: string; contender: Contender }[] = []
  for (const [group, kind, title] of peers === 'none' ? [] : [['ort', 'node', 'onnxruntime-node'], ['ort-web', 'web', 'onnxruntime-web']] as const) {
    try {
      contenders.push({ group, contender: runtime(title, await ort(kind, threads)) })
    } catch (error) {
      problems[group] = (error as Error).message.split('\n')[0]!
    }
  }
  for (const device of devices.split(',').filter((d) => d !== '')) contenders.unshift({ group: device, contender: gradusOn(device as DeviceName) })
  const task = await taskOf(name, (contenders.find((c) => c.group === 'ort') ?? contenders[0]!).contender)
  const timed = await race(task, contenders.map((c) => c.contender), Number(rounds))
  const truth = timed.find((t) => t.contender.device === null) ?? timed[0]!
  const entries = timed.flatMap(({ contender, ms, numbers }, i) => {
    let most = numbers.length === truth.numbers.length ? 0 : Infinity
    for (let k = 0; k < numbers.length; k++) most = Math.max(most, Math.abs(numbers[k]! - truth.numbers[k]!))
    if (most <= task.off) return [{ contender: contender.name, group: contenders[i]!.group, ms }]
    problems[contenders[i]!.group] = `differs from ${truth.contender.name} by ${most}, allowed are ${task.off}`
    return []
  })
  process.stdout.write(`${JSON.stringify({ entries, problems })}\n`)
  process.exit(0)
}
