// run.json: what a run was started with, so that it can be resumed, evaluated and asked.
import { FormatError, nodeModule, readRegularFile, textOf } from '../base/index.ts'

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
  /** Longest gradient, if it was chosen (--clip). */
  readonly clipNorm?: number
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
  textOf('readSettings', 'folder', folder)
  const file = settingsFile(folder)
  const missing = new FormatError('run', `${folder} is not the folder of a run: it has no run.json`, { remedy: 'Name the folder that `gradus train` printed, such as runs/digits-….' })
  const settings = parseSettings(await readRegularFile('run', file, { limit: MAX_SETTINGS, inside: folder, missing }), file)
  await refuseOwnCode(settings, folder, file)
  return settings
}

/** run.json, every field checked. */
export function parseSettings(bytes: Uint8Array, file: string): RunSettings {
  let settings: Partial<RunSettings> | null
  try {
    settings = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<RunSettings> | null
  } catch {
    throw new FormatError('run', `${file} is damaged: not JSON`)
  }
  const whole = (x: unknown): boolean => Number.isSafeInteger(x)
  const text = (x: unknown): boolean => x === null || typeof x === 'string'
  const good = typeof settings === 'object' && settings?.version === 1 && typeof settings.model === 'string' && typeof settings.device === 'string'
    && whole(settings.epochs) && whole(settings.batchSize) && whole(settings.seed) && typeof settings.learningRate === 'number'
    && (settings.clipNorm === undefined || (typeof settings.clipNorm === 'number' && settings.clipNorm > 0))
    && (settings.options === undefined || (typeof settings.options === 'object' && settings.options !== null && Object.values(settings.options).every((v) => typeof v === 'string' || typeof v === 'number')))
    && text(settings.recipe) && text(settings.file) && text(settings.data)
  if (!good) throw new FormatError('run', `${file} is damaged, or written by another version of Gradus`)
  return settings as RunSettings
}

/** A run made by a file of the user's own names that file, which is run again; a folder from elsewhere must not bring it along. */
async function refuseOwnCode({ file: code }: RunSettings, folder: string, file: string): Promise<void> {
  if (code === null) return
  const { realpath } = nodeModule<typeof import('node:fs')>('node:fs', 'run').promises
  const path = nodeModule<typeof import('node:path')>('node:path', 'run')
  const real = await realpath(path.resolve(code)).catch(() => path.resolve(code))
  const inside = path.relative(await realpath(folder), real)
  if (!path.isAbsolute(code) || !(inside.startsWith('..') || path.isAbsolute(inside))) {
    throw new FormatError('run', `${file} names code inside the run's own folder`, { expected: 'a file elsewhere', received: JSON.stringify(code.slice(0, 200)), remedy: 'If you trust it, move it out of the folder and name its new place in run.json.' })
  }
}

const MAX_SETTINGS = 65536
