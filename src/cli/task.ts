// What to train: a built-in recipe by name, or the user's file turned into one.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Recipe, type RunSettings, type TrainingSpec, recipes } from '../recipes/index.ts'
import { UsageError } from './errors.ts'
import { unknownName } from './suggest.ts'

const SOURCE = /\.[cm]?[jt]sx?$/

export const isFile = (what: string): boolean => SOURCE.test(what) || /[/\\]/.test(what)

/** The recipe called `name`, or the one in a file. */
export async function findRecipe(what: string): Promise<Recipe> {
  if (isFile(what)) return recipeOfFile(resolve(what))
  const recipe = Object.hasOwn(recipes, what) ? recipes[what] : undefined
  if (recipe === undefined && existsSync(what)) throw new UsageError(`${what} is a file, no task. What is to be learned from it? For example: gradus train chars ${what} (also translate, bert).`)
  if (recipe === undefined) throw unknownName('task', what, Object.keys(recipes))
  return recipe
}

/** The recipe a run was made with. */
export const recipeOfRun = (settings: RunSettings): Promise<Recipe> => findRecipe(settings.file ?? settings.recipe ?? '')

async function recipeOfFile(file: string): Promise<Recipe> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}.`)
  if (!SOURCE.test(file)) throw new UsageError(`${file} is no .ts or .js file.`)
  let loaded: { default?: unknown }
  try {
    loaded = await load(file)
  } catch (error) {
    // the user's own mistake: its first line, and where
    const { message, stack = '' } = error as Error
    const place = stack.split('\n').map((line) => line.trim()).find((line) => line.startsWith('at ') && line.includes(file))
    if (process.env.GRADUS_DEBUG) process.stderr.write(`${stack}\n`)
    throw new UsageError(`${file} could not be loaded: ${message.split('\n')[0]}${place === undefined ? '' : ` (${place})`}`)
  }
  return fromSpec(file, loaded.default)
}

/** Compiles TypeScript on the fly; `gradus` in the file is this very package, so that tensors are the same tensors. */
async function load(file: string): Promise<{ default?: unknown }> {
  const { createJiti } = await import('jiti')
  const own = await Promise.all([import('../tensor/index.ts'), import('../nn/index.ts'), import('../data/index.ts'), import('../train/index.ts'), import('../models/index.ts'), import('../explain/index.ts'), import('../recipes/index.ts'), import('../formats/index.ts')])
  const names = ['gradus', 'gradus/nn', 'gradus/data', 'gradus/train', 'gradus/models', 'gradus/explain', 'gradus/recipes', 'gradus/formats']
  const jiti = createJiti(pathToFileURL(file).href, { virtualModules: Object.fromEntries(names.map((name, i) => [name, own[i]])), interopDefault: false, fsCache: false })
  return jiti.import(file)
}

function fromSpec(file: string, value: unknown): Recipe {
  const wrong = (what: string): UsageError => new UsageError(`${file}: ${what} Export default defineTraining({ model, data, loss, optimizer }) from gradus/recipes; gradus train --help shows an example.`)
  if (typeof value !== 'object' || value === null) throw wrong('there is no default export that describes a training.')
  const spec = value as Partial<TrainingSpec>
  for (const field of ['model', 'data', 'loss', 'optimizer'] as const) {
    if (typeof spec[field] !== 'function') throw wrong(`"${field}" is ${spec[field] === undefined ? 'missing' : 'no function'}.`)
  }
  const known = ['model', 'data', 'loss', 'optimizer', 'learningRate', 'epochs', 'batchSize', 'metrics']
  for (const field of Object.keys(spec)) if (!known.includes(field)) throw unknownName(`field in ${file}`, field, known)
  const { model, data, loss, optimizer, learningRate = 1e-3, epochs = 10, batchSize = 32, metrics } = spec as TrainingSpec
  const name = file.replace(/^.*[/\\]/, '').replace(SOURCE, '')
  return {
    name,
    about: file,
    models: { [name]: { about: file, build: model, loss, optimizer, learningRate, epochs, batchSize, ...(metrics === undefined ? {} : { metrics }) } },
    data: async () => data(),
  }
}
