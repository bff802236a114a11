// Files mapped into memory ({ map: true }): the same numbers and errors as reading gives, views instead of copies, little memory.
import { execFile } from 'node:child_process'
import { closeSync, copyFileSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ELEMENT_TYPES, type RawArray, type WeightsFile, openGguf, openNpz, openSafetensors, openShardedSafetensors, openTorch, openWeights, writeNpy, writeNpz, writeSafetensors } from '../src/formats/index.ts'
import { badGguf } from './hostile/cases/gguf.ts'
import { badNumpy } from './hostile/cases/numpy.ts'
import { badSafetensors } from './hostile/cases/safetensors.ts'

/** Why files are not mapped here; null: they are. */
function whyNot(): string | null {
  if (!['linux', 'darwin'].includes(process.platform)) return `${process.platform} does not map files`
  try {
    createRequire(import.meta.url).resolve('koffi')
    return null
  } catch {
    return 'koffi is not installed'
  }
}
const missing = whyNot()
const root = resolve(import.meta.dirname, '..')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradus-mapped-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

/** Bytes that every type can hold: numbers below 8 in all bytes but the lowest's would not fit into int32. */
const patterned = (type: string, bytes: number): Uint8Array => {
  const width = /64$/.test(type) ? 8 : /32$/.test(type) ? 4 : 1
  return Uint8Array.from({ length: bytes }, (_, i) => (type === 'BOOL' ? i % 2 : /^[IU](32|64)/.test(type) ? (i % width === 0 ? i % 251 : 0) : (i * 7) % 251))
}
const COUNT = 2 ** 17 + 8
const BITS: Readonly<Record<string, number>> = { F4: 4, F6_E2M3: 6, F6_E3M2: 6, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, C64: 64, F64: 64, I64: 64, U64: 64 }
const every = (): Record<string, RawArray> => Object.fromEntries(ELEMENT_TYPES.map((type) => [type, { type, shape: [COUNT], bytes: patterned(type, (COUNT * (BITS[type] ?? 8)) / 8) }]))
const isView = (data: ArrayBufferView): boolean => data.byteLength < data.buffer.byteLength

async function compare(one: WeightsFile, other: WeightsFile): Promise<void> {
  expect([...one.tensors]).toEqual([...other.tensors])
  for (const [name, { type }] of one.tensors) {
    const [a, b] = [await one.readRaw(name), await other.readRaw(name)]
    expect(Buffer.compare(a.bytes, b.bytes), name).toBe(0)
    if (type === 'C64') continue
    const [x, y] = [await one.read(name), await other.read(name)]
    expect([x.dtype, x.shape], name).toEqual([y.dtype, y.shape])
    const bytesOf = ({ data }: typeof x): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    expect(Buffer.compare(bytesOf(x), bytesOf(y)), name).toBe(0)
  }
  await Promise.all([one.close(), other.close()])
}

describe.skipIf(missing !== null)(`mapped files${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  test('every type has the bytes and the numbers that reading gives, and those of the engine are views', async () => {
    const path = put('types.safetensors', writeSafetensors(every()))
    const file = await openSafetensors(path, { map: true })
    for (const type of ['F32', 'F64', 'I32', 'U8', 'BOOL']) expect(isView((await file.read(type)).data), type).toBe(true)
    for (const type of ELEMENT_TYPES) expect(isView((await file.readRaw(type)).bytes), type).toBe(true)
    await compare(file, await openSafetensors(path))
  })
  test('small tensors and numbers that are not aligned are copied', async () => {
    const numbers = Float32Array.from({ length: 20_000 }, (_, i) => i)
    const header = `{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"w":{"dtype":"F32","shape":[20000],"data_offsets":[3,80003]}}`
    const start = Buffer.alloc(8)
    start.writeBigUInt64LE(BigInt(header.length))
    const path = put('odd.safetensors', Buffer.concat([start, Buffer.from(header), Uint8Array.of(1, 2, 3), new Uint8Array(numbers.buffer)]))
    const file = await openSafetensors(path, { map: true })
    expect((await file.read('w')).data).toEqual(numbers)
    expect(isView((await file.read('a')).data)).toBe(false)
    await compare(file, await openSafetensors(path))
  })
  test('a model in several files, npy, npz and GGUF', async () => {
    const data = Float32Array.from({ length: 50_000 }, (_, i) => Math.sin(i))
    const array = { dtype: 'float32', shape: [50_000], data } as const
    for (const name of ['a', 'b']) put(`${name}.safetensors`, writeSafetensors({ [name]: array }))
    const index = put('model.safetensors.index.json', Buffer.from(JSON.stringify({ weight_map: { a: 'a.safetensors', b: 'b.safetensors' } })))
    const sharded = await openShardedSafetensors(index, { map: true })
    expect(isView((await sharded.read('b')).data)).toBe(true)
    await compare(sharded, await openShardedSafetensors(index))
    for (const path of [put('x.npy', writeNpy(array)), put('x.npz', writeNpz({ x: array, y: array })), index]) {
      const file = await openWeights(path, { map: true })
      // members of archives lie anywhere
      if (!path.endsWith('z')) expect(isView((await file.read([...file.tensors.keys()][0]!)).data), path).toBe(true)
      expect(isView((await file.readRaw([...file.tensors.keys()][0]!)).bytes), path).toBe(true)
      await compare(file, await openWeights(path))
    }
    const blocks = join(root, 'test/golden/formats/blocks.gguf')
    const [mapped, read] = [await openGguf(blocks, { map: true }), await openGguf(blocks)]
    for (const name of mapped.tensors.keys()) expect(await mapped.read(name), name).toEqual(await read.read(name))
    await Promise.all([mapped.close(), read.close()])
  })
  test('writing to a tensor changes neither the file nor another view; its memory is not taken away', async () => {
    const bytes = writeSafetensors({ w: { dtype: 'float32', shape: [20_000], data: new Float32Array(20_000).fill(3) } })
    const path = put('written.safetensors', bytes)
    const file = await openSafetensors(path, { map: true })
    const [one, other] = [await file.read('w'), await file.read('w')]
    one.data.fill(7)
    expect(other.data.every((x) => x === 3)).toBe(true)
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0)
    const buffer = one.data.buffer as ArrayBuffer & { transfer?(): ArrayBuffer }
    expect(() => buffer.transfer!()).toThrow(/cannot be transferred/)
    await file.close()
    expect(one.data[19_999]).toBe(7)
    await expect(file.read('w')).rejects.toThrow(/written\.safetensors: the file is closed/)
  })
  test('bad files are refused with the same errors', async () => {
    const openers = { safetensors: openSafetensors, npz: openNpz, torch: openTorch, gguf: openGguf, npy: openWeights, weights: openWeights } as const
    const errorOf = async (loader: keyof typeof openers, path: string, map: boolean): Promise<unknown> => {
      try {
        const file = await openers[loader](path, { map })
        try {
          for (const name of file.tensors.keys()) await file.read(name)
        } finally {
          await file.close()
        }
      } catch (error) {
        return error
      }
      return undefined
    }
    const cases = [...badSafetensors, ...badNumpy, ...badGguf].filter((c): c is typeof c & { loader: keyof typeof openers } => Object.hasOwn(openers, c.loader) && !c.title.includes('bomb'))
    expect(cases.length).toBeGreaterThan(60)
    for (const { loader, title, bytes } of cases) {
      const path = put('bad.bin', bytes())
      const [mapped, read] = [await errorOf(loader, path, true), await errorOf(loader, path, false)]
      expect(mapped, `${loader}: ${title}`).toEqual(read)
      expect(mapped, `${loader}: ${title}`).toBeInstanceOf(Error)
    }
    const whole = writeSafetensors({ a: { dtype: 'float32', shape: [20_000], data: new Float32Array(20_000) }, b: { dtype: 'uint8', shape: [70_000], data: new Uint8Array(70_000) } })
    for (const length of [7, 8, 100, 200, 65_536, 80_000, whole.length - 1]) {
      const path = put('bad.bin', whole.subarray(0, length))
      expect(await errorOf('safetensors', path, true)).toEqual(await errorOf('safetensors', path, false))
    }
  })
  test('a file that became shorter is refused before anything of it is mapped', async () => {
    const path = put('shrinks.safetensors', writeSafetensors({ w: { dtype: 'float32', shape: [50_000], data: new Float32Array(50_000) } }))
    const file = await openSafetensors(path, { map: true })
    truncateSync(path, 100_000)
    await expect(file.read('w')).rejects.toThrow(/it became shorter while it was read: expected \d+ bytes, received 100000 bytes/)
    await file.close()
  })
  test('what is no file on disk cannot be mapped', async () => {
    const bytes = writeSafetensors({})
    await expect(openSafetensors(bytes, { map: true })).rejects.toThrow(/only a file on disk can be mapped: expected its path, received bytes/)
    await expect(openWeights(new Blob([bytes]), { map: true })).rejects.toThrow(/received a Blob/)
    await expect(openSafetensors(join(folder, 'none'), { map: true })).rejects.toThrow(/there is no such file/)
  })
})

test('of a file of 1 GB only what is looked at takes memory, in three processes at once; without koffi the error says what to do', async () => {
  const path = join(folder, 'large.safetensors')
  const large = 2 ** 30
  const header = `{"small":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"large":{"dtype":"F32","shape":[${large / 4}],"data_offsets":[16,${large + 16}]}}`.padEnd(144)
  const start = Buffer.alloc(8)
  start.writeBigUInt64LE(144n)
  // with holes: it takes a page of the disk
  const handle = openSync(path, 'w')
  writeSync(handle, Buffer.concat([start, Buffer.from(header), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)]))
  ftruncateSync(handle, 8 + 144 + 16 + large)
  closeSync(handle)
  const bundle = resolve(root, `.cache/mapped-file-${process.pid}.mjs`)
  try {
    await build({ entryPoints: [resolve(root, 'test/support/mapped-file.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' })
    const child = async (script: string, how: string): Promise<{ seen: unknown[]; grown: number; mapped: number | null; left: number | null; error?: string }> => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, path, how], { cwd: root })
      return JSON.parse(stdout)
    }
    if (missing === null) {
      const results = await Promise.all(['map', 'map', 'map', 'read'].map((how) => child(bundle, how)))
      results.forEach(({ seen, grown, mapped, left, error }, i) => {
        expect(error).toBeUndefined()
        expect(seen).toEqual(i < 3 ? [1, 0, 0] : [1, null, null])
        expect(grown).toBeLessThan(50)
        // the page written to is a mapping of its own to the system
        if (mapped !== null) expect([mapped > 0, left]).toEqual([i < 3, 0])
      })
    }
    // beside nothing: no koffi is found from there
    copyFileSync(bundle, join(folder, 'alone.mjs'))
    const { error } = await child(join(folder, 'alone.mjs'), 'map')
    if (['linux', 'darwin'].includes(process.platform)) expect(error).toMatch(/large\.safetensors: mapping a file needs koffi, but the package koffi is not installed\. Run npm install koffi\. Or leave out \{ map: true \}/)
    else expect(error).toMatch(/files can be mapped on Linux and macOS with 64 bits only/)
  } finally {
    rmSync(bundle, { force: true })
  }
}, 60_000)
