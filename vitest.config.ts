// In turn: ordinary tests; `*.heavy.test.ts` (training runs, browsers), both two files at a time; and `*.alone.test.ts` one by one:
// what measures time or memory, and what writes `dist` anew.
import { defineConfig } from 'vitest/config'
import { gpuEnvironment } from './scripts/gpu.mjs'
import { sources } from './scripts/sources.mjs'
import Summary from './scripts/summary-reporter.mjs'

// Inherited by the processes that run the tests: the loader of libraries looks at it when they start.
Object.assign(process.env, gpuEnvironment())
// Every run of the tests takes the same register tiles (tests of the choice itself ask for it).
process.env.GRADUS_TILE ??= 'off'

const heavy = ['{test,apps/studio/test}/**/*.heavy.test.ts']
const alone = ['{test,apps/studio/test}/**/*.alone.test.ts']
const shared = { testTimeout: 60_000, hookTimeout: 60_000, execArgv: ['--expose-gc'] }
const long = { ...shared, testTimeout: 300_000, hookTimeout: 300_000 }

export default defineConfig({
  resolve: { alias: sources },
  test: {
    reporters: ['default', new Summary()],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'unit',
          include: ['{src,test}/**/*.test.ts'],
          exclude: [...heavy, ...alone],
          sequence: { groupOrder: 0 },
        },
      },
      'apps/studio/vitest.config.ts',
      { extends: true, test: { ...long, name: 'heavy', include: heavy, sequence: { groupOrder: 2 } } },
      { extends: true, test: { ...long, name: 'alone', include: alone, fileParallelism: false, sequence: { groupOrder: 3 } } },
    ],
  },
})
