// @ts-check
// node scripts/book-gaps.mjs BOOK.txt FILE.tsv [--words the,of,…] [--around 6] [--most 200]: a cloze test (Taylor, 1953) from the last tenth
// of a book, which train bert holds back from what it learns: the word that stood in the gap, and the words around it with the gap, a
// line. What train bert --finetune is measured on.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { words: { type: 'string', default: 'the,of,and,to,a,in,that,his' }, around: { type: 'string', default: '6' }, most: { type: 'string', default: '200' } } })
const [book, file] = positionals
if (book === undefined || file === undefined) {
  console.error('node scripts/book-gaps.mjs BOOK.txt FILE.tsv [--words the,of,…] [--around 6] [--most 200]')
  process.exit(2)
}
const text = readFileSync(book, 'utf8')
const words = text.slice(Math.ceil(text.length * 0.9)).replace(/\s+/g, ' ').trim().split(' ')
const [around, most] = [Number(values.around), Number(values.most)]
const lines = values.words.split(',').flatMap((word) => {
  const places = words.flatMap((w, i) => (w === word && i >= around && i + around < words.length ? [i] : []))
  const step = Math.max(1, places.length / most)
  // as many of each at most, evenly from the whole part
  return Array.from({ length: Math.floor(places.length / step) }, (_, k) => places[Math.floor(k * step)] ?? 0)
    .map((i) => `${word}\t${[...words.slice(i - around, i), '___', ...words.slice(i + 1, i + 1 + around)].join(' ')}`)
})
writeFileSync(file, `${lines.join('\n')}\n`)
console.log(`${lines.length} gaps in ${file}`)
