// @ts-check
// package-lock.json works for everybody: no addresses of a registry in it, and every package for another
// platform is listed (a lock made where a registry does not have all of them breaks `npm ci` everywhere).
// `--write` (npm run lock) makes the file anew, in a folder of its own: npm leaves out other platforms'
// packages when it finds node_modules already there.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

if (process.argv.includes('--write')) {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-lock-'))
  const apps = existsSync(join(root, 'apps')) ? readdirSync(join(root, 'apps')) : []
  for (const name of ['package.json', '.npmrc', ...apps.map((app) => `apps/${app}/package.json`)]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name))
  }
  const args = ['install', '--package-lock-only', '--ignore-scripts']
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status === 0) cpSync(join(folder, 'package-lock.json'), join(root, 'package-lock.json'))
  rmSync(folder, { recursive: true, force: true })
}

/** @typedef {{ resolved?: string, link?: boolean, optionalDependencies?: Record<string, string> }} Package */
/** @type {{ packages: Record<string, Package> }} */
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

/** Node's search: from the package's own folder upwards. @param {string} from @param {string} name */
function isListed(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (packages[`${at}${at === '' ? '' : '/'}node_modules/${name}`] !== undefined) return true
    if (at === '') return false
  }
}

const complaints = Object.entries(packages).flatMap(([path, { resolved, link, optionalDependencies }]) => [
  ...(resolved !== undefined && !link ? [`${path}: holds an address (${resolved})`] : []),
  ...Object.keys(optionalDependencies ?? {}).filter((name) => !isListed(path, name)).map((name) => `${path}: ${name} is not listed`),
])
for (const line of complaints) console.error(line)
if (complaints.length > 0) {
  console.error('Make it anew with `npm run lock`; if that does not help, take another version of the package.')
  process.exit(1)
}
