import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { VERSION } from '../base/index.ts'
import { backend, setDevice } from './devices.ts'
import { matmul, tensor } from './index.ts'
import { chooseTile } from './tile-choice.ts'
import { machineKey, nativeProblem, readTile, writeTile } from '../runtime/index.ts'

const TILES = [{ rows: 4, vectors: 2 }, { rows: 6, vectors: 2 }, { rows: 3, vectors: 4 }]

/** Chooses with a clock of its own: `cost(candidate, run)` is what the n-th run of a candidate takes, ms. */
function choose(cost: (candidate: number, run: number) => number, { step = 0.005, work = [1, 1, 1] } = {}): { tile: ReturnType<typeof chooseTile>; passed: number } {
  let [time, looks] = [0, 0]
  const runs = [0, 0, 0]
  const tile = chooseTile(TILES, {
    run: (i, times) => {
      for (let t = 0; t < times; t++) time += cost(i, runs[i]!++)
    },
    work: (i) => work[i]!,
    now: () => {
      time += looks++ % 2 === 0 ? 0 : 0.001
      return Math.floor(time / step) * step
    },
    budget: 25,
  })
  return { tile, passed: time }
}

describe('the choice', () => {
  test('the fastest, when it is clearly faster', () => {
    expect(choose((i) => [0.2, 0.12, 0.3][i]!).tile).toEqual(TILES[1])
    expect(choose((i) => [0.2, 0.3, 0.15][i]!).tile).toEqual(TILES[2])
    expect(choose((i) => [0.2, 0.196, 0.3][i]!).tile).toEqual(TILES[0])
  })
  test('by multiplication, not by run', () => {
    expect(choose((i) => [0.2, 0.3, 0.3][i]!, { work: [1, 2, 1] }).tile).toEqual(TILES[1])
  })
  test('code that is compiled anew meanwhile is judged by its later runs', () => {
    expect(choose((i, run) => (run < 3 ? [0.5, 0.9, 0.6][i]! : [0.2, 0.12, 0.3][i]!)).tile).toEqual(TILES[1])
  })
  test('noise of other programs is not taken for slowness', () => {
    expect(choose((i, run) => [0.2, 0.12, 0.3][i]! * (run % 23 === 22 ? 30 : 1)).tile).toEqual(TILES[1])
  })
  test('in doubt there is none: a coarse clock, code that is not compiled yet, a machine that is busy', () => {
    expect(choose((i) => [0.2, 0.12, 0.3][i]!, { step: 1 }).tile).toBeNull()
    expect(choose((i) => [0.9, 0.12, 0.3][i]!).tile).toBeNull()
    const busy = choose(() => 20)
    expect(busy.tile).toBeNull()
    expect(busy.passed).toBeLessThan(150)
  })
  test('it takes the time it was given', () => {
    expect(choose((i) => [0.2, 0.12, 0.3][i]!).passed).toBeLessThan(30)
    expect(choose((i) => [0.2, 0.12, 0.3][i]!, { step: 0.1 })).toMatchObject({ tile: TILES[1] })
  })
})

test('the version that choices hold for is this one', () => {
  expect(VERSION).toBe((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version)
})

describe('on disk', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gradus-tiles-'))
    vi.stubEnv('GRADUS_CACHE', folder)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
    setDevice('reference')
  })
  const files = (): string[] => readdirSync(join(folder, 'tiles')).map((f) => join(folder, 'tiles', f))

  test('what was written is read; of another machine, damaged or foreign it is not believed', () => {
    const key = machineKey('wasm')
    expect(key).toContain(VERSION)
    expect(key).toContain(process.versions.v8)
    expect(readTile(key, TILES)).toBeNull()
    writeTile(key, TILES[1]!)
    expect(readTile(key, TILES)).toEqual(TILES[1])
    expect(readTile(machineKey('native'), TILES)).toBeNull()
    expect(readTile(key, [TILES[0]!])).toBeNull()
    const [file] = files()
    const whole = readFileSync(file!, 'utf8')
    for (const bad of [whole.slice(0, 20), '', 'null', '[]', '{"rows":1e9,"vectors":2}', whole.replace('6', '4000'), whole.replace(VERSION, '0')]) {
      writeFileSync(file!, bad)
      expect(readTile(key, TILES), bad).toBeNull()
    }
    writeTile(key, TILES[1]!)
    expect(readTile(key, TILES)).toEqual(TILES[1])
    expect(files().length).toBe(1) // nothing half-written is left
  })
  test('a folder that is none: nothing is kept, nothing thrown', () => {
    writeFileSync(join(folder, 'tiles'), '')
    writeTile(machineKey('wasm'), TILES[1]!)
    expect(readTile(machineKey('wasm'), TILES)).toBeNull()
  })
  test.skipIf(nativeProblem() !== null).each(['wasm', 'native'] as const)('%s measures for a large product, keeps the choice, and gives the same bits without', async (name) => {
    const [a, b] = [1, 2].map((s) => tensor(Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i * s)), { shape: [256, 256] }))
    const product = async (probe: boolean): Promise<unknown> => {
      setDevice(name, { threads: 1, probe })
      const before = backend().memory().bytes
      await matmul(tensor([[1, 2]]), tensor([[3], [4]])).data()
      const data = await matmul(a!, b!).data()
      expect(backend().memory().bytes - before).toBeLessThan(4e6)
      return data
    }
    const without = await product(false)
    expect(() => files()).toThrow() // nothing was measured, nothing kept
    expect(await product(true)).toEqual(without)
    // Undecided on a busy machine, nothing is kept; else one file that the next process believes.
    for (const file of readdirSync(folder).includes('tiles') ? files() : []) expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ key: expect.stringContaining(VERSION) as string, rows: expect.any(Number) as number })
  })
})
