// @ts-check
// The rooms of src/ and their arrows (who may import whom). The whole list: what is not here is refused.
// `.dependency-cruiser.mjs` turns it into rules; `import type` counts like any other import.

const core = ['base', 'ir', 'transform', 'compile', 'render', 'runtime']

/** @type {Readonly<Record<string, readonly string[]>>} */
export const ROOMS = {
  base: [],
  ir: ['base'],
  transform: ['base', 'ir'],
  compile: ['base', 'ir'],
  render: ['base', 'ir'],
  runtime: ['base'],
  tensor: core,
  nn: ['base', 'tensor'],
  formats: ['base', 'ir', 'tensor', 'nn'],
  data: ['base', 'tensor', 'formats'],
  train: ['base', 'tensor', 'nn', 'data', 'formats'],
  models: ['base', 'tensor', 'nn'],
  explain: ['base', 'tensor', 'nn'],
  recipes: ['base', 'tensor', 'nn', 'data', 'train', 'models', 'explain'],
  cli: [...core, 'tensor', 'nn', 'data', 'formats', 'train', 'models', 'explain', 'recipes'],
}

/** What `import … from 'gradus'` (src/index.ts) is made of. */
export const ROOT_ENTRY = [...core, 'tensor']

/** Rooms that run unchanged in a browser: no Node built-in, no dependency. `runtime` loads Node modules on use. */
export const BROWSER_SAFE = ['base', 'ir', 'transform', 'compile', 'render', 'tensor', 'nn']

/** Rooms published as `gradus/NAME`; `gradus` itself is src/index.ts. */
export const PUBLIC = ['nn', 'data', 'train', 'models', 'explain', 'recipes', 'formats']
