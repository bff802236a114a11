// What an eye would find, asked of the page: text cut or outside its place, signs of a picture over one another, focus that
// cannot be seen, things that move where one asked for rest.
import type { Page } from 'playwright-core'

/** A text as the catalogues have it, before its lines were bound. */
export const unbound = (text: string): string => text.replace(/\u2060/g, '').replace(/\u00a0/g, ' ')

/** Such a text to look for on a page, however its lines are bound. */
export const words = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[–/]/g, '\u2060?$&\u2060?').replace(/ /g, '\\s'))

/** Texts that are cut, stick out of the screen or of their picture, and signs in a picture that cover each other. */
export const misfits = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = []
    const wide = document.documentElement.scrollWidth - innerWidth
    if (wide > 0) found.push(`the page is wider than the screen by ${wide}`)
    // Firefox shows such a formula as a mistake
    for (const e of document.querySelectorAll('main :is(msub, msup, mfrac, mover, munder, msubsup, munderover)')) if (e.childElementCount !== (/^m(subsup|underover)$/.test(e.localName) ? 3 : 2)) found.push(`a formula that is none: ${e.outerHTML.slice(0, 120)}`)
    const say = (e: Element, text: string): string => `“${text.trim().replace(/\s+/g, ' ').slice(0, 50)}” in ${e.closest('[aria-label], [id]')?.getAttribute('aria-label') ?? e.tagName}`
    const shown = (e: Element): boolean => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.closest('.hidden, .skip, [popover], math') === null
    const range = document.createRange()
    const roots = [document.body, ...[...document.querySelectorAll('main *')].flatMap((e) => e.shadowRoot ?? [])]
    for (const node of roots.flatMap((root) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      const all: Node[] = []
      for (let next = walker.nextNode(); next !== null; next = walker.nextNode()) all.push(next)
      return all
    })) {
      const e = node.parentElement!
      const text = node.nodeValue ?? ''
      if (text.trim() === '' || e instanceof SVGElement || /^(SCRIPT|STYLE|OPTION|TITLE)$/.test(e.tagName) || !shown(e)) continue
      range.selectNodeContents(node)
      const box = range.getBoundingClientRect()
      if (box.width === 0 || getComputedStyle(e).clipPath !== 'none') continue
      let scrolls = false
      for (let up: Element | null = e; up !== null && up !== document.body && !scrolls; up = up.parentElement) {
        const { overflowX, clipPath } = getComputedStyle(up)
        scrolls = overflowX === 'auto' || overflowX === 'scroll' || clipPath !== 'none'
        if (overflowX !== 'hidden' && overflowX !== 'clip') continue
        const place = up.getBoundingClientRect()
        if (box.right > place.right + 1 || box.left < place.left - 1) found.push(`cut: ${say(e, text)}`)
      }
      if (!scrolls && (box.right > innerWidth + 1 || box.left < -1)) found.push(`off the screen: ${say(e, text)}`)
    }
    for (const field of document.querySelectorAll<HTMLInputElement>('input[role=spinbutton], input[type=number]')) {
      if (shown(field) && field.scrollWidth > field.clientWidth + 1) found.push(`cut: ${field.value} in ${field.getAttribute('aria-label') ?? field.labels?.[0]?.textContent}`)
    }
    for (const picture of document.querySelectorAll('svg')) {
      if (!shown(picture)) continue
      const place = picture.getBoundingClientRect()
      const signs = [...picture.querySelectorAll('text:not(.halo)')].filter((e) => shown(e) && e.textContent!.trim() !== '').map((e) => ({ e, box: e.getBoundingClientRect() })).filter(({ box }) => box.width > 0)
      for (const { e, box } of signs) {
        if (box.left < place.left - 2 || box.right > place.right + 2 || box.top < place.top - 4 || box.bottom > place.bottom + 4) found.push(`outside its picture: ${say(e, e.textContent!)}`)
      }
      // an axis' name and the numbers above it: their letters apart, not only their baselines
      const baseline = (e: Element): number => new DOMPoint(0, Number(e.getAttribute('y'))).matrixTransform((e as SVGTextElement).getScreenCTM()!).y
      for (const name of signs.filter(({ e }) => e.matches('.axis-name'))) {
        const top = baseline(name.e) - 0.75 * Number.parseFloat(getComputedStyle(name.e).fontSize)
        for (const { e, box } of signs.filter(({ e: other }) => other.matches('.grid text'))) {
          const beside = box.right < name.box.left - 2 || box.left > name.box.right + 2
          if (!beside && baseline(e) < baseline(name.e) && top < baseline(e) + 3) found.push(`${say(name.e, name.e.textContent!)} is too close under “${e.textContent!.trim()}”`)
        }
      }
      for (const [i, a] of signs.entries()) {
        for (const b of signs.slice(i + 1)) {
          // the letters themselves are lower than their box
          const over = [Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left), Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)] as const
          if (over[0] > 2 && over[1] > 0.35 * Math.min(a.box.height, b.box.height)) found.push(`${say(a.e, a.e.textContent!)} lies over “${b.e.textContent!.trim()}”`)
        }
      }
    }
    return [...new Set(found)]
  })

/** Every kind of proof on the page, opened in turn: those whose formulas scroll sideways or have an empty slot, and those that do not open. */
export const wideProofs = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const found: string[] = []
    const kinds = new Set<string>()
    for (const button of document.querySelectorAll<HTMLButtonElement>('.work button.value')) {
      const kind = button.getAttribute('aria-label')!.replace(/[\d.,−·⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, '')
      if (kinds.has(kind) || !button.checkVisibility()) continue
      kinds.add(kind)
      button.click()
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
      const panel = document.querySelector<HTMLElement>('.proof:popover-open')
      if (panel === null) found.push(`no proof opens at ${kind}`)
      const empty = /@\(?\w+@/.exec(panel?.textContent ?? '')
      if (empty !== null) found.push(`the proof of ${kind} has no number in the slot ${empty[0]}`)
      for (const part of panel?.querySelectorAll('dd') ?? []) if (part.scrollWidth > part.clientWidth + 1) found.push(`the proof of ${kind} is too wide by ${part.scrollWidth - part.clientWidth}: ${part.textContent!.trim().slice(0, 60)}`)
      panel?.hidePopover()
    }
    return found
  })

/** Names and signs of formulas that are written the same in both languages. */
const NAMES = new Set('Gradus NumPy PyTorch TypeScript Python MNIST ONNX CSV TSV JSON SVG PNG GPU XOR AND OR NOT MSE LogLoss ReLU LeNet Adam SGD sigmoid tanh relu softplus softmax sin cos ln exp sqrt abs max min sup class Dropout Enter'.split(' '))
/** Words that are only read aloud or shown by a pointer at rest, in the wrong language. */
const namedStrangely = (page: Page, lang: 'ru' | 'en'): Promise<string[]> =>
  page.evaluate(([wanted, names]) => {
    const found: string[] = []
    const roots: ParentNode[] = [document.querySelector('header')!, document.querySelector('main')!]
    for (const e of roots.flatMap((root) => [...root.querySelectorAll('*')])) {
      if (e.closest(`[lang]:not([lang=${wanted}], html)`) !== null || e.closest('.cm-editor') !== null) continue
      for (const name of ['aria-label', 'aria-valuetext', 'aria-roledescription', 'aria-description', 'title', 'alt', 'placeholder']) {
        const text = e.getAttribute(name) ?? ''
        const strange = wanted === 'en' ? /[а-яё]+/i.exec(text)?.[0] : text.match(/[A-Za-z]{3,}/g)?.find((word) => !names.includes(word))
        if (strange !== undefined) found.push(`${wanted}: “${strange}” in the ${name} “${text.slice(0, 60)}”`)
      }
    }
    return [...new Set(found)]
  }, [lang, [...NAMES]] as const)

/** What is written in the wrong language, or is not words at all. `lab` false: on the contents page. */
export async function strangeWords(page: Page, lang: 'ru' | 'en', lab = true): Promise<string[]> {
  const [text, work] = await page.evaluate(() => [[document.querySelector('main')!, ...[...document.querySelectorAll('main *')].flatMap((e) => [...(e.shadowRoot?.children ?? [])] as HTMLElement[])].map((e) => e.innerText).join('\n'), document.querySelector<HTMLElement>('.work')?.innerText ?? ''] as const)
  const found: string[] = []
  const broken = /.{0,30}(undefined|\[object|NaN).{0,30}/.exec(lab ? work : '')
  if (broken !== null) found.push(`${lang}: ${broken[0]}`)
  if (lang === 'en' && /[а-яё]/i.test(text)) found.push(`Russian in English: ${/.*[а-яё].*/i.exec(text)?.[0]}`)
  if (lang === 'ru' && !/[а-яё]{3}/i.test(text)) found.push('no Russian at all')
  const loose = /.{0,30}\S — .{0,30}/.exec(text)
  if (lang === 'ru' && loose !== null) found.push(`a dash may begin a line: ${loose[0]}`)
  found.push(...(await namedStrangely(page, lang)))
  return found
}

/** Tab through the whole of `main`; what is never reached, and stops at which nothing shows where one is. */
export async function stops(page: Page): Promise<{ readonly count: number; readonly missed: string[]; readonly unseen: string[] }> {
  const count = await page.evaluate(() => {
    const radios = new Set<string>()
    const name = (e: Element): string => `${e.tagName.toLowerCase()} ${(e.getAttribute('aria-label') ?? (e as HTMLInputElement).labels?.[0]?.textContent ?? e.textContent ?? '').trim().slice(0, 40)}`
    const wanted = [...document.querySelectorAll<HTMLElement>('main :is(button, a[href], input, select, textarea, summary, [tabindex="0"])')].filter((e) => {
      if (e.closest('[popover]:not(:popover-open)') || (e as HTMLButtonElement).disabled || e.getClientRects().length === 0) return false
      const closed = e.closest('details:not([open])')
      if (closed !== null && !(e.matches('summary') && e.parentElement === closed)) return false
      if (e instanceof HTMLInputElement && e.type === 'radio') return !radios.has(e.name) && radios.add(e.name)
      return true
    })
    const probe = document.createElement('i')
    probe.style.color = 'var(--focus)'
    document.body.append(probe)
    const colour = getComputedStyle(probe).color
    probe.remove()
    const ring = (e: Element): boolean => {
      const { outlineStyle, outlineWidth, outlineColor, stroke, strokeWidth } = getComputedStyle(e)
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && outlineColor === colour) || (stroke === colour && Number.parseFloat(strokeWidth) >= 2)
    }
    const over = new AbortController()
    const tour = { left: new Set<Element>(wanted), unseen: new Set<string>(), name, over }
    Object.assign(globalThis, { tour })
    document.addEventListener('focusin', ({ target }) => {
      const e = target as HTMLElement
      if (!(e instanceof Element) || e.closest('main') === null || e.id === 'main') return
      const of = e instanceof HTMLInputElement && e.type === 'radio' ? wanted.find((w) => (w as HTMLInputElement).name === e.name) : e
      if (of !== undefined) tour.left.delete(of)
      const where = [e, e.closest('label'), ...(e instanceof SVGElement || e.querySelector('svg') !== null ? e.querySelectorAll('*') : [])]
      if (!where.some((at) => at !== null && at.getClientRects().length > 0 && ring(at))) tour.unseen.add(name(e))
    }, { signal: over.signal })
    return wanted.length
  })
  await page.locator('main').focus()
  // sent one after another without waiting for each: the browser takes them in turn
  await Promise.all(Array.from({ length: count + 4 }, () => page.keyboard.press('Tab')))
  return page.evaluate((n) => {
    const { tour } = globalThis as unknown as { tour: { left: Set<Element>; unseen: Set<string>; name: (e: Element) => string; over: AbortController } }
    tour.over.abort()
    return { count: n, missed: [...tour.left].map(tour.name), unseen: [...tour.unseen] }
  }, count)
}

/** Every handle of the pictures, moved by an arrow key; those that do not move. */
export async function stuckHandles(page: Page): Promise<string[]> {
  /** Focuses handle i; what it shows, and its name. */
  const focus = (i: number): Promise<readonly [string, string]> =>
    page.evaluate((at) => {
      const handle = document.querySelectorAll<SVGGElement>('.work g[role=slider]')[at]!
      handle.focus()
      return [`${handle.getAttribute('aria-valuetext')} ${handle.getAttribute('transform')}`, handle.getAttribute('aria-label')!] as const
    }, i)
  const stuck: string[] = []
  for (let i = 0, n = await page.locator('.work g[role=slider]').count(); i < n; i++) {
    const [before, label] = await focus(i)
    for (const key of ['ArrowUp', 'ArrowRight', 'ArrowDown', 'ArrowLeft']) {
      await page.keyboard.press(key)
      if ((await focus(i))[0] !== before) break
      if (key === 'ArrowLeft') stuck.push(label)
    }
  }
  return stuck
}

/** With reduced motion asked for: animations under way, and styles that would move something even if a sheet asked for it. */
export const motion = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) return ['reduced motion is not asked for: nothing was tested']
    const found = document.getAnimations().map((a) => `running: ${(a.effect as KeyframeEffect | null)?.target?.className ?? '?'}`)
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('@keyframes turn { to { rotate: 1turn } } main * { transition: all 9s; animation: turn 9s infinite; scroll-behavior: smooth }')
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
    for (const e of document.querySelectorAll('main *')) {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(e)
      if (animationName !== 'none' || Number.parseFloat(transitionDuration) > 0 || scrollBehavior === 'smooth') found.push(`would move: ${e.tagName} ${e.getAttribute('class') ?? ''}`)
    }
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet)
    return [...new Set(found)].slice(0, 5)
  })
