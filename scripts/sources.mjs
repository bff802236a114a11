// @ts-check
// Where the tests find the package: in its sources, not in what is built of them.
import { fileURLToPath } from 'node:url'

const src = fileURLToPath(new URL('../src/', import.meta.url))
export const sources = [
  { find: /^gradus$/, replacement: `${src}index.ts` },
  { find: /^gradus\/([a-z]+)$/, replacement: `${src}$1/index.ts` },
]
