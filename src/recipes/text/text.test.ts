// Texts as data: files that are none, pieces and what follows them, units of the loss.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { chars } from './chars.ts'
import { readText } from './read.ts'
import { windows } from './windows.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-text-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const options = { tokenizer: 'characters', vocabulary: 300, context: 8 }

describe('readText', () => {
  test('what is no text: missing, a folder, empty, another encoding (and where)', async () => {
    await expect(readText(join(folder, 'none.txt'))).rejects.toThrow(/there is no file .*none\.txt/)
    await expect(readText(folder)).rejects.toThrow(/is a folder/)
    await expect(readText(file('empty.txt', ' \n'))).rejects.toThrow(/is empty/)
    const latin = Uint8Array.from([...'die K'].map((c) => c.charCodeAt(0)).concat(0xe4, 0x65))
    await expect(readText(file('wide.txt', Buffer.from('\ufeffabc', 'utf16le')))).rejects.toThrow(/wide\.txt is UTF-16: expected a text file in UTF-8\. Save it as UTF-8, or: iconv -f UTF-16/)
    await expect(readText(file('book.docx', Buffer.from('PK\u0003\u0004abc')))).rejects.toThrow(/book\.docx is a zip archive, perhaps a document .*plain text/)
    await expect(readText(file('latin.txt', latin))).rejects.toThrow(/is not UTF-8.*at place 6.*iconv/)
  })
  test('line ends of Windows become plain ones', async () => expect(await readText(file('crlf.txt', 'a\r\nb'))).toBe('a\nb'))
})

describe('windows', () => {
  test('every token is predicted, from the one before it', () => {
    const tokens = Int32Array.from({ length: 23 }, (_, i) => i)
    const { inputs, targets } = windows(tokens, 5, 'the text')
    expect(inputs.shape).toEqual([5, 5])
    expect([...targets.data]).toEqual([...inputs.data].map((t) => t + 1))
    expect(new Set(targets.data)).toEqual(new Set(tokens.slice(1)))
  })
  test('one piece exactly; one token less is too short', () => {
    expect(windows(Int32Array.from([1, 2, 3]), 2, 'the text').inputs.shape).toEqual([1, 2])
    expect(() => windows(Int32Array.from([1, 2]), 2, 'the text')).toThrow(/the text is too short: expected at least 3 tokens for a context of 2, received 2/)
  })
})

describe('chars', () => {
  const text = 'Ишмаэль — моё имя. '.repeat(40)
  test('the last tenth is held back; characters and byte pairs give the same units', async () => {
    const place = file('book.txt', text)
    for (const tokenizer of ['characters', 'bpe']) {
      const { train, validation, assets } = await chars.data({ folder: place, options: { ...options, tokenizer } })
      expect((await train.form()).inputs.shape).toEqual([8])
      expect(validation!.length).toBeGreaterThan(0)
      const { charactersPerToken, bytesPerToken } = assets!.text as { charactersPerToken: number; bytesPerToken: number }
      const held = text.slice(Math.floor(text.length * 0.9))
      expect(bytesPerToken / charactersPerToken).toBeCloseTo(new TextEncoder().encode(held).length / held.length, 9)
      if (tokenizer === 'characters') expect(charactersPerToken).toBe(1)
      else expect(charactersPerToken).toBeGreaterThan(1)
    }
  })
  test('a text of one short line says what is wrong', async () => {
    await expect(chars.data({ folder: file('line.txt', 'To be, or not to be'), options })).rejects.toThrow(/the part of the text that is held back .* is too short: expected at least 9 tokens for a context of 8, received 2\. Take a longer text, or a smaller --context/)
    await expect((async () => chars.data({ options }))()).rejects.toThrow(/no text is named/)
  })
})
