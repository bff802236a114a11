// Every fault of a file, link or table in both languages: what, where, expected, received, remedy; a Russian message has no English in it.
import { tensor } from 'gradus'
import { exportOnnx, writeSafetensors } from 'gradus/formats'
import { Linear, Sequential } from 'gradus/nn'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { shell } from './shell-texts.ts'
import { shapeWords, type Wanted } from './shape-words.ts'
import { csvTexts } from './csv-texts.ts'
import { type CsvFault, readCsv } from './csv.ts'
import { type DroppedFile, type ToldFault, readNetwork, toldOf } from './network-file.ts'
import { networkTexts } from './network-texts.ts'
import { onnxOf } from './network-onnx.ts'
import { LinkFault, decodeState, encodeState } from './permalink.ts'
import { boolean, integer, list, number, oneOf, record, text as textForm } from './shape.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
const joined = (...all: readonly Uint8Array[]): Uint8Array => Uint8Array.from(all.flatMap((bytes) => [...bytes]))
/** A safetensors file with this header, taken as it is. */
function headed(header: string | Uint8Array, numbers = 0): Uint8Array {
  const bytes = typeof header === 'string' ? utf8(header) : header
  const start = new Uint8Array(8)
  new DataView(start.buffer).setBigUint64(0, BigInt(bytes.length), true)
  return joined(start, bytes, new Uint8Array(numbers))
}
const NAMES = /\b[\w.-]+\.(onnx|safetensors|json)\b|\b(ONNX|JSON|UTF|SHA|HDF\d?|GGUF|ZIP|LFS|Git|git|lfs|pull|PyTorch|Keras|Gradus|MatMul|opset|safetensors|onnx|json|pt|keras|h\d|gradus|train|weights|tensors|dtype|shape|data|name|files|model|true|false|studio|lab|state|float32|digits)\b/g
/** Words of English in a Russian sentence, names and what stands in the file left out. */
const english = (said: string, own: readonly string[]): readonly string[] => own.reduce((rest, name) => rest.replaceAll(name, ''), said).replace(NAMES, '').match(/[a-z]{2,}/gi) ?? []

const good = writeSafetensors({ 'out.weight': { dtype: 'float32', shape: [2, 3], data: new Float32Array(6) }, 'out.bias': { dtype: 'float32', shape: [2], data: new Float32Array(2) } })
const onnx = exportOnnx(new Sequential(new Linear(3, 2)), tensor([[1, 2, 3]]))
const entry = (fields: object): string => JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } })
const field = (n: number, inside: Uint8Array): Uint8Array => joined(Uint8Array.of(n * 8 + 2, inside.length), inside)
/** A model of one node, written by hand: version, opset and graph. */
const model = (op: string, version = 17, ...more: readonly Uint8Array[]): Uint8Array => joined(Uint8Array.of(8, 8), field(7, joined(field(1, joined(field(1, utf8('x')), field(2, utf8('y')), field(4, utf8(op)))), ...more, field(11, field(1, utf8('x'))), field(12, field(1, utf8('y'))))), field(8, Uint8Array.of(16, version)))
const one = (name: string, bytes: Uint8Array): readonly DroppedFile[] => [{ name, bytes }]
const run = (entryOf: object, weights = good): readonly DroppedFile[] => [{ name: 'last.json', bytes: json({ files: { weights: { name: 'w.safetensors', bytes: weights.length, sha256: createHash('sha256').update(weights).digest('hex'), ...entryOf } } }) }, { name: 'w.safetensors', bytes: weights }]

const NETWORKS: readonly (readonly [what: string, files: readonly DroppedFile[], english: string, russian: string])[] = [
  ['empty', one('a.safetensors', new Uint8Array()), 'cannot be read as safetensors: it is empty', 'a.safetensors не читается как safetensors: он пуст'],
  ['too short', one('a.safetensors', Uint8Array.of(1, 2)), 'expected at least 8 bytes, received 2. Copy it again.', 'нужно не меньше 8 байтов, получено 2. Скопируйте'],
  ['header longer than the file', one('a.safetensors', good.slice(0, 20)), 'announce a header of', `обещают заголовок в ${good.length - 40} байт`],
  ['header that is no text', one('a.safetensors', headed(Uint8Array.of(0x7b, 0xff, 0xfe))), 'its header is not text in UTF-8', 'заголовок — не текст в UTF-8'],
  ['header that is no JSON', one('a.safetensors', headed('{"w": oops}')), 'line and column 1:7, at “oops}”', 'строка и столбец 1:7, на «oops}»'],
  ['unknown type', one('a.safetensors', headed(entry({ dtype: 'number' }), 8)), 'tensor “w”: the field dtype holds "number"', 'тензор «w»: в поле dtype стоит "number"'],
  ['bad shape', one('a.safetensors', headed(entry({ shape: [-2] }), 8)), 'the field shape holds [-2]', 'в поле shape стоит [-2]'],
  ['bad offsets', one('a.safetensors', headed(entry({ data_offsets: [8, 0] }), 8)), 'the field data_offsets holds [8,0]', 'в поле data_offsets стоит [8,0]'],
  ['length against shape', one('a.safetensors', headed(entry({ shape: [3] }), 8)), 'tensor “w” F32 [3]: expected 12 bytes, received 8', 'тензор «w» F32 [3]: ожидалось 12 байтов, получено 8'],
  ['hole', one('a.safetensors', headed(entry({ data_offsets: [4, 12] }), 12)), 'expected to begin at byte 0 of the numbers, begins at 4', 'должен начинаться с байта 0 среди чисел, а начинается с 4'],
  ['cut numbers', one('a.safetensors', good.slice(0, -4)), 'its numbers are cut off: expected 32 bytes, received 28. Copy it again.', 'числа обрезаны: ожидалось 32 байта, получено 28. Скопируйте'],
  ['more after them', one('a.safetensors', joined(good, Uint8Array.of(1))), 'expected 32 bytes, received 33', 'за числами стоит лишнее: ожидалось 32 байта, получено 33'],
  ['whole numbers beyond 32 bits', one('a.safetensors', joined(headed('{"w":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}'), new Uint8Array(8).fill(255))), 'its own words stand below', 'слова библиотеки стоят ниже'],
  ['archive', one('model.safetensors', joined(Uint8Array.of(0x50, 0x4b, 3, 4), new Uint8Array(40))), 'it is a ZIP archive', 'это архив ZIP'],
  ['web page', one('a.onnx', utf8('<!doctype html><title>404</title>')), 'it is a web page', 'это веб-страница'],
  ['Git LFS', one('a.onnx', utf8('version https://git-lfs.github.com/spec/v1\noid sha256:1')), 'a pointer of Git LFS', 'указатель Git LFS'],
  ['safetensors as ONNX', one('a.onnx', good), 'it is a safetensors file', 'это файл safetensors'],
  ['ONNX as safetensors', one('a.safetensors', onnx), 'it is an ONNX file', 'это файл ONNX'],
  ['JSON as ONNX', one('a.onnx', json({ a: 1 })), 'it is JSON', 'это JSON'],
  ['cut ONNX', one('a.onnx', onnx.slice(0, 60)), 'it is cut off: from byte', 'он обрезан: с байта'],
  ['no ONNX at all', one('a.onnx', Uint8Array.of(8, 8, 7, 7, 7)), 'byte 2 begins no field of ONNX', 'с байта 2 не начинается никакое поле ONNX'],
  ['no graph', one('a.onnx', Uint8Array.of(8, 8)), 'there is no graph in it', 'в нём нет графа'],
  ['unknown operators', one('a.onnx', model('Frobnicate')), 'Gradus does not know these operators: Frobnicate. Export', 'Gradus не знает таких операторов: Frobnicate. Экспортируйте'],
  ['unknown opset', one('a.onnx', model('Relu', 99)), 'opset 99 is not read', 'opset 99 не читается'],
  ['numbers in another file', one('a.onnx', model('Relu', 17, field(5, joined(Uint8Array.of(8, 2, 16, 1), field(8, utf8('w')), field(13, joined(field(1, utf8('location')), field(2, utf8('w.bin')))), Uint8Array.of(0x70, 1))))), 'the numbers of “w” lie in a file beside it', 'числа «w» лежат в файле рядом'],
  ['ONNX tensor of another length', one('a.onnx', model('Relu', 17, field(5, joined(Uint8Array.of(8, 3, 16, 1), field(8, utf8('w')), field(9, new Uint8Array(8)))))), 'tensor “w” [3]: expected 12 bytes, received 8', 'тензор «w» [3]: ожидалось 12 байтов, получено 8'],
  ['a circle', one('a.onnx', joined(Uint8Array.of(8, 8), field(7, joined(field(1, joined(field(1, utf8('y')), field(2, utf8('y')), field(4, utf8('Relu')))), field(12, field(1, utf8('y'))))), field(8, Uint8Array.of(16, 17)))), 'its own words stand below', 'слова библиотеки стоят ниже'],
  ['JSON cut', one('a.json', utf8('{"tensors": {"w": {"shape": [2]')), 'not valid JSON: line and column 1:32, where it ends too early', 'не JSON: строка и столбец 1:32, там он обрывается'],
  ['JSON in another encoding', one('a.json', Uint8Array.of(0x7b, 0xff)), 'it is not text in UTF-8', 'это не текст в UTF-8'],
  ['JSON that is a list', one('a.json', json([1])), 'expected a JSON object {…}, received [1]', 'ожидался объект JSON {…}, получено [1]'],
  ['JSON of something else', one('a.json', json({ cats: 2 })), 'expected the field tensors, received cats', 'ожидалось поле tensors, получено cats'],
  ['JSON without numbers', one('a.json', json({ tensors: { 'out.weight': { shape: [2, 2], data: [1] } } })), 'tensor “out.weight” must have a shape and as many numbers; received shape: [2,2], data: [1]', 'у тензора «out.weight» должны быть форма и столько же чисел'],
  ['run without a list', [{ name: 'last.json', bytes: json({}) }], 'the field files.weights.name must be a text, received —', 'в поле files.weights.name должен быть текст, получено —'],
  ['run without its weights', run({}).slice(0, 1), 'not among the files: w.safetensors', 'среди файлов его нет: w.safetensors'],
  ['run of another length', run({ bytes: 7 }), `in bytes: expected 7, received ${good.length}`, `в байтах: ожидалось 7, получено ${good.length}`],
  ['run of another sum', run({ sha256: 'abc' }), '(SHA-256) than the run’s list says: expected abc…', 'контрольная сумма (SHA-256) не та, что в описи запуска: ожидалось abc…'],
  ['run of an unknown recipe', [...run({}, writeSafetensors({ t: { dtype: 'float32', shape: [2, 2], data: new Float32Array(4) } })), { name: 'run.json', bytes: json({ recipe: 'weather', model: 'mlp' }) }], 'a run of weather, mlp; this reads runs of', 'запуск weather, mlp; здесь читаются запуски'],
  ['run without what its network is built of', [...run({}, writeSafetensors({ t: { dtype: 'float32', shape: [2, 2], data: new Float32Array(4) } })), { name: 'run.json', bytes: json({ recipe: 'chars', model: 'gpt' }) }], 'the network chars (gpt) cannot be built from the files beside it (—)', 'сеть chars (gpt) не собрать из файлов рядом (—)'],
  ['weights of another shape', [...run({}, writeSafetensors({ 'conv1.weight': { dtype: 'float32', shape: [2, 2], data: new Float32Array(4) }, 'full1.weight': { dtype: 'float32', shape: [2], data: new Float32Array(2) } }))], 'expected conv1.weight [6, 1, 5, 5], received [2, 2]', 'ожидалось conv1.weight [6, 1, 5, 5], получено [2, 2]'],
  ['optimiser', one('last.training.safetensors', good), 'holds the optimiser’s state', 'состояние оптимизатора'],
  ['no number', one('a.safetensors', writeSafetensors({ 'out.weight': { dtype: 'float32', shape: [1, 1], data: Float32Array.of(Number.NaN) } })), 'out.weight holds NaN, which is no finite number', 'в out.weight стоит NaN, это не конечное число'],
  ['names of no network', one('a.safetensors', writeSafetensors({ table: { dtype: 'float32', shape: [2, 2], data: new Float32Array(4) } })), 'received table [2, 2]', 'получено table [2, 2]'],
  ['nothing', one('cat.png', new Uint8Array(3)), 'No network among the files: cat.png', 'Среди файлов нет сети: cat.png'],
]
const faultIn = (files: readonly DroppedFile[]): Promise<ToldFault> => readNetwork(files).then((network) => onnxOf(network)).then(() => { throw new Error('it was read') }, toldOf)
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ')

test.each(NETWORKS)('a network: %s', async (_, files, inEnglish, inRussian) => {
  const fault = await faultIn(files)
  const said = (lang: 'en' | 'ru'): string => plain(networkTexts[lang].faults[fault.problem](fault.file, fault.expected, fault.received, fault.why))
  expect(said('en')).toContain(inEnglish)
  expect(said('ru')).toContain(inRussian)
  const own = Object.values({ ...fault, ...fault.why }).filter((value): value is string => typeof value === 'string' && value !== '' && value !== fault.why?.code && value !== fault.problem)
  expect(english(said('ru'), own)).toEqual([])
  expect(english('это bytes', [])).toEqual(['bytes'])
  // what to do ends it
  for (const lang of ['en', 'ru'] as const) expect(said(lang)).toMatch(/[.:] ?[A-ZА-ЯЁ«][^.]*(\.[a-z]+[^.]*)*\.$|weights» in its name\.$/)
})

describe('states', () => {
  const form = record({ x: list(number(-10, 10), 2), n: integer(0, 5), open: boolean, kind: oneOf('step', 'sigmoid'), name: textForm(3) })
  const state = { x: [1, 2], n: 3, open: true, kind: 'step', name: 'abc' }
  test.each([
    [{ x: [1, 99] }, 'x[1]: expected a number from −10 to 10, received 99', 'x[1]: ожидалось число от −10 до 10, получено 99'],
    [{ x: [1] }, 'x: expected a list of 2, received [1]', 'x: ожидалось список длины 2, получено [1]'],
    [{ n: 2.5 }, 'n: expected a whole number from 0 to 5, received 2.5', 'n: ожидалось целое число от 0 до 5, получено 2.5'],
    [{ open: 'yes' }, 'open: expected true or false, received "yes"', 'open: ожидалось true или false, получено "yes"'],
    [{ kind: 'x' }, 'kind: expected one of step, sigmoid, received "x"', 'kind: ожидалось одно из: step, sigmoid, получено "x"'],
    [{ name: 'abcd' }, 'name: expected a text of at most 3 characters, received 4 characters', 'name: ожидалось текст не длиннее 3 знаков, получено 4 знака'],
    [{ n: undefined }, 'n: expected a whole number from 0 to 5, received nothing', 'n: ожидалось целое число от 0 до 5, получено ничего'],
  ])('a link with %j', async (change, inEnglish, inRussian) => {
    const fault = await decodeState(await encodeState({ ...state, ...change }), form).catch((error: unknown) => error)
    if (!(fault instanceof LinkFault) || fault.problem.kind !== 'form') throw new Error('accepted')
    const { path, wanted, found } = fault.problem.shape
    const said = (lang: 'en' | 'ru'): string => plain(shell[lang].linkForm(path, shapeWords[lang].wanted(wanted), shapeWords[lang].found(found)))
    expect(said('en')).toContain(inEnglish)
    expect(said('ru')).toContain(inRussian)
    expect(plain(shell.ru.fileFaults.form('a.json', path, shapeWords.ru.wanted(wanted), shapeWords.ru.found(found)))).toContain(inRussian)
  })
  test('what a form may want is said in Russian without English', () => {
    const all: readonly Wanted[] = [{ kind: 'record' }, { kind: 'neuron' }, { kind: 'classes' }, { kind: 'layers', min: 2, max: 2 }, { kind: 'matrix', rows: 2, columns: 3 }, { kind: 'parameters', count: 9 }, { kind: 'cells', count: 130 }, { kind: 'pixels', count: 784 }, { kind: 'packed', count: 6610 }]
    for (const wanted of all) expect(english(shapeWords.ru.wanted(wanted), ['base64'])).toEqual([])
  })
  test('a damaged link says which sign, or that the sum is wrong', async () => {
    const code = await encodeState(state)
    await expect(decodeState(`${code.slice(0, 5)}%${code.slice(6)}`, form)).rejects.toMatchObject({ problem: { kind: 'sign', at: 6, sign: '%' } })
    await expect(decodeState(code.slice(0, -3), form)).rejects.toMatchObject({ problem: { kind: 'sum', length: code.length - 3 } })
    for (const said of [shell.ru.linkSign(6, '%'), shell.ru.linkDamaged(20), ...Object.entries(shell.ru.fileFaults).map(([, say]) => say('a.json', '3:9', '1', '2'))]) expect(english(said, [])).toEqual([])
  })
})

test.each([
  ['', 'empty'], ['a\0b', 'binary'], ['x,y\n1,"2', 'quote'], ['1,2\n3', 'columns'], ['1,5,2,5\n1,5,3,5', 'decimalComma'], ['1,2\n,3', 'gap'], ['1,2\n1,a', 'text'], ['1,2\n1,1e12', 'huge'], ['1,2', 'few'], ['1,2\n1,2\n1,2\n1,2\n1,2', 'many'], ['99,2\n99,3', 'constant'],
])('a table %j: %s', async (source, problem) => {
  const got = await readCsv(source, { columns: [{ name: 'x', kind: 'number', range: [-5, 5], fit: [-4, 4] }, { name: 'y', kind: 'number' }], min: 2, max: 4 })
  if (got.ok) throw new Error('accepted')
  const fault: CsvFault = got.faults[0]!
  expect(fault.problem).toBe(problem)
  const said = `${csvTexts.ru.place(fault)}: ${csvTexts.ru.faults[fault.problem](fault)}`
  expect(english(said, ['CSV', 'xs', '“', fault.received ?? ' '])).toEqual([])
})
