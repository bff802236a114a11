// A grey picture as text, two characters a pixel: what the network saw.

const SHADES = ' .:-=+*#%@'

export function asciiPicture(pixels: ArrayLike<number>, width: number, height: number): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => SHADES[Math.min(9, Math.floor((pixels[y * width + x]! / 256) * 10))]!.repeat(2)).join('').trimEnd(),
  )
}
