// The orientation a camera wrote into a JPEG (Exif tag 0x0112), and pixels turned accordingly: phones store pictures lying.

/** 1 … 8 as Exif numbers them; 1 (upright) when there is none or it cannot be read. */
export function jpegOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // segments: ff MARKER LENGTH(2, with itself) …, up to the picture's data (ff da)
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; at += 2 + view.getUint16(at + 2)) {
    if (bytes[at + 1] !== 0xe1 || at + 18 > bytes.length || view.getUint32(at + 4) !== 0x45786966) continue
    const found = readTiff(view, at + 10, Math.min(bytes.length, at + 2 + view.getUint16(at + 2)))
    return found >= 1 && found <= 8 ? found : 1
  }
  return 1
}

/** The orientation in the first directory of a TIFF block from `start` to `end`; 0: none. */
function readTiff(view: DataView, start: number, end: number): number {
  const little = view.getUint16(start) === 0x4949
  const directory = start + view.getUint32(start + 4, little)
  if (directory + 2 > end) return 0
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > end) return 0
    if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little)
  }
  return 0
}

interface Picture {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** RGBA pixels as they are to be seen. */
export function upright({ data, width, height }: Picture, orientation: number): Picture {
  if (orientation === 1) return { data, width, height }
  const turned = orientation >= 5
  const [w, h] = turned ? [height, width] : [width, height]
  const out = new Uint8Array(data.length)
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      // where the upright pixel (x, y) lies in the stored picture
      const [a, b] = turned ? [y, x] : [x, y]
      const fromRight = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8
      const fromBelow = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
      const from = 4 * ((fromBelow ? height - 1 - b : b) * width + (fromRight ? width - 1 - a : a))
      out.set(data.subarray(from, from + 4), 4 * (y * w + x))
    }
  }
  return { data: out, width: w, height: h }
}
