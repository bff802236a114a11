// What the browser tests share: the built Studio (made anew only when its sources are younger), the browser, a page whose
// complaints and foreign requests are written down, and ways to wait that end as soon as they can.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import type { Lang } from '../src/core/language.svelte.ts'

export const root = resolve(import.meta.dirname, '../../..')
export const dist = join(root, 'dist/studio')

export const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find((path) => existsSync(path))
if (browserPath === undefined) console.warn('Studio: no Chromium or Chrome was found; the browser tests are skipped (Debian: apt-get install chromium).')

/** The youngest change below a path, its folders included: they change when a file goes. */
function youngest(path: string): number {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => youngest(join(path, name))))
}

/** Builds dist/studio where it is missing or older than what it is made of. */
export function buildStudio(): void {
  const sources = ['src', 'apps/studio/src', 'apps/studio/build', 'apps/studio/public', 'apps/studio/index.html', 'apps/studio/vite.config.ts', 'apps/studio/svelte.config.js', 'package-lock.json'].map((path) => join(root, path))
  const made = join(dist, 'sw.js')
  if (existsSync(made) && statSync(made).mtimeMs > Math.max(...sources.map(youngest))) return
  const built = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'], { cwd: join(root, 'apps/studio'), encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } })
  if (built.status !== 0) throw new Error(`the Studio does not build:\n${built.stderr}`)
}

export const launch = (...more: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic', ...more] })

export const listen = async (server: Server, port = 0): Promise<Server> => {
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  return server
}
export const portOf = (server: Server): number => (server.address() as AddressInfo).port
export const baseOf = (server: Server): string => `http://127.0.0.1:${portOf(server)}/`

export interface Watched { readonly page: Page; readonly complaints: string[]; readonly foreign: string[] }
/** A page whose complaints (errors, warnings, policy violations) and requests to other origins are written down. */
export async function watched(context: BrowserContext, base: string): Promise<Watched> {
  const complaints: string[] = []
  const foreign: string[] = []
  // on the context: requests of its service workers count too
  context.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) foreign.push(request.url())
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !/blocked by Playwright|willReadFrequently/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { page, complaints, foreign }
}

/** How long anything may take on a busy machine: nothing here depends on speed. */
export const PATIENCE = 120_000

/** In the page: whether a question to the engine is open, or a number still pending. */
const isBusy = (): boolean => document.documentElement.dataset.engine === 'busy' || [...document.querySelectorAll('.work .value, .work td, .work .plain')].some((e) => e.textContent?.trim() === '…')

/** Until the engine has answered: no number is still pending, and two frames have been drawn since. */
export const settle = (page: Page): Promise<void> =>
  page.evaluate(`(async () => {
    const [busy, end] = [${isBusy}, performance.now() + ${PATIENCE}]
    for (let calm = 0; calm < 2; calm = busy() ? 0 : calm + 1) {
      if (performance.now() > end) throw new Error('the engine has not answered')
      await new Promise((drawn) => requestAnimationFrame(drawn))
    }
  })()`)
export interface Words { readonly verdict: string; readonly ru: string; readonly en: string }
/** The verdict on a task once the engine is at rest, in the words of both languages; back in English after. */
export const verdictOn = (page: Page, check: string): Promise<Words> =>
  page.evaluate(`(async () => {
    const [busy, end] = [${isBusy}, performance.now() + ${PATIENCE}]
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn))
    const verdict = () => document.querySelector('[data-check="${check}"] [data-verdict]')
    for (let calm = 0; calm < 2; calm = busy() || verdict() === null ? 0 : calm + 1) {
      if (performance.now() > end) throw new Error('no verdict on ${check}')
      await frame()
    }
    const read = async (lang) => {
      if (document.documentElement.lang !== lang) document.querySelector('header button[lang=' + lang + ']').click()
      for (; document.documentElement.lang !== lang; ) await frame()
      await frame()
      return verdict().innerText
    }
    const en = await read('en')
    const ru = await read('ru')
    await read('en')
    return { verdict: verdict().getAttribute('data-verdict'), ru, en }
  })()`)
/** The lab's own page is there, not still the one before; an empty name is the contents. */
const arrived = (page: Page, lab: string): Promise<void> => page.locator(lab === '' ? 'main:not(:has(.work)) li a' : `main [data-lab="${lab}"]`).first().waitFor()
/** Another lab on the page that is open, as its links go there: no reload. An empty name is the contents. */
export async function go(page: Page, lab: string, code?: string): Promise<void> {
  await page.evaluate((hash) => { location.hash = hash }, `#/${lab}${code === undefined ? '' : `?s=${code}`}`)
  await arrived(page, lab)
  await settle(page)
}
/** The address once it holds the state and rests: it follows a change within a third of a second. */
export const addressAtRest = (page: Page): Promise<string> =>
  page.evaluate(async (patience) => {
    const end = performance.now() + patience
    for (let before = ''; ; before = location.hash) {
      if (location.hash.includes('?s=') && location.hash === before) return before
      if (performance.now() > end) throw new Error(`the address has no state: ${location.hash}`)
      await new Promise((later) => setTimeout(later, 600))
    }
  }, PATIENCE)
/** A whole load of the page: nothing is left of what was open before. */
export async function load(page: Page, base: string, lab: string, query = ''): Promise<void> {
  await page.goto('about:blank')
  await page.goto(`${base}${query}#/${lab}`)
  await page.locator(lab === '' ? 'h1' : '.work').waitFor()
  await settle(page)
}
/** Switched in place, by keys. */
export async function speak(page: Page, lang: Lang): Promise<void> {
  await page.locator(`header button[lang=${lang}]`).focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction((wanted) => document.documentElement.lang === wanted, lang)
}

/** In the page: every number the lab shows, in order: those in its texts, tables and pictures, its fields, what is chosen, its marks. */
const collect = (): string[] => {
  const all: string[] = []
  const walk = (node: Node): void => {
    if (node instanceof Text) all.push(...(node.data.match(/[−-]?\d+(?:[.,]\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?/g) ?? []))
    if (!(node instanceof Element) || node.matches('[data-clock], [popover]')) return
    if (node instanceof HTMLInputElement) all.push(node.type === 'radio' || node.type === 'checkbox' ? String(node.checked) : node.value)
    else if (node instanceof HTMLSelectElement || node instanceof HTMLTextAreaElement) all.push(node.value)
    for (const mark of ['aria-valuetext', 'aria-pressed', 'd', 'points', 'transform', 'cx', 'cy']) if (node.hasAttribute(mark)) all.push(node.getAttribute(mark)!)
    if (node instanceof HTMLSelectElement) return
    for (const child of node.childNodes) walk(child)
  }
  walk(document.querySelector('.work')!)
  return all
}
/** The numbers once they no longer change (or are the wanted ones); what they are in the end when that does not come. */
export const numbersAtRest = (page: Page, wanted: readonly string[] | null = null): Promise<string[]> =>
  page.evaluate(`(async () => {
    const [collect, busy, wanted, end] = [${collect}, ${isBusy}, ${JSON.stringify(wanted?.join() ?? null)}, performance.now() + ${PATIENCE / 2}]
    for (let before = ''; ; ) {
      const [now, pending] = [collect(), busy()]
      if ((wanted === null ? !pending && now.join() === before : now.join() === wanted) || performance.now() > end) return now
      before = pending ? '' : now.join()
      await new Promise((later) => setTimeout(later, 60))
    }
  })()`)
/** Looks again until it holds; says what it saw last when it never did. Works outside a test, unlike `expect.poll`. */
export async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean, { timeout = PATIENCE, interval = 40 } = {}): Promise<T> {
  const end = performance.now() + timeout
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    if (performance.now() > end) throw new Error(`not within ${timeout} ms; the last seen: ${JSON.stringify(seen)?.slice(0, 300)}`)
    await new Promise((later) => setTimeout(later, interval))
  }
}
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
interface AxeResult { violations: { id: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[] }
/** What axe finds: by all its rules, or in the lab itself by the one that depends on colours. */
export async function axe(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  // evaluated through the debugger, which the page's policy does not restrict
  await page.evaluate(`if (!globalThis.axe) { ${axeSource} }`)
  const which = rules === 'all' ? '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]' : '{ type: "rule", values: ["color-contrast"] }'
  const { violations } = await page.evaluate<AxeResult>(`axe.run(${rules === 'all' ? 'document' : '"main"'}, { runOnly: ${which}, preload: false, resultTypes: ["violations"] })`)
  return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${help}: ${node.target.join(' ')}: ${node.failureSummary.split('\n')[1] ?? ''}`))
}
