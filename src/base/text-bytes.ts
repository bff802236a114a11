// Bytes and texts: a character a byte, and what the first bytes of a file say when a text was expected: the usual files that are
// none, each with what to do about it.

const KINDS: readonly (readonly [start: readonly number[], what: string, remedy: string])[] = [
  [[0xff, 0xfe], 'is UTF-16', 'Save it as UTF-8, or: iconv -f UTF-16 -t UTF-8.'],
  [[0xfe, 0xff], 'is UTF-16', 'Save it as UTF-8, or: iconv -f UTF-16 -t UTF-8.'],
  [[0x50, 0x4b, 0x03, 0x04], 'is a zip archive, perhaps a document (docx, xlsx, epub)', 'Unpack it, or save the document as plain text or CSV.'],
  [[0x25, 0x50, 0x44, 0x46], 'is a PDF', 'Save its text: pdftotext.'],
]

/** null: nothing speaks against a text. */
export function noText(start: Uint8Array): { readonly what: string; readonly remedy: string } | null {
  const found = KINDS.find(([bytes]) => bytes.every((b, i) => start[i] === b))
  return found === undefined ? null : { what: found[1], remedy: found[2] }
}

/** Each byte as the character of its number. (A TextDecoder called latin1 is one of windows-1252.) */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return text
}
