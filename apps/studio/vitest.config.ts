// Unit tests of Studio's logic, with Svelte's runes compiled as for a browser. Part of `npm test` in the root.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineProject } from 'vitest/config'
import { formulas } from './build/formulas.mjs'

export default defineProject({
  plugins: [formulas(), svelte({ configFile: fileURLToPath(new URL('svelte.config.js', import.meta.url)) })],
  resolve: {
    conditions: ['browser'],
    alias: [
      { find: /^gradus$/, replacement: fileURLToPath(new URL('../../src/index.ts', import.meta.url)) },
      { find: /^gradus\/([a-z]+)$/, replacement: fileURLToPath(new URL('../../src/', import.meta.url)).concat('$1/index.ts') },
    ],
  },
  test: {
    name: 'studio',
    include: ['{src,test}/**/*.test.ts'],
    exclude: ['**/*.heavy.test.ts'],
    setupFiles: [fileURLToPath(new URL('test/served-data.ts', import.meta.url))],
    testTimeout: 60_000,
    sequence: { groupOrder: 1 },
  },
})
