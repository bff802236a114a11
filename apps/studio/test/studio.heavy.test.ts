// The built Studio in a real browser: every lab in both languages, its checks, keyboard, accessibility, policy, offline,
// links, widths, sizes. Builds dist/studio first.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { studioServer } from '../../../src/cli/studio-server.ts'
import { LANGS } from './languages.ts'

const root = resolve(import.meta.dirname, '../../..')
const dist = join(root, 'dist/studio')
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const labs = readdirSync(join(root, 'apps/studio/src/labs')).filter((name) => /^\d\d-/.test(name)).map((name) => ({ folder: name, id: name.slice(3) }))

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find((path) => existsSync(path))
if (browserPath === undefined) console.warn('Studio: no Chromium or Chrome was found; the browser tests are skipped (Debian: apt-get install chromium).')

let server: Server
let browser: Browser
let base: string

beforeAll(async () => {
  const built = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'], { cwd: join(root, 'apps/studio'), encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } })
  if (built.status !== 0) throw new Error(`the Studio does not build:\n${built.stderr}`)
  if (browserPath === undefined) return
  server = studioServer(dist)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'],
  })
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})

/** A page whose complaints and requests are written down. */
async function open(context: BrowserContext): Promise<{ page: Page; complaints: string[]; foreign: string[] }> {
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  const foreign: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('blocked by Playwright')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) foreign.push(request.url())
  })
  return { page, complaints, foreign }
}

async function show(page: Page, lab: string, query = ''): Promise<void> {
  await page.goto(`${base}${query}#/${lab}`)
  await page.locator('h1').waitFor()
  if (lab !== '') await page.locator('#checks-title').waitFor()
  await settle(page)
}
/** Until the engine has answered: no number is still pending. */
const settle = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => ![...document.querySelectorAll('.work .value, .work td, .work .plain')].some((e) => e.textContent?.trim() === '…'), null, { timeout: 20_000 })
  await page.waitForTimeout(60)
}

interface AxeResult { violations: { id: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[] }
async function axe(page: Page): Promise<string[]> {
  // evaluated through the debugger, which the page's policy does not restrict
  await page.evaluate(`if (!globalThis.axe) { ${axeSource} }`)
  const { violations } = await page.evaluate<AxeResult>('axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })')
  return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${help}: ${node.target.join(' ')}: ${node.failureSummary.split('\n')[1] ?? ''}`))
}
const overflow = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

const inBrowser = describe.skipIf(browserPath === undefined)
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

inBrowser.each(LANGS)('in %s', (lang) => {
  let context: BrowserContext
  beforeAll(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block', reducedMotion: lang === 'ru' ? 'reduce' : 'no-preference', colorScheme: lang === 'ru' ? 'light' : 'dark' })
  })
  afterAll(() => context?.close())

  test('the contents: no complaint, nothing foreign, axe finds nothing', async () => {
    const { page, complaints, foreign } = await open(context)
    await show(page, '', `?lang=${lang}`)
    expect(await page.locator('main li').count()).toBe(labs.length)
    expect(await axe(page)).toEqual([])
    expect([complaints, foreign]).toEqual([[], []])
    await page.close()
  })

  test.each(labs)('$folder: opens, computes, fits 360 and 1920 px; axe finds nothing', async ({ id }) => {
    const { page, complaints, foreign } = await open(context)
    await show(page, id, `?lang=${lang}`)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(lang)
    expect(await page.locator('.work').innerText()).not.toMatch(/undefined|\[object|NaN/)
    if (lang === 'en') expect(await page.locator('main').innerText()).not.toMatch(/[а-яё]/i)
    await page.locator('details.code > summary').click()
    expect(await axe(page)).toEqual([])
    for (const width of [1920, 360]) {
      await page.setViewportSize({ width, height: 900 })
      await page.waitForTimeout(80)
      expect(await overflow(page), `at ${width} px`).toBeLessThanOrEqual(0)
    }
    expect([complaints, foreign]).toEqual([[], []])
    await page.close()
  })
})

inBrowser('every lab', () => {
  let context: BrowserContext
  beforeAll(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' })
  })
  afterAll(() => context?.close())

  test.each(labs)('$folder: its checks refuse a wrong state with words and accept a right one; a link brings the state back', async ({ id, folder }) => {
    const { checks, initial } = await checksOf(folder)
    const { page, complaints } = await open(context)
    await show(page, id, '?lang=en')
    for (const check of checks) {
      for (const kind of check.slow === true ? (['wrong'] as const) : (['wrong', 'right'] as const)) {
        const { state, answer } = check[kind]
        const code = await encode({ ...initial, ...state })
        await page.evaluate((hash) => { location.hash = hash }, `#/${id}?s=${code}`)
        await page.waitForTimeout(100)
        await settle(page)
        const item = page.locator(`[data-check="${check.id}"]`)
        if (answer !== undefined) {
          const radios = item.locator('input[type=radio]')
          if ((await radios.count()) > 0) await radios.nth(answer).check()
          else await item.locator('input[type=text]').fill(String(answer))
        }
        await item.locator('button[type=submit]').click()
        const verdict = item.locator('[data-verdict]')
        await verdict.waitFor({ timeout: 120_000 }) // lab 1 trains on 5000 digits
        // The verdict of the state before stays until the engine has answered.
        await expect.poll(() => verdict.getAttribute('data-verdict'), { message: `${check.id} ${kind}`, timeout: 15_000 }).toBe(kind === 'right' ? 'ok' : 'no')
        expect((await verdict.innerText()).length).toBeGreaterThan(8)
      }
    }
    expect(complaints).toEqual([])
    await page.close()
  })

  test.each(labs)('$folder: everything is reached by keyboard, and every stop can be seen', async ({ id }) => {
    const { page } = await open(context)
    await show(page, id, '?lang=en')
    const wanted = await page.evaluate(() => {
      const all = [...document.querySelectorAll<HTMLElement>('.work :is(button, input, select, textarea, [role=slider], [role=button], [role=spinbutton])')]
      const radios = new Set<string>()
      const usable = all.filter((e) => {
        if (e.closest('[popover]:not(:popover-open)') || (e as HTMLButtonElement).disabled || e.getClientRects().length === 0 || e.closest('details:not([open])')) return false
        if (e instanceof HTMLInputElement && e.type === 'radio') return !radios.has(e.name) && radios.add(e.name)
        return true
      })
      for (const [i, e] of usable.entries()) e.dataset.stop = String(i)
      return usable.length
    })
    const reached = new Set<string>()
    await page.locator('main').focus()
    for (let i = 0; i < wanted * 3 + 60 && reached.size < wanted; i++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const e = document.activeElement as HTMLElement | null
        if (e instanceof HTMLInputElement && e.type === 'radio') return document.querySelector<HTMLElement>(`input[name="${CSS.escape(e.name)}"][data-stop]`)?.dataset.stop
        return e?.dataset.stop
      })
      if (stop !== undefined) reached.add(stop)
    }
    expect(reached.size).toBe(wanted)
    await page.close()
  })
})

inBrowser('the shell', () => {
  test('undo by keys, language in place, a damaged link loses nothing', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, 'neuron', '?lang=en')
    const bias = page.getByRole('spinbutton', { name: 'Bias b' })
    await bias.focus()
    await page.keyboard.press('ArrowUp')
    await page.waitForTimeout(900)
    expect(await bias.inputValue()).toBe('−0.4')
    await page.getByRole('button', { name: 'RU: русский' }).click()
    expect(await page.getByRole('spinbutton', { name: 'Смещение b' }).inputValue()).toBe('−0,4')
    await page.locator('main').focus()
    await page.keyboard.press('Control+z')
    expect(await page.getByRole('spinbutton', { name: 'Смещение b' }).inputValue()).toBe('−0,5')
    await page.keyboard.press('Control+Shift+z')
    await page.evaluate(() => { location.hash = '#/neuron?s=AAAAbroken' })
    expect(await page.getByRole('alert').innerText()).toContain('Ссылка повреждена')
    expect(await page.getByRole('spinbutton', { name: 'Смещение b' }).inputValue()).toBe('−0,4')
    expect(complaints).toEqual([])
    await context.close()
  })

  test('a typed number: comma or point; a wrong one is explained and changes nothing', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page } = await open(context)
    await show(page, 'neuron', '?lang=ru')
    const field = page.getByRole('spinbutton', { name: 'Вес w1' })
    await field.fill('2,5')
    await settle(page)
    expect(await page.locator('.work').innerText()).toContain('2')
    await field.fill('abc')
    expect(await page.getByText('Число от −5 до 5.').isVisible()).toBe(true)
    await field.blur()
    expect(await field.inputValue()).toBe('2,5')
    await context.close()
  })

  test('a proof opens on a number and agrees', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page } = await open(context)
    await show(page, 'neuron', '?lang=en')
    await page.getByRole('button', { name: /^z = / }).first().click()
    const proof = page.getByRole('dialog', { name: /How z comes about/ })
    await proof.getByText('agrees').waitFor()
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await proof.isVisible()).toBe(false)
    await context.close()
  })

  test('teacher mode: page keys turn, A shows answers; embedded there is only the lab', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page } = await open(context)
    await show(page, labs[0]!.id, '?lang=en&teacher=1')
    await page.keyboard.press('a')
    await page.getByText('Why.').first().waitFor()
    await page.keyboard.press('PageDown')
    await page.waitForFunction((id) => location.hash.startsWith(`#/${id}`), labs[1]!.id)
    await page.goto('about:blank')
    await show(page, 'neuron', '?lang=en&embed=1')
    expect(await page.locator('header').count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await context.close()
  })

  test('works offline once it was open', async () => {
    const context = await browser.newContext()
    const { page } = await open(context)
    await page.goto(`${base}?lang=en#/neuron`)
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 30_000 })
    await context.setOffline(true)
    await page.reload()
    await page.locator('#checks-title').waitFor()
    await settle(page)
    for (const { id } of labs) {
      await page.evaluate((to) => { location.hash = `#/${to}` }, id)
      await page.locator('#checks-title').waitFor()
    }
    await context.close()
  })
})

inBrowser('a table of one’s own', () => {
  const labsWithTables = [{ id: 'playground', good: 'a;b;kind\n1,5;2;cat\n-1;0,5;dog\n2;2;cat\n0;-3;dog', count: 4, bad: 'a;b;kind\n1,5;2;cat\n-1;;dog', fault: 'line 3, column 2 (b): expected a number, found nothing' },
    { id: 'perceptron', good: '1,2,yes\n-1,-2,no\n2,1,yes', count: 3, bad: '1,2,yes\n3,4,yes', fault: 'column 3 (class): expected two classes' },
    { id: 'regression', good: 'x\ty\n1\t0,5\n2\t1,25\n-3\t-1', count: 3, bad: '1,0.5\n2,a lot', fault: 'line 2, column 2 (y): expected a number, found “a lot”' }]
  test.each(labsWithTables)('$id: a fault names its place and loses nothing; a good table is taken, undone, and in the link', async ({ id, good, count, bad, fault }) => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, id, '?lang=en')
    const before = await page.locator('.work figure table').first().locator('tbody tr').count()
    await page.locator('details.csv > summary').click()
    await page.getByLabel(/Paste the table here/).fill(bad)
    await page.getByRole('button', { name: 'Take these points' }).click()
    await page.locator('[data-fault]').waitFor()
    expect((await page.locator('[data-fault]').innerText()).toLowerCase()).toContain(fault)
    expect(await page.locator('.work figure table').first().locator('tbody tr').count()).toBe(before)
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true)
    // a file, as if chosen
    await page.locator('details.csv input[type=file]').setInputFiles({ name: 'points.csv', mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${good}`) })
    await page.locator(`[data-taken="${count}"]`).waitFor()
    await settle(page)
    expect(await page.locator('.work figure table').first().locator('tbody tr').count()).toBe(count)
    await page.evaluate(() => scrollTo(0, 0)) // nothing under the bar at the top
    expect(await axe(page)).toEqual([])
    await page.waitForFunction(() => location.hash.includes('?s='))
    await page.waitForTimeout(400)
    const link = page.url()
    await page.getByRole('button', { name: 'Undo' }).click()
    expect(await page.locator('.work figure table').first().locator('tbody tr').count()).toBe(before)
    const other = await open(context)
    await other.page.goto(link)
    await other.page.locator('#checks-title').waitFor()
    await settle(other.page)
    expect(await other.page.locator('.work figure table').first().locator('tbody tr').count()).toBe(count)
    expect([complaints, other.complaints]).toEqual([[], []])
    await context.close()
  })
})

inBrowser('a state in a file', () => {
  const texts = { wrongLab: '{"studio": 1, "lab": "xor", "state": {}}', broken: '{\n "studio": 1,\n "lab": oops\n}' }
  test.each([
    { id: 'signals', change: (s: object) => ({ ...s, x: [0.25, 1, -1, 0.5] }), spoil: (s: object) => ({ ...s, x: [1, 2, 3] }), fault: 'x: expected a list of 4, received [1,2,3]' },
    { id: 'backprop', change: (s: object) => ({ ...s, c: 0.3125, eta: 2 }), spoil: (s: object) => ({ ...s, c: 'much' }), fault: 'c: expected a number from -20 to 20, received "much"' },
    { id: 'playground', change: (s: object) => ({ ...s, hidden: [2], start: [{ w: [[0.5, -1], [1, 0.25]], b: [0, 0] }, { w: [[1], [-1]], b: [0.125] }] }), spoil: (s: object) => ({ ...s, eta: 99 }), fault: 'eta: expected a number from 0.0001 to 10, received 99' },
  ])('$id: saved, changed, opened, undone; a file that does not fit is told with its place and changes nothing', async ({ id, change, spoil, fault }) => {
    const context = await browser.newContext({ viewport: { width: 360, height: 800 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, id, '?lang=en')
    const saved = async (): Promise<{ studio: number; lab: string; state: object }> => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save to a file' }).click()])
      expect(download.suggestedFilename()).toBe(`gradus-${id}.json`)
      return JSON.parse(readFileSync(await download.path(), 'utf8')) as { studio: number; lab: string; state: object }
    }
    const take = (text: string): Promise<void> => page.locator('.head').getByLabel('Open a file').setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    const first = await saved()
    expect(first).toMatchObject({ studio: 1, lab: id })

    for (const [text, problem, says] of [[texts.wrongLab, 'lab', `expected “${id}”, received “xor”`], [texts.broken, 'json', '3:9, at “oops”'], [JSON.stringify({ ...first, state: spoil(first.state) }), 'form', fault], ['{"tensors": {}}', 'other', 'received tensors']] as const) {
      await take(text)
      await page.locator(`.fault [data-fault="${problem}"]`).waitFor()
      expect(await page.locator('.fault').innerText()).toContain(says)
    }
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.evaluate(() => scrollTo(0, 0))
    expect(await axe(page)).toEqual([])

    const other = change(first.state)
    await take(JSON.stringify({ ...first, state: other }))
    await page.getByText('“mine.json” is open.').waitFor()
    expect(await page.locator('.fault').count()).toBe(0)
    await settle(page)
    expect((await saved()).state).toEqual(other)
    await page.getByRole('button', { name: 'Undo' }).click()
    expect(await saved()).toEqual(first)
    expect(complaints).toEqual([])
    await context.close()
  })
})

inBrowser('the playground', () => {
  test('a point waits in its batch, a full batch moves the weights, back brings the same numbers; a point is dragged', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, 'playground', '?lang=en')
    const loss = page.getByRole('button', { name: /^Training loss = / })
    const first = await loss.innerText()
    await page.getByRole('radio', { name: 'a point' }).check({ force: true })
    const forward = page.getByRole('button', { name: /^Forward/ })
    await forward.click()
    await page.getByText('1 of 20 points wait').waitFor()
    expect(await loss.innerText()).toBe(first)
    await page.getByRole('radio', { name: 'a batch', exact: true }).check({ force: true })
    await forward.click()
    await page.getByText('1 update of').waitFor()
    await expect.poll(() => loss.innerText()).not.toBe(first)
    await page.getByRole('button', { name: /Back$/ }).first().click()
    await expect.poll(() => loss.innerText()).toBe(first)
    const point = page.locator('.work figure .point').first()
    await point.scrollIntoViewIfNeeded()
    const box = (await point.boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2 + 20, box.y + box.height / 2 + 10, { steps: 4 })
    await page.mouse.up()
    await page.getByRole('button', { name: 'Other class' }).waitFor()
    await settle(page)
    expect(await page.locator('input[type=radio][value=own]').isChecked()).toBe(true)
    expect(await loss.innerText()).not.toBe(first)
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('sizes (gzipped JavaScript)', () => {
  const gzip = (file: string): number => gzipSync(readFileSync(file), { level: 9 }).length / 1000
  const scripts = (): string[] => readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.js'))

  test('the first page is at most 100 kB', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8')
    const first = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, name]) => join(dist, name!))
    expect(first.length).toBeGreaterThan(0)
    const total = first.reduce((sum, file) => sum + gzip(file), 0)
    expect(total).toBeLessThanOrEqual(100)
  })

  test('a lab is at most 60 kB', () => {
    for (const { folder } of labs) {
      const chunk = scripts().find((name) => name.startsWith(`${folder}-`))
      expect(chunk, folder).toBeDefined()
      expect(gzip(join(dist, 'assets', chunk!)), folder).toBeLessThanOrEqual(60)
    }
  })

  test('no address of another host in the built page, and no inline script or style', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8')
    expect(html).not.toMatch(/https?:\/\//)
    expect(html).not.toMatch(/<style|<script(?![^>]*src=)|style="/)
    expect(statSync(join(dist, 'sw.js')).size).toBeGreaterThan(500)
  })
})

// ---- the labs' own examples ------------------------------------------------------------------------------------------

interface Example { state?: object; answer?: number }
interface Examples { checks: { id: string; slow?: boolean; right: Example; wrong: Example }[]; initial: object }
async function checksOf(folder: string): Promise<Examples> {
  const { checks } = (await import(`../src/labs/${folder}/checks.ts`)) as { checks: Examples['checks'] }
  const { initial } = (await import(`../src/labs/${folder}/model.ts`)) as { initial: object }
  return { checks, initial }
}
async function encode(state: unknown): Promise<string> {
  const { encodeState } = await import('../src/core/permalink.ts')
  return encodeState(state)
}
