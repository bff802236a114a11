// The built Studio in a real browser. Every lab is walked through on pages that stay open, each at its own pace: two by the
// keyboard alone (stops, handles, tasks), each taking the next lab; one for the looks (both languages, light and dark, narrow and
// wide, axe, reduced motion); one that is loaded anew from the link the first made, with and without the server. Then the shell, tables,
// files, sizes. One lab alone: STUDIO_LAB=xor npx vitest run apps/studio/test/studio.heavy.test.ts
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { studioServer } from '../../../src/cli/studio-server.ts'
import { onnxOfLayers } from '../src/core/network-onnx.ts'
import { decodeState, encodeState } from '../src/core/permalink.ts'
import type { Form } from '../src/core/shape.ts'
import { PATIENCE, type Watched, type Words, addressAtRest, axe, baseOf, browserPath, buildStudio, dist, go, launch, listen, load, numbersAtRest, portOf, root, settle, speak, until, verdictOn, watched } from './browser.ts'
import { CHANGES, MORE, SOLUTIONS, typeInto } from './by-keys.ts'
import { misfits, motion, stops, strangeWords, stuckHandles, unbound, wideProofs } from './looks.ts'
import { unproven } from './numerals.ts'
import { unkept } from './pictures.ts'
import { KINDS, VIEWS, tried } from './views.ts'

const labs = readdirSync(join(root, 'apps/studio/src/labs')).filter((name) => /^\d\d-/.test(name)).map((name) => ({ folder: name, id: name.slice(3) }))
const walked = labs.filter(({ id }) => process.env.STUDIO_LAB === undefined || id === process.env.STUDIO_LAB)
type Checks = { readonly checks: readonly { readonly id: string; readonly slow?: boolean }[] }

let server: Server
let browser: Browser
let base: string

beforeAll(async () => {
  buildStudio()
  if (browserPath === undefined) return
  server = await listen(studioServer(dist))
  base = baseOf(server)
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})

const inBrowser = describe.skipIf(browserPath === undefined)
vi.setConfig({ testTimeout: 4 * PATIENCE, hookTimeout: 4 * PATIENCE })

// ---- every lab ---------------------------------------------------------------------------------------------------------

/** What a walk found, or why it did not get to its end. */
type Found<T> = { readonly got: T } | { readonly error: unknown }
const safely = async <T>(walk: () => Promise<T>): Promise<Found<T>> => {
  try {
    return { got: await walk() }
  } catch (error) {
    return { error }
  }
}
const of = <T>(found: Found<T> | undefined): T => {
  if (found === undefined) throw new Error('the walk was not begun')
  if ('error' in found) throw found.error
  return found.got
}

/** Nothing was found; else all of it. */
const none = (...found: readonly (readonly string[])[]): void => expect(found.flat(), found.flat().join('\n')).toEqual([])

/** The first places at which two lists of numbers differ. */
function differences(got: readonly string[], wanted: readonly string[]): string[] {
  const found = got.length === wanted.length ? [] : [`${got.length} numbers, expected ${wanted.length}`]
  for (const [i, one] of got.entries()) if (one !== wanted[i]) found.push(`number ${i}: ${one}, expected ${wanted[i]} (after ${wanted.slice(Math.max(0, i - 3), i).join('; ')})`)
  return found.slice(0, 8)
}

interface ByKeys {
  readonly stops: Awaited<ReturnType<typeof stops>>
  readonly stuck: readonly string[]
  /** What each attempt was answered: ok or no, in words of both languages. */
  readonly verdicts: Readonly<Record<string, Words>>
  /** At 1280 px as the lab begins and at 360 px with each task solved, in English, light. */
  readonly misfits: readonly string[]
  /** Numbers without a proof: as it begins, with each task solved, at the end in both languages, and what else it shows. */
  readonly unproven: readonly string[]
  /** How many pictures were kept, in all these states; those that were not, or not as they are on the screen. */
  readonly pictures: number
  readonly unkept: readonly string[]
  readonly mouse: number
  readonly hash: string
  readonly numbers: Readonly<Record<'ru' | 'en', readonly string[]>>
  readonly complaints: readonly string[]
  readonly foreign: readonly string[]
}

/** What was found, with where. */
const list = (findings: Looks['findings']): string[] => Object.entries(findings).flatMap(([where, all]) => all.map((one) => `${where}: ${one}`))

/** A long training is not in a link, and not kept by a page one has left: it is offered, and taken here. */
async function resume(page: Page): Promise<void> {
  const offer = page.locator('[data-resume]')
  if ((await offer.count()) === 0) return
  await offer.press('Enter')
  await offer.waitFor({ state: 'detached' })
  await settle(page)
}

/** Everything a student does here, without a mouse: once round by Tab, every handle by arrows, every task wrong and right. */
async function walkByKeys({ page, complaints, foreign }: Watched, id: string): Promise<ByKeys> {
  await go(page, id)
  const cut = await misfits(page)
  const bare = await unproven(page, id)
  const kept = new Set<string>()
  const lost = await unkept(page, kept)
  const tour = await stops(page)
  const stuck = await stuckHandles(page)
  const reset = async (): Promise<void> => {
    const button = page.getByRole('button', { name: 'From the beginning', exact: true })
    if (await button.isDisabled()) return
    await button.press('Enter')
    await settle(page)
  }
  const verdicts: Record<string, Words> = {}
  for (const { check, wrong, right } of SOLUTIONS[id]!) {
    // a prediction does not touch the state: what was solved before stays
    if (wrong.do !== undefined || right?.do !== undefined) await reset()
    const item = page.locator(`[data-check="${check}"]`)
    for (const [kind, attempt] of [['wrong', wrong], ['right', right]] as const) {
      if (attempt === undefined) continue
      for (const act of attempt.do ?? []) await act(page)
      if (attempt.answer !== undefined) {
        const radios = item.locator('input[type=radio]')
        if ((await radios.count()) > 0) await radios.nth(Number(attempt.answer)).press('Space')
        else await typeInto(page, item.locator('input[type=text]'), String(attempt.answer))
      }
      // what was set going is done first: a verdict goes when the state changes
      await settle(page)
      await item.locator('button[type=submit]').press('Enter')
      verdicts[`${check} ${kind}`] = await verdictOn(page, check)
      if (kind === 'wrong') continue
      // the state a task leads to, and the explanation that is now open, on a phone
      await page.setViewportSize({ width: 360, height: 900 })
      cut.push(...(await misfits(page)).map((one) => `${check} solved, 360 px: ${one}`))
      await page.setViewportSize({ width: 1280, height: 900 })
      lost.push(...(await unkept(page, kept)).map((one) => `${check} solved: ${one}`))
      bare.push(...(await unproven(page, id)).map((one) => `${check} solved: ${one}`))
    }
  }
  for (const act of CHANGES[id] ?? []) await act(page)
  await settle(page)
  const hash = await addressAtRest(page)
  // away and back: what was merely picked out or unfolded is gone, the state is not
  await go(page, '')
  await go(page, id)
  await resume(page)
  const en = await numbersAtRest(page)
  await speak(page, 'ru')
  const ru = await numbersAtRest(page)
  bare.push(...(await unproven(page, id)))
  await speak(page, 'en')
  await page.evaluate(() => { for (const e of document.querySelectorAll<HTMLDetailsElement>('.work details')) e.open = true })
  bare.push(...(await unproven(page, id)))
  for (const acts of MORE[id] ?? []) {
    for (const act of acts) await act(page)
    await settle(page)
    bare.push(...(await unproven(page, id)))
    lost.push(...(await unkept(page, kept)))
  }
  const mouse = await page.evaluate(() => (globalThis as unknown as { mouse: number }).mouse)
  return { stops: tour, stuck, verdicts, misfits: cut, unproven: [...new Set(bare)], pictures: kept.size, unkept: [...new Set(lost)], mouse, hash, numbers: { ru, en }, complaints: complaints.splice(0), foreign: foreign.splice(0) }
}

interface Looks { readonly findings: Readonly<Record<string, readonly string[]>>; readonly unkept: readonly string[]; readonly words: readonly string[]; readonly motion: readonly string[]; readonly complaints: readonly string[]; readonly foreign: readonly string[] }
/**
 * Both languages, each in the dark and in the light: Russian at one width, English at the other; all of axe once in each language,
 * what depends on colours in all four. Every other turn the other way round, so that a lab begins as the one before ended.
 */
async function walkLooks({ page, complaints, foreign }: Watched, id: string, turn: number): Promise<Looks> {
  const findings: Record<string, string[]> = {}
  const words: string[] = []
  const dress = async (lang: 'ru' | 'en', theme: 'dark' | 'light'): Promise<void> => {
    await page.locator('header select').selectOption(theme)
    if ((await page.evaluate(() => document.documentElement.lang)) !== lang) await page.locator(`header button[lang=${lang}]`).click()
    await page.waitForFunction((wanted) => `${document.documentElement.lang} ${document.documentElement.dataset.theme}` === wanted, `${lang} ${theme}`)
    await settle(page)
  }
  const width = async (pixels: number): Promise<void> => {
    if (page.viewportSize()?.width === pixels) return
    await page.setViewportSize({ width: pixels, height: 900 })
    await settle(page)
  }
  const read = async (lang: 'ru' | 'en'): Promise<void> => void words.push(...(await strangeWords(page, lang, id !== '')))
  const look = async (lang: 'ru' | 'en', theme: 'dark' | 'light', rules: 'all' | 'colours'): Promise<void> => {
    await dress(lang, theme)
    findings[`axe, ${lang}, ${theme}`] = await axe(page, rules)
  }
  const [first, second] = turn % 2 === 0 ? (['ru', 'en'] as const) : (['en', 'ru'] as const)
  await width(1920)
  await go(page, id)
  if (id !== '') {
    await page.locator('details.code > summary').click()
    await page.locator('details.code .cm-content').waitFor()
  }
  await page.evaluate(() => scrollTo(0, 0)) // nothing under the bar at the top
  await look(first, 'dark', 'all')
  findings[`${first}, 1920 px`] = await misfits(page)
  await read(first)
  await look(first, 'light', 'colours')
  await width(360)
  findings[`${first}, 360 px`] = await misfits(page)
  await look(second, 'light', 'all')
  findings[`${second}, 360 px`] = await misfits(page)
  findings[`proofs, ${second}, 360 px`] = await wideProofs(page)
  await read(second)
  await look(second, 'dark', 'colours')
  await width(1920)
  findings[`${second}, 1920 px`] = await misfits(page)
  // some labs in Russian and in the dark too
  const lost = turn % 6 === 1 && id !== '' ? await unkept(page, new Set()) : []
  return { findings, unkept: lost, words, motion: await motion(page), complaints: complaints.splice(0), foreign: foreign.splice(0) }
}

interface Anew { readonly online: Readonly<Record<'ru' | 'en', readonly string[]>>; readonly offline: readonly string[]; readonly complaints: readonly string[]; readonly foreign: readonly string[] }
/** The link in a page that knows nothing yet, in both languages; then with the server gone. */
async function walkAnew({ page, complaints, foreign }: Watched, { hash, numbers }: ByKeys, from: Server): Promise<Anew> {
  /** As soon as they are the numbers of the link; else what they came to in a while. */
  const shown = (lang: 'ru' | 'en'): Promise<string[]> => numbersAtRest(page, numbers[lang])
  const [origin, port] = [baseOf(from), portOf(from)]
  const open = async (lang: 'ru' | 'en'): Promise<string[]> => {
    await load(page, origin, hash.slice(2), `?lang=${lang}`)
    await resume(page)
    return shown(lang)
  }
  const ru = await open('ru')
  await speak(page, 'en')
  const online = { ru, en: await shown('en') }
  await page.evaluate(() => navigator.serviceWorker.ready)
  const heard = complaints.splice(0)
  from.close()
  from.closeAllConnections()
  try {
    const offline = await open('ru')
    return { online, offline, complaints: [...heard, ...complaints.splice(0).filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))], foreign: foreign.splice(0) }
  } finally {
    await listen(from, port)
  }
}

inBrowser('every lab', () => {
  let contexts: BrowserContext[] = []
  let keys: readonly Watched[] = []
  let looks: Watched
  let anew: Watched
  /** A server of its own, so that it can go away. */
  let away: Server
  beforeAll(async () => {
    away = await listen(studioServer(dist))
    const viewport = { width: 1280, height: 900 }
    contexts = await Promise.all([
      browser.newContext({ viewport, serviceWorkers: 'block', reducedMotion: 'reduce' }),
      browser.newContext({ viewport, serviceWorkers: 'allow', colorScheme: 'light' }),
      ...[1, 2].map(() => browser.newContext({ viewport, serviceWorkers: 'block', colorScheme: 'light' })),
    ])
    for (const context of contexts.slice(2)) await context.addInitScript(() => {
      Object.assign(globalThis, { mouse: 0 })
      for (const kind of ['pointerdown', 'mousedown', 'mousemove', 'touchstart', 'wheel']) addEventListener(kind, ({ isTrusted }) => { if (isTrusted) (globalThis as unknown as { mouse: number }).mouse++ }, { capture: true, passive: true })
    })
    looks = await watched(contexts[0]!, base)
    anew = await watched(contexts[1]!, baseOf(away))
    keys = await Promise.all(contexts.slice(2).map((context) => watched(context, base)))
    await Promise.all(keys.map(({ page }) => load(page, base, '', '?lang=en')))
    await load(looks.page, base, '', '?lang=ru&theme=dark')
    // its service worker has kept everything before the first lab is opened
    await load(anew.page, baseOf(away), '', '?lang=ru')
    await anew.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  })
  afterAll(async () => {
    await Promise.all(contexts.map((context) => context.close()))
    away?.close()
  })

  test('what is broken on purpose is noticed: the tests below can fail', async () => {
    const { page, complaints, foreign } = looks
    const style = (css: string): Promise<void> => page.evaluate((text) => {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(text)
      document.adoptedStyleSheets = text === '' ? [] : [sheet]
    }, css)
    await go(page, 'line')
    none(await misfits(page), await motion(page), await unproven(page, 'line'), await wideProofs(page))
    await style('.proof .flowing { flex-wrap: nowrap; width: 90rem }')
    expect((await wideProofs(page)).join()).toMatch(/the proof of .* is too wide/)
    // a handle and a field whose focus shows nothing; a button that Tab passes by
    await style('.work .handle:focus-visible .target { stroke: none } .work input:focus-visible { outline: none }')
    await page.locator('.work button').first().evaluate((e) => e.setAttribute('tabindex', '-1'))
    const tour = await stops(page)
    expect(tour.missed.length).toBe(1)
    for (const kind of [/^g Конец вектора w/, /^input .*Вес w2/]) expect(tour.unseen.some((e) => kind.test(e)), `${kind} in ${tour.unseen.join()}`).toBe(true)
    // a handle that hears no key
    await page.evaluate(() => document.querySelector('.work g[role=slider]')!.addEventListener('keydown', (event) => event.stopImmediatePropagation(), { capture: true }))
    expect((await stuckHandles(page)).length).toBe(1)
    // pictures: one without buttons, one that has lost a line and its numbers, one of another colour
    none(await unkept(page, new Set()))
    await page.evaluate(() => document.querySelector('.work')!.append(document.createElement('canvas')))
    const apart = (await unkept(page, new Set(), '.work figure .line { stroke: none } .work figure .grid text { fill: none } .work figure .floor { fill: #99f }')).join('\n')
    for (const kind of [/^cannot be kept: CANVAS/m, /^Плоскость входов: .* of the SVG is not as on the screen/m, /^Потенциал.*: .* of the PNG is not as on the screen/m]) expect(apart).toMatch(kind)
    // what moves by a rule stronger than the product's
    await style('main button { transition: color 9s !important }')
    expect((await motion(page)).some((e) => e.startsWith('would move: BUTTON'))).toBe(true)
    // dark letters on a dark page
    await style('main .notes li { color: #333 }')
    expect((await axe(page, 'colours')).join()).toMatch(/color-contrast/)
    // a word cut, a word off the screen, a sign out of its picture, one over another, an axis' name at its numbers
    await style('')
    await page.evaluate(() => {
      const put = (css: string): void => {
        const e = document.createElement('p')
        e.textContent = 'much too long for its place'
        e.style.cssText = css
        document.querySelector('.work')!.prepend(e)
      }
      put('width: 3rem; overflow: hidden; white-space: nowrap')
      put('width: 9000px; max-width: none; text-align: end')
      const [first] = document.querySelectorAll('.work svg text')
      const [copy, out] = [first!.cloneNode(true) as Element, first!.cloneNode(true) as Element]
      out.setAttribute('x', '-4000')
      first!.after(copy, out)
      const name = document.querySelector('.work .axis-name')!
      name.setAttribute('y', String(Number(name.getAttribute('y')) - 6))
    })
    const seen = (await misfits(page)).join('\n')
    for (const kind of [/^the page is wider/m, /^cut: “much too long/m, /^off the screen: “much too long/m, /^outside its picture/m, /lies over/, /is too close under “4”/]) expect(seen).toMatch(kind)
    // one number that differs; a word of the other language; a slip of the program
    const before = await numbersAtRest(page)
    none(differences(before, before), await strangeWords(page, 'ru'))
    await page.evaluate(() => { [...document.querySelectorAll('.work .value, .work td')].find((e) => e.checkVisibility())!.textContent = '123.25 undefined' })
    expect(differences(await numbersAtRest(page), before).length).toBeGreaterThan(0)
    const read = async (lang: 'ru' | 'en'): Promise<readonly string[]> => (await strangeWords(page, lang)).filter((one) => !/ in the [\w-]+ “/.test(one))
    expect([await read('ru'), await read('en')].map((all) => all.length)).toEqual([1, 2])
    // a name that is only read aloud
    const aloud = await strangeWords(page, 'ru')
    await page.evaluate(() => document.querySelector('.work [aria-label]')!.setAttribute('aria-label', 'formula'))
    expect((await strangeWords(page, 'ru')).filter((one) => !aloud.includes(one))).toEqual(['ru: “formula” in the aria-label “formula”'])
    expect((await strangeWords(page, 'en')).some((one) => one.includes('in the aria-label'))).toBe(true)
    // a number that nothing on the page accounts for, in a sentence and in a cell
    await go(page, '')
    await go(page, 'line')
    await page.evaluate(() => {
      document.querySelector('.work .summary')!.append(' Ошибка 0,4821.')
      document.querySelector('.work .facts tr')!.insertCell().textContent = '7,31'
    })
    expect((await unproven(page, 'line')).map((one) => /⟦(.*)⟧/.exec(one)?.[1])).toEqual(['0,4821', '7,31'])
    // a mouse where keys alone are promised
    for (const { page: walker } of keys) {
      await walker.mouse.move(200, 300)
      expect(await walker.evaluate(() => { const all = globalThis as unknown as { mouse: number }; return [all.mouse > 0, (all.mouse = 0)] })).toEqual([true, 0])
    }
    // without a worker that keeps it, nothing comes from a server that is gone
    const gone = await listen(studioServer(dist))
    const address = baseOf(gone)
    await new Promise((closed) => gone.close(closed))
    const lost = await contexts[0]!.newPage()
    await expect(lost.goto(address)).rejects.toThrow('ERR_CONNECTION_REFUSED')
    await lost.close()
    none(complaints, foreign.splice(0).filter((url) => !url.startsWith(address)))
    // a request elsewhere, a script the policy forbids
    await page.goto(base.replace('127.0.0.1', 'localhost'))
    expect(foreign.splice(0).length).toBeGreaterThan(0)
    await load(page, base, '', '?lang=ru&theme=dark')
    await page.evaluate(() => { document.body.append(Object.assign(document.createElement('script'), { textContent: 'never()' })) })
    await until(async () => complaints.join(), (all) => all.includes('Content Security Policy'))
    complaints.length = 0
    await load(page, base, '', '?lang=ru&theme=dark')
    foreign.length = 0
  })

  describe('the contents', () => {
    let looked: Found<Looks>
    let tour: Found<Awaited<ReturnType<typeof stops>>>
    beforeAll(async () => {
      ;[looked, tour] = await Promise.all([safely(() => walkLooks(looks, '', 0)), safely(async () => { const [{ page }] = keys as [Watched]; await go(page, ''); return stops(page) })])
    })
    test('all labs, in two languages and themes: axe finds nothing, nothing is cut, nothing moves, nothing foreign', async () => {
      const { findings, words, motion: moves, complaints, foreign } = of(looked)
      none(list(findings), words, moves, complaints, foreign)
      expect(await looks.page.locator('main li').count()).toBe(labs.length)
    })
    test('every stop is reached by Tab and can be seen', () => {
      const { count, missed, unseen } = of(tour)
      expect(count).toBeGreaterThanOrEqual(labs.length)
      none(missed, unseen)
    })
  })

  interface Walk { readonly byKeys: Promise<Found<ByKeys>>; readonly looked: Promise<Found<Looks>>; readonly loaded: Promise<Found<Anew>> }
  const walks = new Map<string, Walk>()
  /** The pages go through the labs, none waiting for another but for its link: two cores are kept busy. */
  function setOut(): void {
    const found = new Map<string, (keys: Found<ByKeys>) => void>()
    const promised = new Map(walked.map(({ id }) => [id, new Promise<Found<ByKeys>>((done) => found.set(id, done))]))
    const waiting = walked.map(({ id }) => id)
    const next = async (walker: Watched): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) found.get(id)!(await safely(() => walkByKeys(walker, id!)))
    }
    for (const walker of keys) void next(walker)
    let [b, c]: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
    for (const [i, { id }] of walked.entries()) {
      const byKeys = promised.get(id)!
      const looked = b!.then(() => safely(() => walkLooks(looks, id, i + 1)))
      const loaded = Promise.all([byKeys, c!]).then(([walk]) => safely(() => walkAnew(anew, of(walk), away)))
      ;[b, c] = [looked, loaded]
      walks.set(id, { byKeys, looked, loaded })
    }
  }

  describe.each(walked)('$folder', ({ id, folder }) => {
    let byKeys: Found<ByKeys> | undefined
    let looked: Found<Looks> | undefined
    let loaded: Found<Anew> | undefined
    beforeAll(async () => {
      if (walks.size === 0) setOut()
      const walk = walks.get(id)!
      ;[byKeys, looked, loaded] = await Promise.all([walk.byKeys, walk.looked, walk.loaded])
    })

    test('in both languages without a complaint of the browser; every text in its language', () => {
      none(of(looked).words, of(looked).complaints, of(byKeys).complaints, of(loaded).complaints)
    })
    test('axe finds nothing, in Russian and in English, in the dark and in the light', () => {
      const found = Object.entries(of(looked).findings).filter(([name]) => name.startsWith('axe'))
      expect(found.map(([name]) => name).sort()).toEqual(['axe, en, dark', 'axe, en, light', 'axe, ru, dark', 'axe, ru, light'])
      none(list(Object.fromEntries(found)))
    })
    test('nothing is cut or lies over another at 360, 1280 and 1920 px', () => {
      const found = Object.entries(of(looked).findings).filter(([name]) => !name.startsWith('axe'))
      expect(found.length).toBe(5) // two languages, at two widths and themes, and the proofs on a phone
      none(list(Object.fromEntries(found)), of(byKeys).misfits.map((one) => `en, 1280 px: ${one}`))
    })
    test('every number has its proof, a field, or its like with a proof beside it', () => none(of(byKeys).unproven))
    test('every picture can be kept as SVG and PNG: what is kept needs nothing else and is as on the screen', () => {
      expect(of(byKeys).pictures).toBeGreaterThan(0)
      none(of(byKeys).unkept, of(looked).unkept)
    })
    test('nothing moves where reduced motion is asked for', () => none(of(looked).motion))
    test('every stop is reached by Tab and can be seen there; every handle follows the arrow keys', () => {
      const { stops: tour, stuck } = of(byKeys)
      expect(tour.count).toBeGreaterThan(5)
      none(tour.missed.map((e) => `never reached: ${e}`), tour.unseen.map((e) => `focus unseen: ${e}`), stuck.map((e) => `does not move: ${e}`))
    })
    test('by keys alone each task is refused with a counterexample and passed when solved, in both languages', async () => {
      const { checks } = (await import(`../src/labs/${folder}/checks.ts`)) as Checks
      const { verdicts, mouse } = of(byKeys)
      const wanted = checks.flatMap(({ id: check, slow }) => (slow === true && SOLUTIONS[id]!.every((s) => s.check !== check || s.right === undefined) ? [`${check} wrong`] : [`${check} wrong`, `${check} right`]))
      expect(Object.keys(verdicts).sort()).toEqual([...wanted].sort())
      for (const [attempt, { verdict, ru, en }] of Object.entries(verdicts)) {
        expect(verdict, `${attempt}: ${en}`).toBe(attempt.endsWith('right') ? 'ok' : 'no')
        for (const words of [ru, en]) expect(words).not.toMatch(/undefined|\[object|NaN/)
        expect(ru, attempt).not.toBe(en)
        expect(ru.length, attempt).toBeGreaterThan(8)
        expect(en, attempt).not.toMatch(/[а-яё]/i)
      }
      expect(mouse, 'events of a mouse').toBe(0)
    })
    test('its link restores the same numbers in a fresh page, in both languages', async () => {
      const { numbers, hash } = of(byKeys)
      const { initial } = (await import(`../src/labs/${folder}/model.ts`)) as { initial: object }
      expect(hash.split('?s=')[1], 'a state of one’s own').not.toBe(await encodeState(initial))
      expect(numbers.en.length).toBeGreaterThan(20)
      none(differences(of(loaded).online.ru, numbers.ru), differences(of(loaded).online.en, numbers.en))
    })
    test('the same numbers once the server is gone', () => none(differences(of(loaded).offline, of(byKeys).numbers.ru)))
    test('no request leaves the origin, while tasks are solved and after', () => none(of(byKeys).foreign, of(looked).foreign, of(loaded).foreign))
  })
})

const open = (context: BrowserContext): Promise<Watched> => watched(context, base)
const show = (page: Page, lab: string, query = ''): Promise<void> => load(page, base, lab, query)

test('each view that LABS.md names for a lab is tried below, and no other', () => {
  const rows = readFileSync(join(root, 'apps/studio/LABS.md'), 'utf8').split('\n').filter((line) => /^\| \d+ \|/.test(line)).map((line) => line.split('|').slice(2, -1).map((one) => one.trim()))
  expect(rows.length).toBe(labs.length)
  for (const [i, { id }] of labs.entries()) {
    const { numbers = [], choices = [] } = VIEWS[id]!
    expect([id, KINDS.filter((_, k) => !rows[i]![k]!.startsWith('–'))]).toEqual([id, KINDS.filter((kind) => numbers.some(({ views }) => views[kind] !== undefined) || (kind === 'code' && choices.length > 0))])
  }
})
inBrowser('one state, all views', () => {
  let opened: Watched
  beforeAll(async () => {
    opened = await open(await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' }))
    opened.page.setDefaultTimeout(PATIENCE / 4)
    await show(opened.page, '', '?lang=en')
  })
  afterAll(() => opened?.page.context().close())

  test.each(walked)('$folder: what is changed in one view is changed in all, and in the link', async ({ folder, id }) => {
    const { page, complaints } = opened
    const { form } = (await import(`../src/labs/${folder}/model.ts`)) as { form: Form<unknown> }
    await go(page, id)
    none(await tried(page, VIEWS[id]!, async () => decodeState((await page.evaluate(() => location.hash)).split('?s=')[1] ?? '', form).catch(() => null)), complaints.splice(0))
  })
})

/** The field of a number among a lab's controls. */
const controlOf = (page: Page, name: string) => page.locator('.work .controls').getByRole('spinbutton', { name, exact: true })
/** Typed into the field that has opened with the focus in it. */
async function typeIn(page: Page, text: string): Promise<void> {
  await page.locator('[popover] input[type=text]:focus').waitFor()
  await page.keyboard.type(text)
  await page.keyboard.press('Escape')
  await page.locator('[popover] input').first().waitFor({ state: 'detached' })
  await settle(page)
}

// pages of their own, several at a time
inBrowser('the shell', () => {
  test.concurrent('a number of the state is changed in a formula, a diagram, a program and a table; the others follow, and one undo takes it back', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, 'neuron', '?lang=en')
    const field = (name: string) => controlOf(page, name)
    const typed = (text: string): Promise<void> => typeIn(page, text)
    // the sum: Enter opens all its numbers, a press one of them
    await page.getByRole('group', { name: 'Activation potential. Enter: change its numbers' }).press('Enter')
    await typed('-1.5') // b comes first
    await page.locator('[data-slot=w1][data-edit]').click()
    await typed('2.5')
    // the edge of the diagram, then focus is back on it
    await page.getByRole('button', { name: 'Weight w1: w₁ = 1' }).press('Enter')
    await typed('0.75')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Weight w1: w₁ = 0.75')
    for (const [name, value] of [['Weight w1', '0.75'], ['Weight w2', '2.5'], ['Bias b', '−1.5']] as const) expect(await field(name).inputValue(), name).toBe(value)
    // another row of the truth table is put on the diagram by keys
    await page.getByRole('radio', { name: 'Row 10' }).press('ArrowDown')
    await page.getByRole('button', { name: 'Input x2 is 1: switch it' }).waitFor()
    // the program: plain text where the editor cannot be had, and not a pixel lower than with it
    const program = page.locator('details.code')
    const panel = program.getByRole('tabpanel')
    const status = program.getByRole('status')
    const text = program.getByRole('textbox', { name: 'Open as code: Gradus (TypeScript)' })
    await page.route('**/code-editor-*.js', (route) => route.abort(), { times: 1 })
    await program.locator('summary').press('Enter')
    await status.getByText('The editor did not load').waitFor()
    expect(await panel.locator('pre').innerText()).toContain('tensor([0.75, 2.5], {')
    const height = (await panel.boundingBox())!.height
    expect(complaints.splice(0).every((one) => one.includes('ERR_FAILED'))).toBe(true)
    await program.locator('summary').press('Enter')
    await program.locator('summary').press('Enter')
    await text.waitFor()
    expect((await panel.boundingBox())!.height).toBe(height)
    expect(await text.evaluate((e) => new Set([...e.querySelectorAll('span')].map((span) => getComputedStyle(span).color)).size)).toBeGreaterThanOrEqual(5)
    // one stop for Tab, the first number is selected: what is typed is everywhere, as soon as it is a number of the range
    const numbers = text.locator('.number')
    expect(await numbers.allInnerTexts()).toEqual(['0.75', '2.5', '-1.5'])
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
    expect(await text.evaluate((e) => e.matches(':focus'))).toBe(true)
    await status.getByText('Weight w1: a number from −5 to 5.').waitFor()
    await page.keyboard.type('2')
    await until(() => field('Weight w1').inputValue(), (value) => value === '2')
    await settle(page)
    expect(await page.getByRole('button', { name: 'z = 3' }).count()).toBeGreaterThan(0)
    await page.keyboard.type('x')
    await status.getByText('Weight w1: expected a number from −5 to 5, received “2x”. Escape brings back 2.').waitFor()
    expect([await text.getAttribute('aria-invalid'), await numbers.first().innerText(), await field('Weight w1').inputValue()]).toEqual(['true', '2x', '2'])
    await page.evaluate(() => scrollTo(0, 0)) // nothing under the bar at the top
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await until(() => numbers.allInnerTexts(), (all) => all.join() === '2,2.5,-1.5')
    expect(await text.getAttribute('aria-invalid')).toBe('false')
    await page.keyboard.press('Control+z')
    await until(() => numbers.allInnerTexts(), (all) => all.join() === '0.75,2.5,-1.5')
    // elsewhere nothing can be typed, and that is said
    const all = await text.innerText()
    await page.keyboard.press('Control+Home')
    await page.keyboard.type('q')
    await status.getByText('This part follows from the state.').waitFor()
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Delete')
    expect(await text.innerText()).toBe(all)
    // from place to place; a comma is taken, and is a point once one has left
    await page.keyboard.press('Control+Home')
    for (let i = 0; i < 3; i++) await page.keyboard.press('Alt+ArrowRight')
    await page.keyboard.insertText('0,25')
    await until(() => field('Bias b').inputValue(), (value) => value === '0.25')
    expect(await numbers.last().innerText()).toBe('0,25')
    await page.keyboard.press('Tab')
    expect(await text.evaluate((e) => e.matches(':focus'))).toBe(false)
    await until(() => numbers.last().innerText(), (last) => last === '0.25')
    await page.getByRole('button', { name: 'Undo' }).press('Enter')
    await until(() => numbers.allInnerTexts(), (now) => now.join() === '0.75,2.5,-1.5')
    // Enter opens its range and slider, and focus is back in the program after; a step by keys; a press opens them too
    await text.focus()
    await page.keyboard.press('Enter')
    await typed('0,5')
    expect(await text.evaluate((e) => e.matches(':focus'))).toBe(true)
    await page.keyboard.press('Alt+ArrowDown')
    await until(() => field('Bias b').inputValue(), (value) => value === '0.4')
    await numbers.nth(1).click()
    await page.getByRole('slider', { name: 'Weight w2 (in the program)' }).waitFor()
    await page.keyboard.press('Alt+ArrowUp') // one types on beside them
    await until(() => field('Weight w2').inputValue(), (value) => value === '2.6')
    await page.keyboard.press('Escape')

    // points in a table: coordinates and class are fields, z is a number with its proof
    await go(page, 'line')
    const table = page.locator('.work figure details').first()
    await table.locator('summary').press('Enter')
    await typeInto(page, table.getByRole('spinbutton', { name: 'x₁ of point 2', exact: true }), '-3')
    await typeInto(page, table.getByRole('spinbutton', { name: 'class of point 2', exact: true }), '0')
    await settle(page)
    expect(await table.locator('tbody tr').nth(1).locator('input').count()).toBe(3)
    expect(await table.locator('tbody tr').nth(1).locator('button').innerText()).toBe('−3.75') // z = −3 + 1.5·0.5 − 1.5
    // a point is read under the pointer as by the arrow keys
    await page.evaluate(() => scrollTo(0, 0)) // nothing under the bar at the top
    await page.locator('.work figure svg .class-0').first().hover({ force: true })
    await page.locator('.work figure .summary', { hasText: /^Point\s\(−?\d.* of class\s0: z\s=\s/ }).waitFor()
    await table.locator('tbody tr').nth(1).locator('button').press('Enter')
    await page.getByRole('dialog', { name: /How z comes about/ }).locator('.verdict.good').waitFor()
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
  test.concurrent('a number of the state is changed on a curve, in formulas and at the nodes of a graph', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    const field = (name: string) => controlOf(page, name)
    const value = (name: string): Promise<string> => field(name).inputValue()
    const typed = (text: string): Promise<void> => typeIn(page, text)
    // the number of examples: a press on the curve, a drag over it, the handle by keys
    await show(page, 'pipelines', '?lang=en')
    const curve = page.locator('.work figure svg[role=group]').first()
    const handle = curve.getByRole('slider', { name: /^Training examples n/ })
    const at = async (n: number): Promise<readonly [number, number]> => {
      const { x, y, width, height } = (await curve.boundingBox())!
      return [x + 44 + ((width - 58) * Math.log(n / 46)) / Math.log(5450 / 46), y + height / 2] // margins of 44 and 14
    }
    await page.mouse.click(...(await at(2000)))
    expect(Math.abs(Number(await value('Training examples n')) - 2000)).toBeLessThanOrEqual(50)
    await page.mouse.move(...(await at(150)))
    await page.mouse.down()
    await page.mouse.move(...(await at(400)))
    await page.mouse.move(...(await at(1000)))
    await page.mouse.up()
    const dragged = Number(await value('Training examples n'))
    expect(Math.abs(dragged - 1000)).toBeLessThanOrEqual(50)
    await handle.focus()
    await page.keyboard.press('ArrowRight')
    expect([await value('Training examples n'), await handle.getAttribute('aria-valuetext')]).toEqual([String(dragged + 50), String(dragged + 50)])
    for (let i = 0; i < 9; i++) await page.keyboard.press('Shift+ArrowRight')
    expect([await value('Training examples n'), await handle.getAttribute('aria-valuemax')]).toEqual(['5000', '5000'])
    const undo = page.getByRole('button', { name: 'Undo' }) // a slow machine makes several steps of what belongs together
    while (await undo.isEnabled()) await undo.press('Enter')
    expect(await value('Training examples n')).toBe('500')

    // a = σ(k(b + wx)): Enter opens all its numbers, a press one
    await go(page, 'sigmoid')
    await page.getByRole('group', { name: 'The output with its numbers. Enter: change its numbers' }).press('Enter')
    expect(await page.locator('[popover] input[type=text]').count()).toBe(4)
    await typed('2') // k
    for (const [slot, text] of [['b', '-1'], ['w', '0.5'], ['x', '-2'], ['dw', '0.25']] as const) {
      await page.locator(`[data-slot=${slot}][data-edit]`).first().click()
      await typed(text)
    }
    expect(await Promise.all(['Steepness k', 'Bias b', 'Weight w', 'Input x', 'Nudge Δw'].map(value))).toEqual(['2', '−1', '0.5', '−2', '0.25'])
    expect(await page.getByRole('button', { name: 'a = 0.018' }).count()).toBeGreaterThan(0) // σ(2(−1 − 1)) = 1/(1 + e⁴)

    // z and y of both losses; of three classes one is true
    await go(page, 'losses')
    for (const loss of ['LogLoss', 'MSE']) {
      await page.locator('.work').getByRole('radio', { name: loss, exact: true }).press('Space')
      await page.locator('[data-slot=z][data-edit]').click()
      await typed(loss === 'MSE' ? '1' : '-2')
      await page.locator('[data-slot=y][data-edit]').first().click()
      await typed(loss === 'MSE' ? '1' : '0')
      // ln(1 + e⁻²) = 0.12693; (σ(1) − 1)² = 0.07233
      await page.getByRole('group', { name: /^The loss with its numbers/ }).first().getByText(loss === 'MSE' ? '0.07233' : '0.12693').waitFor()
      await page.getByRole('button', { name: `L (${loss}) = ${loss === 'MSE' ? '0.07233' : '0.12693'}` }).waitFor()
    }
    await page.locator('[data-slot=z2][data-edit]').first().click()
    await typed('2')
    await page.locator('[data-slot=y2][data-edit]').click()
    await typed('1')
    expect(await page.locator('.work').getByRole('group', { name: 'True class' }).getByRole('radio', { name: '3' }).isChecked()).toBe(true)
    await page.getByRole('button', { name: 'L = 0.79892' }).waitFor() // ln(2e² + e^½) − 2

    // a variable of the graph, before and after its value is there; the inputs of a network
    await go(page, 'graph')
    await page.getByRole('button', { name: 'Variable w: 0.5' }).press('Enter')
    await typed('2')
    await page.getByRole('button', { name: 'Show everything' }).click()
    await settle(page)
    await page.getByRole('button', { name: 'Variable b: −1' }).click()
    await typed('0.5')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Variable b: 0.5')
    expect([await value('Variable w'), await value('Variable b')]).toEqual(['2', '0.5'])
    await page.getByRole('button', { name: 'f = 0.00575' }).waitFor() // (σ(2.5) − 1)²
    await page.evaluate(() => scrollTo(0, 0))
    expect(await axe(page)).toEqual([])
    await page.locator('.work').getByRole('radio', { name: 'a network' }).press('Space')
    await settle(page)
    const input = page.locator('.work svg').getByRole('button', { name: /^Input x1/ })
    await input.press('Enter')
    await typed('0.75')
    expect(await value('Input x1')).toBe('0.75')
    expect(await input.getAttribute('aria-label')).toMatch(/^Input x1: 0\.75; Input x2/)
    expect(complaints).toEqual([])
    await context.close()
  })
  test.concurrent('a choice of the state is made in the words of a program, by keys and by picking; the lab follows, undo takes it back', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, 'activations', '?lang=en')
    const program = page.locator('details.code')
    const words = program.locator('.cm-content .word')
    const status = program.getByRole('status')
    await program.locator('summary').press('Enter')
    await words.first().waitFor()
    expect(await words.allInnerTexts()).toEqual(['sigmoid', 'sigmoid'])
    // typed over: until it is one of the options nothing follows
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
    await page.keyboard.type('tan')
    await status.getByText(/^Function: expected one of sigmoid, tanh, ReLU, softplus, received “tan”/).waitFor()
    await page.keyboard.type('h')
    const chosen = (name: string): Promise<boolean> => page.locator('.work').getByRole('radio', { name, exact: true }).isChecked()
    await until(() => chosen('tanh'), Boolean)
    await until(() => words.allInnerTexts(), (all) => all.join() === 'tanh,tanh')
    await page.keyboard.press('Control+z')
    await until(() => words.allInnerTexts(), (all) => all.join() === 'sigmoid,sigmoid')
    // by a step; in its list, from which Escape leads back into the text
    await page.keyboard.press('Alt+ArrowDown')
    await until(() => words.allInnerTexts(), (all) => all.join() === 'tanh,tanh')
    const focused = (): Promise<string> => page.evaluate(() => { const at = document.activeElement?.shadowRoot?.activeElement; return `${at?.tagName} ${at?.getAttribute('aria-label')}` })
    await page.keyboard.press('Enter')
    expect(await focused()).toBe('SELECT Function (in the program)')
    await page.keyboard.press('ArrowUp')
    await until(() => chosen('sigmoid'), Boolean)
    expect(await focused()).toBe('SELECT Function (in the program)')
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('DIV Open as code: Gradus (TypeScript)')
    await until(() => words.allInnerTexts(), (all) => all.join() === 'sigmoid,sigmoid')
    // a whole expression, picked from the list
    await page.getByRole('tab', { name: 'NumPy' }).click()
    expect(await words.allInnerTexts()).toEqual(['1 / (1 + np.exp(-z))', 'f(z) * (1 - f(z))'])
    await page.getByRole('combobox', { name: 'Function (in the program)' }).last().selectOption('relu')
    await settle(page)
    expect(await words.allInnerTexts()).toEqual(['np.maximum(0, z)', 'float(z > 0)'])
    expect(await chosen('ReLU')).toBe(true)
    // or typed as it would stand there
    await page.getByRole('textbox', { name: 'Open as code: NumPy' }).focus()
    await status.getByText('Function: one of sigmoid, tanh, ReLU, softplus.').waitFor() // the caret is where it was
    await page.keyboard.insertText('np.tanh(z)')
    await until(() => chosen('tanh'), Boolean)
    expect(await axe(page)).toEqual([])

    await go(page, 'playground')
    await program.locator('summary').press('Enter')
    await page.getByRole('combobox', { name: 'Loss (in the program)' }).selectOption('square')
    await page.getByRole('combobox', { name: 'Activation (in the program)' }).selectOption('linear')
    await settle(page)
    expect(await words.allInnerTexts()).toEqual(['z', 'sigmoid().sub(y).square()'])
    await page.getByRole('combobox', { name: 'Activation (in the program)' }).selectOption('softplus') // and back from the bare z
    expect(await words.first().innerText()).toBe('.softplus()')
    await speak(page, 'ru')
    const list = page.getByRole('combobox', { name: 'Потеря (в программе)' })
    expect([await list.inputValue(), await list.locator('option').allInnerTexts()]).toEqual(['square', ['LogLoss', 'MSE']])
    expect(complaints).toEqual([])
    await context.close()
  })
  test.concurrent('the list beside a lab shows where one is, from the first to the last', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 640 }, serviceWorkers: 'block' })
    const { page } = await open(context)
    await show(page, 'playground', '?lang=ru')
    for (const { id } of [labs.at(-1)!, labs[0]!, labs.at(-3)!]) {
      await go(page, id)
      await page.waitForFunction(() => {
        const [side, here] = [document.querySelector('.side')!.getBoundingClientRect(), document.querySelector('.side [aria-current]')!.getBoundingClientRect()]
        return here.top >= side.top && here.bottom <= side.bottom
      })
    }
    await context.close()
  })

  test.concurrent('on paper: light whatever the theme, painted pictures too; no line of a program is cut; nothing to press', async () => {
    const context = await browser.newContext({ viewport: { width: 800, height: 900 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, 'digits', '?lang=en&theme=dark')
    const corner = (): Promise<number> => page.evaluate(() => document.querySelector<HTMLCanvasElement>('.work canvas')!.getContext('2d')!.getImageData(0, 0, 1, 1).data[0]!)
    expect(await corner()).toBeLessThan(60)
    await page.evaluate(() => addEventListener('beforeprint', () => {
      Object.assign(globalThis, { printed: { theme: document.documentElement.dataset.theme, corner: document.querySelector<HTMLCanvasElement>('.work canvas')!.getContext('2d')!.getImageData(0, 0, 1, 1).data[0] } })
    }))
    await page.pdf()
    expect(await page.evaluate(() => (globalThis as unknown as { printed?: object }).printed)).toEqual({ theme: 'light', corner: 255 })
    await until(corner, (red) => red < 60)
    await go(page, 'line')
    await page.locator('details.code summary').press('Enter')
    const program = page.locator('details.code [role=tabpanel]')
    await program.locator('.cm-line').first().waitFor()
    const cut = (): Promise<number> => program.evaluate((e) => Math.max(e.scrollWidth - e.clientWidth, ...[...e.querySelectorAll('.editor')].map(({ shadowRoot }) => { const box = shadowRoot!.querySelector('.cm-scroller')!; return box.scrollWidth - box.clientWidth })))
    expect(await cut()).toBeGreaterThan(20)
    await page.emulateMedia({ media: 'print' })
    expect(await cut()).toBeLessThanOrEqual(1)
    expect(await page.locator('button[type=submit]:visible, .controls button:visible, details.code .bar > button:visible').count()).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })

  test.concurrent('undo by keys, language in place, a damaged link loses nothing', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, 'neuron', '?lang=en')
    const bias = page.getByRole('spinbutton', { name: 'Bias b' })
    await bias.focus()
    await page.keyboard.press('ArrowUp')
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

  test.concurrent('who goes to another lab before the change just made is in the address gets there, and keeps the change', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page } = await open(context)
    await show(page, 'signals', '?lang=en')
    // the state is packed, and the link pressed at that very moment, before the address is written
    await page.evaluate(() => {
      const read = Response.prototype.arrayBuffer
      Response.prototype.arrayBuffer = async function (this: Response) {
        const packed = await read.call(this)
        Response.prototype.arrayBuffer = read
        location.hash = '#/universality'
        return packed
      }
    })
    await page.getByRole('button', { name: /^Input x1/ }).press('Enter')
    await page.locator('[data-lab=universality]').waitFor()
    await go(page, 'signals')
    expect(await page.getByRole('spinbutton', { name: 'Input x1', exact: true }).inputValue()).toBe('0')
    await context.close()
  })

  test.concurrent('a typed number: comma or point; a wrong one is explained and changes nothing', async () => {
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

  test.concurrent('a proof opens on a number and agrees', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page } = await open(context)
    await show(page, 'neuron', '?lang=en')
    const number = page.getByRole('button', { name: /^z = / }).first()
    await number.evaluate((e) => scrollBy(0, e.getBoundingClientRect().bottom - innerHeight + 20))
    await number.click()
    const proof = page.getByRole('dialog', { name: /How z comes about/ })
    await proof.getByText('agrees').waitFor()
    // whole in sight, also where the number stands low
    expect(await proof.evaluate((e) => { const { top, bottom } = e.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight })).toBe(true)
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await proof.isVisible()).toBe(false)
    await context.close()
  })

  test.concurrent('numbers amid words and numbers of the past have proofs that agree, by keys alone, in both languages; a long curve is zoomed, read and kept', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 800 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    /** Opens the proof of a number, waits until it agrees, closes it. */
    const agrees = async (number: Locator): Promise<void> => {
      await number.press('Enter')
      await page.locator('.proof:popover-open .verdict.good').waitFor()
      await page.keyboard.press('Escape')
    }
    await show(page, 'xor', '?lang=en')
    const score = page.locator('.score')
    expect(await until(() => score.innerText(), (text) => !text.includes('…'))).toMatch(/^3\s+of 4 rows are right\.$/)
    for (const way of ['Two layers', 'One more input', 'One neuron']) {
      await page.getByRole('radio', { name: way }).check({ force: true })
      await settle(page)
      await agrees(page.getByRole('button', { name: /^number of right rows = [0-4]$/ }))
    }
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'RU: русский' }).click()
    await agrees(page.getByRole('button', { name: 'число верных строк = 3' }))
    expect(await score.innerText()).toMatch(/^Верных строк:\s+3\s+из 4\.$/)

    // the losses of epochs gone by
    const { initial } = (await import('../src/labs/19-playground/model.ts')) as { initial: object }
    await show(page, `playground?s=${await encodeState({ ...initial, seen: 1250 })}`, '?lang=en')
    await settle(page)
    const past = page.locator('.work figure', { hasText: 'Loss over the epochs' }).locator('details')
    await past.locator('summary').press('Enter')
    const rows = past.locator('tbody tr')
    expect(await rows.count()).toBeGreaterThan(10)
    for (const row of [0, 5, -1]) for (const column of [0, 1]) await agrees(rows.nth(row).locator('button').nth(column))

    // the curve above them: read and zoomed by keys, by the pointer, by its button; the table is of what is shown
    const figure = page.locator('.work figure', { hasText: 'Loss over the epochs' })
    const picture = figure.locator('.picture')
    const shown = (): Promise<readonly number[]> => picture.evaluate((e) => [Number(e.dataset.from), Number(e.dataset.to)])
    const drawn = (): Promise<string> => picture.locator('canvas').evaluate((e) => (e as HTMLCanvasElement).toDataURL())
    const numbers = async (row: Locator): Promise<number[]> => (await row.locator('td').allInnerTexts()).map(Number)
    const [first, count] = [await drawn(), await rows.count()]
    expect(await shown()).toEqual([0, 20])
    await picture.focus()
    await page.keyboard.press('End')
    const [end, train, held] = (await numbers(rows.last())) as [number, number, number]
    const told = /Training ([\d.]+), test ([\d.]+)\./.exec(await figure.locator('[role=status]').innerText())!
    for (const text of [told, /Training ([\d.]+), test ([\d.]+)\./.exec(await figure.locator('.summary').innerText())!]) expect([Number(text[1]), Number(text[2])]).toEqual([expect.closeTo(train, 2), expect.closeTo(held, 2)])
    expect(Number((await page.getByRole('button', { name: /^Training loss = / }).first().innerText()).trim())).toBeCloseTo(train, 3)
    await page.keyboard.press('+')
    expect(await shown()).toEqual([expect.closeTo(end / 2, 6), expect.closeTo(end / 2 + 10, 6)])
    expect(await rows.count()).toBeLessThan(count)
    expect((await numbers(rows.first()))[0]).toBeGreaterThanOrEqual(end / 2)
    expect(await figure.locator('[role=status]').innerText()).toMatch(/Shown: [\d.]+ to [\d.]+\.$/)
    await until(drawn, (picture) => picture !== first)
    for (const back of ['-', '0', 'Escape']) {
      await page.keyboard.press(back)
      expect(await shown(), back).toEqual([0, 20])
      await until(drawn, (picture) => picture === first)
      await page.keyboard.press('+')
    }
    await figure.getByRole('button', { name: 'Show all' }).press('Enter')
    const field = (await picture.locator('.u-over').boundingBox())!
    await page.mouse.move(field.x + 0.25 * field.width, field.y + 20)
    await page.mouse.down()
    await page.mouse.move(field.x + 0.5 * field.width, field.y + 30, { steps: 5 })
    await page.mouse.up()
    expect(await shown()).toEqual([expect.closeTo(5, 0), expect.closeTo(10, 0)])
    await until(() => figure.locator('.summary').innerText(), (text) => /^[78]\sepochs: Training/.test(text)) // read where the pointer rests, in the part that is shown
    const [least, most] = (await shown()) as [number, number]
    for (const row of [0, -1]) for (const v of (await numbers(rows.nth(row))).slice(0, 1)) expect(v >= least - 0.01 && v <= most + 0.01).toBe(true)
    await figure.getByRole('button', { name: 'Show all' }).click()
    expect([await shown(), await rows.count()]).toEqual([[0, 20], count])
    for (const kind of ['SVG', 'PNG']) {
      const [download] = await Promise.all([page.waitForEvent('download'), figure.getByRole('button', { name: kind }).click()])
      expect(download.suggestedFilename()).toBe(`loss-over-the-epochs.${kind.toLowerCase()}`)
      const bytes = readFileSync(await download.path())
      if (kind === 'PNG') expect(bytes.subarray(1, 4).toString()).toBe('PNG')
      else expect([...bytes.toString().matchAll(/stroke-width="2.5"( stroke-dasharray="7 4")? d="M([^"]+)"/g)].map(([, dash, d]) => [dash !== undefined, d!.split('L').length])).toEqual([[false, count], [true, count]])
    }
    await page.emulateMedia({ colorScheme: 'dark' })
    await until(drawn, (picture) => picture !== first)
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  test.concurrent('teacher mode: page keys turn, A shows answers; embedded there is only the lab', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page } = await open(context)
    await show(page, labs[0]!.id, '?lang=en&teacher=1')
    await page.keyboard.press('a')
    await page.getByText('Why.').first().waitFor()
    // not what is typed in a program
    await page.locator('details.code > summary').press('Enter')
    await page.locator('details.code .cm-content').press('a')
    await page.locator('details.code').getByText('This program follows from the state').or(page.locator('details.code').getByText('expected')).first().waitFor()
    expect(await page.getByText('Why.').count()).toBeGreaterThan(0)
    await page.locator('details.code > summary').focus()
    await page.keyboard.press('PageDown')
    await page.waitForFunction((id) => location.hash.startsWith(`#/${id}`), labs[1]!.id)
    // the clicker: through the steps of a lab, then to the lab beside it; with Shift at once
    await go(page, 'graph')
    const step = page.locator('.stepper .where')
    for (const [key, at] of [['PageDown', 2], ['PageDown', 3], ['PageUp', 2], ['PageUp', 1]] as const) {
      await page.keyboard.press(key)
      await until(() => step.innerText(), (text) => text.startsWith(`Step ${at} of 21`))
    }
    for (const [key, lab] of [['PageUp', 'backprop'], ['Shift+PageDown', 'graph'], ['Shift+PageDown', 'playground']] as const) {
      await page.keyboard.press(key)
      await page.waitForFunction((id) => location.hash.startsWith(`#/${id}`), lab)
    }
    // large type means pictures too; on paper there is nothing to press, and it is light
    await page.locator('.work .grid text').first().waitFor()
    const [letters, body] = await page.evaluate(() => [document.querySelector('.work .grid text')!.getBoundingClientRect().height, Number.parseFloat(getComputedStyle(document.documentElement).fontSize)])
    await page.keyboard.press('Escape')
    await page.locator('.side').waitFor()
    const [before, plain] = await page.evaluate(() => [document.querySelector('.work .grid text')!.getBoundingClientRect().height, Number.parseFloat(getComputedStyle(document.documentElement).fontSize)])
    expect(letters / before).toBeCloseTo(body / plain, 1)
    expect(body / plain).toBeGreaterThan(1.2)
    await page.locator('header select').selectOption('dark')
    await page.emulateMedia({ media: 'print' })
    expect(await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('header, .side, .save, .work .controls')].filter((e) => e.checkVisibility()).length)).toBe(0)
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)')
    await page.emulateMedia({ media: 'screen' })
    await page.goto('about:blank')
    await show(page, 'neuron', '?lang=en&embed=1')
    expect(await page.locator('header').count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await context.close()
  })

  test.concurrent('controls hidden by the address: in every lab nothing is left to set, only steps and what is looked at', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    const left = (): Promise<string[]> => page.evaluate(() => [...document.querySelectorAll<HTMLInputElement>('.work :is(input, select, textarea, button)')]
      .filter((e) => e.checkVisibility() && !e.disabled && !e.matches('.value') && e.closest('.stepper, .maps, [popover], details') === null)
      .map((e) => (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent ?? '').trim()))
    await show(page, labs[0]!.id, '?lang=en')
    expect((await left()).length, 'with controls').toBeGreaterThan(5)
    await show(page, labs[0]!.id, '?lang=en&controls=0')
    const found: Record<string, readonly string[]> = {}
    for (const { id } of labs) {
      await go(page, id)
      const some = await left()
      if (some.length > 0) found[id] = some
    }
    expect(found).toEqual({})
    expect(complaints).toEqual([])
    await context.close()
  })

  test.concurrent('from any static host, under a path, without the headers for threads, and in a frame of another origin', async () => {
    const path = '/some/where'
    const files = studioServer(dist, { isolate: false })
    const host = await listen(createServer((request, response) => {
      if (!request.url!.startsWith(`${path}/`)) return void response.writeHead(404).end()
      request.url = request.url!.slice(path.length)
      files.emit('request', request, response)
    }))
    const address = `${baseOf(host).slice(0, -1)}${path}/`
    const around = await listen(createServer((_, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><iframe src="${address}?lang=en&embed=1#/neuron" width="900" height="900"></iframe>`)))
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page, complaints, foreign } = await watched(context, address)
    await load(page, address, 'digits', '?lang=en')
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
    await page.getByRole('button', { name: 'One step', exact: true }).press('Enter')
    await page.locator('[data-device]').filter({ hasText: /1 thread\b|WebGPU/ }).waitFor()
    await settle(page)
    expect(complaints).toEqual([])
    expect(foreign).toEqual([])
    // localhost and 127.0.0.1 are different origins
    await page.goto(baseOf(around).replace('127.0.0.1', 'localhost'))
    const frame = page.frameLocator('iframe')
    await frame.getByRole('button', { name: /^z = −?\d/ }).first().waitFor()
    expect(await frame.locator('header').count()).toBe(0)
    await context.close()
    for (const server of [host, around, files]) server.close()
  })
})

inBrowser('a table of one’s own', () => {
  const labsWithTables = [{ id: 'playground', good: 'a;b;kind\n1,5;2;cat\n-1;0,5;dog\n2;2;cat\n0;-3;dog', count: 4, bad: 'a;b;kind\n1,5;2;cat\n-1;;dog', fault: 'line 3, column 2 (b): expected a number, found nothing' },
    { id: 'perceptron', good: '1,2,yes\n-1,-2,no\n2,1,yes', count: 3, bad: '1,2,yes\n3,4,yes', fault: 'column 3 (class): expected two classes' },
    { id: 'regression', good: 'x\ty\n1\t0,5\n2\t1,25\n-3\t-1', count: 3, bad: '1,0.5\n2,a lot', fault: 'line 2, column 2 (y): expected a number, found “a lot”' }]
  test.concurrent.each(labsWithTables)('$id: a fault names its place and loses nothing; a good table is taken, undone, and in the link', async ({ id, good, count, bad, fault }) => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, id, '?lang=en')
    const before = await page.locator('.work figure table').first().locator('tbody tr').count()
    await page.locator('details.csv > summary').click()
    await page.getByLabel(/Paste the table here/).fill(bad)
    await page.getByRole('button', { name: 'Take these points' }).click()
    await page.locator('[data-fault]').waitFor()
    expect(unbound(await page.locator('[data-fault]').innerText()).toLowerCase()).toContain(fault)
    expect(await page.locator('.work figure table').first().locator('tbody tr').count()).toBe(before)
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true)
    // a file, as if chosen
    await page.locator('details.csv input[type=file]').setInputFiles({ name: 'points.csv', mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${good}`) })
    await page.locator(`[data-taken="${count}"]`).waitFor()
    await settle(page)
    expect(await page.locator('.work figure table').first().locator('tbody tr').count()).toBe(count)
    await page.evaluate(() => scrollTo(0, 0)) // nothing under the bar at the top
    expect(await axe(page)).toEqual([])
    const link = `${base}?lang=en${await addressAtRest(page)}`
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
  test.concurrent.each([
    { id: 'signals', change: (s: object) => ({ ...s, x: [0.25, 1, -1, 0.5] }), spoil: (s: object) => ({ ...s, x: [1, 2, 3] }), fault: 'x: expected a list of 4, received [1,2,3]' },
    { id: 'backprop', change: (s: object) => ({ ...s, c: 0.3125, eta: 2 }), spoil: (s: object) => ({ ...s, c: 'much' }), fault: 'c: expected a number from −20 to 20, received "much"' },
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
      expect(unbound(await page.locator('.fault').innerText())).toContain(says)
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

inBrowser('files dropped anywhere on a page', () => {
  const drop = (page: Page, kind: 'dragover' | 'drop', name: string, bytes: Uint8Array): Promise<void> =>
    page.evaluate(({ kind, name, data }) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([Uint8Array.from(data)], name))
      document.querySelector('h1')!.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }))
    }, { kind, name, data: [...bytes] })

  test('a network goes to the lab’s reader, a state to the shell’s; what a lab does not open is told, and nothing is lost', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 800 }, serviceWorkers: 'block' })
    const { page, complaints } = await open(context)
    await show(page, 'graph', '?lang=en')
    const bytes = onnxOfLayers([{ name: 'one', weight: { shape: [1, 2], data: Float32Array.of(2, -1) }, bias: Float32Array.of(0.5), activation: 'tanh' }])
    await drop(page, 'dragover', 'one.onnx', bytes)
    expect(await page.locator('.over').innerText()).toContain('a network (.onnx')
    await drop(page, 'drop', 'one.onnx', bytes)
    await page.locator('[data-network="one.onnx"]').waitFor()
    expect(await page.locator('.over').count()).toBe(0)
    await page.getByRole('button', { name: 'Show everything' }).click()
    await settle(page)
    expect(await page.locator('.picture text.op').allTextContents()).toEqual(['x', 'w', 'MatMul', 'w', 'Add', 'Tanh'])
    await page.evaluate(() => scrollTo(0, 0))
    expect(await axe(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await drop(page, 'drop', 'cut.onnx', bytes.slice(0, -20))
    await page.locator('[data-fault="unreadable"]').waitFor()
    expect(await page.locator('.picture text.op').count()).toBe(6)
    await go(page, 'neuron')
    await drop(page, 'drop', 'one.onnx', bytes)
    await page.locator('[data-fault="drop"]').waitFor()
    await drop(page, 'drop', 'mine.json', new TextEncoder().encode('{"studio": 1, "lab": "neuron", "state": 7}'))
    await page.locator('[data-fault="form"]').waitFor()
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

  test.skipIf(browserPath === undefined)('all that the first page runs is at most 100 kB, and no engine is among it; a lab brings it', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const asked = new Set<string>()
    context.on('request', (request) => { if (new URL(request.url()).pathname.endsWith('.js')) asked.add(new URL(request.url()).pathname.slice(1)) })
    const page = await context.newPage()
    await load(page, base, '', '?lang=en')
    const first = [...asked]
    expect(first.length).toBeGreaterThan(0)
    expect(first.reduce((sum, file) => sum + gzip(join(dist, file)), 0)).toBeLessThanOrEqual(100)
    expect(page.workers()).toEqual([])
    await go(page, 'neuron')
    expect(page.workers().length).toBe(1)
    // nor the editor, until a program is opened
    const editor = (): string[] => [...asked].filter((name) => /code-editor-/.test(name))
    expect(editor()).toEqual([])
    await page.locator('details.code > summary').click()
    await page.locator('details.code .cm-content').waitFor()
    expect(editor().length).toBe(1)
    expect(gzip(join(dist, editor()[0]!))).toBeLessThanOrEqual(150)
    await context.close()
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

