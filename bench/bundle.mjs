// @ts-check
// Bundles a program of this folder to .cache/, with `gradus` being dist/ as it is shipped. Gives the path.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))

/** What Node loads as `gradus/x`; older checkouts have single files alone. @param {string} name @param {string} root */
export function shipped(name, root) {
  const put = join(root, 'dist/node', `${name.slice('gradus/'.length) || 'index'}.js`)
  return existsSync(put) ? put : join(root, 'dist', name.slice('gradus'.length), 'index.js')
}

/** @param {string} entry without its extension, as 'main' @param {string} [root] a checkout whose dist/ is measured */
export async function bundle(entry, root = process.env.GRADUS_BENCH_ROOT ?? join(here, '..')) {
  const outfile = join(here, '.cache', `${entry}.mjs`)
  await build({
    entryPoints: [join(here, `${entry}.ts`)], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning', packages: 'external',
    plugins: [{
      name: 'gradus',
      setup: (b) => b.onResolve({ filter: /^gradus(\/|$)/ }, ({ path }) => ({ path: pathToFileURL(shipped(path, root)).href, external: true })),
    }],
  })
  return outfile
}
