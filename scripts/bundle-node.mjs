// @ts-check
// What Node loads: the compiled files of dist/ put together in dist/node/, one file an entry and what entries share between
// them, so that a program reads a dozen files and not two hundred. Browsers' bundlers get the single files.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build } from 'esbuild'

/** The entries of the package, and of the command. */
const ENTRIES = ['index', 'nn/index', 'data/index', 'train/index', 'models/index', 'explain/index', 'recipes/index', 'formats/index', 'cli/main']

/**
 * A file that looks for its neighbours still finds them from where its code is now.
 * @param {string} dist
 * @returns {import('esbuild').Plugin}
 */
const places = (dist) => ({
  name: 'places',
  setup: (b) => b.onLoad({ filter: /\.js$/ }, ({ path }) => {
    const text = readFileSync(path, 'utf8')
    if (!text.includes('import.meta.url')) return undefined
    const from = relative(join(dist, 'node'), path).replaceAll('\\', '/')
    return { contents: text.replaceAll('import.meta.url', `new URL(${JSON.stringify(from)}, import.meta.url).href`), loader: 'js' }
  }),
})

/** @param {string} dist the folder that holds the compiled files */
export async function bundleForNode(dist) {
  await build({
    entryPoints: ENTRIES.map((entry) => ({ in: join(dist, `${entry}.js`), out: entry.replace(/\/index$/, '').replace('/', '-') })),
    outdir: join(dist, 'node'),
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [places(dist)],
  })
  // The command is called by the name it always had. Node 22 and newer keep what they compiled.
  const main = join(dist, 'cli/main.js')
  writeFileSync(main, `#!/usr/bin/env node
import module from 'node:module'

module.enableCompileCache?.()
await import('../node/cli-main.js')
`)
  chmodSync(main, 0o755)
}
