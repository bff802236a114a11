// Words about networks from files, shared by the labs that take them.
import { formatCount, plural } from './format.ts'
import { type Lang, catalog } from './language.svelte.ts'
import type { FileProblem, Kind, ToldFault, Why } from './network-fault.ts'

export type Faults = Readonly<Record<FileProblem, (file: string, expected: string, received: string, why: Why | null) => string>>
/** What is wrong inside a file; the reader's own sentence is shown beside it (network-fault.svelte). */
type OfCode<C, W = Why> = W extends { readonly code: infer D } ? (C extends D ? W : never) : never
type Whys = { readonly [C in Why['code']]: (why: OfCode<C>) => string }
const told = (whys: Whys, why: Why | null): string => (why === null ? '' : (whys[why.code] as (why: Why) => string)(why))

const bytes = { en: (n: number) => plural(n, 'en', { one: 'byte', other: 'bytes' }), ru: (n: number) => plural(n, 'ru', { one: 'байт', few: 'байта', many: 'байтов', other: 'байта' }) }

const en: Whys = {
  empty: () => 'it is empty (0 bytes). Save or copy it again.',
  kind: ({ kind }) => {
    const is: Readonly<Record<Kind, string>> = {
      zip: 'a ZIP archive, as PyTorch (.pt) and Keras (.keras) write. Save the weights as safetensors there', hdf5: 'an HDF5 file (.h5). Save the weights as safetensors there', gguf: 'a GGUF file. Labs do not open this format; safetensors they do',
      picture: 'a picture. Choose the network’s file', page: 'a web page, not the file: the download failed. Download the file itself', json: 'JSON. If it is a network saved here, its name must end in .json',
      pointer: 'a pointer of Git LFS, not the file itself. Fetch the file (git lfs pull)', safetensors: 'a safetensors file. Its name must end in .safetensors', onnx: 'an ONNX file. Its name must end in .onnx',
    }
    return `it is ${is[kind]}.`
  },
  short: (w) => `expected at least ${bytes.en(w.expected)}, received ${formatCount(w.received)}. Copy it again.`,
  header: (w) => `its first 8 bytes announce a header of ${bytes.en(w.expected)}, received ${formatCount(w.received)}. The file is cut off or of another kind; copy it again.`,
  headerText: () => 'its header is not text in UTF-8. The file is damaged; copy it again.',
  headerJson: (w) => `its header is not JSON: line and column ${w.place}, ${w.received === '' ? 'where it ends too early' : `at “${w.received}”`}. The file is damaged; copy it again.`,
  entry: (w) => `tensor “${w.tensor}”: the field ${w.field} holds ${w.received}, which it cannot. The file is damaged; save it again.`,
  size: (w) => `tensor “${w.tensor}” ${w.shape}: expected ${bytes.en(w.expected)}, received ${formatCount(w.received)}. The file is damaged; save it again.`,
  place: (w) => `tensor “${w.tensor}”: expected to begin at byte ${formatCount(w.expected)} of the numbers, begins at ${formatCount(w.received)}. The file is damaged; save it again.`,
  cut: (w) => `its numbers are cut off: expected ${bytes.en(w.expected)}, received ${formatCount(w.received)}. Copy it again.`,
  rest: (w) => `something follows its numbers: expected ${bytes.en(w.expected)}, received ${formatCount(w.received)}. Copy it again.`,
  broken: ({ at }) => `byte ${formatCount(at)} begins no field of ONNX. The file is damaged or of another kind; copy it again.`,
  cutAt: (w) => `it is cut off: from byte ${formatCount(w.at)} expected ${bytes.en(w.expected)}, received ${formatCount(w.received)}. Copy it again.`,
  noGraph: () => 'there is no graph in it. Export the network again.',
  external: ({ tensor }) => `the numbers of “${tensor}” lie in a file beside it. Save the network as one file.`,
  operators: ({ names }) => `Gradus does not know these operators: ${names}. Export the network without them.`,
  opset: ({ received }) => `opset ${received} is not read. Export the network with opset 17.`,
  library: () => 'the reader refuses it; its own words stand below. Save the file again, or choose another.',
}
const ru: Whys = {
  empty: () => 'он пуст (0 байтов). Сохраните или скопируйте его ещё раз.',
  kind: ({ kind }) => {
    const is: Readonly<Record<Kind, string>> = {
      zip: 'архив ZIP, какие пишут PyTorch (.pt) и Keras (.keras). Сохраните там веса в safetensors', hdf5: 'файл HDF5 (.h5). Сохраните там веса в safetensors', gguf: 'файл GGUF. Этот формат лаборатории не открывают, а safetensors — да',
      picture: 'картинка. Выберите файл сети', page: 'веб-страница, а не файл: скачать его не удалось. Скачайте сам файл', json: 'JSON. Если это сохранённая здесь сеть, имя должно кончаться на .json',
      pointer: 'указатель Git LFS, а не сам файл. Получите файл командой git lfs pull', safetensors: 'файл safetensors. Имя должно кончаться на .safetensors', onnx: 'файл ONNX. Имя должно кончаться на .onnx',
    }
    return `это ${is[kind]}.`
  },
  short: (w) => `нужно не меньше ${formatCount(w.expected)} байтов, получено ${formatCount(w.received)}. Скопируйте его ещё раз.`,
  header: (w) => `первые 8 байтов обещают заголовок в ${bytes.ru(w.expected)}, получено ${formatCount(w.received)}. Файл обрезан или другого вида; скопируйте его ещё раз.`,
  headerText: () => 'заголовок — не текст в UTF-8. Файл повреждён; скопируйте его ещё раз.',
  headerJson: (w) => `заголовок — не JSON: строка и столбец ${w.place}, ${w.received === '' ? 'там он обрывается' : `на «${w.received}»`}. Файл повреждён; скопируйте его ещё раз.`,
  entry: (w) => `тензор «${w.tensor}»: в поле ${w.field} стоит ${w.received}, чего быть не может. Файл повреждён; сохраните его заново.`,
  size: (w) => `тензор «${w.tensor}» ${w.shape}: ожидалось ${bytes.ru(w.expected)}, получено ${formatCount(w.received)}. Файл повреждён; сохраните его заново.`,
  place: (w) => `тензор «${w.tensor}»: должен начинаться с байта ${formatCount(w.expected)} среди чисел, а начинается с ${formatCount(w.received)}. Файл повреждён; сохраните его заново.`,
  cut: (w) => `числа обрезаны: ожидалось ${bytes.ru(w.expected)}, получено ${formatCount(w.received)}. Скопируйте его ещё раз.`,
  rest: (w) => `за числами стоит лишнее: ожидалось ${bytes.ru(w.expected)}, получено ${formatCount(w.received)}. Скопируйте его ещё раз.`,
  broken: ({ at }) => `с байта ${formatCount(at)} не начинается никакое поле ONNX. Файл повреждён или другого вида; скопируйте его ещё раз.`,
  cutAt: (w) => `он обрезан: с байта ${formatCount(w.at)} ожидалось ${bytes.ru(w.expected)}, получено ${formatCount(w.received)}. Скопируйте его ещё раз.`,
  noGraph: () => 'в нём нет графа. Экспортируйте сеть заново.',
  external: ({ tensor }) => `числа «${tensor}» лежат в файле рядом. Сохраните сеть одним файлом.`,
  operators: ({ names }) => `Gradus не знает таких операторов: ${names}. Экспортируйте сеть без них.`,
  opset: ({ received }) => `opset ${received} не читается. Экспортируйте сеть с opset 17.`,
  library: () => 'чтение отказывает; слова библиотеки стоят ниже. Сохраните файл заново или выберите другой.',
}
const names = (lang: Lang, ids: string): string => ids.split(', ').map((id) => networkTexts[lang].activations[id as keyof typeof networkTexts.en.activations] ?? id).join(', ')

export const networkTexts = catalog({
  en: {
    choose: 'Open a network',
    save: { onnx: 'Save as ONNX', safetensors: 'Weights as safetensors' },
    takes: 'A file can be dropped anywhere on this page: .onnx, .safetensors, or the folder of a gradus train run.',
    opened: (file: string, sizes: string, assumed: boolean) => `${file} is open: ${sizes}.${assumed ? ' The file does not name the activations: ReLU was taken in the hidden layers.' : ''} “Undo” brings back what was here.`,
    kept: 'The lab is as it was; nothing is lost.',
    library: 'The library’s words:',
    activations: { identity: 'identity', relu: 'ReLU', sigmoid: 'sigmoid', tanh: 'tanh', softplus: 'softplus', step: 'step', softmax: 'softmax' },
    /** What does not fit a lab that shows small fully connected networks; null: another problem. */
    unfit: ({ problem, received }: ToldFault): string | null => (problem === 'chain' ? `no chain of fully connected layers (${received})` : problem === 'sizes' ? `layers of ${received}` : problem === 'activations' ? `the activations ${names('en', received)}` : problem === 'weight' ? `a weight of ${received}` : null),
    faults: {
      none: (file) => `No network among the files: ${file}. Expected .onnx, .safetensors or .json, or a run’s folder.`,
      large: (file, expected, received) => `${file} is too large: ${received} MB; up to ${expected} are read. Choose a smaller network.`,
      unreadable: (file, expected, _, why) => `${file} cannot be read as ${expected}: ${told(en, why)}`,
      text: (file) => `${file} cannot be read as JSON: it is not text in UTF-8. Save it again.`,
      json: (file, expected, received) => `${file} is not valid JSON: line and column ${expected}, ${received === '' ? 'where it ends too early' : `at “${received}”`}. Save it again.`,
      object: (file, expected, received) => `${file}: expected a JSON object ${expected}, received ${received}. Choose a network saved here.`,
      field: (file, expected, received) => `${file}: the field ${expected} must be a text, received ${received}. Take the file as the run wrote it.`,
      keys: (file, expected, received) => `${file} is no network: expected the field ${expected}, received ${received}. Choose a network saved here.`,
      tensor: (file, expected, received) => `${file}: tensor “${expected}” must have a shape and as many numbers; received ${received}. Save it again.`,
      missing: (file) => `This is needed too and not among the files: ${file}. Drop the run’s whole folder.`,
      length: (file, expected, received) => `${file} has another length than the run’s list says, in bytes: expected ${expected}, received ${received}. It was cut or changed; copy it again.`,
      sum: (file, expected, received) => `${file} has another check sum (SHA-256) than the run’s list says: expected ${expected}, received ${received}. It was changed; copy it again.`,
      optimiser: (file) => `${file} holds the optimiser’s state. The weights are in the file with “weights” in its name.`,
      recipe: (file, expected, received) => `${file}: a run of ${received}; this reads runs of ${expected}. Choose one of these.`,
      assets: (file, expected, received) => `${file}: the network ${expected} cannot be built from the files beside it (${received}). Drop the run’s whole folder.`,
      export: (file, expected, received) => `${file}: the network ${received} cannot be made ${expected}. Choose an .onnx file of it.`,
      unknown: (file, expected, received) => `${file} does not say which network its weights belong to: expected names such as ${expected}, received ${received}. An .onnx file says it.`,
      shape: (file, expected, received) => `${file} has another shape: expected ${expected}, received ${received}. Choose a network of this form.`,
      number: (file, expected, received) => `${file}: ${expected} holds ${received}, which is no finite number. Choose an earlier state of the training.`,
      chain: (file, _, received) => `${file} is no chain of fully connected layers: received ${received}. Lab 18 opens any network.`,
      sizes: (file, expected, received) => `${file} has another size: expected ${expected}, received ${received}. Lab 18 opens any network.`,
      activations: (file, expected, received) => `${file} has other activations: expected ${names('en', expected)}, received ${names('en', received)}. Lab 18 opens any network.`,
      weight: (file, expected, received) => `${file} holds a weight of ${received}, expected ${expected}. Lab 18 opens any network.`,
    } as Faults,
  },
  ru: {
    choose: 'Открыть сеть',
    save: { onnx: 'Сохранить в ONNX', safetensors: 'Веса в safetensors' },
    takes: 'Файл можно перетащить в любое место страницы: .onnx, .safetensors или папку запуска gradus train.',
    opened: (file: string, sizes: string, assumed: boolean) => `Открыта сеть из ${file}: ${sizes}.${assumed ? ' Функции активации в файле не названы: в скрытых слоях взята ReLU.' : ''} «Отменить» вернёт то, что было.`,
    kept: 'Лаборатория осталась как была, ничего не потеряно.',
    library: 'Сообщение библиотеки:',
    activations: { identity: 'тождество', relu: 'ReLU', sigmoid: 'сигмоида', tanh: 'tanh', softplus: 'softplus', step: 'ступенька', softmax: 'softmax' },
    unfit: ({ problem, received }: ToldFault): string | null => (problem === 'chain' ? `не цепочка полносвязных слоёв (${received})` : problem === 'sizes' ? `слои ${received}` : problem === 'activations' ? `функции активации: ${names('ru', received)}` : problem === 'weight' ? `вес ${received}` : null),
    faults: {
      none: (file) => `Среди файлов нет сети: ${file}. Нужен .onnx, .safetensors или .json либо папка запуска.`,
      large: (file, expected, received) => `${file} слишком велик: ${received} МБ; читаются файлы до ${expected}. Выберите сеть поменьше.`,
      unreadable: (file, expected, _, why) => `${file} не читается как ${expected}: ${told(ru, why)}`,
      text: (file) => `${file} не читается как JSON: это не текст в UTF-8. Сохраните его заново.`,
      json: (file, expected, received) => `В ${file} не JSON: строка и столбец ${expected}, ${received === '' ? 'там он обрывается' : `на «${received}»`}. Сохраните его заново.`,
      object: (file, expected, received) => `${file}: ожидался объект JSON ${expected}, получено ${received}. Выберите сеть, сохранённую здесь.`,
      field: (file, expected, received) => `${file}: в поле ${expected} должен быть текст, получено ${received}. Возьмите файл таким, каким его записал запуск.`,
      keys: (file, expected, received) => `В ${file} нет сети: ожидалось поле ${expected}, получено ${received}. Выберите сеть, сохранённую здесь.`,
      tensor: (file, expected, received) => `${file}: у тензора «${expected}» должны быть форма и столько же чисел; получено ${received}. Сохраните его заново.`,
      missing: (file) => `Нужно ещё вот это, но среди файлов его нет: ${file}. Перетащите всю папку запуска.`,
      length: (file, expected, received) => `${file}: длина не та, что в описи запуска, в байтах: ожидалось ${expected}, получено ${received}. Файл обрезан или изменён; скопируйте его ещё раз.`,
      sum: (file, expected, received) => `${file}: контрольная сумма (SHA-256) не та, что в описи запуска: ожидалось ${expected}, получено ${received}. Файл изменён; скопируйте его ещё раз.`,
      optimiser: (file) => `В ${file} состояние оптимизатора. Веса лежат в файле, в имени которого есть weights.`,
      recipe: (file, expected, received) => `${file}: запуск ${received}; здесь читаются запуски ${expected}. Выберите такой.`,
      assets: (file, expected, received) => `${file}: сеть ${expected} не собрать из файлов рядом (${received}). Перетащите всю папку запуска.`,
      export: (file, expected, received) => `${file}: сеть ${received} не превратить в ${expected}. Выберите её файл .onnx.`,
      unknown: (file, expected, received) => `${file} не говорит, от какой сети эти веса: ожидались имена вроде ${expected}, получено ${received}. В файле .onnx это сказано.`,
      shape: (file, expected, received) => `${file}: другая форма: ожидалось ${expected}, получено ${received}. Выберите сеть такой формы.`,
      number: (file, expected, received) => `${file}: в ${expected} стоит ${received}, это не конечное число. Выберите более раннее состояние обучения.`,
      chain: (file, _, received) => `${file} — не цепочка полносвязных слоёв: получено ${received}. Любую сеть откроет лаборатория 18.`,
      sizes: (file, expected, received) => `${file}: другие размеры: ожидалось ${expected}, получено ${received}. Любую сеть откроет лаборатория 18.`,
      activations: (file, expected, received) => `${file}: другие функции активации: ожидались ${names('ru', expected)}, получены ${names('ru', received)}. Любую сеть откроет лаборатория 18.`,
      weight: (file, expected, received) => `${file}: вес ${received}, а ожидалось ${expected}. Любую сеть откроет лаборатория 18.`,
    } as Faults,
  },
})
