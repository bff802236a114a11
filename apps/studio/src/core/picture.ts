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

/** A canvas of few pixels as an SVG of squares. */
export function pixelsToSvg({ width, height, data }: { readonly width: number; readonly height: number; readonly data: ArrayLike<number> }, cell = 16): string {
  const squares = Array.from({ length: width * height }, (_, i) => {
    const colour = [0, 1, 2].map((c) => data[4 * i + c]!.toString(16).padStart(2, '0')).join('')
    return `<rect x="${(i % width) * cell}" y="${Math.floor(i / width) * cell}" width="${cell}" height="${cell}" fill="#${colour}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width * cell}" height="${height * cell}" shape-rendering="crispEdges">${squares.join('')}</svg>`
}
/** What a canvas of few pixels shows, as a drawing. */
export function drawingOfPixels(canvas: HTMLCanvasElement, cell = 16): Drawing {
  const image = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
  return { text: pixelsToSvg(image, cell), width: canvas.width * cell, height: canvas.height * cell }
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
