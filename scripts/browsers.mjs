// @ts-check
// The built Studio in the browsers that are here: Chromium, Firefox and WebKit (GTK). Every lab is opened in English; what the browser
// complains of, what is cut or blank, whether the numbers are Chromium's, whether its link restores a change, whether its pictures are kept;
// a training in the digits lab. `node scripts/browsers.mjs [--browser firefox] [--lab xor …] [--write]`; pictures of the pages go into
// screenshots/, with `--write` the table into docs/results.md. Firefox is driven by WebDriver BiDi, WebKit by its WebKitWebDriver.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createJiti } from 'jiti'
import { chromium } from 'playwright-core'
import { PNG } from 'pngjs'

// Node 20 has it behind an option
if (typeof WebSocket === 'undefined') process.exit(spawnSync(process.execPath, ['--experimental-websocket', ...process.argv.slice(1)], { stdio: 'inherit' }).status ?? 1)

/**
 * A page of a browser: goes to an address, runs a function in it, takes a picture of all of it, and tells what it complained of.
 * @typedef {{ version: string, goto: (url: string) => Promise<unknown>, evaluate: (fn: Function | string, arg?: unknown) => Promise<any>, screenshot: (options?: object) => Promise<Buffer>, complaints: () => Promise<string[]>, close: () => Promise<unknown> }} Driver
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const { values: options } = parseArgs({ options: { browser: { type: 'string', multiple: true }, lab: { type: 'string', multiple: true }, write: { type: 'boolean' } } })
const [WIDTH, HEIGHT] = [1280, 900]
const found = (/** @type {string[]} */ ...paths) => paths.find((path) => existsSync(path))
const sleep = (/** @type {number} */ ms) => new Promise((later) => setTimeout(later, ms))
/** @template T @param {() => Promise<T | undefined>} look @param {string} what @param {number} [seconds] @returns {Promise<T>} */
async function until(look, what, seconds = 60) {
  for (const end = Date.now() + 1000 * seconds; ; await sleep(100)) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`)
  }
}
/** @returns {Promise<number>} */
const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    server.close(() => done(port))
  })
})
const asCall = (/** @type {Function | string} */ fn, /** @type {unknown} */ arg) => `(async () => JSON.stringify(await (${typeof fn === 'string' ? `() => (${fn})` : String(fn)})(${JSON.stringify(arg) ?? ''})) ?? 'null')()`

/** @param {string} executablePath @returns {Promise<Driver>} */
async function inChromium(executablePath) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'] })
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } })
  /** @type {string[]} */
  const heard = []
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !message.text().includes('willReadFrequently')) heard.push(message.text()) })
  page.on('pageerror', (error) => heard.push(String(error)))
  return {
    version: `Chromium ${browser.version()}`, goto: (url) => page.goto(url), evaluate: async (fn, arg) => JSON.parse(await page.evaluate(asCall(fn, arg))),
    screenshot: () => page.screenshot({ fullPage: true }), complaints: async () => heard.splice(0), close: () => browser.close(),
  }
}

/** @param {string} path @returns {Promise<Driver>} */
async function inFirefox(path) {
  const profile = mkdtempSync(join(tmpdir(), 'studio-firefox-'))
  // nothing is asked of any other host
  const off = ['toolkit.telemetry.enabled', 'datareporting.policy.dataSubmissionEnabled', 'browser.shell.checkDefaultBrowser', 'app.update.enabled', 'extensions.update.enabled', 'network.captive-portal-service.enabled', 'network.connectivity-service.enabled', 'browser.safebrowsing.malware.enabled', 'browser.safebrowsing.phishing.enabled', 'app.normandy.enabled', 'browser.region.update.enabled', 'extensions.getAddons.cache.enabled', 'browser.aboutwelcome.enabled', 'services.settings.enabled']
  writeFileSync(join(profile, 'user.js'), `${off.map((name) => `user_pref('${name}', false);`).join('\n')}\nuser_pref('browser.startup.homepage', 'about:blank');\nuser_pref('remote.active-protocols', 1);\n`)
  const child = spawn(path, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data) => { said += data })
  const address = await until(async () => /listening on (ws:\S+)/.exec(said)?.[1], 'Firefox')
  const socket = new WebSocket(`${address}/session`)
  await new Promise((open, fail) => { socket.onopen = open; socket.onerror = fail })
  /** @type {string[]} */
  const heard = []
  /** @type {Map<number, { done: (result: any) => void, fail: (error: Error) => void }>} */
  const asked = new Map()
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data)
    if (message.type === 'event') {
      const { level, text } = message.params
      if (level === 'error' || level === 'warn') heard.push(text)
    } else if (message.type === 'success') asked.get(message.id)?.done(message.result)
    else asked.get(message.id)?.fail(new Error(`${message.error}: ${message.message}`))
  }
  let last = 0
  const send = (/** @type {string} */ method, /** @type {object} */ params) => new Promise((/** @type {(result: any) => void} */ done, fail) => {
    asked.set(++last, { done, fail })
    socket.send(JSON.stringify({ id: last, method, params }))
  })
  const { capabilities } = await send('session.new', { capabilities: {} })
  await send('session.subscribe', { events: ['log.entryAdded'] })
  const { contexts: [{ context }] } = await send('browsingContext.getTree', {})
  await send('browsingContext.setViewport', { context, viewport: { width: WIDTH, height: HEIGHT }, devicePixelRatio: 1 })
  return {
    version: `Firefox ${capabilities.browserVersion}`,
    goto: (url) => send('browsingContext.navigate', { context, url, wait: 'complete' }),
    evaluate: async (fn, arg) => {
      const { type, result, exceptionDetails } = await send('script.evaluate', { expression: asCall(fn, arg), target: { context }, awaitPromise: true })
      if (type === 'exception') throw new Error(exceptionDetails.text)
      return JSON.parse(result.value)
    },
    screenshot: async () => Buffer.from((await send('browsingContext.captureScreenshot', { context, origin: 'document' })).data, 'base64'),
    complaints: async () => heard.splice(0),
    close: async () => {
      const ended = new Promise((exit) => child.once('exit', exit))
      await send('browser.close', {}).catch(() => child.kill())
      await Promise.race([ended, sleep(5000).then(() => child.kill())])
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** What a screen of Xvfb shows, as PNG: its file is an XWD. @param {Buffer} file @param {{ top: number, width: number, height: number }} part */
function screenOf(file, { top, width, height }) {
  const [line, colours] = [file.readUInt32BE(48), file.readUInt32BE(76)]
  const from = file.readUInt32BE(0) + 12 * colours
  const png = new PNG({ width, height })
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = from + (y + top) * line + 4 * x
      png.data.set([file[at + 2] ?? 0, file[at + 1] ?? 0, file[at] ?? 0, 255], 4 * (y * width + x))
    }
  }
  return PNG.sync.write(png)
}
/** On a screen of its own, so high that a page is on it whole. @param {string} path @param {string} mini @returns {Promise<Driver>} */
async function inWebKit(path, mini) {
  const tall = 6000
  const shown = mkdtempSync(join(tmpdir(), 'studio-screen-'))
  const screen = spawn('Xvfb', ['-displayfd', '3', '-fbdir', shown, '-screen', '0', `${WIDTH + 100}x${tall + 300}x24`, '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  let number = ''
  screen.stdio[3]?.on('data', (data) => { number += data })
  await until(async () => (number.endsWith('\n') ? true : undefined), 'Xvfb')
  const port = await freePort()
  const child = spawn(path, [`--port=${port}`], { env: { ...process.env, DISPLAY: `:${number.trim()}`, GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1', NO_AT_BRIDGE: '1', LANG: 'en_US.UTF-8', LANGUAGE: 'en_US', WEBKIT_DISABLE_DMABUF_RENDERER: '1' }, stdio: 'ignore' })
  const send = async (/** @type {string} */ method, /** @type {string} */ what, /** @type {object} */ body = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${what}`, { method, ...(method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify(body) }) })
    const { value } = /** @type {any} */ (await answer.json())
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`)
    return value
  }
  await until(() => send('GET', '/status').catch(() => undefined), 'WebKitWebDriver')
  const { sessionId, capabilities } = await send('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary: mini, args: ['--automation'] } } } })
  const at = `/session/${sessionId}`
  await send('POST', `${at}/timeouts`, { script: 300_000, pageLoad: 120_000 })
  const evaluate = async (/** @type {Function | string} */ fn, /** @type {unknown} */ arg = undefined) => {
    const told = await send('POST', `${at}/execute/async`, { script: `const done = arguments[arguments.length - 1]; ${asCall(fn, arg)}.then((value) => done({ value }), (error) => done({ error: String(error) + error.stack }))`, args: [] })
    if (told.error !== undefined) throw new Error(told.error)
    return JSON.parse(told.value)
  }
  await send('POST', `${at}/window/rect`, { x: 0, y: 0, width: WIDTH, height: tall })
  return {
    version: `WebKitGTK ${capabilities.browserVersion}`,
    goto: async (url) => {
      await send('POST', `${at}/url`, { url })
      // the driver tells nothing of the console: what the page throws and refuses is written down in it
      await evaluate(() => {
        const all = /** @type {any} */ (globalThis)
        if (all.heard !== undefined) return
        all.heard = []
        addEventListener('error', (event) => all.heard.push(event.message ?? `not loaded: ${/** @type {any} */ (event.target)?.src}`), true)
        addEventListener('unhandledrejection', (event) => all.heard.push(String(event.reason)))
        addEventListener('securitypolicyviolation', (event) => all.heard.push(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`))
        for (const level of /** @type {const} */ (['error', 'warn'])) {
          const tell = console[level]
          console[level] = (...words) => { all.heard.push(words.map(String).join(' ')); tell(...words) }
        }
      })
    },
    evaluate,
    // the driver's own pictures do not come where nothing draws but software
    screenshot: async () => {
      const [width, height, page] = await evaluate(async () => {
        for (let i = 0; i < 4; i++) await new Promise((drawn) => requestAnimationFrame(drawn))
        return [innerWidth, innerHeight, document.documentElement.scrollHeight]
      })
      await sleep(300)
      return screenOf(readFileSync(join(shown, 'Xvfb_screen0')), { top: tall - height, width, height: Math.min(height, page) })
    },
    complaints: () => evaluate('globalThis.heard.splice(0)'),
    close: async () => {
      await send('DELETE', at).catch(() => undefined)
      child.kill()
      screen.kill()
      rmSync(shown, { recursive: true, force: true })
    },
  }
}

/** @type {Record<string, { begin: () => Promise<Driver> } | { missing: string }>} */
const BROWSERS = {
  chromium: (() => {
    const path = found('/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome')
    return path === undefined ? { missing: 'no Chromium or Chrome (Debian: apt-get install chromium)' } : { begin: () => inChromium(path) }
  })(),
  firefox: (() => {
    const path = found('/usr/bin/firefox', '/usr/bin/firefox-esr', '/Applications/Firefox.app/Contents/MacOS/firefox')
    return path === undefined ? { missing: 'no Firefox (Debian: apt-get install firefox-esr)' } : { begin: () => inFirefox(path) }
  })(),
  webkit: (() => {
    const [path, screen] = [found('/usr/bin/WebKitWebDriver'), found('/usr/bin/Xvfb')]
    const mini = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib', '/usr/libexec'].flatMap((folder) => ['webkitgtk-6.0', 'webkit2gtk-4.1', 'webkit2gtk-4.0'].map((kind) => join(folder, kind, 'MiniBrowser'))).find((file) => existsSync(file))
    return path === undefined || mini === undefined || screen === undefined ? { missing: 'no WebKit (Debian: apt-get install webkit2gtk-driver xvfb)' } : { begin: () => inWebKit(path, mini) }
  })(),
}

// ---- what is looked at, in the page ------------------------------------------------------------------------------------

/** Until the lab is there and the engine has answered. */
const rest = async (/** @type {string} */ lab) => {
  const busy = () => document.documentElement.dataset.engine === 'busy' || [...document.querySelectorAll('.work .value, .work td, .work .plain')].some((e) => e.textContent?.trim() === '…')
  const end = performance.now() + 120_000
  await document.fonts.ready
  for (let calm = 0; calm < 6; calm = busy() || document.querySelector(`main [data-lab="${lab}"]`) === null || document.querySelector('#checks-title') === null ? 0 : calm + 1) {
    if (performance.now() > end) throw new Error(`${lab} does not come to rest`)
    await new Promise((drawn) => requestAnimationFrame(drawn))
  }
}
/** What one reads, without the times it took; what is cut; pictures in which nothing is drawn. */
const look = () => {
  /** @type {string[]} */
  const numbers = []
  const walk = (/** @type {Node} */ node) => {
    if (node instanceof Text) numbers.push(...(node.data.match(/[−-]?\d+(?:[.,]\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?/g) ?? []))
    if (!(node instanceof Element) || node.matches('[data-clock], [data-device], [popover]')) return
    if (node instanceof HTMLInputElement) numbers.push(node.type === 'radio' || node.type === 'checkbox' ? String(node.checked) : node.value)
    for (const child of node.childNodes) walk(child)
  }
  const work = /** @type {HTMLElement} */ (document.querySelector('.work'))
  walk(work)
  const faults = []
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide > 0) faults.push(`wider than the screen by ${wide}`)
  const shown = [...work.querySelectorAll('svg, canvas')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().width >= 40 && e.getBoundingClientRect().height >= 40)
  for (const e of shown) {
    const blank = e instanceof HTMLCanvasElement ? e.width * e.height === 0 || !(e.getContext('2d')?.getImageData(0, 0, e.width, e.height).data.some((v) => v > 0) ?? false) : e.closest('.map') === null && ![...e.querySelectorAll('path, line, circle, rect, polygon, text, image')].some((part) => part.getBoundingClientRect().width + part.getBoundingClientRect().height > 2)
    if (blank) faults.push(`a blank ${e.tagName} in ${e.closest('[aria-label]')?.getAttribute('aria-label')}`)
  }
  for (const field of work.querySelectorAll('input[role=spinbutton]')) if (field.checkVisibility() && field.scrollWidth > field.clientWidth + 1) faults.push(`cut: ${/** @type {HTMLInputElement} */ (field).value}`)
  return { numbers, pictures: shown.length, high: Math.round(work.getBoundingClientRect().height), faults }
}
/** Changes the first number, choice or switch that is part of the state; says what the address then is. */
const change = async () => {
  const fields = ['input[role=spinbutton]', 'input[type=radio]:not(:checked)', 'button[aria-pressed=false]'].flatMap((kind) => [...document.querySelectorAll(`.work ${kind}`)]).filter((e) => e.checkVisibility() && !(/** @type {HTMLInputElement} */ (e).disabled))
  for (const field of fields.slice(0, 8)) {
    if (field.matches('[role=spinbutton]')) for (const key of ['ArrowUp', 'ArrowDown', 'ArrowDown']) field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    else /** @type {HTMLElement} */ (field).click()
    const end = performance.now() + 3000
    for (let before = ''; performance.now() < end; before = location.hash) {
      if (location.hash.includes('?s=') && location.hash === before) return location.hash
      await new Promise((later) => setTimeout(later, 600))
    }
  }
  return null
}
const losses = () => [...document.querySelectorAll('.work figure')].filter((e) => e.querySelector('.drawn') !== null).flatMap((e) => [...e.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].slice(0, 2).map((cell) => Number(cell.textContent?.replace(/[^\d.]/g, '')))))
const press = (/** @type {string} */ name) => {
  const button = [...document.querySelectorAll('.work :is(button, label)')].find((e) => e.textContent?.trim().startsWith(name))
  if (!(button instanceof HTMLElement)) throw new Error(`no button ${name}`)
  button.click()
}

// ---- the walk ----------------------------------------------------------------------------------------------------------

const jiti = createJiti(import.meta.url)
/** @type {typeof import('../src/cli/studio-server.ts')} */
const { studioServer } = await jiti.import(join(root, 'src/cli/studio-server.ts'))
/** @type {typeof import('../apps/studio/test/pictures.ts')} */
const { unkept } = await jiti.import(join(root, 'apps/studio/test/pictures.ts'))
if (!existsSync(join(root, 'dist/studio/index.html'))) throw new Error('the Studio is not built: npm run build')
const server = studioServer(join(root, 'dist/studio'))
await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)))
const base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/?lang=en&theme=light`
const folder = join(root, 'screenshots')
mkdirSync(folder, { recursive: true })
const labs = readdirSync(join(root, 'apps/studio/src/labs')).filter((name) => /^\d\d-/.test(name)).map((name) => name.slice(3)).filter((id) => options.lab === undefined || options.lab.includes(id))

/** The numbers of each lab in the first browser. @type {Map<string, string[]>} */
const first = new Map()
/** @type {string[]} */
const rows = []
let bad = 0
for (const [name, browser] of Object.entries(BROWSERS)) {
  if (options.browser !== undefined && !options.browser.includes(name)) continue
  if ('missing' in browser) {
    console.log(`${name}: ${browser.missing}`)
    continue
  }
  const page = await browser.begin()
  console.log(`${name}: ${page.version}`)
  const total = { labs: 0, numbers: 0, differ: 0, kept: 0, links: 0, faults: 0 }
  let trained = ''
  for (const lab of labs) {
    /** @type {string[]} */
    const faults = []
    let [told, links] = ['', 0]
    try {
      await page.goto('about:blank')
      await page.goto(`${base}#/${lab}`)
      await page.evaluate(rest, lab)
      // a card that draws
      for (const name of lab === 'timeline' ? ['1958', 'Run'] : []) {
        await page.evaluate(press, name)
        await sleep(500)
        await page.evaluate(rest, lab)
      }
      const seen = await page.evaluate(look)
      const numbers = first.get(lab) ?? seen.numbers
      first.set(lab, numbers)
      const differ = seen.numbers.length === numbers.length ? seen.numbers.filter((/** @type {string} */ v, /** @type {number} */ i) => v !== numbers[i]) : seen.numbers
      writeFileSync(join(folder, `${lab}-${name}.png`), await page.screenshot())
      faults.push(...seen.faults)
      if (seen.pictures === 0) faults.push('no picture')
      const kept = new Set()
      faults.push(...(await unkept(/** @type {any} */ (page), /** @type {Set<string>} */ (kept))))
      if (kept.size === 0) faults.push('no picture was kept')
      if (lab === 'digits') {
        await page.evaluate(press, 'Train')
        const [from, to] = await until(async () => {
          const all = await page.evaluate(losses)
          return all.length > 10 && all.at(-1)[0] >= 300 ? [all[0], all.at(-1)] : undefined
        }, '300 steps of training', 300)
        trained = `loss ${from[1]} at step ${from[0]}, ${to[1]} at step ${to[0]}`
        if (!(to[1] < 0.6 * from[1])) faults.push(`the loss does not fall: ${trained}`)
        writeFileSync(join(folder, `${lab}-trained-${name}.png`), await page.screenshot())
        await page.evaluate(press, 'Pause')
      } else {
        const hash = await page.evaluate(change)
        if (hash === null) faults.push('the address does not follow')
        else {
          await page.evaluate(rest, lab)
          const before = (await page.evaluate(look)).numbers
          faults.push(...(await page.complaints()))
          await page.goto('about:blank')
          await page.goto(`${base}${hash}`)
          await page.evaluate(rest, lab)
          const after = (await page.evaluate(look)).numbers
          if (before.join() === after.join()) links = 1
          else faults.push(`the link restores other numbers: ${after.filter((/** @type {string} */ v, /** @type {number} */ i) => v !== before[i]).slice(0, 5).join('; ')}`)
        }
      }
      faults.push(...(await page.complaints()))
      told = `${seen.numbers.length} numbers${differ.length === 0 ? '' : ` (${differ.length} other than Chromium’s: ${differ.slice(0, 4).join('; ')})`}, ${kept.size} pictures kept, ${seen.high} px${links === 1 ? ', link restored' : ''}${lab === 'digits' ? `, ${trained}` : ''}`
      total.labs++
      total.numbers += seen.numbers.length
      total.differ += differ.length
      total.kept += kept.size
      total.links += links
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
    }
    total.faults += faults.length
    console.log(`${name} ${lab}: ${[told, ...new Set(faults)].filter((part) => part !== '').join('\n    ')}`)
  }
  bad += total.faults
  rows.push(`| ${page.version} | ${total.labs} of ${labs.length} | ${total.numbers}${total.differ === 0 ? '' : `, ${total.differ} other`} | ${total.kept} | ${total.links} | ${trained} | ${total.faults} |`)
  await page.close()
}
server.close()
const table = `| | labs opened | numbers shown | pictures kept | links restored | digits, trained | complaints and faults |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}`
console.log(table)
if (options.write) {
  const [open, close] = ['<!-- browsers: written by scripts/browsers.mjs -->', '<!-- end of browsers -->']
  const section = `${open}\n## Studio in other browsers\n\n${new Date().toISOString().slice(0, 10)}, Linux, ${WIDTH} px, English, light: \`node scripts/browsers.mjs --write\`. Numbers are those on the page when a lab is opened, “other” where they are not Chromium’s; each picture is kept as SVG and PNG and held against the screen; a link is taken after one change and opened in a fresh page (in the digits lab the training takes its place).\n\n${table}\n${close}`
  const file = join(root, 'docs/results.md')
  const old = readFileSync(file, 'utf8')
  const at = old.indexOf(open)
  writeFileSync(file, at < 0 ? `${old.trimEnd()}\n\n${section}\n` : old.slice(0, at) + section + old.slice(old.indexOf(close) + close.length))
}
process.exit(bad === 0 ? 0 : 1)
