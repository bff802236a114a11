// The WebGPU device in headless Chromium on SwiftShader: a kernel of every kind and a hundred steps of training, against the
// reference and against Dawn in Node; and the conformance suites.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { type Page, chromium } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { probeDevices } from './support/devices.ts'
import { type Outcome, runParts } from './support/webgpu-page.ts'
import type { Ran } from './support/webgpu-suites.ts'

const root = resolve(import.meta.dirname, '..')
const executablePath = [process.env.GRADUS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((p) => p !== undefined && existsSync(p))
const inNode = (await probeDevices()).find((d) => d.name === 'webgpu')!.missing === null

function compare(got: Outcome, want: Outcome, rtol: number): void {
  for (const [name, values] of Object.entries(want.parts)) {
    const wrong = values.flatMap((w, i) => {
      const g = got.parts[name]![i]!
      const same = typeof w === 'string' || typeof g === 'string' ? g === w : Math.abs(g - w) <= 1e-5 + rtol * Math.abs(w)
      return same ? [] : [`${name}[${i}]: ${g} instead of ${w}`]
    })
    expect(wrong).toEqual([])
  }
  want.losses.forEach((w, i) => expect(Math.abs(got.losses[i]! - w), `step ${i}`).toBeLessThan(1e-3 * Math.abs(w) + 1e-5))
  expect(got.losses.at(-1)!).toBeLessThan(0.7 * got.losses[0]!)
}

/** Opens a page with the script `entry` and gives it to `use`; nothing may go wrong on it. */
async function withPage(entry: string, use: (tab: Page) => Promise<void>): Promise<void> {
  const { outputFiles } = await build({ entryPoints: [resolve(root, entry)], bundle: true, format: 'esm', platform: 'browser', write: false, outdir: 'page', logLevel: 'error' })
  const server = createServer((request, response) => {
    const script = request.url === '/page.js'
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html')
    response.end(script ? outputFiles[0]!.text : '<script type="module" src="page.js"></script><script type="module">globalThis.ready = true</script>')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const browser = await chromium.launch({
    executablePath: executablePath!,
    // as in Node: SwiftShader takes seconds for each kernel with shared memory that it is to fill with zeros by itself
    args: ['--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension', '--no-sandbox', '--headless=new', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  })
  try {
    const tab = await browser.newPage()
    const problems: string[] = []
    tab.on('pageerror', (error) => problems.push(String(error)))
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await tab.waitForFunction('globalThis.ready === true')
    expect(problems).toEqual([])
    await use(tab)
    expect(problems).toEqual([])
  } finally {
    await browser.close()
    server.close()
  }
}

describe.skipIf(executablePath === undefined)('webgpu in Chromium', () => {
  test('kernels of every kind, and a training run', () => withPage('test/support/webgpu-page.ts', async (tab) => {
    const got = (await tab.evaluate('runParts("webgpu")')) as Outcome
    compare(got, await runParts('reference'), 1e-5)
    if (inNode) compare(got, await runParts('webgpu'), 1e-5)
  }))

  test('every op and aspect against the reference, every function against PyTorch', { timeout: 600_000 }, () => withPage('test/support/webgpu-suites.ts', async (tab) => {
    const ran: Ran[] = []
    for (const aspect of ['value', 'jit', 'vmap', 'vmap·grad', 'grad', 'grad²']) ran.push(...((await tab.evaluate(`runOps(${JSON.stringify(aspect)})`)) as Ran[]))
    const cases = readFileSync(resolve(root, 'test/golden/ops.json'), 'utf8')
    ran.push(...((await tab.evaluate(`runCases(${cases})`)) as Ran[]))
    expect(ran.filter(({ problems }) => problems.length > 0)).toEqual([])
    expect(ran.filter((r) => r.ran > 0).length).toBeGreaterThan(400)
  }))
})
