// A drawn or photographed digit as MNIST has its digits: light on dark, the longer side 20 pixels, centre of mass in the
// middle of 28×28. In: grey or RGBA pixels of any size. Out: 784 bytes for the network.
import { ValueError, listOf, objectOf, optionsOf } from '../../base/index.ts'
import { groups } from './components.ts'
import { type Plane, resample } from './resample.ts'

/** Grey values, 0 black … 255 white, in row-major order. */
export interface GrayImage {
  readonly width: number
  readonly height: number
  readonly data: ArrayLike<number>
}
export interface CenteredDigit {
  /** 28×28 bytes, light on dark. */
  readonly pixels: Uint8Array
  /** What the picture was. */
  readonly polarity: 'dark on light' | 'light on dark'
  /** Where the digit stood in the picture, in its pixels. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

const SIDE = 28
/** MNIST's digits have their centre of mass at pixel 14 (counted from 0), rounded. */
const MIDDLE = 14
/** Larger pictures are shrunk to this first: it removes grain and bounds the work. */
const WORKING = 560
/** Less contrast than this (of 255) is an empty sheet. */
const MIN_CONTRAST = 16

/**
 * RGBA pixels (4 bytes each) as grey. What is transparent shows white paper, or black if white would hide everything.
 */
export function fromRgba(rgba: ArrayLike<number>, width: number, height: number): GrayImage {
  listOf('fromRgba', 'bytes', rgba)
  if (rgba.length !== width * height * 4) throw new ValueError('fromRgba', 'wrong number of bytes', { expected: `${width * height * 4} for ${width}×${height}`, received: String(rgba.length) })
  const over = (paper: number): Float32Array => {
    const data = new Float32Array(width * height)
    for (let i = 0; i < data.length; i++) {
      const alpha = rgba[4 * i + 3]! / 255
      data[i] = (0.299 * rgba[4 * i]! + 0.587 * rgba[4 * i + 1]! + 0.114 * rgba[4 * i + 2]!) * alpha + paper * (1 - alpha)
    }
    return data
  }
  const white = over(255)
  const data = range(white) >= MIN_CONTRAST ? white : over(0)
  return { width, height, data }
}

export interface CenterOptions {
  /** Length of the longer side in the result; default 20, as MNIST has it. */
  readonly inner?: number
  /** What comes to the middle: the centre of mass (default), or the middle of the box. */
  readonly by?: 'mass' | 'box'
}

/**
 * Finds the digit in a picture and brings it to MNIST's form.
 *
 * @throws ValueError when there is nothing to see.
 * @example
 * ```ts
 * import { centerDigit } from 'gradus/data'
 *
 * const data = new Uint8Array(100 * 80).fill(255)
 * for (let y = 20; y < 60; y++) data.fill(0, y * 100 + 30, y * 100 + 36) // a black stroke on white paper
 * const { pixels, polarity } = centerDigit({ width: 100, height: 80, data })
 * pixels.length // → 784
 * polarity // → 'dark on light'
 * ```
 */
export function centerDigit(image: GrayImage, options: CenterOptions = {}): CenteredDigit {
  listOf('centerDigit', 'picture', objectOf('centerDigit', 'picture', image, 'an object { width, height, data }').data)
  optionsOf('centerDigit', options)
  const { inner = 20, by = 'mass' } = options
  const { width, height } = image
  if (!(width > 0 && height > 0) || image.data.length !== width * height) throw new ValueError('centerDigit', 'wrong number of pixels', { expected: `${width * height} for ${width}×${height}`, received: String(image.data.length) })
  const shrink = Math.max(1, Math.max(width, height) / WORKING)
  const whole: Plane = { width, height, data: Float32Array.from(image.data) }
  const gray = shrink === 1 ? whole : resample(whole, { x: 0, y: 0, width, height }, Math.max(1, Math.round(width / shrink)), Math.max(1, Math.round(height / shrink)))

  const { ink, polarity } = inkOf(gray)
  const digit = withoutSpecks(ink)
  const box = boundsOf(digit)
  const found = { x: Math.floor(box.x * shrink), y: Math.floor(box.y * shrink), width: Math.round(box.width * shrink), height: Math.round(box.height * shrink) }
  if (polarity === 'light on dark' && isPlaced(digit, box, inner, by)) {
    return { pixels: Uint8Array.from(image.data, (v) => Math.min(255, Math.max(0, Math.round(v)))), polarity, box: found }
  }
  const scale = inner / Math.max(box.width, box.height)
  const small = resample(digit, box, Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale)))
  return { pixels: place(strengthen(small), by), polarity, box: found }
}

/** The ink, 0 … 1: how far a pixel is from the paper, on the side of the paper where there is more to see. */
function inkOf(gray: Plane): { ink: Plane; polarity: CenteredDigit['polarity'] } {
  const edge = border(gray)
  const paper = quantile(edge, 0.5)
  let dark = 0
  let light = 0
  for (const v of gray.data) {
    if (v < paper) dark += (paper - v) ** 2
    else light += (v - paper) ** 2
  }
  const sign = dark > light ? -1 : 1
  const data = gray.data.map((v) => Math.max(0, sign * (v - paper)))
  const contrast = data.reduce((a, b) => Math.max(a, b), 0)
  if (contrast < MIN_CONTRAST) throw new ValueError('centerDigit', 'the picture is empty', { expected: 'a digit darker or lighter than its background', received: `a contrast of ${Math.round(contrast)} of 255` })
  // shadows and grain: what the border of the picture has as well is no ink
  const grain = Math.min(0.4, (1.5 * quantile(edge.map((v) => Math.max(0, sign * (v - paper))), 0.95)) / contrast)
  const floor = Math.max(grain, 0.04)
  return {
    ink: { ...gray, data: data.map((v) => (v / contrast <= floor ? 0 : Math.min(1, (v / contrast - grain) / (1 - grain)))) },
    polarity: sign < 0 ? 'dark on light' : 'light on dark',
  }
}

function border({ width, height, data }: Plane): Float32Array {
  const out: number[] = []
  for (let x = 0; x < width; x++) out.push(data[x]!, data[(height - 1) * width + x]!)
  for (let y = 0; y < height; y++) out.push(data[y * width]!, data[y * width + width - 1]!)
  return Float32Array.from(out)
}
function quantile(values: Float32Array, share: number): number {
  const sorted = values.slice().sort()
  return sorted[Math.floor(share * (sorted.length - 1))]!
}

/** Without the groups of pixels that hold less than a fiftieth of the ink of the largest one. */
function withoutSpecks(ink: Plane): Plane {
  const { labels, sums } = groups(ink, 0.1)
  const least = Math.max(...sums) / 50
  return { ...ink, data: ink.data.map((v, i) => (labels[i]! >= 0 && sums[labels[i]!]! >= least ? v : 0)) }
}

function boundsOf({ width, height, data }: Plane): CenteredDigit['box'] {
  let [left, right, top, bottom] = [width, -1, height, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

/** Already as the network knows it: size, extent and middle. */
function isPlaced(digit: Plane, box: CenteredDigit['box'], inner: number, by: 'mass' | 'box'): boolean {
  if (digit.width !== SIDE || digit.height !== SIDE) return false
  const longest = Math.max(box.width, box.height)
  const { x, y } = by === 'mass' ? centerOfMass(digit) : { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  return longest >= inner - 2 && longest <= inner && Math.abs(x - MIDDLE) <= 1 && Math.abs(y - MIDDLE) <= 1
}

function centerOfMass({ width, height, data }: Plane): { x: number; y: number } {
  let [sum, x, y] = [0, 0, 0]
  for (let i = 0; i < width * height; i++) {
    sum += data[i]!
    x += data[i]! * (i % width)
    y += data[i]! * Math.floor(i / width)
  }
  return { x: x / sum, y: y / sum }
}

/** Thin strokes fade when shrunk: the brightest twentieth of the ink becomes full ink. */
function strengthen(small: Plane): Plane {
  const lit = small.data.filter((v) => v > 0.02).sort()
  const peak = lit[Math.floor(0.95 * (lit.length - 1))]!
  return { ...small, data: small.data.map((v) => Math.min(1, v / peak)) }
}

function place(small: Plane, by: 'mass' | 'box'): Uint8Array {
  const center = by === 'mass' ? centerOfMass(small) : { x: small.width / 2, y: small.height / 2 }
  const inside = (offset: number, size: number): number => Math.min(SIDE - size, Math.max(0, offset))
  const dx = inside(Math.round(MIDDLE - center.x), small.width)
  const dy = inside(Math.round(MIDDLE - center.y), small.height)
  const pixels = new Uint8Array(SIDE * SIDE)
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) pixels[(y + dy) * SIDE + x + dx] = Math.round(255 * small.data[y * small.width + x]!)
  }
  return pixels
}

function range(data: Float32Array): number {
  let [low, high] = [Infinity, -Infinity]
  for (const v of data) {
    low = Math.min(low, v)
    high = Math.max(high, v)
  }
  return high - low
}
