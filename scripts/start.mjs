// @ts-check
// `npm start`: builds dist/ when a source is newer than it, then runs the command with the given arguments.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'dist/cli/main.js')

/** @param {string[]} args */
function node(args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

function isStale() {
  if (!existsSync(main)) return true
  const built = statSync(main).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  return sources.some((entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > built)
}

// Ctrl-C goes to the command as well, which saves its run: this process waits for that.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
if (isStale()) node([join(root, 'scripts/build.mjs'), '--library'])
node([main, ...process.argv.slice(2)])
