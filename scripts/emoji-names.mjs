// @ts-check
// node scripts/emoji-names.mjs FILE.tsv [--languages en,ru]: the names of emoji in two languages (CLDR, from the npm package
// emojibase-data, fetched by npm pack and not installed), one pair a line: what train translate is measured on.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { languages: { type: 'string', default: 'en,ru' } } })
const [from, to] = values.languages.split(',')
if (positionals[0] === undefined || from === undefined || to === undefined) {
  console.error('node scripts/emoji-names.mjs FILE.tsv [--languages en,ru]')
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), 'gradus-emoji-'))
try {
  const packed = execFileSync('npm', ['pack', '--silent', 'emojibase-data@17.0.0'], { cwd: folder, encoding: 'utf8' }).trim().split('\n').at(-1) ?? ''
  execFileSync('tar', ['xzf', packed, `package/${from}/compact.json`, `package/${to}/compact.json`], { cwd: folder })
  /** @param {string} language @returns {{ hexcode: string, label: string }[]} */
  const names = (language) => JSON.parse(readFileSync(join(folder, 'package', language, 'compact.json'), 'utf8'))
  const other = new Map(names(to).map(({ hexcode, label }) => [hexcode, label]))
  const lines = names(from).flatMap(({ hexcode, label }) => (other.has(hexcode) ? [`${label}\t${other.get(hexcode)}`] : []))
  writeFileSync(positionals[0], `${lines.join('\n')}\n`)
  console.log(`${lines.length} pairs in ${positionals[0]}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
