// Runs a recipe: seed, model, fit with log and checkpoints, test at the end; everything under one folder.
import { GradusError, type NDArray, ValueError, objectOf, optionsOf, textOf } from '../base/index.ts'
import { type Augment, Dataset, type FindOptions, type TrainingData, batchCount, inWorkers, toTensor } from '../data/index.ts'
import type { Layer, Optimizer } from '../nn/index.ts'
import { type Tensor, manualSeed } from '../tensor/index.ts'
import { type Callback, type EpochRecord, type History, type TrainingState, checkpoints, csvLog, evaluate, fit, hasCheckpoint, loadCheckpoint, writeFileAtomic } from '../train/index.ts'
import { readAssets, writeAssets } from './assets.ts'
import type { ModelPlan, Recipe, RecipeData, Score, Setting } from './plan.ts'
import { type RunSettings, readSettings, settingsFile } from './settings.ts'

/** What the user chose; the rest comes from the recipe. */
export interface RunChoices {
  readonly model?: string
  readonly epochs?: number
  readonly batchSize?: number
  readonly learningRate?: number
  readonly seed?: number
  readonly clipNorm?: number
  readonly options?: Readonly<Record<string, Setting>>
}
export interface RunOptions {
  /** Folder for the run; refused when it holds another run. */
  readonly out: string
  readonly settings: RunSettings
  /** Go on with what is in `out`. */
  readonly resume?: boolean
  readonly signal?: AbortSignal
  readonly find?: FindOptions
  /** Threads that change the examples (mirror, move …) beside the training; the numbers are the same. Default 0: none. */
  readonly workers?: number
  /** Sees the run: what the command line shows. */
  readonly callbacks?: readonly Callback[]
  readonly onReady?: (ready: Ready) => void
  /** Told what goes on before and after the epochs. */
  readonly say?: (text: string) => void
}
/** What is known before the first step. */
export interface Ready {
  readonly model: Layer
  readonly optimizer: Optimizer
  readonly from: string | undefined
  readonly examples: number
  readonly unit: string
  readonly exampleShape: readonly number[]
  readonly state: TrainingState | undefined
}
export interface RunResult {
  readonly history: History
  readonly parameters: number
  readonly trainLoss: number | null
  /** null: no test data, or nothing that has an accuracy. */
  readonly testAccuracy: number | null
  /** What the recipe measures instead of an accuracy. */
  readonly score: Score | null
}

const recipeOf = (operation: string, recipe: Recipe): Recipe => objectOf(operation, 'recipe', recipe, 'a recipe, as recipes.digits', 'models')

/** The plan of a model by name (default: the recipe's first). */
export function modelPlan(recipe: Recipe, name: string): ModelPlan {
  recipeOf('modelPlan', recipe)
  const plan = Object.hasOwn(recipe.models, name) ? recipe.models[name] : undefined
  if (plan === undefined) throw new ValueError('train', `${recipe.name} has no model of this name`, { expected: Object.keys(recipe.models).join(', '), received: name })
  return plan
}

/** The full settings of a run from the recipe's and the user's. */
export function settingsOf(recipe: Recipe, choices: RunChoices, where: Pick<RunSettings, 'recipe' | 'file' | 'data' | 'device'>): RunSettings {
  recipeOf('settingsOf', recipe)
  optionsOf('settingsOf', choices)
  const model = choices.model ?? Object.keys(recipe.models)[0]!
  const plan = modelPlan(recipe, model)
  return {
    version: 1, ...where, model,
    epochs: choices.epochs ?? plan.epochs, batchSize: choices.batchSize ?? plan.batchSize,
    learningRate: choices.learningRate ?? plan.learningRate, seed: choices.seed ?? 0,
    ...(choices.clipNorm === undefined ? {} : { clipNorm: choices.clipNorm }),
    ...(recipe.options === undefined ? {} : { options: { ...Object.fromEntries(Object.entries(recipe.options).map(([name, option]) => [name, option.default])), ...plan.options, ...choices.options } }),
  }
}

/** Trains by a recipe, or goes on with an earlier run; then tests. */
export async function runRecipe(recipe: Recipe, options: RunOptions): Promise<RunResult> {
  recipeOf('runRecipe', recipe)
  objectOf('runRecipe', 'settings', optionsOf('runRecipe', options, 'options with settings and out').settings, 'what settingsOf gives')
  textOf('runRecipe', 'out', options.out)
  const { settings, out, signal } = options
  const plan = modelPlan(recipe, settings.model)
  if (options.resume !== true && (await isRun(out))) {
    throw new ValueError('train', `${out} holds a run already`, { remedy: `Go on with it (--resume ${out}), or choose another folder with --out.` })
  }
  const state = options.resume === true && (await hasCheckpoint(out)) ? await loadCheckpoint(out) : undefined
  const assets = options.resume === true ? await readAssets(out) : {}
  const data = await recipe.data({ ...options.find, ...whereData(settings), ...(Object.keys(assets).length === 0 ? {} : { assets }), ...(signal === undefined ? {} : { signal }) })
  const { train: all, validation, from } = data
  const train = changed(all, plan.augment, options.workers ?? 0)
  manualSeed(settings.seed)
  const model = plan.build(data.assets ?? {})
  const examples = train.length ?? (await countExamples(train))
  const makeOptimizer = (): Optimizer => plan.optimizer(settings.learningRate, settings.epochs * (train.batchCount(settings.batchSize) ?? batchCount(examples, settings.batchSize)))
  const optimizer = makeOptimizer()
  const { initial } = data
  const say = options.say ?? (() => {})
  if (initial !== undefined && state === undefined) model.loadState(tensorsOf(await initial()), { strict: false })
  if (options.resume !== true) {
    await writeFileAtomic(settingsFile(out), new TextEncoder().encode(`${JSON.stringify(settings, null, 1)}\n`))
    await writeAssets(out, data.assets ?? {})
  }
  options.onReady?.({ model, optimizer, from, examples, unit: data.unit ?? 'examples', exampleShape: (await train.form()).inputs.shape, state })
  if (plan.pretrain !== undefined && state === undefined) await plan.pretrain(model, data, { seed: settings.seed, say, ...(signal === undefined ? {} : { signal }) })
  // nothing is kept of what was only half learned: going on begins with it again
  if (signal?.aborted === true && state === undefined) return { history: { epochs: [], steps: 0, seconds: 0, samplesPerSecond: 0, reason: 'aborted', why: null }, parameters: model.parameterCount(), trainLoss: null, testAccuracy: null, score: null }
  const clipNorm = settings.clipNorm ?? plan.clipNorm
  const common = {
    epochs: settings.epochs, batchSize: settings.batchSize, seed: settings.seed, loss: plan.loss,
    ...(plan.metrics === undefined ? {} : { metrics: plan.metrics }),
    ...(clipNorm === undefined ? {} : { clipNorm }),
    ...(signal === undefined ? {} : { signal }),
  }
  const history = await fit(model, train, {
    ...common, optimizer,
    ...(validation === undefined ? {} : { validation }),
    ...(state === undefined ? {} : { resume: state }),
    callbacks: [...(options.callbacks ?? []), csvLog(`${out}/log.csv`), checkpoints(out)],
  })
  const last: EpochRecord | undefined = history.epochs.at(-1)
  const done = history.reason !== 'aborted'
  const score = done && recipe.score !== undefined ? await recipe.score(model, data) : null
  const accuracy = done && score === null ? await testAccuracy(model, data, plan) : null
  return {
    history,
    parameters: model.parameterCount(),
    trainLoss: last?.loss ?? null,
    testAccuracy: accuracy,
    score: accuracy === null || (initial === undefined && plan.pretrain === undefined) ? score : await withoutHelp(accuracy),
  }

  /** The same network trained the same way from random weights: what the weights it began with are worth. */
  async function withoutHelp(helped: number): Promise<Score | null> {
    say(`\nThis network had learned without labels first. The same one from random weights, to compare: ${settings.epochs} epochs …`)
    manualSeed(settings.seed)
    const plain = (plan.untaught ?? plan.build)(data.assets ?? {})
    const { reason } = await fit(plain, train, { ...common, optimizer: makeOptimizer() })
    const scratch = reason === 'aborted' ? null : await testAccuracy(plain, data, plan)
    return scratch === null ? null : { figures: { scratchAccuracy: scratch, scratchError: Number((1 - scratch).toFixed(10)) }, text: `Pretrained: ${(100 * helped).toFixed(2)} % right; the same network from random weights: ${(100 * scratch).toFixed(2)} %.` }
  }
}

/** The data as the model likes it; `workers` threads do that, if there are any. */
function changed(data: TrainingData, augment: Augment | undefined, workers: number): TrainingData {
  const own = augment === undefined ? data : data.with({ augment })
  if (workers === 0) return own
  if (augment === undefined || !(own instanceof Dataset)) throw new ValueError('train', 'there is nothing for worker threads to do', { expected: 'a model whose pictures are changed while it trains (moved, mirrored …)', received: `--workers ${workers}`, remedy: 'Leave out --workers.' })
  return inWorkers(own, { workers })
}

/** A stream whose length nobody knows is read once: schedules of the learning rate need the number of updates. */
async function countExamples(data: TrainingData): Promise<number> {
  let count = 0
  for await (const { size, inputs, targets } of data.batches({ batchSize: 256 })) {
    count += size
    for (const used of [inputs, targets]) used.dispose()
  }
  return count
}

const tensorsOf = (arrays: Readonly<Record<string, NDArray>>): Record<string, Tensor> => Object.fromEntries(Object.entries(arrays).map(([path, array]) => [path, toTensor(array)]))

async function testAccuracy(model: Layer, { test }: RecipeData, plan: ModelPlan): Promise<number | null> {
  if (test === undefined) return null
  return (await evaluate(model, test, plan.metrics === undefined ? {} : { metrics: plan.metrics })).accuracy ?? null
}

/** What a recipe's `data` is to be called with for a run. */
export const whereData = (settings: RunSettings): { readonly seed: number; readonly folder?: string; readonly options?: Readonly<Record<string, Setting>> } => ({
  seed: objectOf('whereData', 'settings', settings, 'what settingsOf gives').seed,
  ...(settings.data === null ? {} : { folder: settings.data }),
  ...(settings.options === undefined ? {} : { options: settings.options }),
})

/** The trained model of a run's folder, its settings and its plan. */
export async function loadRun(recipe: Recipe, settings: RunSettings, folder: string, checkpoint = 'last'): Promise<Layer> {
  recipeOf('loadRun', recipe)
  objectOf('loadRun', 'settings', settings, 'what readSettings gives')
  textOf('loadRun', 'folder', folder)
  const { weights } = await loadCheckpoint(folder, checkpoint)
  const model = modelPlan(recipe, settings.model).build(await readAssets(folder))
  return model.loadState(Object.fromEntries([...weights].map(([path, array]) => [path, toTensor(array)]))).eval()
}

async function isRun(folder: string): Promise<boolean> {
  try {
    await readSettings(folder)
    return true
  } catch (error) {
    if (error instanceof GradusError) return hasCheckpoint(folder)
    throw error
  }
}
