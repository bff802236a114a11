// gradus export: a run as a file other programs read: its weights (safetensors, npz), or the whole network (ONNX).
import { join } from 'node:path'
import type { NDArray } from '../../base/index.ts'
import { exportOnnx, importOnnx, writeNpz, writeSafetensors } from '../../formats/index.ts'
import { type Recipe, type RunSettings, loadRun, readAssets, readSettings, whereData } from '../../recipes/index.ts'
import { zeros } from '../../tensor/index.ts'
import { loadCheckpoint, writeFileAtomic } from '../../train/index.ts'
import { unknownName } from '../suggest.ts'
import { recipeOfRun } from '../task.ts'
import { grouped } from '../ui/style.ts'
import { VERSION } from '../version.ts'

interface Run {
  readonly dir: string
  readonly checkpoint: string
  readonly settings: RunSettings
  readonly weights: ReadonlyMap<string, NDArray>
  readonly about: Readonly<Record<string, string>>
}

const FORMATS: Readonly<Record<string, (run: Run) => Uint8Array | Promise<Uint8Array>>> = {
  onnx: wholeNetwork,
  safetensors: ({ weights, about }) => writeSafetensors(weights, about),
  npz: ({ weights }) => writeNpz(weights),
}
export const EXPORT_FORMATS = Object.keys(FORMATS)

export async function exportRun(dir: string, given: object): Promise<number> {
  const { format, out, checkpoint, json } = given as { readonly format: string; readonly out?: string; readonly checkpoint: string; readonly json?: boolean }
  if (!Object.hasOwn(FORMATS, format)) throw unknownName('format', format, EXPORT_FORMATS)
  const settings = await readSettings(dir)
  const { weights } = await loadCheckpoint(dir, checkpoint)
  const file = out ?? join(dir, `model.${format}`)
  const bytes = await FORMATS[format]!({ dir, checkpoint, settings, weights, about: { producer: `gradus ${VERSION}`, model: settings.model, ...(settings.recipe === null ? {} : { recipe: settings.recipe }) } })
  await writeFileAtomic(file, bytes)
  const numbers = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0)
  const ports = format === 'onnx' ? portsOf(bytes) : null
  if (json === true) process.stdout.write(`${JSON.stringify({ out: file, format, bytes: bytes.length, tensors: weights.size, parameters: numbers, ...(ports ?? {}) })}\n`)
  else {
    process.stdout.write(`${file}: ${grouped(weights.size)} tensors, ${grouped(numbers)} numbers, ${grouped(bytes.length)} bytes\n`)
    if (ports !== null) process.stdout.write(hint(file, ports))
  }
  return 0
}

async function wholeNetwork({ dir, checkpoint, settings, about }: Run): Promise<Uint8Array> {
  const recipe = await recipeOfRun(settings)
  const model = await loadRun(recipe, settings, dir, checkpoint)
  const args = await exampleOf(recipe, settings, dir)
  const classes = recipe.pictures?.classes
  return exportOnnx(model, args, { name: `${settings.recipe ?? recipe.name} ${settings.model}`, metadata: { ...about, outputs: recipe.outputs?.(settings.model) ?? 'logits', ...(classes === undefined ? {} : { classes: classes.join(', ') }) } })
}
/** What the network reads: from the recipe, or one example of its data. */
async function exampleOf(recipe: Recipe, settings: RunSettings, dir: string): Promise<readonly unknown[]> {
  if (recipe.example !== undefined) return recipe.example(await readAssets(dir))
  if (recipe.pictures !== undefined) return [zeros([1, 1, 28, 28])]
  const { train } = await recipe.data(whereData(settings))
  const { inputs } = await train.form()
  return [train.prepare(zeros([1, ...inputs.shape], inputs.dtype))]
}

type Port = { readonly name: string; readonly type: string; readonly shape: readonly (number | string | null)[] | null }
const portsOf = (bytes: Uint8Array): { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] } => {
  const { inputs, outputs } = importOnnx(bytes)
  const plain = ({ name, type, shape }: Port): Port => ({ name, type, shape })
  return { inputs: inputs.map(plain), outputs: outputs.map(plain) }
}
function hint(file: string, { inputs, outputs }: { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] }): string {
  const show = (list: readonly Port[]): string => list.map((p) => `${p.name} ${p.type}[${p.shape ?? ''}]`).join(', ')
  const name = JSON.stringify(file)
  return [
    `${show(inputs)} → ${show(outputs)}`,
    'Run it:',
    `  gradus onnx run ${file} ${inputs.map((p) => `-i ${p.name}=${p.name}.npy`).join(' ')}`,
    `  Python: onnxruntime.InferenceSession(${name}).run(None, {${inputs.map((p) => `"${p.name}": ${p.name}`).join(', ')}})`,
    '',
  ].join('\n')
}
