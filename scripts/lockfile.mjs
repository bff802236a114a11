// @ts-check
// package-lock.json works for everybody: no addresses of a registry in it, and every package for another
// platform is listed (a lock made where a registry does not have all of them breaks `npm ci` everywhere).
import { readFileSync } from 'node:fs'

/** @typedef {{ resolved?: string, link?: boolean, optionalDependencies?: Record<string, string> }} Package */
/** @type {{ packages: Record<string, Package> }} */
const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))

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
  console.error('Make it anew without node_modules (`npm install --package-lock-only` in a copy), or take another version.')
  process.exit(1)
}
