// gradus predict: what a trained network takes a picture for, with what it saw.
import { type CenteredDigit, centerDigit, toUnit } from '../../data/index.ts'
import { loadRun, readSettings } from '../../recipes/index.ts'
import { tensor } from '../../tensor/index.ts'
import { decodeImage } from '../decode-image.ts'
import { chooseDevice } from '../device.ts'
import { UsageError, reportError } from '../errors.ts'
import { recipeOfRun } from '../task.ts'
import { asciiPicture } from '../ui/picture.ts'
import { percent, terminal } from '../ui/style.ts'

interface Answer {
  readonly file: string
  readonly class: string
  readonly probability: number
  readonly probabilities: Readonly<Record<string, number>>
}

export async function predict(dir: string, files: readonly string[], given: object): Promise<number> {
  const options = given as { readonly device: string; readonly json?: boolean }
  const settings = await readSettings(dir)
  const recipe = await recipeOfRun(settings)
  if (recipe.pictures === undefined) throw new UsageError(`the network in ${dir} does not read pictures; predict works for digits and fashion.`)
  await chooseDevice(options.device, 1)
  const model = await loadRun(recipe, settings, dir)
  const { classes: names, ...place } = recipe.pictures
  const screen = terminal(process.stdout)
  const answers: Answer[] = []
  let failed = false
  for (const file of files) {
    let seen: CenteredDigit
    try {
      seen = centerDigit(await decodeImage(file), place)
    } catch (error) {
      failed = true
      reportError(error instanceof Error && !error.message.includes(file) ? Object.assign(error, { message: `${file}: ${error.message}` }) : error)
      continue
    }
    const output = model.call(toUnit(tensor(seen.pixels, { shape: [1, 28, 28] })))
    const shares = [...(await (recipe.outputs?.(settings.model) === 'signals' ? output : output.softmax(-1)).data())]
    const best = shares.indexOf(Math.max(...shares))
    const answer = { file, class: names[best]!, probability: shares[best]!, probabilities: Object.fromEntries(names.map((name, i) => [name, shares[i]!])) }
    answers.push(answer)
    if (options.json === true) continue
    const width = Math.max(...names.map((n) => n.length))
    const bars = names.map((name, i) => {
      const text = `${name.padEnd(width)} ${percent(shares[i]!).padStart(9)} ${'█'.repeat(Math.round(shares[i]! * 30))}`.trimEnd()
      return i === best ? screen.bold(text) : text
    })
    const lines = [screen.bold(`${file}: ${answer.class} (${percent(answer.probability)})`), `seen as ${seen.polarity}:`, ...asciiPicture(seen.pixels, 28, 28), ...bars, '']
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify({ predictions: answers, out: dir })}\n`)
  return failed ? 1 : 0
}

