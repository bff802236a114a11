// The words about a table of one's own: what it must look like, what is wrong and where, what was done with it.
import type { CsvFault, CsvNote } from './csv.ts'
import { formatNumber, plural } from './format.ts'
import { catalog } from './language.svelte.ts'

const names = (separator: string, words: Readonly<Record<string, string>>): string => words[separator] ?? `“${separator}”`

export const csvTexts = catalog({
  en: {
    title: 'Your own data (CSV)',
    form: (columns: string, min: number, max: number) => `One point a line, ${columns}; from ${min} to ${max} lines. A first line with names may be there. Commas, semicolons or tabs between; with semicolons or tabs the decimal comma is understood.`,
    kinds: { number: 'number', class: 'class: two different labels' },
    paste: 'Paste the table here', take: 'Take these points', choose: 'Choose a file', drop: 'or drop a file on this field', save: 'Save the points (CSV)', clear: 'Empty the field',
    nothing: 'The field is empty. Paste a table or choose a file.',
    kept: 'The points you had are as they were.',
    more: (n: number) => `And ${plural(n, 'en', { one: 'more fault', other: 'more faults' })} of this kind below.`,
    taken: (n: number) => `${plural(n, 'en', { one: 'point', other: 'points' })} taken. Undo brings the old ones back.`,
    place: ({ line, column, name }: CsvFault) => [line === undefined ? '' : `line ${line}`, column === undefined ? '' : `column ${column}${name === undefined ? '' : ` (${name})`}`].filter((s) => s !== '').join(', '),
    faults: {
      empty: () => 'There is nothing in it but empty lines.',
      binary: () => 'This is no text file. Save the table as CSV first.',
      large: (f: CsvFault) => `The file has ${formatNumber(Number(f.received), 'en', 1)} MB; at most ${f.expected} MB are read.`,
      quote: () => 'a quotation mark is opened and never closed.',
      columns: (f: CsvFault) => `expected ${plural(Number(f.expected), 'en', { one: 'column', other: 'columns' })}, found ${f.received}.`,
      decimalComma: (f: CsvFault) => `expected ${f.expected} columns, found ${f.received}: it looks as if the comma stands both in the numbers and between them. Put semicolons between the numbers, or write the numbers with a point.`,
      gap: (f: CsvFault) => `expected ${f.expected === 'class' ? 'a class' : 'a number'}, found ${f.received === '' ? 'nothing' : `“${f.received}”`}. Fill the gap or delete the line.`,
      text: (f: CsvFault) => `expected a number, found “${f.received}”.`,
      huge: (f: CsvFault) => `expected a number of at most ${f.expected}, found ${f.received}.`,
      oneClass: (f: CsvFault) => `expected two classes; every line says “${f.received}”.`,
      classes: (f: CsvFault) => `expected two classes (${f.expected} so far), found a third: “${f.received}”.`,
      few: (f: CsvFault) => `There must be at least ${plural(Number(f.expected), 'en', { one: 'point', other: 'points' })}; there ${f.received === '1' ? 'is' : 'are'} ${f.received}.`,
      many: (f: CsvFault) => `At most ${f.expected} points fit; there are ${f.received}. Delete the lines from this one on, or take every second one.`,
      constant: (f: CsvFault) => `all values are ${f.received}, outside the picture: they cannot be scaled into it.`,
    },
    note: (n: CsvNote): string => {
      if (n.kind === 'header') return `The first line is taken as names: ${n.names.join(', ')}.`
      if (n.kind === 'separator') return `Between the cells: ${names(n.separator, { ';': 'semicolon', '\t': 'tab', '|': 'bar', ',': 'comma' })}${n.comma ? '; the comma in numbers is the decimal comma' : ''}.`
      if (n.kind === 'classes') return `Class 0 is “${n.names[0]}”, class 1 is “${n.names[1]}”.`
      return `${n.name} is scaled from ${formatNumber(n.from[0], 'en')} … ${formatNumber(n.from[1], 'en')} to ${formatNumber(n.to[0], 'en')} … ${formatNumber(n.to[1], 'en')}, so that it fits the picture.`
    },
  },
  ru: {
    title: 'Свои данные (CSV)',
    form: (columns: string, min: number, max: number) => `Одна точка на строку, ${columns}; от ${min} до ${max} строк. Первой строкой могут стоять названия. Между значениями — запятая, точка с запятой или табуляция; с двумя последними понимается и десятичная запятая.`,
    kinds: { number: 'число', class: 'класс: две разные метки' },
    paste: 'Вставьте таблицу сюда', take: 'Взять эти точки', choose: 'Выбрать файл', drop: 'или перетащите файл на это поле', save: 'Сохранить точки (CSV)', clear: 'Очистить поле',
    nothing: 'Поле пустое. Вставьте таблицу или выберите файл.',
    kept: 'Прежние точки остались на месте.',
    more: (n: number) => `И ещё ${plural(n, 'ru', { one: 'такая ошибка', few: 'такие ошибки', many: 'таких ошибок', other: 'такой ошибки' })} ниже.`,
    taken: (n: number) => `Взято: ${plural(n, 'ru', { one: 'точка', few: 'точки', many: 'точек', other: 'точки' })}. Отмена вернёт прежние.`,
    place: ({ line, column, name }: CsvFault) => [line === undefined ? '' : `строка ${line}`, column === undefined ? '' : `столбец ${column}${name === undefined ? '' : ` (${name})`}`].filter((s) => s !== '').join(', '),
    faults: {
      empty: () => 'Здесь только пустые строки.',
      binary: () => 'Это не текстовый файл. Сначала сохраните таблицу как CSV.',
      large: (f: CsvFault) => `В файле ${formatNumber(Number(f.received), 'ru', 1)} МБ; читается не больше ${f.expected} МБ.`,
      quote: () => 'кавычка открыта и не закрыта.',
      columns: (f: CsvFault) => `ожидалось столбцов: ${f.expected}, а здесь ${f.received}.`,
      decimalComma: (f: CsvFault) => `ожидалось столбцов: ${f.expected}, а здесь ${f.received}: похоже, запятая стоит и внутри чисел, и между ними. Разделите числа точкой с запятой или пишите в числах точку.`,
      gap: (f: CsvFault) => `${f.expected === 'class' ? 'ожидался класс' : 'ожидалось число'}, а здесь ${f.received === '' ? 'пусто' : `«${f.received}»`}. Заполните пропуск или удалите строку.`,
      text: (f: CsvFault) => `ожидалось число, а здесь «${f.received}».`,
      huge: (f: CsvFault) => `ожидалось число не больше ${f.expected}, а здесь ${f.received}.`,
      oneClass: (f: CsvFault) => `ожидались два класса, а во всех строках «${f.received}».`,
      classes: (f: CsvFault) => `ожидались два класса (пока это ${f.expected}), а здесь третий: «${f.received}».`,
      few: (f: CsvFault) => `Точек должно быть не меньше ${f.expected}, а их ${f.received}.`,
      many: (f: CsvFault) => `Помещается не больше ${f.expected} точек, а их ${f.received}. Удалите строки начиная с этой или возьмите каждую вторую.`,
      constant: (f: CsvFault) => `все значения равны ${f.received} и лежат вне рисунка: растянуть их нельзя.`,
    },
    note: (n: CsvNote): string => {
      if (n.kind === 'header') return `Первая строка принята за названия: ${n.names.join(', ')}.`
      if (n.kind === 'separator') return `Между значениями ${names(n.separator, { ';': 'точка с запятой', '\t': 'табуляция', '|': 'черта', ',': 'запятая' })}${n.comma ? '; запятая в числах — десятичная' : ''}.`
      if (n.kind === 'classes') return `Класс 0 — «${n.names[0]}», класс 1 — «${n.names[1]}».`
      return `${n.name}: промежуток ${formatNumber(n.from[0], 'ru')} … ${formatNumber(n.from[1], 'ru')} растянут до ${formatNumber(n.to[0], 'ru')} … ${formatNumber(n.to[1], 'ru')}, чтобы поместиться на рисунке.`
    },
  },
})
