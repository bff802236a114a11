// Unit tests of Studio's logic, with Svelte's runes compiled as for a browser. Part of `npm test` in the root.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineProject } from 'vitest/config'
import { sources } from '../../scripts/sources.mjs'
import { formulas } from './build/formulas.mjs'

export default defineProject({
  plugins: [formulas(), svelte({ configFile: fileURLToPath(new URL('svelte.config.js', import.meta.url)) })],
  resolve: {
    conditions: ['browser'],
    alias: sources,
  },
  test: {
    name: 'studio',
    include: ['{src,test}/**/*.test.ts'],
    exclude: ['**/*.{heavy,alone}.test.ts'],
    setupFiles: [fileURLToPath(new URL('test/served-data.ts', import.meta.url))],
    testTimeout: 60_000,
    sequence: { groupOrder: 1 },
  },
})
