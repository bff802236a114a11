// Every file in examples/ is run, and prints exactly what its `// →` comments say, line by line.
import { readFileSync, readdirSync } from 'node:fs'
import { format } from 'node:util'
import { describe, expect, it, vi } from 'vitest'

const folder = new URL('../examples/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))

describe('examples', () => {
  it.each(files)('%s', async (name) => {
    const promised = [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\/\/ → (.*)$/gm)].map((m) => m[1]!)
    const printed: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => void printed.push(...format(...parts).split('\n')))
    try {
      await import(new URL(name, folder).href)
    } finally {
      log.mockRestore()
    }
    expect(printed).toEqual(promised)
    expect(promised.length).toBeGreaterThan(0)
  })
})
