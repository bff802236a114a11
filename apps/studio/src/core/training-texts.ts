// Words about training on MNIST that the digit labs share.
import { plural } from './format.ts'
import { catalog } from './language.svelte.ts'
import { tex } from './math.ts'
import type { Trouble } from './trouble.ts'

const ru = { images: { one: 'изображение', few: 'изображения', many: 'изображений', other: 'изображения' }, threads: { one: 'поток', few: 'потока', many: 'потоков', other: 'потока' } }
const en = { images: { one: 'image', other: 'images' }, threads: { one: 'thread', other: 'threads' } }
type Words = Readonly<Record<Trouble, string>>

export const trainingTexts = catalog({
  en: {
    train: 'Train', pause: 'Pause', oneStep: 'One step', oneEpoch: 'One epoch', stepBack: 'Step back', restart: 'To the beginning',
    whereAt: (step: string, of: string, epoch: string) => `Step ${step} of ${of}, epoch ${epoch}`,
    pending: (step: string) => `This state describes a training of ${step} steps.`, trainTo: 'Train up to there',
    dataNone: 'MNIST is fetched when you train: about 4 MB, once; then it is kept for offline use.', dataLoading: 'MNIST is on its way…', dataFailed: (why: string) => `MNIST did not come (${why}). Everything you set is kept; try again.`, again: 'Try again', stopped: (why: string) => `The engine stopped (${why}). Everything you set is kept; train on.`,
    dataSubset: (n: number) => `The part packed with this page: the first ${plural(n, 'en', en.images)} of 60 000; all 10 000 test images. gradus studio serves the full set.`,
    dataFull: 'The full MNIST from this machine: 60 000 training and 10 000 test images.',
    device: (name: string, threads: number) => (name === 'webgpu' ? 'Computed by WebGPU.' : name === 'wasm' ? `Computed by WebAssembly, ${plural(threads, 'en', en.threads)}; this page has no WebGPU device.` : `Computed by the slow device “${name}”.`),
    deviceLost: (step: string, threads: number) => `The GPU was lost in the middle of this. WebAssembly, ${plural(threads, 'en', en.threads)}, goes on from step ${step}; nothing else is lost.`,
    speed: (n: string) => `${n} images a second`,
    lossPlot: 'Loss over the steps', lossNone: 'Nothing to show yet: the training has not begun.', lossSummary: (loss: string, test: string) => `Training loss ${loss}; test loss ${test}.`, lossHead: ['step', 'training loss', 'training accuracy, %', 'test loss'] as readonly string[], legend: { train: 'training', test: 'test, after each epoch' }, stepAxis: 'step',
    reading: (step: number, loss: string) => `step ${step}: loss ${loss}`,
    trouble: {
      broken: 'The numbers are no longer finite (NaN): the rate is too large, and an update threw the weights away.',
      diverged: 'The training diverges: the loss is far above that of guessing, ln 10 ≈ 2.3.',
      dead: 'Dead ReLU: more than three tenths of a layer give 0 for every image, so no gradient reaches them.',
      saturated: 'Saturation: more than three tenths of a layer stay at 0 or 1 for nearly every image; the sigmoid’s slope is almost 0 there.',
    } as Words,
    repair: 'Smaller rate, from the beginning',
    accuracyName: 'accuracy while training', accuracyFormula: tex`\text{accuracy} = \frac{\text{read right before their step}}{\text{images of these steps}}`,
    testLossName: 'loss on the test', howTestLoss: (step: number) => `The weights after step ${step}, found again; all test images read by plain loops in 64 bits (some seconds):`,
    lossName: 'loss while training', lossFormula: tex`L = \frac{1}{n} \sum_{i=1}^{n} -\ln p_{y_i}`,
    howLook: (from: number, to: number) => (from === to ? `Step ${to} walked again; before it, its images are read by plain loops in 64 bits:` : `Steps ${from} to ${to} walked again; before each, its images are read by plain loops in 64 bits:`),
  },
  ru: {
    train: 'Обучать', pause: 'Пауза', oneStep: 'Один шаг', oneEpoch: 'Одна эпоха', stepBack: 'Шаг назад', restart: 'К началу',
    whereAt: (step: string, of: string, epoch: string) => `Шаг ${step} из ${of}, эпоха ${epoch}`,
    pending: (step: string) => `Это состояние описывает обучение длиной в ${step} шагов.`, trainTo: 'Обучить до этого места',
    dataNone: 'MNIST загружается, когда вы начинаете обучение: около 4 МБ, один раз; затем работает и без сети.', dataLoading: 'MNIST загружается…', dataFailed: (why: string) => `MNIST не загрузился (${why}). Всё, что вы настроили, сохранено; попробуйте ещё раз.`, again: 'Ещё раз', stopped: (why: string) => `Вычислитель остановился (${why}). Всё, что вы настроили, сохранено; обучение можно продолжить.`,
    dataSubset: (n: number) => `Часть, приложенная к странице: первые ${plural(n, 'ru', ru.images)} из 60 000; все 10 000 тестовых. Полный набор отдаёт gradus studio.`,
    dataFull: 'Полный MNIST с этого компьютера: 60 000 обучающих и 10 000 тестовых изображений.',
    device: (name: string, threads: number) => (name === 'webgpu' ? 'Вычисляет WebGPU.' : name === 'wasm' ? `Вычисляет WebAssembly, ${plural(threads, 'ru', ru.threads)}; устройства WebGPU у этой страницы нет.` : `Вычисляет медленное устройство «${name}».`),
    deviceLost: (step: string, threads: number) => `Видеокарта перестала отвечать. С шага ${step} продолжает WebAssembly, ${plural(threads, 'ru', ru.threads)}; больше ничего не потеряно.`,
    speed: (n: string) => `${n} изображений в секунду`,
    lossPlot: 'Потери по шагам', lossNone: 'Показывать ещё нечего: обучение не начато.', lossSummary: (loss: string, test: string) => `Потери на обучении ${loss}; на тесте ${test}.`, lossHead: ['шаг', 'потери на обучении', 'верно на обучении, %', 'потери на тесте'], legend: { train: 'обучение', test: 'тест, после каждой эпохи' }, stepAxis: 'шаг',
    reading: (step: number, loss: string) => `шаг ${step}: потери ${loss}`,
    trouble: {
      broken: 'Числа перестали быть конечными (NaN): скорость слишком велика, одно обновление выбросило веса прочь.',
      diverged: 'Обучение расходится: потери намного выше, чем при угадывании, ln 10 ≈ 2,3.',
      dead: 'Мёртвые ReLU: больше трёх десятых слоя дают 0 на любом изображении, и градиент до них не доходит.',
      saturated: 'Насыщение: больше трёх десятых слоя почти на всех изображениях стоят на 0 или 1; наклон сигмоиды там почти нулевой.',
    } as Words,
    repair: 'Меньше скорость, сначала',
    accuracyName: 'верно при обучении', accuracyFormula: tex`\text{точность} = \frac{\text{прочитано верно перед своим шагом}}{\text{изображений в этих шагах}}`,
    testLossName: 'потери на тесте', howTestLoss: (step: number) => `Веса после шага ${step}, найденные заново; все тестовые изображения прочитаны обычными циклами в 64 битах (несколько секунд):`,
    lossName: 'потери при обучении', lossFormula: tex`L = \frac{1}{n} \sum_{i=1}^{n} -\ln p_{y_i}`,
    howLook: (from: number, to: number) => (from === to ? `Шаг ${to} пройден заново; перед ним его изображения прочитаны обычными циклами в 64 битах:` : `Шаги с ${from} по ${to} пройдены заново; перед каждым его изображения прочитаны обычными циклами в 64 битах:`),
  },
})
