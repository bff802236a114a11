// gradus generate: a trained language model writes on.
import { loadRun, readAssets, readSettings } from '../../recipes/index.ts'
import { chooseDevice } from '../device.ts'
import { UsageError } from '../errors.ts'
import { interruptible } from '../interrupt.ts'
import { recipeOfRun } from '../task.ts'

interface GenerateOptions {
  readonly prompt: string
  readonly tokens: number
  readonly temperature: number
  readonly topK?: number
  readonly topP?: number
  readonly seed: number
  readonly stream?: boolean
  readonly device: string
  readonly threads?: number
  readonly json?: boolean
}

export async function generate(dir: string, given: object): Promise<number> {
  const options = given as GenerateOptions
  const settings = await readSettings(dir)
  const recipe = await recipeOfRun(settings)
  if (recipe.writer === undefined) throw new UsageError(`the network in ${dir} writes no text; generate works for runs of: train chars.`)
  await chooseDevice(options.device, options.threads ?? 1)
  const { prompt, tokens, temperature, topK, topP, seed } = options
  const interrupt = interruptible(() => {})
  try {
    const writer = recipe.writer(await loadRun(recipe, settings, dir), await readAssets(dir))
    const started = performance.now()
    const live = options.stream === true && options.json !== true
    let text = ''
    if (live) process.stdout.write(prompt)
    for await (const piece of writer.write(prompt, { tokens, temperature, seed, signal: interrupt.signal, ...(topK === undefined ? {} : { topK }), ...(topP === undefined ? {} : { topP }) })) {
      text += piece
      if (live) process.stdout.write(piece)
    }
    const seconds = (performance.now() - started) / 1000
    if (options.json === true) process.stdout.write(`${JSON.stringify({ model: settings.model, prompt, text, tokens, seed, seconds, tokensPerSecond: tokens / seconds })}\n`)
    else process.stdout.write(live ? '\n' : `${prompt}${text}\n`)
    return interrupt.signal.aborted ? interrupt.exitCode() : 0
  } finally {
    interrupt.release()
  }
}
