// gradus evaluate: how good a trained network is on test data, class by class.
import { resolve } from 'node:path'
import { ValueError, isFloat } from '../../base/index.ts'
import { loadRun, modelPlan, readAssets, readSettings, whereData } from '../../recipes/index.ts'
import { argmaxRows, classReports, confusionMatrix, evaluate as measure, predict } from '../../train/index.ts'
import { chooseDevice } from '../device.ts'
import { recipeOfRun } from '../task.ts'
import { grouped, percent, short, table, terminal } from '../ui/style.ts'

export async function evaluate(dir: string, given: object): Promise<number> {
  const options = given as { readonly device: string; readonly threads?: number; readonly data?: string; readonly json?: boolean }
  const settings = await readSettings(dir)
  const recipe = await recipeOfRun(settings)
  await chooseDevice(options.device, options.threads)
  const model = await loadRun(recipe, settings, dir)
  const assets = await readAssets(dir)
  const data = await recipe.data({ ...whereData(options.data === undefined ? settings : { ...settings, data: resolve(options.data) }), ...(Object.keys(assets).length === 0 ? {} : { assets }) })
  const score = (await recipe.score?.(model, data)) ?? null
  if (score !== null) {
    const { figures, text } = score
    process.stdout.write(options.json === true ? `${JSON.stringify({ model: settings.model, ...figures, out: dir })}\n` : `${text}\n`)
    return 0
  }
  const { test } = data
  if (test === undefined) throw new ValueError('evaluate', `${recipe.name} has no test data`, { remedy: 'Let data() return { train, test }.' })
  const plan = modelPlan(recipe, settings.model)
  const values = await measure(model, test, { loss: plan.loss, ...(plan.metrics === undefined ? {} : { metrics: plan.metrics }) })
  const labels = !isFloat(test.targets.dtype) && test.targets.shape.length === 1
  const outputs = labels ? await predict(model, test) : null
  if (outputs === null || outputs.shape.length !== 2) {
    if (options.json === true) process.stdout.write(`${JSON.stringify({ examples: test.length, ...values, out: dir })}\n`)
    else process.stdout.write(`${grouped(test.length)} test examples: ${Object.entries(values).map(([name, v]) => `${name} ${short(v)}`).join(', ')}\n`)
    return 0
  }
  const names = test.classes ?? Array.from({ length: outputs.shape[1]! }, (_, i) => String(i))
  const confusion = confusionMatrix(argmaxRows(outputs), test.targets.data, names.length)
  const classes = classReports(confusion, names)
  const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0)
  const accuracy = right / test.length
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ model: settings.model, examples: test.length, accuracy, error: Number((1 - accuracy).toFixed(10)), loss: values.loss, confusion, classes, out: dir })}\n`)
    return 0
  }
  const screen = terminal(process.stdout)
  const lines = [
    screen.bold(`${grouped(right)} of ${grouped(test.length)} right: accuracy ${percent(accuracy)}, error ${percent(1 - accuracy)}`),
    '', 'Confusion matrix: a row for each true class, a column for what the network took it for',
    ...table([['', ...names.map((n) => n.slice(0, 8))], ...confusion.map((row, i) => [names[i]!, ...row.map((n) => (n === 0 ? '·' : String(n)))])]),
    '', ...table([['class', 'precision', 'recall', 'F1', 'examples'], ...classes.map((c) => [c.name, percent(c.precision), percent(c.recall), percent(c.f1), grouped(c.support)])]),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}
