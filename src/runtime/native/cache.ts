// Compiled libraries on disk: found by what they were made of, checked before they are loaded, safe against two processes
// at once, bounded in size. A file is the library followed by the SHA-256 of the library (loaders ignore what follows).
import { DeviceError } from '../../base/index.ts'
import { cacheFolder } from '../cache-folder.ts'
import { type Compiler, runCompiler } from './compiler.ts'
import { runCompilers } from './compilers.ts'
import { host, sha256 } from './host.ts'

/** Bytes of libraries kept; those used longest ago go first. */
const LIMIT = 256 * 2 ** 20
/** Files written between two looks at the size of the folder. */
const SWEEP = 32
const TRAILER = 64

/** Wanted folder → the one used. */
const folders = new Map<string, string>()
let written = 0

interface LibraryOptions {
  readonly libraries?: readonly string[]
  /** The same source in parts, which are compiled at once where there are cores for it. */
  readonly units?: readonly string[]
}

/** The path of a library compiled from `source`, from the cache or made now. */
export function compiledLibrary(compiler: Compiler, source: string, { libraries = [], units = [] }: LibraryOptions = {}): string {
  const { fs, path, process } = host()
  const name = `${sha256(`${compiler.identity}|${libraries.join(' ')}|${source}`)}.so`
  const at = path.join(usableFolder(), name)
  if (isWhole(at)) return at
  const part = path.join(path.dirname(at), `.${name}.${process.pid}.${Math.random().toString(36).slice(2)}`)
  try {
    if (units.length === 0 || !runCompilers(compiler, units, part)) runCompiler(compiler, source, part, libraries)
    fs.appendFileSync(part, sha256(fs.readFileSync(part)))
    fs.renameSync(part, at)
  } catch (error) {
    fs.rmSync(part, { force: true })
    if (error instanceof DeviceError) throw error
    throw new DeviceError('native', `a compiled program could not be written: ${(error as Error).message}`, { remedy: 'Make room on the disk, or set GRADUS_CACHE to a folder with room.' })
  }
  if (++written % SWEEP === 1) sweep(path.dirname(at))
  return at
}

/** Whether the file is there and is what was written. A damaged one would take the process down when loaded. */
function isWhole(file: string): boolean {
  const { fs } = host()
  try {
    const bytes = fs.readFileSync(file)
    const end = bytes.length - TRAILER
    if (end <= 0 || bytes.toString('latin1', end) !== sha256(bytes.subarray(0, end))) return false
    const day = 86_400_000
    if (Date.now() - fs.statSync(file).mtimeMs > day) fs.utimesSync(file, new Date(), new Date()) // still in use
    return true
  } catch {
    return false
  }
}

/** The user's cache, or a private folder of this process where that cannot be written. */
function usableFolder(): string {
  const { fs, path, os, process } = host()
  const wanted = cacheFolder('native')!
  const known = folders.get(wanted)
  if (known !== undefined) return known
  let folder = wanted
  try {
    fs.mkdirSync(wanted, { recursive: true, mode: 0o700 })
    fs.accessSync(wanted, fs.constants.W_OK)
  } catch {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gradus-native-'))
    const own = folder
    process.on('exit', () => fs.rmSync(own, { recursive: true, force: true }))
  }
  folders.set(wanted, folder)
  return folder
}

/** Removes what is over the limit, and what processes that died left behind. */
function sweep(at: string): void {
  const { fs, path } = host()
  try {
    const files = fs.readdirSync(at).flatMap((name) => {
      const stat = fs.statSync(path.join(at, name), { throwIfNoEntry: false })
      return stat?.isFile() ? [{ name, bytes: stat.size, time: stat.mtimeMs }] : []
    })
    const hour = 3_600_000
    let bytes = files.reduce((sum, f) => sum + f.bytes, 0)
    for (const f of files.sort((a, b) => a.time - b.time)) {
      const left = f.name.startsWith('.') && Date.now() - f.time > hour
      if (!left && bytes <= LIMIT) continue
      fs.rmSync(path.join(at, f.name), { force: true })
      bytes -= f.bytes
    }
  } catch {
    // another process sweeps at the same time
  }
}
