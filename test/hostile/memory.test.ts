// What bad files cost, measured in a process of each loader's own: at most 100 ms of the processor, and twice the file and
// 50 MB of resident memory. A reader that allocates what a header claims is found here, whatever it does afterwards.
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corpus } from './corpus.ts'
import { LOADERS, type LoaderName } from './loaders.ts'
import type { Cost } from './measure.ts'

const MOST_MS = 100
const EXTRA = 50e6
// beside the fuzzer's bundles: test/golden is found from there
const outfile = fileURLToPath(new URL(`../fuzz/.bundle-memory-${process.pid}.mjs`, import.meta.url))

beforeAll(async () => {
  await build({ entryPoints: [fileURLToPath(new URL('measure.ts', import.meta.url))], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'warning' })
})
afterAll(() => rmSync(outfile, { force: true }))

async function measure(name: string): Promise<Cost[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', outfile, name], { maxBuffer: 2 ** 24 })
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Cost)
}

test('a careless reader is seen', async () => {
  const [cost] = await measure('careless')
  expect(cost!.ms).toBeGreaterThan(MOST_MS)
  expect(cost!.grown).toBeGreaterThan(100e6)
}, 60_000)

describe.each(Object.keys(LOADERS) as LoaderName[])('%s', (name) => {
  const cases = corpus.filter((c) => c.loader === name)
  test.skipIf(cases.length === 0)(`${cases.length} files`, async () => {
    const tooMuch = async (): Promise<Cost[]> => {
      const costs = await measure(name)
      expect(costs.map((c) => c.title)).toEqual(cases.map((c) => c.title))
      return costs.filter((c) => !c.refused || c.ms > MOST_MS || c.grown > 2 * c.bytes + EXTRA)
    }
    // on a busy machine the same work takes more of the processor: what costs too much does so twice
    const first = await tooMuch()
    const again = first.length === 0 ? [] : (await tooMuch()).map((c) => c.title)
    expect(first.filter((c) => again.includes(c.title))).toEqual([])
  }, 60_000)
})
