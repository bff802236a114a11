// gradus explain: which pixels of a picture, or which tokens of a text, a decision hangs on; as text and as a picture.
import { existsSync } from 'node:fs'
import { type Target, gradCam, integratedGradients, saliency } from '../../explain/index.ts'
import { Conv2d, type Layer, modulePaths } from '../../nn/index.ts'
import { loadRun, readAssets, readSettings } from '../../recipes/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import { writeFileAtomic } from '../../train/index.ts'
import { chooseDevice } from '../device.ts'
import { UsageError } from '../errors.ts'
import { unknownName } from '../suggest.ts'
import { seePicture } from '../see-picture.ts'
import { recipeOfRun } from '../task.ts'
import { heatRows, heatRgba } from '../ui/heat.ts'
import { asciiPicture } from '../ui/picture.ts'
import { percent, short, terminal } from '../ui/style.ts'
import { type ExplainOptions, explainText } from './explain-text.ts'

const METHODS = ['integrated', 'saliency', 'gradcam'] as const
type Method = (typeof METHODS)[number]
const ABOUT: Readonly<Record<Method, string>> = {
  integrated: 'integrated gradients: what each pixel adds to the score, beside an empty picture',
  saliency: 'saliency: how the score changes with each pixel',
  gradcam: 'Grad-CAM: where the last convolution finds its evidence',
}

export async function explain(dir: string, file: string, given: object): Promise<number> {
  const options = given as ExplainOptions
  const settings = await readSettings(dir)
  const recipe = await recipeOfRun(settings)
  if (options.out !== undefined && existsSync(options.out)) throw new UsageError(`${options.out} is there already; name another file with --out.`)
  if (recipe.reader !== undefined) {
    await chooseDevice(options.device, 1)
    return explainText(recipe.reader(await loadRun(recipe, settings, dir), await readAssets(dir)), file, options)
  }
  if (recipe.pictures === undefined) throw new UsageError(`the network in ${dir} reads neither pictures nor texts; explain works for the built-in tasks.`)
  const method = METHODS.find((name) => name === (options.method ?? 'integrated'))
  if (method === undefined) throw unknownName('method', options.method!, METHODS)
  if (options.head !== undefined) throw new UsageError('--head belongs to texts: a picture’s network here has no attention.')
  const { classes: names, ...form } = recipe.pictures
  if (options.class !== undefined && !names.includes(options.class)) throw unknownName('class', options.class, names)
  await chooseDevice(options.device, 1)
  const model = await loadRun(recipe, settings, dir)
  const layer = method === 'gradcam' ? convolutionOf(model, options.layer, settings.model) : ''
  const seen = await seePicture(file, form)
  const { x, pixels, side } = seen

  const output = model.call(x)
  const shares = [...(await (recipe.outputs?.(settings.model) === 'signals' ? output : output.softmax(-1)).data())]
  const best = shares.indexOf(Math.max(...shares))
  const target = options.class === undefined ? best : names.indexOf(options.class)
  const [map, height, width] = await mapOf(method, model, x, target, layer)

  if (options.out !== undefined) {
    const { default: pngjs } = await import('pngjs')
    const png = new pngjs.PNG({ width: side * 12, height: side * 12 })
    png.data = Buffer.from(heatRgba({ map, width, height }, { pixels, side }, 12))
    await writeFileAtomic(options.out, pngjs.PNG.sync.write(png))
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ file, method, class: names[target], predicted: names[best], probability: shares[target], shape: [height, width], map: [...map], ...(options.out === undefined ? {} : { out: options.out }) })}\n`)
    return 0
  }
  const screen = terminal(process.stdout)
  const lines = [
    screen.bold(`${file}: ${names[best]} (${percent(shares[best]!)})`),
    ...asciiPicture(pixels, side, side),
    `${ABOUT[method]} — for ${names[target]}${target === best ? '' : ` (${percent(shares[target]!)})`}`,
    ...heatRows(map, width, height),
    `speaks for ${names[target]}: + * #   against: - = %   strongest: ${short(map.reduce((m, v) => Math.max(m, Math.abs(v)), 0))}`,
    ...(options.out === undefined ? [] : [`As a picture: ${options.out}`]),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

async function mapOf(method: Method, model: Layer, x: Tensor, target: number, layer: string): Promise<[Float32Array, number, number]> {
  const wanted: Target = target
  const each = method === 'gradcam' ? gradCam(model, x, { layer, target: wanted }) : method === 'saliency' ? saliency(model, x, { target: wanted }) : integratedGradients(model, x, { target: wanted, steps: 64 })
  // what a colour picture's planes add is added up
  const map = each.ndim === 4 ? each.sum(1) : each
  const [height, width] = map.shape.slice(-2) as [number, number]
  return [Float32Array.from(await map.data()), height, width]
}

/** The convolution that was asked for, else the last one. */
function convolutionOf(model: Layer, wanted: string | undefined, name: string): string {
  const paths = modulePaths(model).filter(([, module]) => module instanceof Conv2d).map(([path]) => path)
  if (paths.length === 0) throw new UsageError(`${name} has no convolution; use --method integrated or saliency.`)
  if (wanted !== undefined && !paths.includes(wanted)) throw unknownName('convolution', wanted, paths)
  return wanted ?? paths.at(-1)!
}
