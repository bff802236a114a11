// @ts-check
// The four pictures of README, taken from the built Studio into docs/studio/ as WebP: `node scripts/readme-pictures.mjs`.
// Every number in them is computed while the picture is taken. Fails when one is over 150 kB.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs/studio')
const LARGEST = 150_000
const jiti = createJiti(import.meta.url)
/** @type {typeof import('../src/cli/studio-server.ts')} */
const { studioServer } = await jiti.import(join(root, 'src/cli/studio-server.ts'))
/** @type {typeof import('../apps/studio/src/core/permalink.ts')} */
const { encodeState } = await jiti.import(join(root, 'apps/studio/src/core/permalink.ts'))
/** @param {string} lab @returns {Promise<object>} */
const initialOf = async (lab) => /** @type {any} */ (await jiti.import(join(root, `apps/studio/src/labs/${lab}/model.ts`))).initial

/** @typedef {import('playwright-core').Page} Page */
/** @type {readonly { name: string, lab: string, lang: string, theme: string, state: object, from?: string, drive?: (page: Page) => Promise<unknown> }[]} */
const PICTURES = [
  { name: 'xor-ru', lab: '08-xor', lang: 'ru', theme: 'light', state: { way: 'layers', h1: [1, 1, -0.5], h2: [1, 1, -1.5], out: [1, -1, -0.5] }, from: '.stage' },
  {
    name: 'digits-en', lab: '12-digits', lang: 'en', theme: 'light', state: { epochs: 3 }, from: '.stage',
    drive: async (page) => {
      await page.getByRole('button', { name: 'Train', exact: true }).first().click()
      await page.getByRole('button', { name: 'Pause' }).waitFor()
      await page.getByRole('button', { name: 'Train', exact: true }).first().waitFor({ timeout: 120_000 })
    },
  },
  { name: 'descent-ru-dark', lab: '16-descent', lang: 'ru', theme: 'dark', state: { formula: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2', start: [0.3, -0.6], method: 'momentum', eta: 0.004, steps: 80 }, from: '.stage' },
  { name: 'backprop-en', lab: '17-backprop', lang: 'en', theme: 'light', state: { step: 3 }, from: '.stepper' },
]

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const server = studioServer(join(root, 'dist/studio'))
await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)))
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
const browser = await chromium.launch({
  ...(executablePath === undefined ? { channel: 'chrome' } : { executablePath }),
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'],
})
mkdirSync(folder, { recursive: true })
const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.25, serviceWorkers: 'block', reducedMotion: 'reduce' })
const page = await context.newPage()
/** Fonts are there, and no question to the engine is open for twenty frames. */
const settled = () => page.evaluate(async () => {
  await document.fonts.ready
  const busy = () => document.documentElement.dataset.engine === 'busy' || [...document.querySelectorAll('.work .value')].some((e) => e.textContent?.trim() === '…')
  for (let calm = 0; calm < 20; calm = busy() ? 0 : calm + 1) await new Promise((drawn) => requestAnimationFrame(drawn))
})
for (const { name, lab, lang, theme, state, from, drive } of PICTURES) {
  const code = await encodeState({ ...(await initialOf(lab)), ...state })
  await page.goto('about:blank')
  await page.goto(`http://127.0.0.1:${port}/?lang=${lang}&theme=${theme}#/${lab.slice(3)}?s=${code}`)
  await page.locator('#checks-title').waitFor()
  await settled()
  await drive?.(page)
  // the stage in the middle of the picture, below the page's header
  await page.evaluate((top) => {
    const lead = document.querySelector(top)
    if (lead !== null) scrollTo(0, lead.getBoundingClientRect().top + scrollY - 64)
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }, from ?? '.head')
  await settled()
  const session = await context.newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 })
  await session.detach()
  const bytes = Buffer.from(data, 'base64')
  writeFileSync(join(folder, `${name}.webp`), bytes)
  console.log(`${name}.webp  ${(bytes.length / 1000).toFixed(0)} kB`)
  if (bytes.length > LARGEST) process.exitCode = 1
}
await browser.close()
server.close()
