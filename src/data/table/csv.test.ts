// CSV tables against what a plain reading gives; gaps, odd cells and broken files with their place.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csvRows } from './csv.ts'
import { csvDataset } from './csv-dataset.ts'

let dir: string
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'gradus-csv-'))))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('rows', () => {
  test('quotes, line ends within cells, separators and header of one’s own', async () => {
    expect(await csvRows(bytes('a,b\n"x, ""y""\nz",2\r\n\n3,4')).toArray()).toEqual([{ a: 'x, "y"\nz', b: '2' }, { a: '3', b: '4' }].map((r) => Object.assign(Object.create(null), r)))
    expect((await csvRows(bytes('a;b,c\n1;2')).toArray())[0]!['b,c']).toBe('2')
    expect((await csvRows(bytes('\ufeffa\tb\n1\t2')).toArray())[0]!.a).toBe('1')
    expect((await csvRows(bytes('1|2'), { separator: '|', header: ['a', '__proto__'] }).toArray())[0]).toHaveProperty(['__proto__'], '2')
  })
  test('a file of many pieces, from a path or an address, as often as wanted', async () => {
    const file = put('long.csv', `n,text\n${Array.from({ length: 50_000 }, (_, i) => `${i},"слово, ${i}"`).join('\n')}\n`)
    for (const place of [file, pathToFileURL(file)]) {
      const rows = csvRows(place)
      expect((await rows.map((r) => Number(r.n)).toArray()).every((n, i) => n === i)).toBe(true)
      expect(await rows.skip(49_999).toArray()).toHaveLength(1)
    }
    for await (const _ of csvRows(file)) break // closes the file
  })
  test.each([
    ['none.csv', null, /none\.csv: there is no such file/],
    ['empty.csv', ' \n', /empty\.csv is empty/],
    ['wide.csv', 'a,b\n1,2\n3,4,5\n', /wide\.csv, line 3: 3 cells: expected 2 \(a, b\), received "3 \| 4 \| 5"/],
    ['short.csv', 'a,b\n1,2\n3\n', /short\.csv, line 3: 1 cells/],
    ['open.csv', 'a,b\n1,"2\n3,4\n', /open\.csv, line \d: a quote is never closed/],
    ['after.csv', 'a,b\n1,"2"x\n', /after\.csv, line 2: text after a closing quote/],
    ['middle.csv', 'a,b\n1,2"x"\n', /middle\.csv, line 2: a quote in the middle of a cell/],
    ['twice.csv', 'a,a\n1,2\n', /two columns are called "a"/],
    ['unnamed.csv', 'a,\n1,2\n', /column 2 has no name/],
    ['cp1251.csv', Uint8Array.of(97, 10, 0xcf, 0xf0), /cp1251\.csv is not UTF-8/],
  ])('%s', async (name, content, message) => {
    const file = content === null ? join(dir, name) : put(name, content)
    await expect(csvRows(file).toArray()).rejects.toThrow(message)
  })
})

describe('tables', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ length: i / 4, width: (i * 7) % 11, colour: ['red', 'blue', 'green'][i % 3]!, kind: i % 2 === 0 ? 'odd, "one"' : 'even' }))
  const text = `length,width,colour,kind\n${rows.map((r) => `${r.length},${r.width},${r.colour},"${r.kind.replaceAll('"', '""')}"`).join('\n')}`

  test('every row is in one part; numbers are standardised by the training part; encode gives the same', async () => {
    const data = await csvDataset(bytes(text), { target: 'kind', test: 0.25, seed: 3 })
    expect([data.train.length, data.test.length, data.width, data.classes]).toEqual([30, 10, 5, ['even', 'odd, "one"']])
    expect(data.columns.map((c) => [c.name, c.kind])).toEqual([['length', 'number'], ['width', 'number'], ['colour', 'category']])
    const [length, width, colour] = data.columns as [Extract<(typeof data.columns)[0], { kind: 'number' }>, Extract<(typeof data.columns)[0], { kind: 'number' }>, Extract<(typeof data.columns)[0], { kind: 'category' }>]
    expect(colour.values).toEqual(['blue', 'green', 'red'])
    const back = [data.train, data.test].map((part) => Array.from({ length: part.length }, (_, i) => {
      const [l, w, ...hot] = part.inputs.data.subarray(i * 5, i * 5 + 5)
      expect([...hot].sort()).toEqual([0, 0, 1])
      return { length: Math.round(4 * (l! * length.deviation + length.mean)) / 4, width: Math.round(w! * width.deviation + width.mean) + 0, colour: colour.values[hot.indexOf(1)]!, kind: data.classes![part.targets.data[i]!]! }
    }))
    expect(back.flat().sort((a, b) => a.length - b.length)).toEqual(rows)
    const lengths = back[0]!.map((r) => r.length)
    const mean = lengths.reduce((a, b) => a + b) / 30
    expect(length.mean).toBeCloseTo(mean, 12)
    expect(length.deviation).toBeCloseTo(Math.sqrt(lengths.reduce((a, b) => a + (b - mean) ** 2, 0) / 30), 12)
    expect(data.encode(back[0]![0]!)).toEqual(data.train.inputs.data.slice(0, 5))
    expect((await csvDataset(bytes(text), { target: 'kind', test: 0.25, seed: 3 })).train.inputs.data).toEqual(data.train.inputs.data)
    expect((await csvDataset(bytes(text), { target: 'kind', test: 0.25, seed: 4 })).train.inputs.data).not.toEqual(data.train.inputs.data)
  })
  test('a number to be predicted; numbers that are names; columns chosen; plain numbers', async () => {
    const { train, classes } = await csvDataset(bytes(text), { target: 'width', inputs: ['length'], test: 0, standardize: false })
    expect([classes, train.targets.dtype, train.targets.shape, train.inputs.shape]).toEqual([undefined, 'float32', [40, 1], [40, 1]])
    expect([...train.inputs.data]).toEqual(rows.map((r) => r.length))
    const named = await csvDataset(bytes(text), { target: 'width', inputs: ['length'], categories: ['width'], test: 0 })
    expect(named.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
  })
  test('gaps: told with their place, left out, or filled', async () => {
    const file = put('gaps.csv', 'x,y,c,t\n1,2,a,p\n3,,b,q\n5,6,?,p\n7,10,a,q\n')
    await expect(csvDataset(file, { target: 't' })).rejects.toThrow(/gaps\.csv, line 3, column "y": the value is missing/)
    const dropped = await csvDataset(file, { target: 't', gaps: 'drop', test: 0, standardize: false })
    expect([...dropped.train.inputs.data]).toEqual([1, 2, 1, 0, 7, 10, 1, 0])
    const filled = await csvDataset(file, { target: 't', gaps: 'fill', test: 0 })
    const y = filled.columns[1] as { mean: number; deviation: number }
    expect([y.mean, y.deviation]).toEqual([6, Math.sqrt(32 / 3)])
    expect([filled.train.inputs.data[4 + 1], ...filled.train.inputs.data.subarray(2 * 4 + 2, 3 * 4)]).toEqual([0, 0, 0])
    await expect(csvDataset(bytes('x,t\n1,a\n2,\n'), { target: 't', gaps: 'fill' })).rejects.toThrow(/line 3, column "t": the value is missing/)
  })
  test.each([
    ['x,t\n1,a\n2,b\nthree,a\n4,b\n', { target: 't' }, /line 4, column "x": a text among numbers: expected a number, received "three"/],
    ['x,t\n1e999,a\n2,b\n3,b\n', { target: 't' }, /line 2, column "x": a text among numbers/],
    ['x;t\n1,5;a\n2;b\n', { target: 't' }, /line 2, column "x": a number with a comma: received "1,5"\. Pass decimal: ','/],
    ['x,t\n1,a\n', { target: 'z' }, /no column "z": expected x, t/],
    ['x,t\n1,a\n', { target: 't', inputs: ['q'] }, /no column "q"/],
    ['x,t\n', { target: 't' }, /no rows below its header/],
    ['t\n1\n2\n', { target: 't' }, /no columns but the target/],
    ['x,t\n,a\n', { target: 't', gaps: 'drop' as const }, /no rows to train on: expected at least 1, received 1 rows, 1 left out for gaps/],
    [`x,t\n${Array.from({ length: 1001 }, (_, i) => `id${i},a`).join('\n')}`, { target: 't' }, /column "x" of the file has 1001 different texts/],
  ])('%#: refused', async (content, options, message) => {
    await expect(csvDataset(bytes(content), options)).rejects.toThrow(message)
  })
  test('decimal commas; encode refuses what the table did not have', async () => {
    const data = await csvDataset(bytes('x;c;t\n1,5;u;a\n2,5;v;b\n'), { target: 't', decimal: ',', test: 0, standardize: false })
    expect([...data.train.inputs.data]).toEqual([1.5, 1, 0, 2.5, 0, 1])
    expect([...data.encode({ x: '3,5', c: 'v' })]).toEqual([3.5, 0, 1])
    expect([...data.encode({ x: 3.5, c: 'v' })]).toEqual([3.5, 0, 1])
    expect(() => data.encode({ x: 1, c: 'w' })).toThrow(/column "c" has a value the training data did not have: expected u, v, received "w"/)
    expect(() => data.encode({ c: 'u' })).toThrow(/column "x" is missing/)
    expect(() => data.encode({ x: 'one', c: 'u' })).toThrow(/column "x" is no number/)
  })
})
