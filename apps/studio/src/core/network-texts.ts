// Words about networks from files, shared by the labs that take them.
import { catalog } from './language.svelte.ts'
import type { FileProblem } from './network-file.ts'

type Faults = Readonly<Record<FileProblem, (file: string, expected: string, received: string) => string>>

export const networkTexts = catalog({
  en: {
    choose: 'Open a network',
    save: { onnx: 'Save as ONNX', safetensors: 'Weights as safetensors' },
    takes: 'A file can be dropped anywhere on this page: .onnx, .safetensors, or the folder of a gradus train run.',
    opened: (file: string, sizes: string, assumed: boolean) => `${file} is open: ${sizes}.${assumed ? ' The file does not name the activations: ReLU was taken in the hidden layers.' : ''} “Undo” brings back what was here.`,
    kept: 'The lab is as it was; nothing is lost.',
    faults: {
      none: (file) => `No network among the files: ${file}. Expected .onnx, .safetensors or .json, or a run’s folder.`,
      large: (file, expected, received) => `${file} is too large: ${received} MB; up to ${expected} are read.`,
      unreadable: (file, expected, received) => `${file} cannot be read as ${expected}: “${received}”.`,
      missing: (file) => `This is needed too and not among the files: ${file}. Drop the run’s whole folder.`,
      damaged: (file, expected, received) => `${file} is damaged: expected ${expected}, received ${received}.`,
      optimiser: (file) => `${file} holds the optimiser’s state. The weights are in the file with “weights” in its name.`,
      recipe: (file, expected, received) => `${file}: a run of ${received}; this reads runs of ${expected}.`,
      unknown: (file, expected, received) => `${file} does not say which network its weights belong to: expected names such as ${expected}, received ${received}. An .onnx file says it.`,
      shape: (file, expected, received) => `${file} has another shape: expected ${expected}, received ${received}.`,
      number: (file, expected, received) => `${file}: ${expected} holds ${received}, which is no finite number.`,
    } as Faults,
  },
  ru: {
    choose: 'Открыть сеть',
    save: { onnx: 'Сохранить в ONNX', safetensors: 'Веса в safetensors' },
    takes: 'Файл можно перетащить в любое место страницы: .onnx, .safetensors или папку запуска gradus train.',
    opened: (file: string, sizes: string, assumed: boolean) => `Открыта сеть из ${file}: ${sizes}.${assumed ? ' Функции активации в файле не названы: в скрытых слоях взята ReLU.' : ''} «Отменить» вернёт то, что было.`,
    kept: 'Лаборатория осталась как была, ничего не потеряно.',
    faults: {
      none: (file) => `Среди файлов нет сети: ${file}. Нужен .onnx, .safetensors или .json либо папка запуска.`,
      large: (file, expected, received) => `${file} слишком велик: ${received} МБ; читаются файлы до ${expected}.`,
      unreadable: (file, expected, received) => `${file} не читается как ${expected}: «${received}».`,
      missing: (file) => `Нужно ещё вот это, но среди файлов его нет: ${file}. Перетащите всю папку запуска.`,
      damaged: (file, expected, received) => `${file} повреждён: ожидалось ${expected}, получено ${received}.`,
      optimiser: (file) => `В ${file} состояние оптимизатора. Веса лежат в файле, в имени которого есть weights.`,
      recipe: (file, expected, received) => `${file}: запуск ${received}; здесь читаются запуски ${expected}.`,
      unknown: (file, expected, received) => `${file} не говорит, от какой сети эти веса: ожидались имена вроде ${expected}, получено ${received}. В файле .onnx это сказано.`,
      shape: (file, expected, received) => `${file}: другая форма: ожидалось ${expected}, получено ${received}.`,
      number: (file, expected, received) => `${file}: в ${expected} стоит ${received}, это не конечное число.`,
    } as Faults,
  },
})
