// run.json: what a run was started with, so that it can be resumed, evaluated and asked.
import { FormatError, nodeModule } from '../base/index.ts'

export interface RunSettings {
  readonly version: 1
  /** Name of a built-in recipe, or null for a file. */
  readonly recipe: string | null
  /** The user's file, absolute. */
  readonly file: string | null
  readonly model: string
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly seed: number
  /** The folder with the user's own data, absolute; null: found by the recipe. */
  readonly data: string | null
  readonly device: string
  /** The recipe's own options. */
  readonly options?: Readonly<Record<string, string | number>>
}

export const settingsFile = (folder: string): string => nodeModule<typeof import('node:path')>('node:path', 'run').join(folder, 'run.json')

/**
 * Reads run.json of a run's folder.
 *
 * @throws FormatError when there is none or it is damaged.
 */
export async function readSettings(folder: string): Promise<RunSettings> {
  const { readFile } = nodeModule<typeof import('node:fs')>('node:fs', 'run').promises
  const file = settingsFile(folder)
  const text = await readFile(file, 'utf8').catch(() => {
    throw new FormatError('run', `${folder} is not the folder of a run: it has no run.json`, { remedy: 'Name the folder that `gradus train` printed, such as runs/digits-….' })
  })
  let settings: Partial<RunSettings> | null
  try {
    settings = JSON.parse(text) as Partial<RunSettings> | null
  } catch {
    throw new FormatError('run', `${file} is damaged: not JSON`)
  }
  const whole = (x: unknown): boolean => Number.isSafeInteger(x)
  const text_ = (x: unknown): boolean => x === null || typeof x === 'string'
  const good = typeof settings === 'object' && settings?.version === 1 && typeof settings.model === 'string' && typeof settings.device === 'string'
    && whole(settings.epochs) && whole(settings.batchSize) && whole(settings.seed) && typeof settings.learningRate === 'number'
    && (settings.options === undefined || (typeof settings.options === 'object' && settings.options !== null && Object.values(settings.options).every((v) => typeof v === 'string' || typeof v === 'number')))
    && text_(settings.recipe) && text_(settings.file) && text_(settings.data)
  if (!good) throw new FormatError('run', `${file} is damaged, or written by another version of Gradus`)
  return settings as RunSettings
}
