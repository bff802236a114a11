// Pictures of the page to keep, as SVG or PNG: what is drawn and written in a part of the page, in its colours, with its name above
// and its letters in the file; nothing of what is pressed or typed there.
import { fontFaces } from './fonts.ts'

export const fileName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')

/** Offers a file to keep. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** A picture as the text of an SVG, whole px wide and high. */
interface Drawing {
  readonly text: string
  readonly width: number
  readonly height: number
}

/** Any colour of a style as #rrggbb, and how much of it there is. */
const known = new Map<string, readonly [colour: string, alpha: number]>()
let drop: CanvasRenderingContext2D | null = null
function plain(css: string): readonly [colour: string, alpha: number] {
  const found = known.get(css)
  if (found !== undefined) return found
  drop ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })!
  drop.clearRect(0, 0, 1, 1)
  drop.fillStyle = css
  drop.fillRect(0, 0, 1, 1)
  const [r, g, b, a] = drop.getImageData(0, 0, 1, 1).data
  const colour = [`#${[r!, g!, b!].map((c) => c.toString(16).padStart(2, '0')).join('')}`, a! / 255] as const
  known.set(css, colour)
  return colour
}
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\u2060', '')
const short = (v: number): string => String(Number(v.toFixed(2)))
/** The generic family `math` is known to few programs. */
export const families = (list: string): string => list.replace(/\bmath$/, 'serif').replaceAll('"', "'")

/** What is shown only while one works with a picture: grips, what is pointed at, buttons and fields. */
const LEFT_OUT = '.hidden, .hint, .grip, .reading, .cursor, .save, [inert], [popover], select, input, label:has(select), title, desc'
/** What a leaf of a picture may be given by a style, and what it is without. */
const PAINT: Readonly<Record<string, string>> = { fill: 'rgb(0, 0, 0)', stroke: 'none', 'stroke-width': '1px', 'stroke-dasharray': 'none', 'stroke-linecap': 'butt', 'stroke-linejoin': 'miter', opacity: '1', 'fill-opacity': '1', 'stroke-opacity': '1', 'shape-rendering': 'auto' }
const LETTERS: Readonly<Record<string, string>> = { ...PAINT, 'paint-order': 'normal', 'font-family': '', 'font-size': '', 'font-weight': '400', 'font-style': 'normal', 'font-variant-numeric': 'normal', 'text-anchor': 'start' }
const INSIDE = 'clipPath, marker'

/** A copy of a part of an SVG that needs no style of the page; null where it shows nothing. */
function alone(e: SVGElement): SVGElement | null {
  const style = getComputedStyle(e)
  const defines = e.closest(`defs, ${INSIDE}`) !== null
  if (e.matches(LEFT_OUT) || (!defines && (style.display === 'none' || style.opacity === '0'))) return null
  const copy = e.cloneNode(false) as SVGElement
  for (const { name } of [...copy.attributes]) if (/^(class|style|tabindex|role|aria-.*|data-.*)$/.test(name) || name in LETTERS) copy.removeAttribute(name)
  const group = !(e instanceof SVGTextContentElement) && e.matches('svg, g, defs, '.concat(INSIDE))
  if (group) {
    if (style.opacity !== '1') copy.setAttribute('opacity', style.opacity)
    if (!defines && e.childElementCount === 0) return null
  } else {
    for (const [name, without] of Object.entries(e instanceof SVGTextContentElement ? LETTERS : PAINT)) {
      let value = style.getPropertyValue(name)
      if (value === without || value === '' || (name === 'opacity' && e.tagName === 'tspan')) continue
      if ((name === 'fill' || name === 'stroke') && value !== 'none' && !value.startsWith('url(')) {
        const [colour, alpha] = plain(value)
        if (alpha < 1) copy.setAttribute(`${name}-opacity`, short(alpha * Number(style.getPropertyValue(`${name}-opacity`))))
        value = colour
      } else if (/^(fill|stroke)-opacity$/.test(name) && copy.hasAttribute(name)) continue
      else if (name === 'font-family') value = families(value)
      copy.setAttribute(name, value)
    }
    if (style.vectorEffect === 'non-scaling-stroke') {
      const { a, d } = (e as SVGGraphicsElement).getScreenCTM()!
      copy.removeAttribute('vector-effect')
      copy.setAttribute('stroke-width', short(Number.parseFloat(style.strokeWidth) / Math.sqrt(Math.abs(a * d))))
    }
    const seen = (of: 'fill' | 'stroke'): boolean => (copy.getAttribute(of) ?? (of === 'fill' ? '#000' : 'none')) !== 'none' && copy.getAttribute(`${of}-opacity`) !== '0'
    if (style.visibility === 'hidden' || (!defines && e instanceof SVGGeometryElement && !seen('fill') && !(seen('stroke') && style.strokeWidth !== '0px'))) return null
  }
  for (const child of e.childNodes) {
    const inner = child instanceof SVGElement ? alone(child) : child instanceof Text ? child.cloneNode() : null
    if (inner !== null) copy.append(inner)
  }
  return copy
}

/** Where letters of a font stand in the box of a line: their base, as a share of its height. */
const bases = new Map<string, number>()
let ruler: CanvasRenderingContext2D | null = null
const measure = (font: string): CanvasRenderingContext2D => {
  ruler ??= document.createElement('canvas').getContext('2d')!
  ruler.font = font
  return ruler
}
function baseOf(font: string): number {
  let share = bases.get(font)
  if (share === undefined) {
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = measure(font).measureText('0')
    bases.set(font, (share = up / (up + down)))
  }
  return share
}
/** A text in lines of at most so many px. */
function lines(text: string, font: string, wide: number): readonly string[] {
  const out: string[] = []
  for (const word of text.split(' ')) {
    const longer = out.length === 0 ? word : `${out.at(-1)} ${word}`
    if (out.length > 0 && measure(font).measureText(longer).width <= wide) out[out.length - 1] = longer
    else out.push(word)
  }
  return out
}

/** Around the picture, px; the least width of its name; the height of a line of it. */
const [AROUND, LEAST, LINE] = [12, 220, 24]

/**
 * A part of the page as a picture that stands alone. `instead`: elements that are drawn another way than they look, as an SVG of
 * their size (a canvas of many pixels).
 */
export function drawingOf(host: Element, name: string, instead: ReadonlyMap<Element, () => string> = new Map()): Drawing {
  host.toggleAttribute('data-paper', true)
  try {
    return drawn(host, name, instead)
  } finally {
    host.toggleAttribute('data-paper', false)
  }
}
function drawn(host: Element, name: string, instead: ReadonlyMap<Element, () => string>): Drawing {
  const frame = host.getBoundingClientRect()
  const body = getComputedStyle(document.body)
  const out: string[] = []
  let [right, bottom] = [frame.width, frame.height]
  const place = (box: DOMRect) => {
    const at = { x: box.left - frame.left, y: box.top - frame.top, w: box.width, h: box.height }
    ;[right, bottom] = [Math.max(right, at.x + at.w), Math.max(bottom, at.y + at.h)]
    return at
  }
  const paint = (css: string): string => {
    const [colour, alpha] = plain(css)
    return `fill="${colour}"${alpha < 1 ? ` fill-opacity="${short(alpha)}"` : ''}`
  }
  const rect = (x: number, y: number, w: number, h: number, css: string): void => {
    if (plain(css)[1] > 0 && w > 0 && h > 0) out.push(`<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}" ${paint(css)}/>`)
  }
  const write = (text: Text): void => {
    const range = document.createRange()
    const style = getComputedStyle(text.parentElement!)
    const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    const found: { readonly x: number; readonly y: number; readonly h: number; text: string }[] = []
    for (const { 0: word, index } of text.data.matchAll(/\S+/g)) {
      range.setStart(text, index)
      range.setEnd(text, index + word.length)
      const { x, y, h } = place(range.getBoundingClientRect())
      const line = found.at(-1)
      if (line !== undefined && Math.abs(line.y - y) < 2) line.text += ` ${word}`
      else found.push({ x, y, h, text: word })
    }
    // what is written on a button that is pressed has the colour of the paper
    const colour = text.parentElement!.closest('button') === null ? style.color : getComputedStyle(host).color
    for (const { x, y, h, text: line } of found) {
      out.push(`<text x="${short(x)}" y="${short(y + h * baseOf(font))}" font-family="${escaped(families(style.fontFamily))}" font-size="${style.fontSize}" font-weight="${style.fontWeight}"${style.fontStyle === 'normal' ? '' : ` font-style="${style.fontStyle}"`}${style.fontVariantNumeric === 'normal' ? '' : ` font-variant-numeric="${style.fontVariantNumeric}"`} ${paint(colour)}>${escaped(line)}</text>`)
    }
  }
  const visit = (node: Node): void => {
    if (node instanceof Text && node.data.trim() !== '') write(node)
    if (!(node instanceof Element) || node.matches(LEFT_OUT) || !node.checkVisibility()) return
    const { x, y, w, h } = place(node.getBoundingClientRect())
    const other = instead.get(node)
    if (other !== undefined) return void out.push(other().replace('<svg ', `<svg x="${short(x)}" y="${short(y)}" `))
    if (node instanceof SVGSVGElement) {
      const copy = alone(node)
      if (copy === null) return
      const { width, height } = node.viewBox.baseVal ?? {}
      for (const [key, value] of Object.entries({ x, y, width: w, height: h })) copy.setAttribute(key, short(value))
      if (!width || !height) copy.setAttribute('viewBox', `0 0 ${short(w)} ${short(h)}`)
      if (getComputedStyle(node).overflow === 'visible') copy.setAttribute('overflow', 'visible')
      return void out.push(new XMLSerializer().serializeToString(copy))
    }
    const style = getComputedStyle(node)
    if (node instanceof HTMLCanvasElement) out.push(`<g shape-rendering="crispEdges">${pixelRects(node.getContext('2d')!.getImageData(0, 0, node.width, node.height), x, y, w, h)}</g>`)
    if (!node.matches('button')) {
      if (node !== host) rect(x, y, w, h, style.backgroundColor)
      const edge = (side: 'Top' | 'Right' | 'Bottom' | 'Left'): number => (/none|hidden/.test(style[`border${side}Style`]) ? 0 : Number.parseFloat(style[`border${side}Width`]))
      rect(x, y, w, edge('Top'), style.borderTopColor)
      rect(x, y + h - edge('Bottom'), w, edge('Bottom'), style.borderBottomColor)
      rect(x, y, edge('Left'), h, style.borderLeftColor)
      rect(x + w - edge('Right'), y, edge('Right'), h, style.borderRightColor)
    }
    for (const child of node.childNodes) visit(child)
  }
  visit(host)
  let under: Element | null = host
  while (under !== null && plain(getComputedStyle(under).backgroundColor)[1] === 0) under = under.parentElement
  const title = `600 17px ${body.fontFamily}`
  const head = lines(name, title, Math.max(right, LEAST))
  const width = Math.ceil(Math.max(right, ...head.map((line) => measure(title).measureText(line).width))) + 2 * AROUND
  const top = AROUND + LINE * head.length + 4
  const height = Math.ceil(top + bottom + AROUND)
  const named = head.map((line, i) => `<text x="${AROUND}" y="${AROUND + LINE * i + 17}" font-size="17" font-weight="600" ${paint(body.color)}>${escaped(line)}</text>`).join('')
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(families(body.fontFamily))}"><title>${escaped(name)}</title><rect width="${width}" height="${height}" ${paint(getComputedStyle(under ?? document.body).backgroundColor)}/>${named}<g transform="translate(${AROUND},${top})">${out.join('')}</g></svg>`
  return { text, width, height }
}

/** With the letters it is written in, the large file of formulas left out where `all` is not asked for. */
const lettered = async ({ text }: Drawing, all: boolean): Promise<Blob> => {
  const faces = await fontFaces(text, all)
  return new Blob([faces === '' ? text : text.replace('</title>', `</title><style>${faces}</style>`)], { type: 'image/svg+xml' })
}
export const saveSvg = async (drawing: Drawing, name: string): Promise<void> => saveFile(await lettered(drawing, false), `${fileName(name)}.svg`)

/** At twice the size. */
export async function savePng(drawing: Drawing, name: string): Promise<void> {
  const image = new Image()
  image.src = URL.createObjectURL(await lettered(drawing, true))
  await image.decode()
  const canvas = Object.assign(document.createElement('canvas'), { width: drawing.width * 2, height: drawing.height * 2 })
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  // the letters of an image may come after it: drawn until nothing changes
  for (let before: Uint32Array | null = null, i = 0; i < 12; i++) {
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    const now = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer)
    if (i > 1 && before?.every((v, k) => v === now[k]) === true) break
    before = now
    await new Promise((later) => setTimeout(later, 80))
  }
  URL.revokeObjectURL(image.src)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve))
  if (blob !== null) saveFile(blob, `${fileName(name)}.png`)
}

interface Pixels { readonly width: number; readonly height: number; readonly data: ArrayLike<number> }
/** Few pixels as rectangles: each run of one colour in a row is one. The whole is `wide` × `high` at (x, y). */
export function pixelRects({ width, height, data }: Pixels, x: number, y: number, wide: number, high: number): string {
  const colour = (i: number): string => [0, 1, 2].map((c) => data[4 * i + c]!.toString(16).padStart(2, '0')).join('')
  const round = (v: number): number => Number(v.toFixed(3))
  const out: string[] = []
  for (let row = 0; row < height; row++) {
    for (let from = 0, to = 1; from < width; from = to++) {
      while (to < width && colour(row * width + to) === colour(row * width + from)) to++
      out.push(`<rect x="${round(x + (from * wide) / width)}" y="${round(y + (row * high) / height)}" width="${round(((to - from) * wide) / width)}" height="${round(high / height)}" fill="#${colour(row * width + from)}"/>`)
    }
  }
  return out.join('')
}

/** A table as comma-separated values: numbers with a point, whatever the language. */
export function saveCsv(head: readonly string[], rows: readonly (readonly string[])[], name: string): void {
  saveFile(new Blob([csvText(head, rows)], { type: 'text/csv' }), `${fileName(name)}.csv`)
}
export function csvText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const plain = (cell: string): string => (/^[−-]?[\d\u202f]+([.,]\d+)?$/.test(cell) ? cell.replace('−', '-').replace(',', '.').replaceAll('\u202f', '') : cell)
  const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  return `${[head, ...rows].map((row) => row.map((cell) => quoted(plain(cell))).join(',')).join('\n')}\n`
}
