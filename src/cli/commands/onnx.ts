// gradus onnx info|check|run|conformance: models in ONNX form.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GradusError } from '../../base/index.ts'
import { type OnnxModel, type OnnxPort, loadOnnx, readNpy, runConformance, writeNpy } from '../../formats/index.ts'
import { type Tensor, ones, tensor } from '../../tensor/index.ts'
import { chooseDevice } from '../device.ts'
import { UsageError } from '../errors.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** `trust`: without limits of what a run may take. */
function load(path: string, trust = false): OnnxModel {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}.`)
  return loadOnnx(path, trust ? { limits: { nodes: Infinity, steps: Infinity, open: Infinity, work: Infinity, bytes: Infinity, seconds: Infinity } } : {})
}
const showPort = ({ name, type, shape }: OnnxPort): string => `${name}: ${type}${shape === null ? '' : `[${shape.map((d) => d ?? '?').join(', ')}]`}`

export function info(path: string, given: object): number {
  const { json } = given as { readonly json?: boolean }
  const { inputs, outputs, info: about } = load(path)
  if (json === true) {
    say(JSON.stringify({ ...about, inputs, outputs }))
    return 0
  }
  say(`made by     ${about.producer || 'unknown'} (IR ${about.irVersion})`)
  say(`opsets      ${Object.entries(about.opsets).map(([domain, version]) => `${domain} ${version}`).join(', ')}`)
  say(`parameters  ${about.parameters}`)
  for (const p of inputs) say(`input       ${showPort(p)}`)
  for (const p of outputs) say(`output      ${showPort(p)}`)
  for (const [op, n] of Object.entries(about.operators).sort((a, b) => b[1] - a[1])) say(`operator    ${op} × ${n}`)
  return 0
}

export function check(path: string, given: object): number {
  const { device, trust } = given as { readonly device: string; readonly trust?: boolean }
  chooseDevice(device, undefined)
  const model = load(path, trust)
  const attempt = (size: number): Tensor[] => {
    const inputs = model.inputs.map((p) => {
      if (p.dtype === null || p.shape === null) throw new UsageError(`the input "${p.name}" is ${p.type}; check runs only models of tensors.`)
      return ones(p.shape.map((d) => (typeof d === 'number' && d >= 0 ? d : size)), p.dtype)
    })
    const outputs = model(...inputs)
    for (const t of outputs) t.realize()
    return outputs
  }
  const open = model.inputs.some((p) => p.shape?.some((d) => typeof d !== 'number' || d < 0) === true)
  const [size, outputs] = trySizes(open ? SIZES : [1], attempt)
  if (open) say(`sizes: ${size} wherever the model leaves them open`)
  say(`reads: ${Object.values(model.info.operators).reduce((a, b) => a + b, 0)} nodes, ${model.info.parameters} parameters`)
  outputs.forEach((t, i) => say(`runs: ${model.outputs[i]!.name} → ${t}`))
  return 0
}

/** What is put where a model leaves a size open: windows and kernels may need more than one. */
const SIZES = [1, 16, 256]
/** The first size that runs, and what came out; the error of the first where none does. */
function trySizes(sizes: readonly number[], attempt: (size: number) => Tensor[]): [number, Tensor[]] {
  let first: unknown
  for (const size of sizes) {
    try {
      return [size, attempt(size)]
    } catch (error) {
      if (!(error instanceof GradusError)) throw error
      first ??= error
    }
  }
  throw first
}

export async function run(path: string, given: object): Promise<number> {
  const { device, input = [], out, json, trust } = given as { readonly device: string; readonly trust?: boolean; readonly input?: readonly string[]; readonly out?: string; readonly json?: boolean }
  chooseDevice(device, undefined)
  const model = load(path, trust)
  const inputs: Record<string, Tensor> = {}
  for (const pair of input) {
    const [, name, file] = /^([^=]+)=(.+)$/.exec(pair) ?? []
    if (name === undefined || file === undefined) throw new UsageError(`--input takes NAME=FILE.npy, not ${pair}.`)
    const port = model.inputs.find((p) => p.name === name)
    if (port === undefined) throw new UsageError(`there is no input "${name}"; the model has ${model.inputs.map((p) => p.name).join(', ') || 'none'}.`)
    const { data, shape, dtype } = readNpy(readFileSync(file), { name: file })
    inputs[name] = tensor(data, { shape, dtype: port.dtype ?? dtype })
  }
  const results = Object.entries(model.run(inputs))
  const shown: Record<string, unknown> = {}
  for (const [name, t] of results) {
    if (out !== undefined) {
      mkdirSync(out, { recursive: true })
      writeFileSync(join(out, `${name.replace(/[^\w.-]/g, '_')}.npy`), writeNpy({ dtype: t.dtype, shape: t.shape, data: await t.data() }))
    }
    if (json === true) shown[name] = await t.array()
    else say(`${name}: ${t} ${preview([...(await t.data()).subarray(0, 8)], t.size)}`)
  }
  if (json === true) say(JSON.stringify(shown))
  return 0
}
const preview = (values: readonly number[], size: number): string => `[${values.map((v) => Number(v.toPrecision(6))).join(', ')}${size > values.length ? ', …' : ''}]`

export function conformance(dir: string, given: object): number {
  const { device, json } = given as { readonly device: string; readonly json?: boolean }
  if (!existsSync(dir)) throw new UsageError(`there is no folder ${dir}. The official tests come with Debian's libonnx-testdata.`)
  chooseDevice(device, undefined)
  const results = runConformance(dir, json === true ? {} : { onResult: (r) => r.status === 'fail' && say(`FAILED ${r.name}: ${r.reason}`) })
  const count = (status: string): number => results.filter((r) => r.status === status).length
  if (json === true) say(JSON.stringify({ pass: count('pass'), shape: count('shape'), fail: count('fail'), results }))
  else say(`${count('pass')} passed, ${count('shape')} with random numbers agree in types and shapes, ${count('fail')} failed, of ${results.length}.`)
  return count('fail') === 0 ? 0 : 1
}
