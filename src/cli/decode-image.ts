// PNG and JPEG files as grey pixels.
import { readRegularFile } from '../base/index.ts'
import { type GrayImage, decodeRgba, fromRgba } from '../data/index.ts'

export const decodeImage = async (file: string): Promise<GrayImage> => decodePicture(await readRegularFile('picture', file), file)

/** The same from bytes; `name` stands in errors. */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<GrayImage> {
  const { data, width, height } = await decodeRgba(bytes, name)
  return fromRgba(data, width, height)
}
