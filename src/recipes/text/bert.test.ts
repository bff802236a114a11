// What is hidden and how often; pieces of a text; the loss and the accuracy against counting by hand; labelled texts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CharacterTokenizer, type Dataset, hostRandom } from '../../data/index.ts'
import { tensor } from '../../tensor/index.ts'
import { bert } from './bert.ts'
import { MASK, OWN, START, hiddenAccuracy, hiddenLoss, hideTokens, pieces, placesToRead } from './masking.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-bert-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const options = { tokenizer: 'characters', vocabulary: 300, context: 8, finetune: '' }

describe('hiding', () => {
  test('30 % are to be guessed, never the first; of these 80 % hidden, 10 % another, 10 % as they were', () => {
    const [T, V, runs] = [41, 1003, 200]
    const row = Int32Array.from({ length: 2 * T }, (_, i) => (i === 0 ? START : i < T ? OWN + i : 0))
    const hide = hideTokens(V)
    let [hidden, kept] = [0, 0]
    for (let run = 0; run < runs; run++) {
      const out = new Int32Array(2 * T)
      hide(row, out, { random: hostRandom(3, 0, run), shape: [2 * T] })
      const wanted = [...out.subarray(T)].flatMap((flag, i) => (flag === 1 ? [i] : []))
      expect(wanted).toHaveLength(12)
      expect(wanted[0]).toBeGreaterThan(0)
      for (let i = 0; i < T; i++) if (!wanted.includes(i)) expect(out[i]).toBe(row[i])
      hidden += wanted.filter((i) => out[i] === MASK).length
      kept += wanted.filter((i) => out[i] === row[i]).length
    }
    expect(Math.abs(hidden / (12 * runs) - 0.8)).toBeLessThan(0.04) // 5 deviations
    expect(Math.abs(kept / (12 * runs) - 0.1)).toBeLessThan(0.03)
  })
  test('pieces follow each other, each after a start; hidden for good they are the same every time', () => {
    const tokens = Int32Array.from({ length: 23 }, (_, i) => i)
    const plain = pieces(tokens, 6, 30, false)
    expect(plain.length).toBe(4)
    expect([...plain.targets.data].slice(0, 8)).toEqual([START, 3, 4, 5, 6, 7, START, 8])
    expect([...plain.inputs.data].slice(0, 12)).toEqual([START, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0])
    expect(pieces(tokens, 6, 30, true).inputs).toEqual(pieces(tokens, 6, 30, true).inputs)
  })
  test('texts are read at their gaps; those that have none everywhere but in the padding', async () => {
    expect(await placesToRead(tensor([[START, 5, MASK, 6, MASK, 0], [START, 5, 6, 7, 0, 0]], 'int32')).array()).toEqual([[false, false, true, false, true, false], [true, true, true, true, false, false]])
  })
  test('loss and accuracy count the tokens to be guessed alone', async () => {
    // two pieces of two tokens, a vocabulary of 2; the last number says whether it counts
    const output = tensor([[[9, 0, 0], [0, 2, 1]], [[1, 0, 1], [5, 0, 0]]])
    const targets = tensor([[1, 1], [1, 1]], 'int32')
    const nll = (right: number, wrong: number): number => -Math.log(Math.exp(right) / (Math.exp(right) + Math.exp(wrong)))
    expect(await hiddenLoss(output, targets).item()).toBeCloseTo((nll(2, 0) + nll(0, 1)) / 2, 5)
    expect(await hiddenAccuracy.sum(output, targets).item()).toBe(1)
  })
})

describe('the data of a run', () => {
  test('the last tenth is held back and hidden', async () => {
    const { train, validation, assets } = await bert.data({ folder: file('book.txt', 'abcdefgh '.repeat(50)), options })
    expect([train.length, validation!.length]).toEqual([57, 6])
    expect(train.options.augment).toBeDefined()
    expect([...(validation as Dataset).inputs.data].filter((t) => t === MASK).length).toBeGreaterThan(0)
    expect(assets!.bert).toMatchObject({ context: 8, baseline: 5 / 45 })
  })
  test('a run says how it was made; runs that do not are built as they were: learned positions, the first token', async () => {
    const { assets } = await bert.data({ folder: file('book.txt', 'abcdefgh '.repeat(50)), options: { ...options, positions: 'rotary' } })
    expect(assets!.bert).toMatchObject({ positions: 'rotary' })
    const places = (given: object): string[] => Object.keys(bert.models.masked!.build({ ...assets, bert: given }).state()).filter((path) => path.includes('positions'))
    expect(places(assets!.bert as object)).toEqual([])
    expect(places({ context: 8 })).toEqual(['network.encoder.positions.weight'])
    const pool = (given: object): string => (bert.models.classifier!.build({ ...assets, bert: { context: 8, classes: ['a', 'b'], ...given } }) as unknown as { network: { bert: { pool: string } } }).network.bert.pool
    expect([pool({}), pool({ pool: 'mean' })]).toEqual(['first', 'mean'])
  })
  test('labelled texts are filled up to the longest; ___ is one hidden token', async () => {
    const assets = { tokenizer: CharacterTokenizer.of('abc ').toJSON(), bert: { context: 8, classes: ['x', 'y'], pool: 'mean' } }
    const { train, test } = await bert.data({ folder, assets, options: { ...options, finetune: file('gaps.tsv', 'x\tab ___ c\ny\tcc\n'.repeat(12)) } })
    const { inputs } = train as Dataset
    expect([inputs.shape, test!.inputs.shape]).toEqual([[19, 7], [5, 7]])
    const rows = new Set(Array.from({ length: 19 }, (_, i) => [...inputs.data].slice(7 * i, 7 * i + 7).filter((t) => t !== 0).map((t) => (t === MASK ? '_' : t === START ? '^' : ' abc'[t - OWN])).join('')))
    expect([...rows].sort()).toEqual(['^ab _ c', '^cc'])
  })
  test.each([
    ['a short text', () => bert.data({ folder: file('line.txt', 'To be, or not to be'), options }), /is too short: expected at least 7 tokens for a context of 8, received 2/],
    ['no run to begin with', () => bert.data({ folder, options: { ...options, finetune: file('labels.tsv', 'a\tx\nb\ty\n'.repeat(20)) } }), /is not the folder of a run/],
    ['one column', () => bert.data({ folder, options: { ...options, finetune: file('texts.txt', 'x\ny\n') } }), /has one column/],
    ['no text', async () => bert.data({ options }), /no text is named/],
  ])('%s', async (_, make, message) => expect(make()).rejects.toThrow(message))
})
