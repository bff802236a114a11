// gradus predict: what a trained network takes pictures or texts for, with what it saw.
import { type Reader, loadRun, readAssets, readSettings } from '../../recipes/index.ts'
import { chooseDevice } from '../device.ts'
import { UsageError, reportError } from '../errors.ts'
import { recipeOfRun } from '../task.ts'
import { type SeenPicture, seePicture } from '../see-picture.ts'
import { asciiPicture } from '../ui/picture.ts'
import { type Terminal, percent, terminal } from '../ui/style.ts'

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
  const screen = terminal(process.stdout)
  if (recipe.reader !== undefined) {
    await chooseDevice(options.device, 1)
    const { answer } = recipe.reader(await loadRun(recipe, settings, dir), await readAssets(dir))
    if (answer === undefined) throw new UsageError(`the network in ${dir} neither sorts texts nor fills gaps; ${recipe.translator === undefined ? 'let it write: gradus generate' : 'let it translate: gradus translate'} ${dir}.`)
    return predictTexts(answer, files, { screen, dir, json: options.json === true })
  }
  if (recipe.pictures === undefined) throw new UsageError(`the network in ${dir} reads neither pictures nor texts; predict works for digits, fashion, cifar10 and bert.`)
  await chooseDevice(options.device, 1)
  const model = await loadRun(recipe, settings, dir)
  const { classes: names, ...form } = recipe.pictures
  const answers: Answer[] = []
  let failed = false
  for (const file of files) {
    let seen: SeenPicture
    try {
      seen = await seePicture(file, form)
    } catch (error) {
      failed = true
      reportError(error instanceof Error && !error.message.includes(file) ? Object.assign(error, { message: `${file}: ${error.message}` }) : error)
      continue
    }
    const output = model.call(seen.x)
    const shares = [...(await (recipe.outputs?.(settings.model) === 'signals' ? output : output.softmax(-1)).data())]
    const best = shares.indexOf(Math.max(...shares))
    const answer = { file, class: names[best]!, probability: shares[best]!, probabilities: Object.fromEntries(names.map((name, i) => [name, shares[i]!])) }
    answers.push(answer)
    if (options.json === true) continue
    const lines = [screen.bold(`${file}: ${answer.class} (${percent(answer.probability)})`), `seen as ${seen.about}:`, ...asciiPicture(seen.pixels, seen.side, seen.side), ...bars(answer.probabilities, screen), '']
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify({ predictions: answers, out: dir })}\n`)
  return failed ? 1 : 0
}

/** A line for each class; the likeliest is bold. */
function bars(probabilities: Readonly<Record<string, number>>, screen: Terminal): string[] {
  const [width, most] = [Math.max(...Object.keys(probabilities).map((n) => n.length)), Math.max(...Object.values(probabilities))]
  return Object.entries(probabilities).map(([name, p]) => {
    const text = `${name.padEnd(width)} ${percent(p).padStart(9)} ${'█'.repeat(Math.round(p * 30))}`.trimEnd()
    return p === most ? screen.bold(text) : text
  })
}

async function predictTexts(answer: NonNullable<Reader['answer']>, texts: readonly string[], { screen, dir, json }: { readonly screen: Terminal; readonly dir: string; readonly json: boolean }): Promise<number> {
  const predictions: object[] = []
  for (const text of texts) {
    const { classes, filled } = await answer(text)
    if (classes !== undefined) {
      const [name, probability] = Object.entries(classes).reduce((a, b) => (b[1] > a[1] ? b : a))
      predictions.push({ text, class: name, probability, probabilities: classes })
      if (!json) process.stdout.write(`${[screen.bold(`${text}: ${name} (${percent(probability)})`), ...bars(classes, screen), ''].join('\n')}\n`)
    } else if (filled !== undefined) {
      predictions.push({ text, filled: filled.text, gaps: filled.gaps })
      const lines = filled.gaps.map((gap, i) => `gap ${i + 1}: ${gap.map(({ token, probability }) => `${JSON.stringify(token)} ${percent(probability)}`).join('  ')}`)
      if (!json) process.stdout.write(`${[screen.bold(filled.text), ...lines, ''].join('\n')}\n`)
    }
  }
  if (json) process.stdout.write(`${JSON.stringify({ predictions, out: dir })}\n`)
  return 0
}
