// Files read piece by piece: lines, JSON, rows of arrays; each beside the plain content, and damaged ones.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeNpy, writeNpz } from '../../formats/index.ts'
import { writeIdx } from '../idx.ts'
import { arrayRows } from './array-rows.ts'
import { jsonLines, textLines } from './lines.ts'

let dir: string
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'gradus-stream-'))))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

test('lines of any ends, over the edges of pieces, plain and gzipped, from paths, bytes and Blobs', async () => {
  // two-byte letters, so that pieces end within one
  const lines = Array.from({ length: 20_000 }, (_, i) => `строка ${i} ${'я'.repeat(i % 50)}`)
  for (const end of ['\n', '\r\n']) {
    const text = lines.join(end) + end
    const file = put('lines.txt', text)
    expect(await textLines(file).toArray()).toEqual(lines)
    expect(await textLines([put('lines.gz', gzipSync(text)), file]).toArray()).toEqual([...lines, ...lines])
  }
  const bytes = new TextEncoder().encode('\ufeffa\n\nb')
  expect(await textLines(bytes).toArray()).toEqual(['a', '', 'b'])
  expect(await textLines(new Blob([bytes])).toArray()).toEqual(['a', '', 'b'])
  expect(await textLines(new Uint8Array(0)).toArray()).toEqual([])
})

test('what is no text is refused with its place and the remedy', async () => {
  await expect(textLines(join(dir, 'none.txt')).toArray()).rejects.toThrow(/none\.txt: there is no such file/)
  await expect(textLines(dir).toArray()).rejects.toThrow(/this is a folder/)
  await expect(textLines(put('cp1251.txt', Uint8Array.of(97, 10, 0xcf, 0xf0, 0xe8))).toArray()).rejects.toThrow(/cp1251\.txt is not UTF-8: .*in line \d or after it\. Convert it, for example: iconv/)
  await expect(textLines(put('utf16.txt', Buffer.from('\ufeffabc', 'utf16le'))).toArray()).rejects.toThrow(/utf16\.txt is UTF-16: .*iconv -f UTF-16/)
  await expect(textLines(put('long.txt', new Uint8Array(2 ** 23 + 10).fill(97))).toArray()).rejects.toThrow(/long\.txt, line 1: the line is too long/)
  const packed = gzipSync('x\n'.repeat(5000))
  await expect(textLines(put('cut.gz', packed.subarray(0, packed.length - 12))).toArray()).rejects.toThrow(/cut\.gz: a damaged gzip file/)
  await expect(jsonLines(put('bad.jsonl', '{"a": 1}\n\n{"a": }\n')).toArray()).rejects.toThrow(/bad\.jsonl, line 3: no JSON/)
  expect(await jsonLines(put('good.jsonl', '{"a": 1}\n\n[2]\n')).toArray()).toEqual([{ a: 1 }, [2]])
})

test('rows of idx, npy and npz from any row on', async () => {
  const data = Float32Array.from({ length: 700_000 }, (_, i) => i / 7)
  const array = { dtype: 'float32', shape: [7000, 10, 10], data } as const
  const files = [writeIdx(array), writeNpy(array), put('rows.npy', writeNpy(array)), writeNpz({ x: array })]
  for (const file of files) {
    const rows = await arrayRows(file)
    expect(rows.length).toBe(7000)
    let i = 0
    for await (const row of rows) {
      if (i % 500 === 0) {
        expect(row.shape).toEqual([10, 10])
        expect([...row.data]).toEqual([...data.subarray(i * 100, (i + 1) * 100)])
      }
      i++
    }
    expect(i).toBe(7000)
    for await (const row of rows.open({}, 6543)) {
      expect(row.data[0]).toBe(data[654300])
      break
    }
  }
  const two = writeNpz({ x: array, y: { dtype: 'int32', shape: [2], data: Int32Array.of(5, 6) } })
  expect((await (await arrayRows(two, { array: 'y' })).toArray()).map((r) => [r.shape, [...r.data]])).toEqual([[[], [5]], [[], [6]]])
  await expect(arrayRows(two)).rejects.toThrow(/there are several arrays: expected one of "x", "y"/)
  await expect(arrayRows(two, { array: 'z' })).rejects.toThrow(/there is no array "z"/)
})

test('arrays that cannot be read by rows are refused', async () => {
  const array = { dtype: 'uint8', shape: [2, 3], data: new Uint8Array(6) } as const
  const idx = writeIdx(array)
  await expect(arrayRows(gzipSync(idx))).rejects.toThrow(/gzipped: its rows cannot be read one by one/)
  await expect(arrayRows(idx.subarray(0, idx.length - 1))).rejects.toThrow(/arrayRows: the file: cut off/)
  for (let cut = 0; cut < 80; cut++) await expect(arrayRows(writeNpy(array).subarray(0, cut))).rejects.toThrow(/arrayRows: the file/)
  const fortran = String.fromCharCode(...writeNpy(array)).replace('False', 'True ')
  await expect(arrayRows(Uint8Array.from(fortran, (c) => c.charCodeAt(0)))).rejects.toThrow(/stored columns first/)
})
