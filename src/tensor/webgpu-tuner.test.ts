// The tuner with a clock of its own: what is fastest is taken and kept, and nothing is believed that was not measured whole.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { VERSION } from '../base/index.ts'
import { GPU_SHAPES, type GpuTile, tileBy, tilesWithin } from '../compile/gpu/index.ts'
import { chooseTiles, keptHere, worthTuning } from './webgpu-tuner.ts'

const LIMITS = { maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 16384 }
const CLASSES = Object.keys(GPU_SHAPES) as (keyof typeof GPU_SHAPES)[]
const same = (a: GpuTile, b: GpuTile): boolean => JSON.stringify(a) === JSON.stringify(b)

describe('choosing', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gradus-gpu-tiles-'))
    vi.stubEnv('GRADUS_CACHE', folder)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })
  /** `price` of a tile in ms; every measurement takes that long. */
  function tuning(price: (tile: GpuTile, M: number) => number, adapter = 'card') {
    let time = 0
    const measured: GpuTile[] = []
    const measure = async (tile: GpuTile, [M]: readonly [number, number, number]): Promise<number> => {
      measured.push(tile)
      const ms = price(tile, M)
      time += Number.isFinite(ms) ? ms : 1
      return ms
    }
    return { measured, run: () => chooseTiles({ adapter, limits: LIMITS, measure, now: () => time, kept: keptHere() }) }
  }

  test('the fastest tile of each class is taken, kept, and read the next time', async () => {
    const [thin, small, large] = [tilesWithin(LIMITS, 'thin')[1]!, tilesWithin(LIMITS, 'small')[3]!, tilesWithin(LIMITS, 'large')[2]!]
    const a = tuning((t, M) => (same(t, M === 32 ? thin : M === 128 ? small : large) ? 1 : 2))
    const chosen = await a.run()
    expect(chosen).toEqual({ thin, small, medium: large, wide: large, large })
    expect(a.measured.length).toBe(CLASSES.reduce((sum, name) => sum + 3 * tilesWithin(LIMITS, name).length, 0))
    const b = tuning(() => 1)
    expect(await b.run()).toEqual(chosen)
    expect(b.measured).toEqual([])
    const other = tuning(() => 1, 'another card')
    expect((await other.run()).thin).toEqual(tilesWithin(LIMITS, 'thin')[0])
    expect(other.measured.length).toBeGreaterThan(0)
  })
  test('a half-written or foreign file is measured anew', async () => {
    await tuning(() => 1).run()
    const files = readdirSync(join(folder, 'tiles')).map((f) => join(folder, 'tiles', f))
    expect(files.length).toBe(CLASSES.length)
    for (const bad of [(s: string) => s.slice(0, 25), (s: string) => s.replace(VERSION, '0'), (s: string) => s.replace(/"depth":\d+/, '"depth":5000')]) {
      writeFileSync(files[0]!, bad(readFileSync(files[0]!, 'utf8')))
      const again = tuning(() => 1)
      await again.run()
      expect(CLASSES.map((name) => 3 * tilesWithin(LIMITS, name).length)).toContain(again.measured.length)
    }
  })
  test('what a driver refuses is not taken; where time runs out, nothing half-measured is', async () => {
    const [refused, second] = tilesWithin(LIMITS, 'small')
    const a = tuning((t) => (same(t, refused!) ? Number.NaN : 1), 'a')
    expect((await a.run()).small).toEqual(second)
    const slow = tuning(() => 1400, 'slow')
    expect(await slow.run()).toEqual({})
    expect(slow.measured.length).toBeLessThan(8)
    // by rule
    expect(tileBy({})(512, 512)).toEqual({ rows: 64, columns: 64, depth: 16, own: 4 })
  })
})

test('tiles fit the adapter and the product', () => {
  for (const { rows, columns, depth, own } of CLASSES.flatMap((name) => tilesWithin(LIMITS, name))) {
    expect((rows / own) * (columns / own)).toBeLessThanOrEqual(256)
    expect(4 * depth * (rows + columns)).toBeLessThanOrEqual(16384)
  }
  expect(tilesWithin({ maxComputeInvocationsPerWorkgroup: 1024, maxComputeWorkgroupStorageSize: 32768 }, 'large').length).toBeGreaterThan(tilesWithin(LIMITS, 'large').length)
  expect(tileBy({ thin: { rows: 64, columns: 64, depth: 8, own: 4 } })(3, 700)).toEqual({ rows: 8, columns: 64, depth: 8, own: 4 })
})

test('processors that play a GPU are not measured, and it can be switched off', () => {
  const card = { vendor: 'nvidia', description: '', device: '', architecture: 'ampere' }
  expect(worthTuning(card)).toBe(process.env.GRADUS_TILE !== 'off')
  expect(worthTuning({ ...card, description: 'SwiftShader Device (LLVM 16)' })).toBe(false)
  expect(worthTuning({ ...card, isFallbackAdapter: true })).toBe(false)
  vi.stubEnv('GRADUS_TILE', 'off')
  expect(worthTuning(card)).toBe(false)
  vi.stubEnv('GRADUS_TILE', 'on')
  expect(worthTuning(card)).toBe(true)
  vi.unstubAllEnvs()
})
