// Every bad file is refused by one typed error that names file, field and limit, soon and in little memory; and so is every
// good one cut off at any byte.
import { describe, expect, test } from 'vitest'
import { GradusError } from '../../src/base/index.ts'
import { judgeTime } from '../fuzz/judge.ts'
import { corpus } from './corpus.ts'
import { LOADERS, type Loader, type LoaderName } from './loaders.ts'

async function errorOf(loader: Loader, bytes: Uint8Array, name: string): Promise<unknown> {
  try {
    await loader.load(new Uint8Array(bytes), name)
  } catch (error) {
    return error
  }
  return undefined
}

test('there are at least a hundred, each with a title of its own', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(100)
  expect(new Set(corpus.map((c) => `${c.loader}: ${c.title}`)).size).toBe(corpus.length)
})

describe.each(Object.keys(LOADERS) as LoaderName[])('%s', (name) => {
  const loader: Loader = LOADERS[name]
  const cases = corpus.filter((c) => c.loader === name)
  test.each(cases.map((c) => [c.title, c] as const))('%s', async (_, { bytes, error }) => {
    const file = new Uint8Array(bytes())
    const thrown = await errorOf(loader, file, 'models/bad.bin')
    expect(thrown).toBeInstanceOf(GradusError)
    expect((thrown as Error).message).toMatch(error)
    expect((thrown as Error).message).toContain('models/bad.bin')
    // memory is measured in a process of each loader's own: memory.test.ts
    expect(await judgeTime(loader, file, 'models/bad.bin')).toBeNull()
  })
  test('good files are taken whole, and refused when cut off anywhere', async () => {
    for (const seed of loader.seeds()) {
      const whole = await errorOf(loader, seed, 'good.bin')
      expect(whole === undefined || whole instanceof GradusError, String(whole)).toBe(true)
      if (whole !== undefined) continue
      const step = Math.max(1, Math.floor(seed.length / 1500))
      for (let length = 0; length < seed.length; length += step) {
        const thrown = await errorOf(loader, seed.slice(0, length), 'cut.bin')
        if (loader.text === true && thrown === undefined) continue
        expect(thrown, `${length} of ${seed.length} bytes`).toBeInstanceOf(GradusError)
        expect((thrown as Error).message).toContain('cut.bin')
      }
    }
  })
})

test('nothing reached the prototypes', () => {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>).dtype).toBeUndefined()
})
