// Folders that are not to be trusted: nothing outside them is read, no code in them is run, no pipe is waited for.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FormatError, type NDArray } from '../../src/base/index.ts'
import { openShardedSafetensors, openWeights, writeSafetensors } from '../../src/formats/index.ts'
import { readSettings } from '../../src/recipes/index.ts'
import { loadCheckpoint, saveCheckpoint } from '../../src/train/index.ts'

const unix = process.platform !== 'win32'
let root: string
let folder: string
let made = 0
const one: NDArray = { dtype: 'float32', shape: [1], data: Float32Array.of(7) }
const secret = writeSafetensors({ a: one })

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'gradus-hostile-'))
  writeFileSync(join(root, 'secret.safetensors'), secret)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeEach(() => {
  folder = join(root, `folder ${made++}`)
  mkdirSync(folder)
})
const refused = async (work: Promise<unknown>, message: RegExp): Promise<void> => {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FormatError)
  expect((error as Error).message).toMatch(message)
}

describe('a model in several files', () => {
  const index = (name: string): string => {
    const path = join(folder, 'model.safetensors.index.json')
    writeFileSync(path, JSON.stringify({ weight_map: { a: name } }))
    return path
  }
  test('a file in the folder is read', async () => {
    writeFileSync(join(folder, 'a.safetensors'), secret)
    const file = await openShardedSafetensors(index('a.safetensors'))
    expect([...(await file.read('a')).data]).toEqual([7])
    await file.close()
  })
  test.each(['../secret.safetensors', '..', '.', '', 'x/../../secret.safetensors', '/etc/passwd', '..\\secret.safetensors', 'file:secret.safetensors', 'https://example.org/secret.safetensors', 'a\u0000b'])('the name %j', async (name) => {
    await refused(openShardedSafetensors(index(name)), /model\.safetensors\.index\.json: it names a file outside its folder/)
  })
  test.skipIf(!unix)('a link out of the folder', async () => {
    symlinkSync(join(root, 'secret.safetensors'), join(folder, 'a.safetensors'))
    await refused(openShardedSafetensors(index('a.safetensors')), /"a\.safetensors" is a link out of the folder/)
  })
  test.skipIf(!unix)('links in a circle', async () => {
    symlinkSync(join(folder, 'b.safetensors'), join(folder, 'a.safetensors'))
    symlinkSync(join(folder, 'a.safetensors'), join(folder, 'b.safetensors'))
    await refused(openShardedSafetensors(index('a.safetensors')), /"a\.safetensors", which it names, cannot be read \(ELOOP\)/)
  })
  test('a file that is missing', async () => refused(openShardedSafetensors(index('a.safetensors')), /"a\.safetensors", which it names, is missing/))
  test('a tensor that is not where the index says', async () => {
    writeFileSync(join(folder, 'a.safetensors'), writeSafetensors({ b: one }))
    await refused(openShardedSafetensors(index('a.safetensors')), /"a\.safetensors" does not hold "a"/)
  })
  test('a tensor the index does not name', async () => {
    writeFileSync(join(folder, 'a.safetensors'), writeSafetensors({ a: one, b: one }))
    await refused(openShardedSafetensors(index('a.safetensors')), /"a\.safetensors" holds "b", which weight_map does not place there/)
  })
})

describe('a path', () => {
  test('nothing there, a folder', async () => {
    await refused(openWeights(join(folder, 'none.pt')), /none\.pt: there is no such file/)
    await refused(openWeights(folder), /this is a folder/)
  })
  test.skipIf(!unix)('a pipe is not waited for', async () => {
    const path = join(folder, 'pipe.safetensors')
    expect(spawnSync('mkfifo', [path]).status).toBe(0)
    await refused(openWeights(path), /this is no regular file/)
  })
  test.skipIf(!unix)('a device without end', async () => refused(openWeights('/dev/zero'), /this is no regular file/))
})

describe('a checkpoint', () => {
  const progress = { version: 1, seed: 0, batchSize: 1, examples: 1, epochs: 1, epoch: 0, batch: 0, step: 0, seconds: 0, epochSeconds: 0, rateScale: 1, optimizer: 'adam', stopped: null, history: [], callbacks: {} } as const
  const weightsFile = async (): Promise<string> => {
    await saveCheckpoint(folder, { weights: new Map([['a', one]]), training: new Map(), progress })
    const { files } = JSON.parse((await import('node:fs')).readFileSync(join(folder, 'last.json'), 'utf8')) as { files: { weights: { name: string } } }
    return join(folder, files.weights.name)
  }
  test('a good one', async () => {
    await weightsFile()
    expect((await loadCheckpoint(folder)).weights.get('a')).toEqual(one)
  })
  test.skipIf(!unix)('weights that are a link out of the folder', async () => {
    const file = await weightsFile()
    renameSync(file, join(root, 'moved.safetensors'))
    symlinkSync(join(root, 'moved.safetensors'), file)
    await refused(loadCheckpoint(folder), /a link out of its folder/)
  })
  test.skipIf(!unix)('a manifest that is a link out of the folder', async () => {
    await weightsFile()
    renameSync(join(folder, 'last.json'), join(root, 'moved.json'))
    symlinkSync(join(root, 'moved.json'), join(folder, 'last.json'))
    await refused(loadCheckpoint(folder), /a link out of its folder/)
  })
  test('a manifest of a megabyte', async () => {
    writeFileSync(join(folder, 'last.json'), ' '.repeat(1e6))
    await refused(loadCheckpoint(folder), /last\.json: the file is too large: expected at most 65536 bytes/)
  })
  test('a name that leads out', async () => refused(loadCheckpoint(folder, '../last'), /bad name of a checkpoint/))
})

describe('run.json', () => {
  const settings = (file: string | null): void => writeFileSync(join(folder, 'run.json'), JSON.stringify({ version: 1, recipe: null, file, model: 'x', epochs: 1, batchSize: 1, learningRate: 1, seed: 0, data: null, device: 'auto' }))
  test('code in the folder itself is not run', async () => {
    writeFileSync(join(folder, 'evil.ts'), 'throw new Error("it ran")')
    settings(join(folder, 'evil.ts'))
    await refused(readSettings(folder), /run\.json names code inside the run's own folder/)
    settings('evil.ts')
    await refused(readSettings(folder), /names code inside/)
  })
  test('code elsewhere is the user’s own', async () => {
    settings(join(root, 'mine.ts'))
    expect((await readSettings(folder)).file).toBe(join(root, 'mine.ts'))
  })
  test.skipIf(!unix)('a link out of the folder', async () => {
    writeFileSync(join(root, 'other.json'), '{}')
    symlinkSync(join(root, 'other.json'), join(folder, 'run.json'))
    await refused(readSettings(folder), /a link out of its folder/)
  })
})
