// Files that another file names (shards, external data): only plain names in the same folder, and no way out of it.
import { nodeModule } from '../../base/index.ts'
import { type Fault, quote } from '../fault.ts'

/** Refuses a name that could lead elsewhere: folders, "..", drives, addresses, control characters. */
export function checkPlainName(name: string, fault: Fault): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name === '' || name === '.' || name === '..' || /[/\\:\u0000-\u001f]/.test(name) || name.length > 255) {
    throw fault(`it names a file outside its folder`, { expected: 'a plain name in the same folder', received: quote(name) })
  }
}

/** The path of a file beside another one, links followed and refused when they lead out of the folder (Node). */
export async function neighbour(operation: string, folder: string, name: string, fault: Fault): Promise<string> {
  const { realpath } = nodeModule<typeof import('node:fs')>('node:fs', operation).promises
  const path = nodeModule<typeof import('node:path')>('node:path', operation)
  checkPlainName(name, fault)
  const home = await realpath(folder)
  const file = path.join(folder, name)
  const real = await realpath(file).catch((error: { code?: string }) => {
    throw fault(`${quote(name)}, which it names, ${error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.code})`}`, { expected: `a file in ${folder}` })
  })
  if (path.dirname(real) !== home) throw fault(`${quote(name)} is a link out of the folder`, { expected: `a file in ${folder}`, remedy: 'Put the file itself there.' })
  return file
}
