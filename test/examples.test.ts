// Every file in examples/ and every program in README.md and docs/data.md is run, and prints exactly what its `// →` comments say.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { format } from 'node:util'
import { afterAll, describe, expect, it, vi } from 'vitest'

const folder = new URL('../examples/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))

async function printsWhatItPromises(file: URL): Promise<void> {
  const promised = [...readFileSync(file, 'utf8').matchAll(/\/\/ → (.*)$/gm)].map((m) => m[1]!)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => void printed.push(...format(...parts).split('\n')))
  try {
    await import(file.href)
  } finally {
    log.mockRestore()
  }
  expect(printed).toEqual(promised)
  expect(promised.length).toBeGreaterThan(0)
}

describe('examples', () => {
  it.each(files)('%s', async (name) => {
    await printsWhatItPromises(new URL(name, folder))
  })
})

describe.each(['README.md', 'docs/data.md'])('%s', (page) => {
  const programs = [...readFileSync(new URL(`../${page}`, import.meta.url), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => m[1]!)
  const scratch = new URL(`../.cache/programs-${page.replace(/\W/g, '-')}-${process.pid}/`, import.meta.url)
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))
  it.each(programs.map((text, i) => [i + 1, text] as const))('program %d', async (i, text) => {
    mkdirSync(scratch, { recursive: true })
    const file = new URL(`${i}.ts`, scratch)
    writeFileSync(file, text)
    await printsWhatItPromises(file)
  })
})
