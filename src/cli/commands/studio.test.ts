// The Studio's server: files, headers, refusals, and what the user reads when the port is taken.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { POLICY } from '../../../apps/studio/build/policy.mjs'
import { mnist, readIdx } from '../../data/index.ts'
import { STUDIO_POLICY, studioServer } from '../studio-server.ts'
import { studio } from './studio.ts'

const folder = join(mkdtempSync(join(tmpdir(), 'gradus-studio-')), 'site')
const server = studioServer(folder)
let base: string
let port: number

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'index.html'), '<p>here</p>')
  writeFileSync(join(folder, 'assets/x-123.js'), 'export {}')
  writeFileSync(join(folder, '../secret.txt'), 'secret')
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
  base = `http://127.0.0.1:${port}`
})
afterAll(() => {
  server.close()
  rmSync(join(folder, '..'), { recursive: true, force: true })
})

/** A path as it is, without the tidying of fetch. */
const raw = (path: string): Promise<{ status: number; body: string }> =>
  new Promise((done, fail) => {
    const asked = request({ host: '127.0.0.1', port, path }, (response) => {
      let body = ''
      response.on('data', (part) => (body += String(part))).on('end', () => done({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', fail).end()
  })

test('files come with their type, the policy and the headers for threads', async () => {
  const page = await fetch(`${base}/`)
  expect(await page.text()).toBe('<p>here</p>')
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('content-security-policy')).toBe(STUDIO_POLICY)
  expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin')
  expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  const script = await fetch(`${base}/assets/x-123.js`)
  expect(script.headers.get('content-type')).toContain('text/javascript')
  expect(script.headers.get('cache-control')).toContain('immutable')
  expect((await fetch(`${base}/`, { method: 'POST' })).status).toBe(405)
})

test('nothing outside the folder, nothing that is not there', async () => {
  for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '/none', '/assets', '/%00', '/%zz']) {
    const { status, body } = await raw(path)
    expect(status, path).toBe(404)
    expect(body, path).not.toContain('secret')
  }
})

test('the full MNIST is served where this machine has it, under a list that says so; elsewhere the list stays as it is', async () => {
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data/sets.json'), JSON.stringify({ subset: { folder: 'part' }, full: null }))
  expect(await (await fetch(`${base}/data/sets.json`)).json()).toEqual({ subset: { folder: 'part' }, full: null })
  expect((await fetch(`${base}/data/mnist-full/t10k-labels-idx1-ubyte`)).status).toBe(404)
  const { from } = await mnist({ download: false })
  const whole = studioServer(folder, { mnist: async () => from })
  await new Promise<void>((done) => whole.listen(0, '127.0.0.1', done))
  const at = `http://127.0.0.1:${(whole.address() as AddressInfo).port}`
  const sets = (await (await fetch(`${at}/data/sets.json`)).json()) as { full: { folder: string; train: number }; subset: unknown }
  expect(sets).toMatchObject({ subset: { folder: 'part' }, full: { folder: 'mnist-full', train: 60_000 } })
  const labels = await readIdx(new Uint8Array(await (await fetch(`${at}/data/mnist-full/t10k-labels-idx1-ubyte`)).arrayBuffer()))
  expect([labels.shape, [...labels.data.subarray(0, 3)]]).toEqual([[10_000], [7, 2, 1]])
  expect((await fetch(`${at}/data/mnist-full/other`)).status).toBe(404)
  whole.close()
})

test('a machine without the full set serves the packed part', async () => {
  const without = studioServer(folder, { mnist: async () => { throw new Error('none') } })
  await new Promise<void>((done) => without.listen(0, '127.0.0.1', done))
  const answer = await fetch(`http://127.0.0.1:${(without.address() as AddressInfo).port}/data/sets.json`)
  expect(await answer.json()).toMatchObject({ full: null })
  without.close()
})

test('the page and the server have one policy', () => expect(STUDIO_POLICY).toBe(POLICY))

test('a port in use is said in plain words', async () => {
  await expect(studio({ port, folder })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use. Choose another with --port N`)
})

test('it serves until it is ended', async () => {
  const end = new AbortController()
  const running = studio({ port: 0, folder, signal: end.signal })
  await new Promise((done) => setTimeout(done, 100))
  end.abort()
  expect(await running).toBe(0)
})
