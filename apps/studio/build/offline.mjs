// @ts-check
// Writes the service worker: the built files are kept by the browser, so that the Studio opens without a network.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Files fetched when a lab first asks for them, and kept from then on. */
const ON_DEMAND = /^data\//

/** @returns {import('vite').Plugin} */
export function offline() {
  return {
    name: 'studio-offline',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const hash = createHash('sha256')
        const files = Object.keys(bundle).filter((name) => !name.endsWith('.map') && !ON_DEMAND.test(name)).sort()
        for (const name of files) {
          const item = bundle[name]
          hash.update(name)
          if (item !== undefined) hash.update(item.type === 'asset' ? item.source : item.code)
        }
        const listed = ['./', 'icon.svg', 'manifest.webmanifest', ...files.filter((name) => name !== 'index.html')]
        const template = readFileSync(fileURLToPath(new URL('service-worker.js', import.meta.url)), 'utf8')
        const source = template
          .replace("'VERSION'", JSON.stringify(`studio-${hash.digest('hex').slice(0, 12)}`))
          .replace('[/* FILES */]', JSON.stringify(listed))
        this.emitFile({ type: 'asset', fileName: 'sw.js', source })
      },
    },
  }
}
