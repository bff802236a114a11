// The command on texts: train chars, evaluate, generate; mistakes.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, gradus, remove } from './cli-helper.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-texts-'))
const rhyme = 'the cat sat on the mat, the rat sat on the hat, and that was that.\n'
beforeAll(() => {
  build()
  writeFileSync(join(folder, 'rhyme.txt'), rhyme.repeat(60))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  remove()
})
/** What every recipe takes, with the values that change nothing here. */
const flags = (name: string, lr: string): string[] => ['--lr', lr, '--clip', '1', '--seed', '1', '--threads', '2', '--device', 'wasm', '--tensorboard', `logs-${name}`, '--profile', '--json', '--out', `run-${name}`]
/** They were all heeded: the last line is one JSON object that says so, and the files are there. */
function heeded(name: string, { stdout, stderr }: { readonly stdout: string; readonly stderr: string }, epochs: number): Record<string, number> {
  expect(stdout.trim().split('\n')).toHaveLength(1)
  const result = JSON.parse(stdout) as Record<string, number>
  expect(result).toMatchObject({ seed: 1, threads: 2, device: 'wasm', epochs, out: `run-${name}` })
  expect(readdirSync(join(folder, `logs-${name}`)).some((file) => file.includes('tfevents'))).toBe(true)
  expect(readdirSync(join(folder, `run-${name}`))).toEqual(expect.arrayContaining(['trace.json', 'report.html', 'log.csv', 'run.json']))
  expect(stderr).toMatch(/trace\.json: open it in chrome:\/\/tracing/)
  return result
}
const train = (model: string, ...more: string[]) => gradus(folder, 'train', 'chars', 'rhyme.txt', '--model', model, '--context', '32', '--batch', '8', '--epochs', model === 'gpt' ? '12' : '6', ...flags(model, model === 'gpt' ? '0.003' : '0.004'), ...more)

describe.each(['gpt', 'gru'])('train chars --model %s', (model) => {
  test('learns a rhyme by heart, writes it, and measures what it says', async () => {
    const { code, stdout, stderr } = await train(model)
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/114 training pieces of 32 characters from .*rhyme\.txt/)
    expect(stderr).toMatch(/Validation loss [\d.]+ nats a character, [\d.]+ bits a byte\./)
    const result = heeded(model, { stdout, stderr }, model === 'gpt' ? 12 : 6) as { validationLoss: number; bitsPerByte: number }
    expect(result).toMatchObject({ model, testAccuracy: null })
    // all letters are one byte here; a rhyme known by heart costs almost nothing (its letters alone: 3.6 bits each)
    expect(result.bitsPerByte).toBeCloseTo(result.validationLoss / Math.LN2, 9)
    expect(result.validationLoss).toBeLessThan(0.7)
    if (model === 'gpt') {
      const evaluated = JSON.parse((await gradus(folder, 'evaluate', `run-${model}`, '--json', '--device', 'wasm')).stdout) as { validationLoss: number }
      expect(evaluated.validationLoss).toBeCloseTo(result.validationLoss, 6)

      const write = (...more: string[]) => gradus(folder, 'generate', `run-${model}`, '--prompt', 'the cat ', '--tokens', '60', '--device', 'wasm', ...more)
      const greedy = await write('--temperature', '0')
      expect(greedy).toMatchObject({ code: 0, stderr: '' })
      expect(greedy.stdout).toMatch(/^the cat sat on the /)
      expect((await write('--seed', '4')).stdout).toBe((await write('--seed', '4', '--stream')).stdout)
      expect((JSON.parse((await write('--top-k', '3', '--top-p', '0.9', '--json')).stdout) as { text: string }).text).toHaveLength(60)
    }

    // what the letter after "the ca" hangs on
    const explain = (...more: string[]) => gradus(folder, 'explain', `run-${model}`, 'the ca', '--device', 'wasm', ...more)
    const { decision, tokens, values } = JSON.parse((await explain('--method', 'integrated', '--json')).stdout) as { decision: string; tokens: string[]; values: number[] }
    expect(decision).toMatch(/^next: "t" \([\d.]+ %\)$/)
    expect([tokens.join(''), values.length, values.every(Number.isFinite)]).toEqual(['the ca', 6, true])
    if (model === 'gru') {
      expect((await explain('--method', 'attention')).stderr).toMatch(/has no attention; use --method integrated/)
      expect((await explain()).stdout).toMatch(/the ca {2}next: "t".*\nintegrated gradients: .* — for "t" .*\nt +-?[\d.]+ .*\nh /)
      return
    }
    const shown = await explain('--out', 'attention.html')
    expect(shown.stdout).toMatch(/blocks\.3\.attention, the mean of 4 heads: .*\n +t h e ␣ c a\nt @@\n/)
    expect(readFileSync(join(folder, 'attention.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<h1>the ca<\/h1>[\s\S]*"layer":"blocks\.0\.attention"/)
    const one = JSON.parse((await explain('--layer', 'blocks.1.attention', '--head', '2', '--out', 'attention.png', '--json')).stdout) as { rows: string[]; weights: number[][]; maps: { layer: string; heads: number[][][] }[] }
    expect(one.weights).toEqual(one.maps.find(({ layer }) => layer === 'blocks.1.attention')!.heads[1])
    for (const [t, row] of one.weights.entries()) {
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
      expect(row.slice(t + 1).every((w) => w === 0)).toBe(true)
    }
    expect([...readFileSync(join(folder, 'attention.png')).subarray(1, 4)].map((b) => String.fromCharCode(b)).join('')).toBe('PNG')
    expect((await explain('--head', '9')).stderr).toMatch(/has 4 heads; --head 9 is not among them/)
    expect((await explain('--layer', 'blocks.9.attention')).stderr).toMatch(/unknown layer/i)
    expect((await explain('--out', 'attention.png')).stderr).toMatch(/is there already/)
    expect((await explain('--method', 'gradcam')).stderr).toMatch(/unknown method/i)
    expect((await gradus(folder, 'predict', 'run-gpt', 'the cat')).stderr).toMatch(/neither sorts texts nor fills gaps; let it write: gradus generate/)
  })
})

describe('train translate', () => {
  test('learns colours and things, measures, translates, goes on', async () => {
    const [colours, things] = [[['red', 'rot'], ['blue', 'blau'], ['black', 'schwarz'], ['white', 'weiß'], ['green', 'grün'], ['grey', 'grau']], [['heart', 'Herz'], ['ball', 'Ball'], ['bird', 'Vogel'], ['book', 'Buch'], ['car', 'Auto'], ['house', 'Haus'], ['hat', 'Hut']]]
    writeFileSync(join(folder, 'pairs.csv'), colours!.flatMap(([a, b]) => things!.map(([c, d]) => `${a} ${c},${d} ${b}`)).join('\n'))
    const train = (...more: string[]) => gradus(folder, 'train', 'translate', 'pairs.csv', '--device', 'wasm', '--json', ...more)
    const { code, stdout, stderr } = await train('--model', 'seq2seq', '--tokenizer', 'characters', '--epochs', '24', '--batch', '8', ...flags('pairs', '0.004'))
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/38 training pairs from .*pairs\.csv, 4 held back/)
    expect(stderr).toMatch(/\w+ \w+ → .* \(\w+ [a-zßü]+\)/)
    const result = heeded('pairs', { stdout, stderr }, 24) as { bleu: number; exactMatch: number; bleuGreedy: number; exactMatchGreedy: number }
    // pairs never seen, of words that were
    expect(result.exactMatch).toBeGreaterThanOrEqual(0.5)
    expect(result.bleu).toBeGreaterThan(40)
    expect(JSON.parse((await gradus(folder, 'evaluate', 'run-pairs', '--json', '--device', 'wasm')).stdout)).toMatchObject({ bleu: result.bleu, exactMatch: result.exactMatch })
    const again = await train('--resume', 'run-pairs')
    expect(JSON.parse(again.stdout)).toMatchObject({ bleu: result.bleu, bleuGreedy: result.bleuGreedy })
    const said = await gradus(folder, 'translate', 'run-pairs', 'red heart', 'black car', '--device', 'wasm')
    expect(said).toMatchObject({ code: 0, stdout: 'Herz rot\nAuto schwarz\n' })
    const { translations } = JSON.parse((await gradus(folder, 'translate', 'run-pairs', 'red heart', '--beam', '3', '--json', '--device', 'wasm')).stdout) as { translations: { translation: string; candidates: { score: number }[] }[] }
    expect(translations[0]).toMatchObject({ translation: 'Herz rot', candidates: { length: 3 } })
    expect((await gradus(folder, 'translate', 'run-pairs', 'red blue black white', '--device', 'wasm')).stderr).toMatch(/the text is too long/)
    const seen = JSON.parse((await gradus(folder, 'explain', 'run-pairs', 'red heart', '--json', '--device', 'wasm')).stdout) as { decision: string; rows: string[]; columns: string[]; weights: number[][] }
    expect(seen).toMatchObject({ decision: '→ Herz rot', rows: ['‹begin›', ...'Herz rot'], columns: [...'red heart', '‹end›'] })
    for (const row of seen.weights) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
    expect((await gradus(folder, 'explain', 'run-pairs', 'red heart', '--method', 'saliency', '--device', 'wasm')).stdout).toMatch(/→ Herz rot\nsaliency: .* — for this translation\nr +[\d.]+ \+/)
    expect((await gradus(folder, 'generate', 'run-pairs')).stderr).toMatch(/writes no text/)
  })
})

describe('train bert', () => {
  test('guesses hidden letters, then sorts texts, beside the same network without pretraining', async () => {
    const run = async (...args: string[]): Promise<{ json: Record<string, number>; stdout: string; stderr: string }> => {
      const { code, stdout, stderr } = await gradus(folder, ...args, '--device', 'wasm', '--json')
      expect(code, stderr).toBe(0)
      return { json: JSON.parse(stdout) as Record<string, number>, stdout, stderr }
    }
    // pieces of one letter each: a hidden one is what its neighbours are
    writeFileSync(join(folder, 'letters.txt'), [...'aehcmnorstuw '].map((c) => c.repeat(23)).join('').repeat(10))
    const { json, stdout, stderr } = await run('train', 'bert', 'letters.txt', '--tokenizer', 'characters', '--context', '24', '--epochs', '8', '--batch', '8', ...flags('bert', '0.001'))
    heeded('bert', { stdout, stderr }, 8)
    expect(stderr).toMatch(/Hidden tokens: [\d.]+ % guessed right/)
    expect(json.maskedAccuracy).toBeGreaterThan(2 * json.baseline!)
    expect((await run('evaluate', 'run-bert')).json.maskedAccuracy).toBeCloseTo(json.maskedAccuracy!, 6)
    writeFileSync(join(folder, 'labels.csv'), Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? `animals,the ${['cat', 'rat'][(i >> 1) % 2]} sat on that` : `things,the ${['mat', 'hat'][(i >> 1) % 2]} was on the mat`)).join('\n'))
    const fine = await run('train', 'bert', 'run-bert', '--finetune', 'labels.csv', '--epochs', '10', '--batch', '8', ...flags('fine', '0.0005'))
    heeded('fine', fine, 10)
    expect(fine.stderr).toMatch(/48 training texts from .*labels\.csv, on top of .*run-bert/)
    expect(fine.stderr).toMatch(/Pretrained: [\d.]+ % right; the same network from random weights: [\d.]+ %/)
    expect(fine.json.testAccuracy).toBe(1)
    expect(fine.json.scratchAccuracy).toBeLessThanOrEqual(1)
    const sorted = JSON.parse((await gradus(folder, 'predict', 'run-fine', 'the cat sat on that', 'the hat was on the mat', '--json', '--device', 'wasm')).stdout) as { predictions: { class: string; probability: number; probabilities: Record<string, number> }[] }
    expect(sorted.predictions.map((p) => p.class)).toEqual(['animals', 'things'])
    for (const { probability, probabilities } of sorted.predictions) expect([probability > 0.5, probabilities.animals! + probabilities.things!]).toEqual([true, expect.closeTo(1, 5)])
    expect((await gradus(folder, 'predict', 'run-fine', 'the cat sat on that', '--device', 'wasm')).stdout).toMatch(/^the cat sat on that: animals \([\d.]+ %\)\nanimals +[\d.]+ % █/)
    expect((await gradus(folder, 'explain', 'run-fine', 'the cat', '--class', 'things', '--method', 'integrated', '--device', 'wasm')).stdout).toMatch(/ — for things \([\d.]+ %\)\n‹start› /)
    const filled = JSON.parse((await gradus(folder, 'predict', 'run-bert', 'aaaaaaaa[MASK]aaaa__aaaaaa', '--json', '--device', 'wasm')).stdout) as { predictions: { filled: string; gaps: { token: string; probability: number }[][] }[] }
    expect(filled.predictions[0]).toMatchObject({ filled: 'a'.repeat(20), gaps: [{ length: 5, 0: { token: 'a' } }, { length: 5, 0: { token: 'a' } }] })
    expect((await gradus(folder, 'predict', 'run-bert', 'aaaa')).stderr).toMatch(/the text has no gap: expected \[MASK\] or ___/)
    expect((await gradus(folder, 'predict', 'run-bert', 'a'.repeat(40))).stderr).toMatch(/too long: expected at most 23 tokens, received 40/)
    expect((await gradus(folder, 'explain', 'run-bert', 'aaa__aaa', '--device', 'wasm')).stdout).toMatch(/"aaaaaaa": "a" [\d.]+ %\n.*selfAttention, the mean of 4 heads/)
    expect((await gradus(folder, 'evaluate', 'run-fine', '--device', 'wasm')).stdout).toMatch(/12 of 12 right.*\n\nConfusion matrix/)
    expect((await gradus(folder, 'train', 'bert', 'run-fine', '--finetune', 'labels.csv')).stderr).toMatch(/run-fine is no pretrained run/)
  })
})

describe('what goes wrong is said', () => {
  test('arguments', async () => {
    const wrong: [string[], RegExp][] = [
      [['train', 'chars'], /chars needs a text file\. For example: gradus train chars FILE\.txt/],
      [['train', 'chars', 'none.txt'], /there is no file .*none\.txt/],
      [['train', 'chars', 'rhyme.txt', '--tokenizer', 'bqe'], /unknown value of --tokenizer .*bqe.*did you mean "?bpe/i],
      [['train', 'digits', 'rhyme.txt'], /digits takes no file beside its name: rhyme\.txt/],
      [['train', 'digits', '--context', '8'], /digits has no option --context/],
      [['train', 'chars', 'rhyme.txt', '--resume', 'run-gpt', '--context', '64'], /has --context 32; it cannot go on with 64/],
      [['generate', 'run-gpt', '--prompt', 'the cät'], /the character "ä" \(U\+00E4\) at place 5 is not in the alphabet/],
      [['train', 'translate', 'rhyme.txt', '--model', 'gpt'], /unknown model of translate/],
      [['translate', 'run-gpt', 'the cat'], /does not translate/],
      [['generate', 'run-gpt', '--top-p', '2'], /Expected a number above 0, up to 1/],
    ]
    for (const [args, message] of wrong) {
      const { code, stderr } = await gradus(folder, ...args)
      expect(stderr, args.join(' ')).toMatch(message)
      expect(stderr).not.toMatch(/^ +at /m)
      expect(code).toBeGreaterThan(0)
    }
  })
  test('a damaged tokenizer', async () => {
    const file = join(folder, 'run-gru/tokenizer.json')
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20))
    expect(await gradus(folder, 'generate', 'run-gru')).toMatchObject({ code: 1, stderr: expect.stringMatching(/tokenizer\.json is damaged/) })
  })
})
