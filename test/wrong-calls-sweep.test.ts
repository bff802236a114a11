// Every function and class the package exports, called with arguments that it does not take: a typed error in words the
// caller knows, or an answer; never a TypeError from inside, never waiting, never gigabytes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PUBLIC } from '../scripts/rooms.mjs'
import * as data from '../src/data/index.ts'
import * as explain from '../src/explain/index.ts'
import * as formats from '../src/formats/index.ts'
import * as gradus from '../src/index.ts'
import * as models from '../src/models/index.ts'
import * as nn from '../src/nn/index.ts'
import * as recipes from '../src/recipes/index.ts'
import * as train from '../src/train/index.ts'
import { foreignErrors } from './support/wrong-arguments.ts'

/** Not called, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  traceGraph: 'no function for users: what jit and exportOnnx are made of',
  tensorOf: 'its first argument is the name that its error bears',
}
/** The errors of the library are made by it. */
const isError = (name: string): boolean => name.endsWith('Error')
/** Operations of messages that are neither exported nor methods, and where a reader meets them. */
const WORDS = ['read', 'tree']

type Exported = [name: string, value: (...args: unknown[]) => unknown]
const ENTRIES: Readonly<Record<string, object>> = { gradus, nn, data, train, models, explain, recipes, formats }
const DONE = ['gradus']
const exportsOf = (room: string): Exported[] => Object.entries(ENTRIES[room]!).filter((entry): entry is Exported => typeof entry[1] === 'function' && !isError(entry[0]))
const isClass = (f: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(f))

const before = process.cwd()
let folder = ''
const known = new Set<string>(WORDS)
beforeAll(async () => {
  gradus.setDevice('reference')
  folder = mkdtempSync(join(tmpdir(), 'gradus-wrong-calls-'))
  process.chdir(folder)
  for (const room of Object.keys(ENTRIES)) for (const [name] of exportsOf(room)) known.add(name)
  for (const name of Object.getOwnPropertyNames(gradus.Tensor.prototype)) known.add(name)
})
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

test('all rooms are here', () => expect(Object.keys(ENTRIES)).toEqual(['gradus', ...PUBLIC]))

test.each(DONE)('%s', async (room) => {
  const wrong: string[] = []
  for (const [name, f] of exportsOf(room)) {
    if (name in LEFT_OUT) continue
    const call = isClass(f) ? (...args: unknown[]): unknown => Reflect.construct(f, args) : f
    const told = ({ operation, message }: gradus.GradusError, label: string): void => {
      if (!known.has(operation)) wrong.push(`${name} (${label}) speaks of something else: ${message}`)
    }
    wrong.push(...(await foreignErrors(name, call, told)))
  }
  expect(wrong).toEqual([])
})
