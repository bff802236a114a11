// Tables as people have them: what is read, and what is said of the place and kind of every fault.
import { describe, expect, test } from 'vitest'
import { type CsvResult, type TableForm, readCsv, textOf, writeCsv } from './csv.ts'
import { csvTexts } from './csv-texts.ts'

const form: TableForm = {
  columns: [{ name: 'x1', kind: 'number', range: [-5, 5], fit: [-4.5, 4.5] }, { name: 'x2', kind: 'number', range: [-5, 5], fit: [-4.5, 4.5] }, { name: 'class', kind: 'class' }],
  min: 2,
  max: 4,
}
const rowsOf = (result: CsvResult): unknown => (result.ok ? result.rows : result)
const faultsOf = (result: CsvResult): unknown => (result.ok ? 'read' : result.faults)

describe('what is read', () => {
  test.each([
    ['commas', '1,2,0\n-1,.5,1'],
    ['semicolons and decimal commas, byte order mark, Windows line ends', '\ufeffx1;x2;class\r\n1,0;2;0\r\n−1;0,5;1\r\n'],
    ['tabs, empty lines, spaces, quotes', '\n 1 \t"2"\t0\n\n-1\t0.5\t1\n\n'],
    ['bars and exponents', '1e0|2|0\n-10e-1|5e-1|1'],
  ])('%s', async (_, text) => expect(rowsOf(await readCsv(text, form))).toEqual([[1, 2, 0], [-1, 0.5, 1]]))

  test('classes in words and −1/1, in a fixed order, and it is said which is which', async () => {
    expect(await readCsv('1,2,dog\n3,4,cat', form)).toEqual({ ok: true, rows: [[1, 2, 1], [3, 4, 0]], notes: [{ kind: 'classes', names: ['cat', 'dog'] }] })
    expect(rowsOf(await readCsv('1,2,1\n3,4,-1', form))).toEqual([[1, 2, 1], [3, 4, 0]])
    expect(rowsOf(await readCsv('1,2,10\n3,4,9', form))).toEqual([[1, 2, 1], [3, 4, 0]])
  })
  test('a column outside the picture is scaled, the order kept, and it is said', async () => {
    const result = await readCsv('0,2,0\n50,3,1\n100,4,0', form)
    expect(rowsOf(result)).toEqual([[-4.5, 2, 0], [0, 3, 1], [4.5, 4, 0]])
    expect(result.ok && result.notes).toEqual([{ kind: 'scaled', name: 'x1', from: [0, 100], to: [-4.5, 4.5] }])
  })
  test('what is written is read again', async () => {
    const rows = [[1, -2.25, 0], [0.5, 3, 1]]
    expect(rowsOf(await readCsv(writeCsv(['x1', 'x2', 'class'], rows), form))).toEqual(rows)
  })
  test('bytes: UTF-8, UTF-16, Windows-1251; no text is noticed', () => {
    expect(textOf(new TextEncoder().encode('ряд'))).toBe('ряд')
    expect(textOf(Uint8Array.from([0xff, 0xfe, 0x31, 0, 0x3b, 0]))).toBe('1;')
    expect(textOf(Uint8Array.from([0xf0, 0xff, 0xe4]))).toBe('ряд')
    expect(textOf(Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0]))).toBe(null)
  })
})

describe('what is refused, with its place', () => {
  test.each([
    ['a gap', 'x1,x2,class\n1,2,0\n1,,1', [{ problem: 'gap', line: 3, column: 2, name: 'x2', expected: 'number', received: '' }]],
    ['a gap in words, in the class', '1,2,0\n1,2,NaN', [{ problem: 'gap', line: 2, column: 3, name: 'class', expected: 'class', received: 'NaN' }]],
    ['a text, after empty lines', '1,2,0\n\n\n1,two,1', [{ problem: 'text', line: 4, column: 2, name: 'x2', received: 'two' }]],
    ['a header of one’s own names', 'length,width,kind\n1,2,0\nlong,2,1', [{ problem: 'text', line: 3, column: 1, name: 'length', received: 'long' }]],
    ['a line too short, with a cell of two lines before it', '1,2,"a\nb"\n1,2', [{ problem: 'columns', line: 3, expected: '3', received: '2' }]],
    ['the comma everywhere', '1,5,2,0,0\n1,5,2,5,1', [{ problem: 'decimalComma', line: 1, expected: '3', received: '5' }, { problem: 'decimalComma', line: 2, expected: '3', received: '5' }]],
    ['no separator at all', '1 2 0\n3 4 1', [{ problem: 'columns', line: 1, expected: '3', received: '1' }, { problem: 'columns', line: 2, expected: '3', received: '1' }]],
    ['one class', '1,2,cat\n3,4,cat', [{ problem: 'oneClass', column: 3, name: 'class', received: 'cat' }]],
    ['three classes', '1,2,a\n3,4,b\n3,4,c', [{ problem: 'classes', line: 3, column: 3, name: 'class', expected: 'a, b', received: 'c' }]],
    ['too few', '1,2,0', [{ problem: 'few', expected: '2', received: '1' }]],
    ['a header and nothing else', 'x1,x2,class', [{ problem: 'text', line: 1, column: 1, name: 'x1', received: 'x1' }, { problem: 'text', line: 1, column: 2, name: 'x2', received: 'x2' }]],
    ['too many', 'x1,x2,class\n1,2,0\n1,2,1\n1,2,0\n1,2,0\n1,2,1', [{ problem: 'many', line: 6, expected: '4', received: '5' }]],
    ['an open quotation mark', '1,2,0\n1,"2,1', [{ problem: 'quote', line: 2 }]],
    ['a number beyond reason', '1,2,0\n1,1e300,1', [{ problem: 'huge', line: 2, column: 2, name: 'x2', expected: '1000000000', received: '1e300' }]],
    ['one value far away', '70,2,0\n70,3,1', [{ problem: 'constant', column: 1, name: 'x1', received: '70' }]],
    ['nothing', ' \n\n ', [{ problem: 'empty' }]],
    ['no text', '1,2\0', [{ problem: 'binary' }]],
    ['a text that is no table', 'Dear Sir,', [{ problem: 'columns', line: 1, expected: '3', received: '2' }]],
  ])('%s', async (_, text, faults) => {
    const result = await readCsv(text as string, form)
    expect(faultsOf(result)).toEqual(faults)
    for (const words of [csvTexts.en, csvTexts.ru]) {
      for (const fault of faults as { problem: 'gap' }[]) expect(words.faults[fault.problem](fault)).not.toMatch(/undefined|\[object/)
    }
  })
  test('five faults are told, the others counted', async () => {
    const result = await readCsv(Array.from({ length: 9 }, () => '1,,0').join('\n'), form)
    expect(result.ok ? 0 : [result.faults.length, result.more]).toEqual([5, 4])
  })
  test('a large text is refused at once', async () => {
    expect(faultsOf(await readCsv('1,2,0\n'.repeat(400_000), form))).toEqual([{ problem: 'large', expected: '2', received: '2.4' }])
  })
})
