// Every example in a doc comment of src compiles against the public packages, runs, and gives what it says.
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Example, findExamples, runExample, typeErrors } from './support/examples.ts'

const examples = findExamples()

/** 'gradus' and 'gradus/ROOM' are the sources themselves. */
async function load(name: string): Promise<unknown> {
  const room = /^gradus(?:\/([a-z]+))?$/.exec(name)
  if (room === null) return import(/* @vite-ignore */ name)
  const url = new URL(room[1] === undefined ? '../src/index.ts' : `../src/${room[1]}/index.ts`, import.meta.url)
  if (!existsSync(url)) throw new Error(`no such entry: ${name}`)
  return import(/* @vite-ignore */ url.pathname)
}

/** Numbers to six digits, everything else exactly. */
function close(value: unknown, expected: unknown): unknown {
  if (typeof value === 'number' && typeof expected === 'number' && Math.abs(value - expected) <= 1e-6 * Math.max(1, Math.abs(expected))) return expected
  if (Array.isArray(value) && Array.isArray(expected)) return value.map((v, i) => close(v, expected[i]))
  return value
}

test('there are examples, and they compile', () => {
  expect(examples.length).toBeGreaterThan(20)
  expect(typeErrors(examples)).toEqual([])
}, 120_000)

const byFile = new Map<string, Example[]>()
for (const e of examples.filter((one) => one.runs)) {
  const file = e.place.replace(/:\d+$/, '')
  byFile.set(file, [...(byFile.get(file) ?? []), e])
}
describe.each([...byFile])('%s', (_, list) => {
  test.each(list.map((e): [string, Example] => [e.place, e]))('%s', async (__, example) => {
    await runExample(example, load, (value, expected, line) => expect(close(value, expected), line).toEqual(expected))
  })
})

describe('the examples are really run', () => {
  const compare = (value: unknown, expected: unknown) => expect(close(value, expected)).toEqual(expected)
  const run = (code: string) => runExample({ place: 'here', code, runs: true }, load, compare)
  const start = "import { tensor, type Tensor } from 'gradus'\nconst f = (x: Tensor) => x.mul(2)\n"
  test('a right value passes, a wrong one fails', async () => {
    await run(`${start}await f(tensor([1])).array() // → [2]`)
    await expect(run(`${start}await f(tensor([1])).array() // → [3]`)).rejects.toThrow()
  })
  test('an error fails, and so does a value that nothing is compared with', async () => {
    await expect(run(`${start}f(tensor([1])).reshape(3)`)).rejects.toThrow(/reshape/)
    await expect(run(`${start}const y = 1 // → 1`)).rejects.toThrow(/of their own/)
  })
  test('a wrong type is found', () => {
    expect(typeErrors([{ place: 'here', code: `${start}f('1')`, runs: true }])).toEqual([expect.stringMatching(/^here \(line 3 .*string/)])
  }, 120_000)
})
