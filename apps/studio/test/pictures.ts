// Every picture can be kept, and what is kept stands alone: asked of the page through its own buttons. The files are read as any
// program would read them, and held against what is on the screen.
import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'

/** Smaller ones are signs among words. */
const LARGE = 60
/** What needs no file of its own, and why. */
export const NOT_KEPT: readonly { readonly in: string; readonly why: string }[] = []

/** Mean colours of squares of so many px, row by row: red, green, blue. */
const CELL = 8
interface Coarse { readonly width: number; readonly height: number; readonly cells: readonly number[] }
interface Kept {
  readonly name: string
  /** What is wrong with the files themselves. */
  readonly faults: readonly string[]
  /** Where the picture lies on the page, what of it is in sight, and where in the file. */
  readonly at: readonly [x: number, y: number]
  readonly size: readonly [width: number, height: number]
  readonly from: readonly [x: number, y: number]
  /** The SVG drawn alone, and the PNG at half its size. */
  readonly svg: Coarse
  readonly png: Coarse
}

/** In the page: all pictures whose names are not known yet, kept by their buttons. */
const keep = async ({ known, except, LARGE, CELL }: { readonly known: readonly string[]; readonly except: string; readonly LARGE: number; readonly CELL: number }): Promise<{ readonly loose: string[]; readonly kept: Kept[] }> => {
  const shown = (e: Element): boolean => e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const name = (e: Element): string => `${e.tagName} of ${e.closest('[aria-label], [aria-labelledby], [class]')?.getAttribute('aria-label') ?? e.closest('[class]')?.className}`
  const loose = [...document.querySelectorAll('main :is(svg, canvas)')].filter((e) => {
    const { width, height } = e.getBoundingClientRect()
    return width >= LARGE && height >= LARGE && shown(e) && e.closest('[data-picture]') === null && !(except !== '' && e.matches(except))
  }).map((e) => `cannot be kept: ${name(e)}`)

  const coarse = (image: CanvasImageSource, width: number, height: number): Coarse => {
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true })!
    context.drawImage(image, 0, 0, width, height)
    const { data } = context.getImageData(0, 0, width, height)
    const [wide, high] = [Math.floor(width / CELL), Math.floor(height / CELL)]
    const sums = new Array<number>(3 * wide * high).fill(0)
    for (let y = 0; y < high * CELL; y++) for (let x = 0; x < wide * CELL; x++) for (let c = 0; c < 3; c++) sums[3 * (Math.floor(y / CELL) * wide + Math.floor(x / CELL)) + c]! += data[4 * (y * width + x) + c]!
    return { width: wide, height: high, cells: sums.map((v) => Math.round(v / CELL ** 2)) }
  }
  const { createObjectURL } = URL
  const { click } = HTMLAnchorElement.prototype
  let last: Blob | null = null
  let offered: (file: { readonly as: string; readonly blob: Blob }) => void = () => {}
  URL.createObjectURL = (blob: Blob) => createObjectURL.call(URL, (last = blob))
  HTMLAnchorElement.prototype.click = function () {
    if (this.download === '') click.call(this)
    else offered({ as: this.download, blob: last! })
  }
  const press = (button: HTMLButtonElement): Promise<{ readonly as: string; readonly blob: Blob }> => new Promise((done, fail) => {
    offered = done
    setTimeout(() => fail(new Error('nothing is offered to keep')), 20_000)
    button.click()
  })
  const kept: Kept[] = []
  /** Drawn last of all: the letters of an image may come after it. */
  const later: (() => void)[] = []
  try {
    for (const host of document.querySelectorAll<HTMLElement>('main [data-picture]')) {
      const picture = host.dataset.picture!.replaceAll('\u2060', '')
      if (known.includes(picture) || !shown(host)) continue
      const faults: string[] = []
      const save = [...document.querySelectorAll<HTMLElement>('main .save')].find((e) => (host.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0)
      const buttons = Object.fromEntries([...(save?.querySelectorAll('button') ?? [])].map((e) => [e.textContent, e]))
      if (!save?.getAttribute('aria-label')?.replaceAll('\u2060', '').endsWith(`: ${picture}`) || buttons.SVG === undefined || buttons.PNG === undefined) {
        loose.push(`no buttons: ${picture}`)
        continue
      }
      const file = await press(buttons.SVG)
      if (!/^[\p{Ll}\p{N}-]+\.svg$/u.test(file.as)) faults.push(`its file is called ${file.as}`)
      const text = await file.blob.text()
      const style = [...text.matchAll(/<style>(.*?)<\/style>/gs)].map(([, rules]) => rules).join('')
      // read without its rules: the page, which reads it here, allows none but its own
      const document_ = new DOMParser().parseFromString(text.replace(/<style>.*<\/style>/s, ''), 'image/svg+xml')
      const root = document_.documentElement
      if (root.tagName !== 'svg' || document_.querySelector('parsererror') !== null) faults.push(`no XML: ${root.textContent!.slice(0, 200)}`)
      const [width, height] = ['width', 'height'].map((side) => Number(root.getAttribute(side))) as [number, number]
      if (!(width > 0 && height > 0) || root.getAttribute('viewBox') !== `0 0 ${width} ${height}`) faults.push(`its size: ${width} × ${height}, ${root.getAttribute('viewBox')}`)
      if (root.querySelector('title')?.textContent !== picture) faults.push('its name is not in it')
      if (!root.textContent!.includes(picture.split(' ')[0]!)) faults.push('its name is not written')
      for (const e of root.querySelectorAll('*')) {
        for (const { name: key, value } of e.attributes) {
          if (/^(class|style|tabindex|role|on.*|data-.*)$/.test(key) || /var\(|light-dark|color-mix|color\(/.test(value)) faults.push(`${e.tagName} has ${key}="${value}"`)
          const inner = /url\(["']?#([^"')]+)/.exec(value)?.[1]
          if (inner !== undefined && document_.getElementById(inner) === null) faults.push(`${value} leads nowhere`)
          if (/href|src/.test(key) && !value.startsWith('data:')) faults.push(`${key}="${value}" is outside`)
        }
        if (/^(foreignObject|script|a|button)$/.test(e.tagName)) faults.push(`a ${e.tagName} in it`)
      }
      if (!style.includes('@font-face') || /url\((?!["']?data:)/.test(style)) faults.push('its letters are not in it')
      const image = new Image()
      image.src = createObjectURL.call(URL, file.blob)
      await image.decode()
      if (image.naturalWidth !== width || image.naturalHeight !== height) faults.push(`drawn it is ${image.naturalWidth} × ${image.naturalHeight}`)

      const made = await press(buttons.PNG)
      const signature = [...new Uint8Array(await made.blob.slice(0, 8).arrayBuffer())].join()
      if (!made.as.endsWith('.png') || signature !== '137,80,78,71,13,10,26,10') faults.push(`no PNG: ${made.as} begins with ${signature}`)
      const bitmap = await createImageBitmap(made.blob)
      if (bitmap.width !== 2 * width || bitmap.height !== 2 * height) faults.push(`the PNG is ${bitmap.width} × ${bitmap.height}, expected twice ${width} × ${height}`)
      const png = coarse(bitmap, width, height)
      if (new Set(Array.from({ length: png.width * png.height }, (_, i) => png.cells.slice(3 * i, 3 * i + 3).join())).size < 4) faults.push('the PNG is blank')

      const box = host.getBoundingClientRect()
      let [right, bottom] = [box.right, box.bottom]
      for (let up = host.parentElement; up !== null; up = up.parentElement) if (getComputedStyle(up).overflowX !== 'visible') [right, bottom] = [Math.min(right, up.getBoundingClientRect().right), Math.min(bottom, up.getBoundingClientRect().bottom)]
      const [, x, y] = /<g transform="translate\(([\d.]+),([\d.]+)\)">/.exec(text)!
      later.push(() => kept.push({ name: picture, faults, at: [box.left + scrollX, box.top + scrollY], size: [right - box.left, bottom - box.top], from: [Number(x), Number(y)], svg: coarse(image, width, height), png }))
    }
    for (const draw of later) draw()
  } finally {
    URL.createObjectURL = createObjectURL
    HTMLAnchorElement.prototype.click = click
  }
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  return { loose, kept }
}

/** What is on the screen but not on paper. */
const SCREEN_ONLY = '.work .grip, .work .target { visibility: hidden } .work [data-picture] :is(input, select) { visibility: hidden } .work .hint { display: none } .work [data-picture] button { background: none !important; border-color: transparent !important; color: inherit !important } .work [data-picture] .value { padding: 0 !important } .work .halo, .work .edit text { text-decoration: none !important }'
/** How far apart mean colours of a square may be, of 255, and in which part of the squares they may be further. */
export const FAR = 40
export const PART = 0.008

const where: string[] = []
/** The part of the squares in which a kept picture differs from the page. */
function apart({ at, size, from }: Kept, file: Coarse, page: PNG): number {
  let [count, far] = [0, 0]
  for (let row = Math.ceil(from[1] / CELL); (row + 1) * CELL <= from[1] + size[1] && row < file.height; row++) {
    for (let column = Math.ceil(from[0] / CELL); (column + 1) * CELL <= from[0] + size[0] && column < file.width; column++) {
      const [x, y] = [Math.round(at[0] - from[0] + column * CELL), Math.round(at[1] - from[1] + row * CELL)]
      if (x < 0 || y < 0 || x + CELL > page.width || y + CELL > page.height) continue
      const sums = [0, 0, 0]
      for (let j = 0; j < CELL; j++) for (let i = 0; i < CELL; i++) for (let c = 0; c < 3; c++) sums[c]! += page.data[4 * ((y + j) * page.width + x + i) + c]!
      count++
      if (sums.some((v, c) => Math.abs(v / CELL ** 2 - file.cells[3 * (row * file.width + column) + c]!) > FAR)) { far++; where.push(`${column},${row}`) }
    }
  }
  return count === 0 ? 1 : far / count
}

/** Pictures that cannot be kept, or not as they are. Those in `known` were looked at before; the others are added to it. `spoilt`: a style the page alone has. */
export async function unkept(page: Page, known: Set<string>, spoilt = ''): Promise<string[]> {
  await page.evaluate(() => scrollTo(0, 0))
  const { loose, kept } = await page.evaluate(keep, { known: [...known], except: NOT_KEPT.map((e) => e.in).join(), LARGE, CELL })
  if (kept.length === 0) return loose
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  }, `${SCREEN_ONLY} ${spoilt}`)
  const screen = PNG.sync.read(await page.screenshot({ fullPage: true }))
  await page.evaluate(() => { document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1) })
  for (const { name } of kept) known.add(name)
  return [...loose, ...kept.flatMap((picture) => {
    const far = [['SVG', apart(picture, picture.svg, screen)], ['PNG', apart(picture, picture.png, screen)]] as const
    if (process.env.SHOW) console.log(picture.name, picture.size.map(Math.round).join('×'), far.map(([, part]) => part.toFixed(4)).join(' '), where.splice(0).join(' '))
    return [...new Set(picture.faults).values()].slice(0, 6).concat(far.flatMap(([kind, part]) => (part > PART ? [`${(100 * part).toFixed(1)} % of the ${kind} is not as on the screen`] : []))).map((fault) => `${picture.name}: ${fault}`)
  })]
}
