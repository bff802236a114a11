// Builds the Studio to dist/studio: static files with relative addresses, for any host and sub-path.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { digits } from './build/digits.mjs'
import { formulas } from './build/formulas.mjs'
import { offline } from './build/offline.mjs'
import { policy } from './build/policy.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))
const gradus = fileURLToPath(new URL('../../src/', import.meta.url))

export default defineConfig({
  root,
  base: './',
  plugins: [formulas(), svelte({ configFile: `${root}svelte.config.js` }), policy(), digits(), offline()],
  resolve: {
    alias: [
      { find: /^gradus$/, replacement: `${gradus}index.ts` },
      { find: /^gradus\/([a-z]+)$/, replacement: `${gradus}$1/index.ts` },
    ],
  },
  worker: { format: 'es', plugins: () => [formulas()] },
  build: {
    outDir: fileURLToPath(new URL('../../dist/studio', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    reportCompressedSize: false,
  },
})
