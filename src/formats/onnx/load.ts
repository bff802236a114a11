// Reads a model from its folder. External data may lie in that folder only: no way out by names or by links.
import { argumentOf, fileError, nodeModule, optionsOf, requireRegular } from '../../base/index.ts'
import { bad } from './decode.ts'
import { type OnnxModel, type OnnxOptions, importOnnx } from './model.ts'
import type { ExternalData } from './tensor-message.ts'

const fs = (): typeof import('node:fs') => nodeModule('node:fs', 'onnx')
const path = (): typeof import('node:path') => nodeModule('node:path', 'onnx')

/**
 * `importOnnx` for a file, with the tensors that it keeps in files beside it.
 *
 * @throws FormatError for external data outside the model's folder (`../`, absolute, through a link), or shorter than
 * the model says.
 */
export function loadOnnx(file: string, options: Pick<OnnxOptions, 'limits'> = {}): OnnxModel {
  argumentOf('loadOnnx', typeof file === 'string', 'file', 'a path (importOnnx takes bytes)', file)
  optionsOf('loadOnnx', options)
  return importOnnx(readModel(file), { ...options, name: file, externalData: folderData(path().dirname(file)) })
}

function readModel(file: string): Uint8Array {
  const told = <T>(read: () => T): T => {
    try {
      return read()
    } catch (error) {
      throw fileError('loadOnnx', file, error)
    }
  }
  requireRegular('loadOnnx', file, told(() => fs().statSync(file)))
  return told(() => fs().readFileSync(file))
}

export function folderData(folder: string): ExternalData {
  const { isAbsolute, join, relative, sep } = path()
  const { realpathSync } = fs()
  const root = realpathSync(folder)
  return (location, offset, length) => {
    const name = JSON.stringify(location.slice(0, 200))
    if (location === '' || location.includes('\0') || location.includes('\\') || isAbsolute(location) || /^[A-Za-z]:/.test(location) || location.split('/').includes('..')) {
      throw bad(`external data ${name} lies outside the model's folder`, { expected: 'the name of a file in it' })
    }
    let real: string
    try {
      real = realpathSync(join(root, location))
    } catch {
      throw bad(`there is no external data ${name} beside the model`)
    }
    const inside = relative(root, real)
    if (inside === '' || inside.startsWith(`..${sep}`) || inside === '..' || isAbsolute(inside)) throw bad(`external data ${name} is a link out of the model's folder`)
    return readPart(real, name, offset, length)
  }
}

function readPart(file: string, name: string, offset: number, length: number | null): Uint8Array {
  const { closeSync, constants, fstatSync, openSync, readSync } = fs()
  // a pipe must not be waited for
  const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(handle)
    if (!stat.isFile()) throw bad(`external data ${name} is no file`)
    const wanted = length ?? stat.size - offset
    if (wanted < 0 || offset + wanted > stat.size) throw bad(`external data ${name} is too short`, { expected: `${offset + wanted} bytes`, received: String(stat.size) })
    const out = new Uint8Array(wanted)
    for (let at = 0; at < wanted; ) {
      const n = readSync(handle, out, at, wanted - at, offset + at)
      if (n === 0) throw bad(`external data ${name} ended early`)
      at += n
    }
    return out
  } finally {
    closeSync(handle)
  }
}
