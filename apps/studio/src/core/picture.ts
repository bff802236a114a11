// Saves a picture of the page: SVG with its styles written out, or PNG at twice the size.
const PROPERTIES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'fill-opacity', 'stroke-opacity', 'font-family', 'font-size', 'font-weight', 'font-style', 'text-anchor', 'display', 'visibility']

/** The picture as a text of its own; computed styles become attributes. */
export function toSvgText(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const originals = [svg, ...svg.querySelectorAll('*')]
  const copies = [copy, ...copy.querySelectorAll('*')]
  for (const [i, original] of originals.entries()) {
    const style = getComputedStyle(original)
    const target = copies[i]!
    for (const name of PROPERTIES) {
      const value = style.getPropertyValue(name)
      if (value !== '') target.setAttribute(name, value)
    }
    for (const name of ['class', 'tabindex', 'role', 'aria-describedby', 'style']) target.removeAttribute(name)
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  paper.setAttribute('width', '100%')
  paper.setAttribute('height', '100%')
  paper.setAttribute('fill', getComputedStyle(document.body).backgroundColor)
  copy.prepend(paper)
  return new XMLSerializer().serializeToString(copy)
}

export const fileName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')

/** Offers a file to keep. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** A picture as text, and its size on the screen in px. */
export interface Drawing {
  readonly text: string
  readonly width: number
  readonly height: number
}
export const drawingOf = (svg: SVGSVGElement): Drawing => {
  const { width, height } = svg.getBoundingClientRect()
  return { text: toSvgText(svg), width, height }
}

export const saveSvg = ({ text }: Drawing, name: string): void => saveFile(new Blob([text], { type: 'image/svg+xml' }), `${fileName(name)}.svg`)

/** At twice the size. */
export async function savePng({ text, width, height }: Drawing, name: string): Promise<void> {
  const image = new Image()
  image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = width * 2
  canvas.height = height * 2
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
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
const svgOf = (width: number, height: number, inside: string): string => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inside}</svg>`
/** A canvas of few pixels as an SVG of squares. */
export const pixelsToSvg = (pixels: Pixels, cell = 16): string => svgOf(pixels.width * cell, pixels.height * cell, `<g shape-rendering="crispEdges">${pixelRects(pixels, 0, 0, pixels.width * cell, pixels.height * cell)}</g>`)
/** What a canvas of few pixels shows, as a drawing. */
export function drawingOfPixels(canvas: HTMLCanvasElement, cell = 16): Drawing {
  const image = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
  return { text: pixelsToSvg(image, cell), width: canvas.width * cell, height: canvas.height * cell }
}

/** A part of the page made of small canvases, bars and words, as one drawing: what can be chosen or typed in it is left out. */
export function drawingOfPart(host: HTMLElement): Drawing {
  const frame = host.getBoundingClientRect()
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', "'")
  const paper = escaped(getComputedStyle(document.body).backgroundColor)
  const out = [`<rect width="100%" height="100%" fill="${paper}"/>`]
  const place = (box: DOMRect) => ({ x: box.left - frame.left, y: box.top - frame.top, w: box.width, h: box.height })
  const visit = (node: Node): void => {
    if (node instanceof Text && node.data.trim() !== '') {
      const range = document.createRange()
      const { fontFamily, fontSize, fontWeight, color } = getComputedStyle(node.parentElement!)
      const lines: { readonly x: number; readonly y: number; readonly h: number; text: string }[] = []
      for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
        range.setStart(node, index)
        range.setEnd(node, index + word.length)
        const { x, y, h } = place(range.getBoundingClientRect())
        const line = lines.at(-1)
        if (line !== undefined && Math.abs(line.y - y) < 2) line.text += ` ${word}`
        else lines.push({ x, y, h, text: word })
      }
      for (const { x, y, h, text } of lines) out.push(`<text x="${x.toFixed(1)}" y="${(y + h * 0.77).toFixed(1)}" font-family="${escaped(fontFamily)}" font-size="${fontSize}" font-weight="${fontWeight}" fill="${color}">${escaped(text)}</text>`)
    }
    if (!(node instanceof Element) || node.matches('.hidden, [popover], select, input, label:has(select), svg, .keep') || !node.checkVisibility()) return
    const { x, y, w, h } = place(node.getBoundingClientRect())
    if (node instanceof HTMLCanvasElement) out.push(`<g shape-rendering="crispEdges">${pixelRects(node.getContext('2d')!.getImageData(0, 0, node.width, node.height), x, y, w, h)}</g>`)
    const { backgroundColor } = getComputedStyle(node)
    if (node !== host && !/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor) && w > 0) out.push(`<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${w.toFixed(1)}" height="${h.toFixed(1)}" fill="${backgroundColor}"/>`)
    for (const child of node.childNodes) visit(child)
  }
  visit(host)
  return { text: svgOf(Math.ceil(frame.width), Math.ceil(frame.height), out.join('')), width: frame.width, height: frame.height }
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
