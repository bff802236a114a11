// Two groups: ordinary tests two files at a time, then `*.heavy.test.ts` (training runs, packaging,
// browsers) one file at a time, so that their timings and memory do not disturb each other.
import { defineConfig } from 'vitest/config'
import { gpuEnvironment } from './scripts/gpu.mjs'
import { sources } from './scripts/sources.mjs'
import Summary from './scripts/summary-reporter.mjs'

// Inherited by the processes that run the tests: the loader of libraries looks at it when they start.
Object.assign(process.env, gpuEnvironment())
// Every run of the tests takes the same register tiles (tests of the choice itself ask for it).
process.env.GRADUS_TILE ??= 'off'

const heavy = ['{src,test,apps/studio/test}/**/*.heavy.test.ts']
const shared = { testTimeout: 60_000, hookTimeout: 60_000, execArgv: ['--expose-gc'] }

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
          exclude: heavy,
          sequence: { groupOrder: 0 },
        },
      },
      'apps/studio/vitest.config.ts',
      {
        extends: true,
        test: {
          ...shared,
          name: 'heavy',
          include: heavy,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
