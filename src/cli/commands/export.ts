// gradus export: the weights of a run in a format other programs read.
import { join } from 'node:path'
import type { NDArray } from '../../base/index.ts'
import { writeNpz, writeSafetensors } from '../../formats/index.ts'
import { readSettings } from '../../recipes/index.ts'
import { loadCheckpoint, writeFileAtomic } from '../../train/index.ts'
import { unknownName } from '../suggest.ts'
import { grouped } from '../ui/style.ts'
import { VERSION } from '../version.ts'

interface Run {
  readonly weights: ReadonlyMap<string, NDArray>
  readonly about: Readonly<Record<string, string>>
}

const FORMATS: Readonly<Record<string, (run: Run) => Uint8Array>> = {
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
  const bytes = FORMATS[format]!({ weights, about: { producer: `gradus ${VERSION}`, model: settings.model, ...(settings.recipe === null ? {} : { recipe: settings.recipe }) } })
  await writeFileAtomic(file, bytes)
  const numbers = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0)
  if (json === true) process.stdout.write(`${JSON.stringify({ out: file, format, bytes: bytes.length, tensors: weights.size, parameters: numbers })}\n`)
  else process.stdout.write(`${file}: ${grouped(weights.size)} tensors, ${grouped(numbers)} numbers, ${grouped(bytes.length)} bytes\n`)
  return 0
}
