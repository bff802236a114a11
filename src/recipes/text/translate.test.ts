// Files of two columns and what is wrong with others; the part held back; decoding many at once against one by one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Batch } from '../../data/index.ts'
import { Seq2Seq, Transformer, translateTokens } from '../../models/index.ts'
import { manualSeed, setDevice, tensor } from '../../tensor/index.ts'
import type { PairBatches } from './pair-batches.ts'
import { readPairs } from './pairs.ts'
import { translate } from './translate.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-pairs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const options = { tokenizer: 'characters', vocabulary: 300, context: 32 }

describe('files of two columns', () => {
  const cat = { first: 'cat', second: 'кот' }
  test.each([
    ['tab.tsv', 'cat\tкот\n\ndog, big\tсобака\textra\n', { first: 'dog, big', second: 'собака' }],
    ['comma.csv', 'cat,кот\r\n"dog, ""big""",собака\r\n', { first: 'dog, "big"', second: 'собака' }],
    ['semicolon.csv', '\ufeffcat;кот\n"a\nb";в', { first: 'a\nb', second: 'в' }],
  ])('%s', async (name, text, second) => expect(await readPairs(file(name, text), 2)).toEqual([cat, second]))
  test.each([
    ['one.txt', 'cat\ndog\n', /one\.txt has one column: expected two columns with a tab, a comma or a semicolon between them, received "cat"/],
    ['later.tsv', 'cat\tкот\ndog\n', /later\.tsv, line 2: one column: expected two, with a tab between them, received "dog"/],
    ['hole.tsv', 'cat\tкот\ndog\t \n', /line 2: the second column is empty/],
    ['line.tsv', 'cat\tкот\n', /line\.tsv is too short: expected at least 20 lines of two columns, received 1/],
    ['quote.csv', 'cat,кот\n"dog,x\n', /line 2: a quote is never closed/],
    ['after.csv', '"cat"s,кот\n', /line 1: text after a closing quote: expected a comma or the end of the line, received "s"/],
    ['empty.tsv', '', /is empty/],
    ['latin.tsv', Uint8Array.of(0x63, 0x09, 0xea, 0x0a), /is not UTF-8.*iconv/],
  ])('%s', async (name, text, message) => {
    await expect((async () => translate.data({ folder: file(name, text), options }))()).rejects.toThrow(message)
  })
})

describe('the data of a run', () => {
  const lines = Array.from({ length: 50 }, (_, i) => `word ${i}\tслово ${i}\nword ${i}\tречь ${i}`).join('\n')
  test('a source is held back with all its translations; the row is source, padding, begin, target', async () => {
    const { train: all, validation, held, assets } = await translate.data({ folder: file('words.tsv', lines), options })
    const train = all as PairBatches
    expect([train.length, validation!.length, held!.length]).toEqual([90, 10, 10])
    expect(new Set(held!.map((p) => p.first)).size).toBe(5)
    const sizes = assets!.pairs as { source: number; target: number }
    expect(sizes).toMatchObject({ source: 8, target: 9 }) // "word 10" and the end; "слово 10" and the end
    expect(train.form().inputs.shape).toEqual([17])
    const [{ inputs, targets }] = [...train.batches({ batchSize: 1 })] as [Batch]
    const [row, target] = [[...(await inputs.data())], [...(await targets.data())]]
    expect(row.slice(6, 9)).toEqual([2, 0, 1]) // the end of "word 0", a place left over, the beginning
    expect(target.slice(0, 7)).toEqual(row.slice(9, 16)) // one token further on
    expect(target.slice(7)).toEqual([2, 0])
  })
  test('a run that is asked again uses its own tokenizers', async () => {
    const made = await translate.data({ folder: file('words.tsv', lines), options })
    const other = await translate.data({ folder: file('less.tsv', lines.split('\n').slice(0, 40).join('\n')), options, assets: made.assets! })
    expect(other.assets).toEqual(made.assets)
  })
})

describe('decoding', () => {
  beforeAll(() => void setDevice('wasm'))
  afterAll(() => void setDevice('reference'))
  const search = { begin: 1, end: 2, maxLength: 6 }
  const models = (): (Seq2Seq | Transformer)[] => {
    manualSeed(4)
    return [new Seq2Seq({ sourceVocabulary: 9, targetVocabulary: 7, width: 8 }), new Transformer({ sourceVocabulary: 9, targetVocabulary: 7, width: 8, layers: 2, heads: 2, context: 8, normFirst: true })]
  }
  test.each([0, 1])('many sources at once, padded, give what each gives alone; greedy is the argmax of the whole network (%i)', async (which) => {
    const model = models()[which]!
    const sources = [[3, 4, 2], [5, 2], [8, 7, 6, 3, 2], [4, 4, 4, 2]]
    for (const width of [1, 3]) {
      const all = await translateTokens(model, sources, { ...search, width, batch: 3 })
      for (const [i, source] of sources.entries()) {
        const [alone] = await translateTokens(model, [source], { ...search, width })
        expect(all[i]!.map((b) => b.tokens)).toEqual(alone!.map((b) => b.tokens))
        all[i]!.forEach((b, j) => expect(b.score).toBeCloseTo(alone![j]!.score, 4))
      }
    }
    model.eval()
    for (const source of sources) {
      const greedy = (await translateTokens(model, [source], { ...search, width: 1 }))[0]![0]!
      const said = [1]
      let sum = 0
      while (said.length <= search.maxLength) {
        const logs = (await model.call(tensor([source], 'int32'), tensor([said], 'int32'), { lengths: [source.length] }).at(0, -1).logSoftmax(-1).array()) as number[]
        const best = logs.indexOf(Math.max(...logs))
        sum += logs[best]!
        if (best === 2) break
        said.push(best)
      }
      expect(greedy.tokens).toEqual(said.slice(1))
      expect(greedy.logProbability).toBeCloseTo(sum, 4)
    }
  }, 60_000)
})
