// gradus train: a run from beginning to end, with Ctrl-C, resume and --json.
import { resolve } from 'node:path'
import { type Recipe, type RunResult, type RunSettings, type Setting, readAssets, readSettings, runRecipe, settingsOf } from '../../recipes/index.ts'
import { chooseDevice } from '../device.ts'
import { type Profile, profile, zeros } from '../../tensor/index.ts'
import { type Callback, DivergedError, hasCheckpoint, htmlReport, loadCheckpoint, tensorboard, writeFileAtomic } from '../../train/index.ts'
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
  readonly clip?: number
  readonly seed?: number
  readonly device: string
  readonly threads?: number
  readonly workers?: number
  readonly out?: string
  readonly resume?: string
  readonly data?: string
  readonly profile?: boolean
  readonly tensorboard?: string
  readonly tokenizer?: string
  readonly positions?: string
  readonly vocabulary?: number
  readonly context?: number
  readonly finetune?: string
  readonly labels?: number
  readonly json?: boolean
}

export async function train(what: string | undefined, source: string | undefined, given: object): Promise<number> {
  const options = given as TrainOptions
  const screen = terminal(options.json === true ? process.stderr : process.stdout)
  const say = (text = ''): void => void screen.stream.write(`${text}\n`)
  const { recipe, settings, out } = options.resume === undefined ? await begin(what, source, options) : await goOn(what, source, options.resume, options)
  const device = await chooseDevice(options.resume !== undefined && options.device === 'auto' ? settings.device : options.device, options.threads)
  const interrupt = interruptible(say)
  const samples: string[] = []
  try {
    const run = (): Promise<RunResult> => runRecipe(recipe, {
      out, settings: { ...settings, device: device.device }, resume: options.resume !== undefined, signal: interrupt.signal,
      find: { onProgress: (file, received, total) => showDownload(screen, file, received, total) },
      callbacks: [
        progressDisplay(screen, settings.batchSize),
        ...(recipe.writer === undefined && recipe.sample === undefined ? [] : [sampleDisplay(recipe, out, screen, samples)]),
        ...(options.tensorboard === undefined ? [] : [tensorboard(options.tensorboard)]),
        htmlReport(`${out}/report.html`, { title: `${recipe.name}, ${settings.model}, seed ${settings.seed}`, sections: () => (samples.length === 0 ? [] : [{ title: 'What it wrote', text: samples.join('\n\n') }]) }),
      ],
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      say,
      onReady: ({ model, from, examples, unit, exampleShape, state }) => {
        say(`${screen.bold(`Gradus ${VERSION}`)}: ${recipe.name}, ${settings.model}, ${device.device} with ${device.threads} ${device.threads === 1 ? 'thread' : 'threads'}, seed ${settings.seed}`)
        say(`${grouped(examples)} training ${unit}${from === undefined ? '' : ` from ${from}`}`)
        say(`\n${model.summary(unit === 'examples' ? [1, ...exampleShape] : zeros([1, ...exampleShape], 'int32'))}\n`)
        if (state !== undefined) say(`Going on with epoch ${Math.min(state.progress.epoch + 1, settings.epochs)} at update ${grouped(state.progress.step)}.`)
      },
    })
    const result = options.profile === true ? await profiled(run, out, say) : await run()
    const { history } = result
    if (history.reason === 'aborted') {
      say(`Stopped at update ${grouped(history.steps)} and saved. To go on:\n  npx gradus train ${isFile(what ?? '') ? what : (settings.recipe ?? settings.file)} --resume ${out}`)
      return interrupt.exitCode()
    }
    if (interrupt.signal.aborted) {
      say(`Stopped before everything was measured; the trained network is saved. To measure it:\n  npx gradus train ${isFile(what ?? '') ? what : (settings.recipe ?? settings.file)} --resume ${out}`)
      return interrupt.exitCode()
    }
    if (history.why !== null) say(`Stopped early: ${history.why}.`)
    if (result.score !== null) say(`\n${screen.bold(result.score.text)} ${history.seconds.toFixed(1)} s of training.`)
    report(say, screen, recipe, result.testAccuracy, out, history.seconds)
    if (options.json === true) {
      const testError = result.testAccuracy === null ? null : Number((1 - result.testAccuracy).toFixed(10))
      process.stdout.write(`${JSON.stringify({
        model: settings.model, parameters: result.parameters, seed: settings.seed, device: device.device, threads: device.threads,
        epochs: history.epochs.length, trainLoss: result.trainLoss, testAccuracy: result.testAccuracy, testError, ...result.score?.figures,
        seconds: history.seconds, samplesPerSecond: history.samplesPerSecond, out,
      })}\n`)
    }
    return 0
  } catch (error) {
    if (error instanceof DivergedError && (await hasCheckpoint(out))) {
      const { progress } = await loadCheckpoint(out)
      say(`\nThe last good state (epoch ${Math.min(progress.epoch + 1, settings.epochs)}, update ${grouped(progress.step)}) is kept in ${out}.`)
    }
    throw error
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

async function begin(what: string | undefined, source: string | undefined, options: TrainOptions): Promise<Start> {
  if (what === undefined) throw new UsageError('what shall be trained? For example: gradus train digits.')
  const recipe = await findRecipe(what)
  if (options.model !== undefined && !Object.hasOwn(recipe.models, options.model)) throw unknownName(`model of ${recipe.name}`, options.model, Object.keys(recipe.models))
  const file = isFile(what) ? resolve(what) : null
  if (file !== null && options.data !== undefined) throw new UsageError('--data belongs to the built-in tasks; your file finds its own data.')
  const place = sourceOf(recipe, source, options.data)
  const settings = settingsOf(recipe, { ...choices(options), ...(options.finetune !== undefined && options.model === undefined && recipe.models.classifier !== undefined ? { model: 'classifier' } : {}), options: ownOptions(recipe, options) }, { recipe: file === null ? recipe.name : null, file, data: place === undefined ? null : resolve(place), device: options.device })
  return { recipe, settings, out: options.out ?? `runs/${recipe.name}-${timestamp()}` }
}

async function goOn(what: string | undefined, source: string | undefined, folder: string, options: TrainOptions): Promise<Start> {
  const settings = await readSettings(folder)
  const recipe = await recipeOfRun(settings)
  const task = settings.file ?? settings.recipe
  if (what !== undefined && (isFile(what) ? resolve(what) : what) !== task) {
    if (!isFile(what)) await findRecipe(what)
    throw new UsageError(`the run in ${folder} trains ${task}, not ${what}.`)
  }
  if (options.out !== undefined && resolve(options.out) !== resolve(folder)) throw new UsageError('a resumed run stays in its folder: leave out --out.')
  const before: Record<string, unknown> = { model: settings.model, epochs: settings.epochs, batch: settings.batchSize, lr: settings.learningRate, clip: settings.clipNorm, seed: settings.seed }
  for (const [name, value] of Object.entries(before)) {
    const now = options[name as keyof TrainOptions]
    if (now !== undefined && now !== value) throw new UsageError(`the run in ${folder} has ${value === undefined ? `no --${name}` : `--${name} ${value}`}; it cannot go on with ${now}. Leave out --${name}, or begin a new run.`)
  }
  const place = source ?? options.data
  if (place !== undefined && resolve(place) !== settings.data) throw new UsageError(`the run in ${folder} has other data (${settings.data ?? 'found by itself'}). Leave out ${place}, or begin a new run.`)
  for (const [name, value] of Object.entries(ownOptions(recipe, options))) {
    if (settings.options?.[name] !== value) throw new UsageError(`the run in ${folder} has --${name} ${settings.options?.[name]}; it cannot go on with ${value}. Leave out --${name}, or begin a new run.`)
  }
  return { recipe, settings, out: folder }
}

/** The file or folder of the data: a recipe that needs one says so. */
function sourceOf(recipe: Recipe, source: string | undefined, data: string | undefined): string | undefined {
  if (source !== undefined && recipe.source === undefined) throw new UsageError(`${recipe.name} takes no file beside its name: ${source}. Your own pictures: --data DIR.`)
  if (source !== undefined && data !== undefined) throw new UsageError(`name the data once: ${source}, or --data ${data}.`)
  const place = source ?? data
  if (place === undefined && recipe.source !== undefined) throw new UsageError(`${recipe.name} needs ${recipe.source}. For example: gradus train ${recipe.name} FILE.txt`)
  return place
}

/** What was given of the options that only some recipes have. */
function ownOptions(recipe: Recipe, options: TrainOptions): Record<string, Setting> {
  const given: Record<string, Setting> = {}
  for (const name of ['tokenizer', 'vocabulary', 'context', 'positions', 'finetune', 'labels'] as const) {
    const value = name === 'finetune' && options.finetune !== undefined ? resolve(options.finetune) : options[name]
    if (value === undefined) continue
    const option = recipe.options?.[name]
    if (option === undefined) throw new UsageError(`${recipe.name} has no option --${name}.`)
    if (option.choices !== undefined && !option.choices.includes(String(value))) throw unknownName(`value of --${name}`, String(value), option.choices)
    given[name] = value
  }
  return given
}

/** After every epoch: what the model writes, or makes of a few examples. */
function sampleDisplay(recipe: Recipe, out: string, screen: Terminal, samples: string[]): Callback {
  return {
    async afterEpoch(run, record) {
      const assets = await readAssets(out)
      if (recipe.sample !== undefined) {
        const shown = await recipe.sample(run.model, assets)
        if (shown === '') return
        samples.push(`epoch ${record.epoch}:\n${shown}`)
        screen.stream.write(`${screen.dim(shown)}\n`)
        return
      }
      const writer = recipe.writer!(run.model, assets)
      let text = ''
      for await (const piece of writer.write('', { tokens: 100, temperature: 0.8, seed: record.epoch })) text += piece
      samples.push(`epoch ${record.epoch}: ${text}`)
      screen.stream.write(`${screen.dim(text.replace(/\s+/g, ' ').trim())}\n`)
    },
  }
}

const choices = ({ model, epochs, batch, lr, clip, seed }: TrainOptions) => ({
  ...(model === undefined ? {} : { model }), ...(epochs === undefined ? {} : { epochs }), ...(batch === undefined ? {} : { batchSize: batch }),
  ...(lr === undefined ? {} : { learningRate: lr }), ...(clip === undefined ? {} : { clipNorm: clip }), ...(seed === undefined ? {} : { seed }),
})

const timestamp = (): string => new Date().toISOString().slice(0, 19).replace(/:/g, '-')

function report(say: (text?: string) => void, screen: Terminal, recipe: Recipe, accuracy: number | null, out: string, seconds: number): void {
  const { yardstick } = recipe
  if (accuracy !== null) {
    const beside = yardstick === undefined ? '' : ` (${yardstick.text}: ${percent(yardstick.error)})`
    say(`\n${screen.bold(`Test error ${percent(1 - accuracy)}`)}${beside}, accuracy ${percent(accuracy)}, after ${seconds.toFixed(1)} s of training.`)
  }
  say(`The run is in ${screen.cyan(out)} (curves: ${out}/report.html). Next:`)
  say(`  npx gradus evaluate ${out}`)
  if (recipe.pictures !== undefined) say(`  npx gradus predict ${out} picture.png`)
  if (recipe.translator !== undefined) say(`  npx gradus translate ${out} "…"`)
  if (recipe.writer !== undefined) say(`  npx gradus generate ${out} --prompt "…" --stream`)
}

let shown = 0
function showDownload({ stream, live }: Terminal, file: string, received: number, total: number | null): void {
  const done = received === total
  if (!live ? !done : performance.now() - shown < 100 && !done) return
  shown = performance.now()
  const text = `fetching ${file}: ${(received / 1e6).toFixed(1)}${total === null ? '' : ` of ${(total / 1e6).toFixed(1)}`} MB`
  stream.write(live ? `\r${text}\u001b[K${done ? '\n' : ''}` : `${text}\n`)
}
