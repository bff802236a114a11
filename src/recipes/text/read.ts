// A text file: there, UTF-8, not empty; or an error that says which of these is not so.
import { FormatError, ValueError, noText, readRegularFile } from '../../base/index.ts'

/**
 * @throws ValueError when there is no such file or it is empty; FormatError when it is no regular file, or not UTF-8 (and where).
 */
export async function readText(file: string): Promise<string> {
  const bytes = await readRegularFile('train', file, { missing: new ValueError('train', `there is no file ${file}`, { expected: 'a text file' }) })
  const other = noText(bytes)
  if (other !== null) throw new FormatError('train', `${file} ${other.what}`, { expected: 'a text file in UTF-8', remedy: other.remedy })
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
