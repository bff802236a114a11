// Fetching against a server of our own that breaks off, lies and refuses; and the search for a collection's files.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DeviceError, FormatError } from '../../base/index.ts'
import { download } from './download.ts'
import { type Collection, findFiles } from './find.ts'

const content = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) >> 3))
const packed = gzipSync(content)
const requests: string[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void
const server = createServer((request, response) => {
  requests.push(request.headers.range ?? 'all')
  answer(request, response)
})
let base: string
let folder: string

/** A server as mirrors are: ranges, lengths. `upTo`: breaks the connection after so many bytes. */
const serve = (bytes: Buffer, upTo = Infinity) => (request: IncomingMessage, response: ServerResponse) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (from >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
  response.writeHead(request.headers.range ? 206 : 200, {
    'content-length': bytes.length - from,
    ...(request.headers.range ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  })
  if (from + upTo >= bytes.length) response.end(bytes.subarray(from))
  else response.write(bytes.subarray(from, from + upTo), () => setTimeout(() => response.destroy(), 300))
}
const collection = (): Collection => ({
  name: 'things', files: [{ name: 'a', sha256: createHash('sha256').update(content).digest('hex') }],
  packages: [], folders: [], mirrors: [base], remedy: 'Make them',
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gradus-download-'))
  requests.length = 0
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  rmSync(folder, { recursive: true, force: true })
})

test('a broken download goes on where it stopped', async () => {
  const file = join(folder, 'f')
  answer = serve(content, 40_000)
  await expect(download(`${base}f`, file)).rejects.toThrow(DeviceError)
  const there = readFileSync(file).length
  expect(there).toBeGreaterThan(0)
  answer = serve(content)
  await download(`${base}f`, file)
  expect(readFileSync(file).equals(content)).toBe(true)
  expect(requests).toEqual(['all', `bytes=${there}-`])
})
test('a server without ranges: from the start; a part that is too long: from the start', async () => {
  const file = join(folder, 'f')
  writeFileSync(file, 'something else')
  answer = (_, response) => response.end(content)
  await download(`${base}f`, file)
  expect(readFileSync(file).equals(content)).toBe(true)
  writeFileSync(file, Buffer.concat([content, content]))
  answer = serve(content)
  await download(`${base}f`, file)
  expect(readFileSync(file).equals(content)).toBe(true)
})
test('errors say why: 404, no server, silence, an unsafe address', async () => {
  answer = (_, response) => response.writeHead(404).end()
  await expect(download(`${base}f`, join(folder, 'f'))).rejects.toThrow(/answered 404/)
  await expect(download('http://127.0.0.1:9/f', join(folder, 'f'))).rejects.toThrow(/no connection to 127\.0\.0\.1/)
  answer = () => {}
  await expect(download(`${base}f`, join(folder, 'f'), { stallMs: 100 })).rejects.toThrow(/nothing came for 0.1 s/)
  await expect(download('http://example.com/f', join(folder, 'f'))).rejects.toThrow(/expected https/)
})
test('an abort is an abort', async () => {
  answer = () => {}
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('enough')), 30)
  await expect(download(`${base}f`, join(folder, 'f'), { signal: controller.signal })).rejects.toThrow('enough')
})

test('found nowhere: fetched, checked, kept; the second time from the cache', async () => {
  answer = serve(packed)
  const first = await findFiles(collection(), { cache: folder })
  expect(Buffer.from(first.files.get('a')!).equals(content)).toBe(true)
  const second = await findFiles(collection(), { cache: folder })
  expect(second.from).toBe(join(folder, 'things'))
  expect(requests).toHaveLength(1)
})
test('a part from another mirror that does not fit is thrown away', async () => {
  mkdirSync(join(folder, 'things'))
  writeFileSync(join(folder, 'things/a.gz.part'), Buffer.alloc(500, 1))
  answer = serve(packed)
  expect((await findFiles(collection(), { cache: folder })).files.size).toBe(1)
  expect(requests).toEqual(['bytes=500-', 'all'])
})
test('a damaged file in the cache is fetched again; a mirror that gives something else is refused', async () => {
  mkdirSync(join(folder, 'things'))
  writeFileSync(join(folder, 'things/a.gz'), gzipSync('other'))
  answer = serve(packed)
  expect((await findFiles(collection(), { cache: folder })).files.size).toBe(1)
  rmSync(join(folder, 'things/a.gz'))
  answer = serve(gzipSync('evil'))
  await expect(findFiles(collection(), { cache: folder })).rejects.toThrow(/SHA-256 of what came is not.*Make them/)
  expect(existsSync(join(folder, 'things/a.gz'))).toBe(false)
})
test('a folder of the system is used and checked; the user’s own is used as it is', async () => {
  writeFileSync(join(folder, 'a'), content)
  const system = { ...collection(), folders: [folder] }
  expect((await findFiles(system, { cache: folder, download: false })).from).toBe(folder)
  writeFileSync(join(folder, 'a'), 'changed')
  await expect(findFiles(system, { cache: folder, download: false })).rejects.toThrow(FormatError)
  expect((await findFiles(collection(), { folder })).files.get('a')!.length).toBe(7)
  await expect(findFiles({ ...collection(), files: [{ name: 'b', sha256: '' }] }, { folder })).rejects.toThrow(/no b and no b\.gz/)
})
test('nothing found and no fetching: the error says what to do', async () => {
  await expect(findFiles(collection(), { cache: folder, download: false })).rejects.toThrow(/not on this machine.*Make them, or put a\.gz into/)
})
