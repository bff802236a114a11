// A text file: there, UTF-8, not empty; or an error that says which of these is not so.
import { FormatError, ValueError, nodeModule } from '../../base/index.ts'

/**
 * @throws ValueError when there is no such file or it is empty; FormatError when it is not UTF-8 (and where).
 */
export async function readText(file: string): Promise<string> {
  const { readFile } = nodeModule<typeof import('node:fs')>('node:fs', 'train').promises
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ValueError('train', error.code === 'ENOENT' ? `there is no file ${file}` : error.code === 'EISDIR' ? `${file} is a folder` : `${file} cannot be read (${error.code})`, { expected: 'a text file' })
  })
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new FormatError('train', `${file} is not UTF-8`, { expected: 'a text file in UTF-8', received: `bytes that are none at place ${firstBad(bytes)}`, remedy: 'Convert it, for example: iconv -f WINDOWS-1251 -t UTF-8.' })
  }
  if (text.trim() === '') throw new ValueError('train', `${file} is empty`)
  return text.replace(/\r\n/g, '\n')
}

/** Where the longest beginning that is UTF-8 ends. */
function firstBad(bytes: Uint8Array): number {
  const decodes = (n: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, n), { stream: true })
      return true
    } catch {
      return false
    }
  }
  let [good, bad] = [0, bytes.length]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodes(middle)) good = middle
    else bad = middle
  }
  return good
}
