// The letters of a picture that is kept: the font files of the page it is written in, as rules of its own.

/** Larger than this, only for a picture of pixels: other programs have letters for formulas. */
const LARGE = 150_000

const read = (blob: Blob): Promise<string> =>
  new Promise((done, fail) => {
    const reader = new FileReader()
    reader.onload = () => done(reader.result as string)
    reader.onerror = () => fail(reader.error!)
    reader.readAsDataURL(blob)
  })
const files = new Map<string, Promise<string>>()
/** A file as an address that holds it; empty where it cannot be had. */
function held(url: string): Promise<string> {
  let file = files.get(url)
  if (file === undefined) files.set(url, (file = fetch(url).then(async (answer) => (answer.ok ? read(await answer.blob()) : '')).catch(() => '')))
  return file
}

/** Whether a range of a style ("U+0000-00FF, U+0131") has one of the letters. */
export const hasOne = (range: string, letters: ReadonlySet<number>): boolean =>
  range.split(',').some((part) => {
    const [from, to] = part.trim().replace(/^U\+/i, '').split('-').map((hex) => Number.parseInt(hex, 16)) as [number, number?]
    for (const letter of letters) if (letter >= from && letter <= (to ?? from)) return true
    return false
  })

/** The rules for the families and letters an SVG uses; with `all` large files too. */
export async function fontFaces(svg: string, all: boolean): Promise<string> {
  const used = [...svg.matchAll(/font-family="([^"]*)"/g)].map(([, list]) => list).join()
  const letters = new Set(Array.from(svg.replace(/<[^>]*>/g, ''), (c) => c.codePointAt(0)!))
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule))
  const faces = rules.map(async ({ style, parentStyleSheet }) => {
    const value = (name: string): string => style.getPropertyValue(name)
    const family = value('font-family').replace(/["']/g, '')
    const range = value('unicode-range')
    const [, url] = /url\(["']?([^"')]+)/.exec(value('src')) ?? []
    if (url === undefined || !used.includes(family) || (range !== '' && !hasOne(range, letters))) return ''
    const data = await held(new URL(url, parentStyleSheet?.href ?? document.baseURI).href)
    if (data === '' || (!all && data.length > LARGE)) return ''
    return `@font-face{font-family:'${family}';src:url(${data}) format('woff2');font-weight:${value('font-weight') || 'normal'}${range === '' ? '' : `;unicode-range:${range}`}}`
  })
  return (await Promise.all(faces)).join('')
}
