// gradus translate: a trained model puts texts into the other language.
import { loadRun, readAssets, readSettings } from '../../recipes/index.ts'
import { chooseDevice } from '../device.ts'
import { UsageError } from '../errors.ts'
import { recipeOfRun } from '../task.ts'

export async function translate(dir: string, texts: readonly string[], given: object): Promise<number> {
  const options = given as { readonly beam: number; readonly all?: boolean; readonly device: string; readonly threads?: number; readonly json?: boolean }
  const settings = await readSettings(dir)
  const recipe = await recipeOfRun(settings)
  if (recipe.translator === undefined) throw new UsageError(`the network in ${dir} does not translate; translate works for runs of: train translate.`)
  await chooseDevice(options.device, options.threads ?? 1)
  const { translate: run } = recipe.translator(await loadRun(recipe, settings, dir), await readAssets(dir))
  const found = await run(texts, { beam: options.beam })
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ model: settings.model, beam: options.beam, translations: texts.map((text, i) => ({ text, translation: found[i]![0]!.text, candidates: found[i] })) })}\n`)
    return 0
  }
  const lines = found.flatMap((candidates) => (options.all === true ? candidates.map(({ text, score }) => `${score.toFixed(3)}  ${text}`) : [candidates[0]!.text]))
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}
