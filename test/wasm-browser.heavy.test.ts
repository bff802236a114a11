// The wasm runtime in a browser: with threads in an isolated page, on one thread elsewhere, the same numbers in both.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const executablePath = [process.env.GRADUS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((p) => p !== undefined && existsSync(p))
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html' }

/** What the page runs; gives the sum of reversals over many barriers, and how it ran. */
const PAGE = `
import { WasmRuntime, features } from './src/runtime/index.ts'
import { renderWasm } from './src/render/index.ts'
import { i32, load, newVar, op, use } from './src/ir/index.ts'
const N = 1000
const [lo, hi, i] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('i', 'i32')]
const kernel = {
  name: 'reverse', lo, hi, extent: N, flops: 1e7, bytes: 0,
  params: ['write', 'read'].map((access) => ({ dtype: 'int32', length: N, access, scope: 'global' })),
  body: [{ s: 'for', v: i, lo: use(lo), hi: use(hi), step: 1, body: [
    { s: 'store', buf: 0, index: use(i), value: op('add', load(1, op('sub', i32(N - 1), use(i)), 'i32'), use(i)) } ] }],
}
const step = (a, b) => ({ kind: 'kernel', kernel: 0, args: [{ slot: a }, { slot: b }], parallel: true })
const program = {
  key: 'reverse', kernels: [kernel], inputs: [], outputs: [], arenaBytes: 4096,
  slots: [{ kind: 'output', index: 0, bytes: N * 4 }, { kind: 'temp', offset: 0, bytes: N * 4 }],
  steps: [{ kind: 'loop', count: 200, body: [step(1, 0), step(0, 1)] }],
}
globalThis.go = async () => {
  const rt = new WasmRuntime({ threads: 3 })
  const exe = rt.load(renderWasm(program, { shared: rt.shared, relaxed: rt.relaxed }))
  const at = rt.allocate(N * 4)
  rt.write(at, new Int32Array(N))
  await rt.ready(exe)
  for (let r = 0; r < 20; r++) {
    rt.run(exe, [], [at])
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const out = Array.from(rt.read(at, 'int32', N))
  const workers = rt.threads - 1
  rt.close()
  return { out: out.reduce((a, b) => (Math.imul(a, 31) + b) | 0, 0), workers, features: features(), isolated: crossOriginIsolated }
}
`

interface Outcome {
  readonly out: number
  readonly workers: number
  readonly isolated: boolean
  readonly features: { readonly simd: boolean; readonly shared: boolean }
}

describe.skipIf(executablePath === undefined)('in Chromium', () => {
  let folder: string
  let server: Server
  let browser: Browser
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gradus-browser-'))
    await build({ stdin: { contents: PAGE, resolveDir: root, loader: 'ts' }, bundle: true, format: 'esm', outfile: join(folder, 'page.js'), logLevel: 'error' })
    const files: Record<string, string> = {
      '/page.js': readFileSync(join(folder, 'page.js'), 'utf8'),
      '/worker.js': readFileSync(join(root, 'src/runtime/wasm/worker.js'), 'utf8'),
      '/isolated.html': '<script type="module" src="page.js"></script>',
      '/plain.html': '<script type="module" src="page.js"></script>',
    }
    server = createServer((request, response) => {
      const path = request.url ?? ''
      const text = files[path]
      if (path !== '/plain.html') {
        response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
        response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
      }
      response.setHeader('Content-Type', TYPES[extname(path)] ?? 'text/plain')
      response.statusCode = text === undefined ? 404 : 200
      response.end(text)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function outcome(page: string): Promise<Outcome> {
    const tab = await browser.newPage()
    const problems: string[] = []
    tab.on('pageerror', (e) => problems.push(String(e)))
    tab.on('console', (m) => m.type() === 'error' && !m.text().includes('favicon') && problems.push(m.text()))
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${page}`)
    await tab.waitForFunction('typeof go === "function"')
    const result = (await tab.evaluate('go()')) as Outcome
    expect(problems.filter((p) => !p.includes('404'))).toEqual([])
    await tab.close()
    return result
  }

  test('threads in an isolated page, one thread in a plain one, equal results', async () => {
    const isolated = await outcome('isolated.html')
    expect(isolated).toMatchObject({ isolated: true, workers: 2, features: { simd: true, shared: true } })
    const plain = await outcome('plain.html')
    expect(plain).toMatchObject({ isolated: false, workers: 0, features: { simd: true, shared: false } })
    expect(plain.out).toBe(isolated.out)
  })
})
