// @ts-check
// node scripts/book-passages.mjs BOOK.txt FILE.tsv [--chapters 8] [--length 160]: passages of the longest chapters of a book, the
// chapter's title and the passage a line: what train bert --finetune is measured on.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { chapters: { type: 'string', default: '8' }, length: { type: 'string', default: '160' } } })
const [book, file] = positionals
if (book === undefined || file === undefined) {
  console.error('node scripts/book-passages.mjs BOOK.txt FILE.tsv [--chapters 8] [--length 160]')
  process.exit(2)
}
const parts = readFileSync(book, 'utf8').replaceAll('\r\n', '\n').split(/^CHAPTER \d+\. (.+)$/m).slice(1)
const chapters = parts.flatMap((title, i) => (i % 2 === 0 ? [{ title: title.trim().replace(/\.$/, ''), text: (parts[i + 1] ?? '').replace(/\s+/g, ' ').trim() }] : []))
const chosen = chapters.sort((a, b) => b.text.length - a.text.length).slice(0, Number(values.chapters))
const lines = chosen.flatMap(({ title, text }) => {
  /** @type {string[]} */
  const passages = []
  let now = ''
  for (const word of text.split(' ')) {
    now += `${now === '' ? '' : ' '}${word}`
    if (now.length < Number(values.length)) continue
    passages.push(now)
    now = ''
  }
  return passages.map((passage) => `${title}\t${passage}`)
})
writeFileSync(file, `${lines.join('\n')}\n`)
console.log(`${lines.length} passages of ${chosen.length} chapters in ${file}`)
