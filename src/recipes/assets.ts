// What a run needs besides weights and settings (a tokenizer …): NAME.json files in its folder.
import { FormatError, nodeModule, readRegularFile, textOf } from '../base/index.ts'
import { writeFileAtomic } from '../train/index.ts'
import type { Assets } from './plan.ts'

/** Files of a run that are no assets. */
const OTHERS = /^(run|last|best)\b|^trace\.json$/

export async function writeAssets(folder: string, assets: Assets): Promise<void> {
  const { join } = nodeModule<typeof import('node:path')>('node:path', 'run')
  for (const [name, value] of Object.entries(assets)) await writeFileAtomic(join(folder, `${name}.json`), new TextEncoder().encode(`${JSON.stringify(value)}\n`))
}

const refuse = (folder: string): never => {
  throw new FormatError('readAssets', `there is no folder ${folder}`, { remedy: 'Name the folder that `gradus train` printed, such as runs/digits-….' })
}

/**
 * The assets of a run's folder.
 *
 * @throws FormatError for a file that is damaged, no regular file, or a link out of the folder.
 */
export async function readAssets(folder: string): Promise<Assets> {
  textOf('readAssets', 'folder', folder)
  const { join } = nodeModule<typeof import('node:path')>('node:path', 'run')
  const { readdir } = nodeModule<typeof import('node:fs')>('node:fs', 'run').promises
  const names = (await readdir(folder).catch(() => refuse(folder))).filter((name) => name.endsWith('.json') && !OTHERS.test(name))
  const entries = names.map(async (name): Promise<[string, unknown]> => {
    const file = join(folder, name)
    const bytes = await readRegularFile('run', file, { inside: folder })
    try {
      return [name.slice(0, -5), JSON.parse(new TextDecoder().decode(bytes)) as unknown]
    } catch (error) {
      throw new FormatError('run', `${file} is damaged: ${(error as Error).message}`)
    }
  })
  return Object.fromEntries(await Promise.all(entries))
}
