// gradus explain: which pixels of a picture a decision hangs on, as text and as a picture.
import { existsSync } from 'node:fs'
import { type Target, gradCam, integratedGradients, saliency } from '../../explain/index.ts'
import { centerDigit, toUnit } from '../../data/index.ts'
import { Conv2d, type Layer, modulePaths } from '../../nn/index.ts'
import { loadRun, readSettings } from '../../recipes/index.ts'
import { type Tensor, tensor } from '../../tensor/index.ts'
import { writeFileAtomic } from '../../train/index.ts'
import { decodeImage } from '../decode-image.ts'
import { chooseDevice } from '../device.ts'
import { UsageError } from '../errors.ts'
import { unknownName } from '../suggest.ts'
import { recipeOfRun } from '../task.ts'
import { heatRows, heatRgba } from '../ui/heat.ts'
import { asciiPicture } from '../ui/picture.ts'
import { percent, short, terminal } from '../ui/style.ts'

const METHODS = ['integrated', 'saliency', 'gradcam'] as const
type Method = (typeof METHODS)[number]
const ABOUT: Readonly<Record<Method, string>> = {
  integrated: 'integrated gradients: what each pixel adds to the score, beside an empty picture',
  saliency: 'saliency: how the score changes with each pixel',
  gradcam: 'Grad-CAM: where the last convolution finds its evidence',
}

interface ExplainOptions {
  readonly device: string
  readonly method: string
  readonly class?: string
  readonly layer?: string
  readonly out?: string
  readonly json?: boolean
}

export async function explain(dir: string, file: string, given: object): Promise<number> {
  const options = given as ExplainOptions
  const method = METHODS.find((name) => name === options.method)
  if (method === undefined) throw unknownName('method', options.method, METHODS)
  const settings = await readSettings(dir)
  const recipe = await recipeOfRun(settings)
  if (recipe.pictures === undefined) throw new UsageError(`the network in ${dir} does not read pictures; explain works for digits and fashion.`)
  const { classes: names, ...place } = recipe.pictures
  if (options.class !== undefined && !names.includes(options.class)) throw unknownName('class', options.class, names)
  if (options.out !== undefined && existsSync(options.out)) throw new UsageError(`${options.out} is there already; name another file with --out.`)
  await chooseDevice(options.device, 1)
  const model = await loadRun(recipe, settings, dir)
  const layer = method === 'gradcam' ? convolutionOf(model, options.layer, settings.model) : ''
  const seen = centerDigit(await decodeImage(file), place)
  const x = toUnit(tensor(seen.pixels, { shape: [1, 28, 28] }))

  const output = model.call(x)
  const shares = [...(await (recipe.outputs?.(settings.model) === 'signals' ? output : output.softmax(-1)).data())]
  const best = shares.indexOf(Math.max(...shares))
  const target = options.class === undefined ? best : names.indexOf(options.class)
  const [map, height, width] = await mapOf(method, model, x, target, layer)

  if (options.out !== undefined) {
    const { default: pngjs } = await import('pngjs')
    const png = new pngjs.PNG({ width: 28 * 12, height: 28 * 12 })
    png.data = Buffer.from(heatRgba({ map, width, height }, { pixels: seen.pixels, side: 28 }, 12))
    await writeFileAtomic(options.out, pngjs.PNG.sync.write(png))
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ file, method, class: names[target], predicted: names[best], probability: shares[target], shape: [height, width], map: [...map], ...(options.out === undefined ? {} : { out: options.out }) })}\n`)
    return 0
  }
  const screen = terminal(process.stdout)
  const lines = [
    screen.bold(`${file}: ${names[best]} (${percent(shares[best]!)})`),
    ...asciiPicture(seen.pixels, 28, 28),
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
  const map = method === 'gradcam' ? gradCam(model, x, { layer, target: wanted }) : method === 'saliency' ? saliency(model, x, { target: wanted }) : integratedGradients(model, x, { target: wanted, steps: 64 })
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
