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

const fileName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')

/** Offers a file to keep. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export const saveSvg = (svg: SVGSVGElement, name: string): void =>
  saveFile(new Blob([toSvgText(svg)], { type: 'image/svg+xml' }), `${fileName(name)}.svg`)

export async function savePng(svg: SVGSVGElement, name: string): Promise<void> {
  const { width, height } = svg.getBoundingClientRect()
  const image = new Image()
  image.src = URL.createObjectURL(new Blob([toSvgText(svg)], { type: 'image/svg+xml' }))
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
/** Saves a canvas of few pixels: SVG, or PNG with `cell` screen pixels for each. */
export async function savePixels(canvas: HTMLCanvasElement, name: string, as: 'svg' | 'png', cell = 16): Promise<void> {
  if (as === 'svg') {
    const image = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    saveFile(new Blob([pixelsToSvg(image, cell)], { type: 'image/svg+xml' }), `${fileName(name)}.svg`)
    return
  }
  const large = document.createElement('canvas')
  large.width = canvas.width * cell
  large.height = canvas.height * cell
  const context = large.getContext('2d')!
  context.imageSmoothingEnabled = false
  context.drawImage(canvas, 0, 0, large.width, large.height)
  const blob = await new Promise<Blob | null>((resolve) => large.toBlob(resolve))
  if (blob !== null) saveFile(blob, `${fileName(name)}.png`)
}
