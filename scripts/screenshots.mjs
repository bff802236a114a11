// @ts-check
// Pictures of every lab of the built Studio into screenshots/ (not kept by git): `node scripts/screenshots.mjs [lab …]`.
// Options: --quick (Russian, light, wide only), --home, --probe=FILE (a module that drives the page before the picture).
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'screenshots')
/** @type {typeof import('../src/cli/studio-server.ts')} */
const { studioServer } = await createJiti(import.meta.url).import(join(root, 'src/cli/studio-server.ts'))

const options = process.argv.slice(2).filter((a) => a.startsWith('--'))
const wanted = process.argv.slice(2).filter((a) => !a.startsWith('--'))
const quick = options.includes('--quick')
const all = readdirSync(join(root, 'apps/studio/src/labs')).filter((n) => /^\d\d-/.test(n)).map((n) => n.slice(3))
const labs = wanted.length > 0 ? wanted : all

const LOOKS = [
  { name: 'ru-light', lang: 'ru', theme: 'light', width: 1440, height: 900 },
  { name: 'en-dark', lang: 'en', theme: 'dark', width: 1440, height: 900 },
  { name: 'ru-phone', lang: 'ru', theme: 'light', width: 360, height: 780 },
  { name: 'en-wide', lang: 'en', theme: 'light', width: 1920, height: 1080 },
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
const probe = options.find((o) => o.startsWith('--probe='))?.slice(8)
const drive = probe === undefined ? null : (await import(pathToFileURL(resolve(probe)).href)).default

for (const look of quick ? LOOKS.slice(0, 1) : LOOKS) {
  const context = await browser.newContext({ viewport: { width: look.width, height: look.height }, serviceWorkers: 'block' })
  const page = await context.newPage()
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) console.log(`${look.name}: ${message.text()}`) })
  page.on('pageerror', (error) => console.log(`${look.name}: ${error.stack}`))
  await page.goto(`http://127.0.0.1:${port}/?lang=${look.lang}&theme=${look.theme}`)
  for (const lab of options.includes('--home') ? ['', ...labs] : labs) {
    await page.evaluate((hash) => { location.hash = hash }, `#/${lab}`)
    await page.locator(lab === '' ? 'main li' : '#checks-title').first().waitFor()
    // fonts are there, and no question to the engine is open for ten frames
    await page.evaluate(async () => {
      await document.fonts.ready
      for (let calm = 0; calm < 10; calm = document.documentElement.dataset.engine === 'busy' ? 0 : calm + 1) await new Promise((drawn) => requestAnimationFrame(drawn))
    })
    if (drive !== null) await drive(page, lab)
    const name = `${lab === '' ? 'home' : lab}-${look.name}.png`
    await page.screenshot({ path: join(folder, name), fullPage: true })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    console.log(`${name}${overflow > 0 ? `  wider than the screen by ${overflow}` : ''}`)
  }
  await context.close()
}
await browser.close()
server.close()
