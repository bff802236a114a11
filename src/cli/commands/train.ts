// gradus train: a run from beginning to end, with Ctrl-C, resume and --json.
import { resolve } from 'node:path'
import { type Recipe, type RunResult, type RunSettings, readSettings, runRecipe, settingsOf } from '../../recipes/index.ts'
import { chooseDevice } from '../device.ts'
import { type Profile, profile } from '../../tensor/index.ts'
import { writeFileAtomic } from '../../train/index.ts'
import { UsageError } from '../errors.ts'
import { interruptible } from '../interrupt.ts'
import { unknownName } from '../suggest.ts'
import { findRecipe, isFile, recipeOfRun } from '../task.ts'
import { profileTable } from '../ui/profile-table.ts'
import { progressDisplay } from '../ui/progress.ts'
import { type Terminal, grouped, percent, terminal } from '../ui/style.ts'
import { VERSION } from '../version.ts'

interface TrainOptions {
  readonly model?: string
  readonly epochs?: number
  readonly batch?: number
  readonly lr?: number
  readonly seed?: number
  readonly device: string
  readonly threads?: number
  readonly out?: string
  readonly resume?: string
  readonly data?: string
  readonly profile?: boolean
  readonly json?: boolean
}

export async function train(what: string | undefined, given: object): Promise<number> {
  const options = given as TrainOptions
  const screen = terminal(options.json === true ? process.stderr : process.stdout)
  const say = (text = ''): void => void screen.stream.write(`${text}\n`)
  const { recipe, settings, out } = options.resume === undefined ? await begin(what, options) : await goOn(what, options.resume, options)
  const device = chooseDevice(options.resume !== undefined && options.device === 'auto' ? settings.device : options.device, options.threads)
  const interrupt = interruptible(say)
  try {
    const run = (): Promise<RunResult> => runRecipe(recipe, {
      out, settings: { ...settings, device: device.device }, resume: options.resume !== undefined, signal: interrupt.signal,
      find: { onProgress: (file, received, total) => showDownload(screen, file, received, total) },
      callbacks: [progressDisplay(screen, settings.batchSize)],
      onReady: ({ model, from, examples, exampleShape, state }) => {
        say(`${screen.bold(`Gradus ${VERSION}`)}: ${recipe.name}, ${settings.model}, ${device.device} with ${device.threads} ${device.threads === 1 ? 'thread' : 'threads'}, seed ${settings.seed}`)
        say(`${grouped(examples)} training examples${from === undefined ? '' : ` from ${from}`}`)
        say(`\n${model.summary([1, ...exampleShape])}\n`)
        if (state !== undefined) say(`Going on with epoch ${Math.min(state.progress.epoch + 1, settings.epochs)} at update ${grouped(state.progress.step)}.`)
      },
    })
    const result = options.profile === true ? await profiled(run, out, say) : await run()
    const { history } = result
    if (history.reason === 'aborted') {
      say(`Stopped at update ${grouped(history.steps)} and saved. To go on:\n  npx gradus train ${isFile(what ?? '') ? what : (settings.recipe ?? settings.file)} --resume ${out}`)
      return interrupt.exitCode()
    }
    if (history.why !== null) say(`Stopped early: ${history.why}.`)
    report(say, screen, recipe, result.testAccuracy, out, history.seconds)
    if (options.json === true) {
      const testError = result.testAccuracy === null ? null : Number((1 - result.testAccuracy).toFixed(10))
      process.stdout.write(`${JSON.stringify({
        model: settings.model, parameters: result.parameters, seed: settings.seed, device: device.device, threads: device.threads,
        epochs: history.epochs.length, trainLoss: result.trainLoss, testAccuracy: result.testAccuracy, testError,
        seconds: history.seconds, samplesPerSecond: history.samplesPerSecond, out,
      })}\n`)
    }
    return 0
  } finally {
    interrupt.release()
  }
}

/** Runs and says where the time went; the trace comes into the run's folder. */
async function profiled(run: () => Promise<RunResult>, out: string, say: (text?: string) => void): Promise<RunResult> {
  let result: RunResult | null = null
  const made: Profile = await profile(async () => void (result = await run()))
  const file = `${out}/trace.json`
  await writeFileAtomic(file, new TextEncoder().encode(made.chromeTrace()))
  say(`\n${profileTable(made)}\nThe course of time is in ${file}: open it in chrome://tracing or ui.perfetto.dev.`)
  return result!
}

interface Start {
  readonly recipe: Recipe
  readonly settings: RunSettings
  readonly out: string
}

async function begin(what: string | undefined, options: TrainOptions): Promise<Start> {
  if (what === undefined) throw new UsageError('what shall be trained? For example: gradus train digits.')
  const recipe = await findRecipe(what)
  if (options.model !== undefined && !Object.hasOwn(recipe.models, options.model)) throw unknownName(`model of ${recipe.name}`, options.model, Object.keys(recipe.models))
  const file = isFile(what) ? resolve(what) : null
  if (file !== null && options.data !== undefined) throw new UsageError('--data belongs to the built-in tasks; your file finds its own data.')
  const settings = settingsOf(recipe, choices(options), { recipe: file === null ? recipe.name : null, file, data: options.data === undefined ? null : resolve(options.data), device: options.device })
  return { recipe, settings, out: options.out ?? `runs/${recipe.name}-${timestamp()}` }
}

async function goOn(what: string | undefined, folder: string, options: TrainOptions): Promise<Start> {
  const settings = await readSettings(folder)
  const recipe = await recipeOfRun(settings)
  const task = settings.file ?? settings.recipe
  if (what !== undefined && (isFile(what) ? resolve(what) : what) !== task) {
    if (!isFile(what)) await findRecipe(what)
    throw new UsageError(`the run in ${folder} trains ${task}, not ${what}.`)
  }
  if (options.out !== undefined && resolve(options.out) !== resolve(folder)) throw new UsageError('a resumed run stays in its folder: leave out --out.')
  const before: Record<string, unknown> = { model: settings.model, epochs: settings.epochs, batch: settings.batchSize, lr: settings.learningRate, seed: settings.seed }
  for (const [name, value] of Object.entries(before)) {
    const now = options[name as keyof TrainOptions]
    if (now !== undefined && now !== value) throw new UsageError(`the run in ${folder} has --${name} ${value}; it cannot go on with ${now}. Leave out --${name}, or begin a new run.`)
  }
  if (options.data !== undefined && resolve(options.data) !== settings.data) throw new UsageError(`the run in ${folder} has other data. Leave out --data, or begin a new run.`)
  return { recipe, settings, out: folder }
}

const choices = ({ model, epochs, batch, lr, seed }: TrainOptions) => ({
  ...(model === undefined ? {} : { model }), ...(epochs === undefined ? {} : { epochs }), ...(batch === undefined ? {} : { batchSize: batch }),
  ...(lr === undefined ? {} : { learningRate: lr }), ...(seed === undefined ? {} : { seed }),
})

const timestamp = (): string => new Date().toISOString().slice(0, 19).replace(/:/g, '-')

function report(say: (text?: string) => void, screen: Terminal, recipe: Recipe, accuracy: number | null, out: string, seconds: number): void {
  const { yardstick } = recipe
  if (accuracy !== null) {
    const beside = yardstick === undefined ? '' : ` (${yardstick.text}: ${percent(yardstick.error)})`
    say(`\n${screen.bold(`Test error ${percent(1 - accuracy)}`)}${beside}, accuracy ${percent(accuracy)}, after ${seconds.toFixed(1)} s of training.`)
  }
  say(`The run is in ${screen.cyan(out)}. Next:`)
  say(`  npx gradus evaluate ${out}`)
  if (recipe.pictures !== undefined) say(`  npx gradus predict ${out} picture.png`)
}

let shown = 0
function showDownload({ stream, live }: Terminal, file: string, received: number, total: number | null): void {
  const done = received === total
  if (!live ? !done : performance.now() - shown < 100 && !done) return
  shown = performance.now()
  const text = `fetching ${file}: ${(received / 1e6).toFixed(1)}${total === null ? '' : ` of ${(total / 1e6).toFixed(1)}`} MB`
  stream.write(live ? `\r${text}\u001b[K${done ? '\n' : ''}` : `${text}\n`)
}
