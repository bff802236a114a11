// Where the files of a collection are: the user's folder, an npm package, a system folder, the cache; else they are fetched.
import { DeviceError, FormatError, ValueError, findNodeModule, nodeModule, optionsOf, readRegularFile } from '../../base/index.ts'
import { gunzip, isGzip } from '../gzip.ts'
import { digest } from './digest.ts'
import { download } from './download.ts'

/** Files that belong together, and all the places they may come from. */
export interface Collection {
  readonly name: string
  /** SHA-256 of the unpacked file; in folders it may also lie as NAME.gz. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
  readonly packages: readonly { readonly name: string; readonly folder: string }[]
  readonly folders: readonly string[]
  /** Addresses to which NAME.gz is added. */
  readonly mirrors: readonly string[]
  readonly remedy: string
  /** Fetches all files into the cache where they come by another way than a mirror; what it puts there is checked. */
  readonly fetch?: (cache: string, options: FindOptions) => Promise<void>
}
export interface FindOptions {
  /** The user's own folder with the four files, plain or gzipped; not checked by SHA-256. */
  readonly folder?: string
  /** Fetch what is missing; default true. */
  readonly download?: boolean
  /** Other mirrors than the built-in ones. */
  readonly mirrors?: readonly string[]
  /** Where fetched files are kept; default $GRADUS_CACHE, else $XDG_CACHE_HOME/gradus, else ~/.cache/gradus. */
  readonly cache?: string
  readonly signal?: AbortSignal
  /** Told while fetching. */
  readonly onProgress?: (file: string, received: number, total: number | null) => void
}
export interface Found {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly from: string
}

type Fs = typeof import('node:fs')
type Path = typeof import('node:path')

/** The bytes of every file, unpacked and checked. */
export async function findFiles(collection: Collection, options: FindOptions = {}): Promise<Found> {
  optionsOf(collection.name, options)
  const operation = collection.name
  const fs = nodeModule<Fs>('node:fs', operation)
  const path = nodeModule<Path>('node:path', operation)
  const locate = (folder: string, name: string): string | undefined => [name, `${name}.gz`].map((n) => path.join(folder, n)).find((file) => fs.existsSync(file))

  if (options.folder !== undefined) {
    const files = new Map<string, Uint8Array>()
    if (!fs.existsSync(options.folder)) throw new ValueError(operation, `there is no folder ${options.folder}`)
    for (const { name } of collection.files) {
      const file = locate(options.folder, name)
      if (file === undefined) throw new FormatError(operation, `${options.folder} lacks a file`, { expected: collection.files.map((f) => f.name).join(', '), received: `no ${name} and no ${name}.gz` })
      files.set(name, await unpack(file))
    }
    return { files, from: options.folder }
  }

  const cache = path.join(options.cache ?? cacheFolder(), collection.name)
  for (const folder of [...packageFolders(collection, path, fs), ...collection.folders, cache]) {
    if (!collection.files.every(({ name }) => locate(folder, name) !== undefined)) continue
    const files = new Map<string, Uint8Array>()
    for (const { name, sha256 } of collection.files) {
      const file = locate(folder, name)!
      const bytes = await unpack(file).catch((error: unknown) => {
        if (folder === cache && error instanceof FormatError) return null
        throw error
      })
      if (bytes !== null && digest(bytes) === sha256) files.set(name, bytes)
      else if (folder !== cache) throw new FormatError(operation, `${file} is damaged`, { expected: `SHA-256 ${sha256}`, received: 'another', remedy: 'Install it again.' })
    }
    if (files.size === collection.files.length) return { files, from: folder }
  }

  if (options.download === false) throw missing(collection, cache, 'fetching is switched off')
  fs.mkdirSync(cache, { recursive: true })
  if (collection.fetch !== undefined) {
    await collection.fetch(cache, options).catch((error: unknown) => {
      options.signal?.throwIfAborted()
      throw missing(collection, cache, (error as Error).message)
    })
  }
  const files = new Map<string, Uint8Array>()
  for (const { name, sha256 } of collection.files) files.set(name, await fetched(collection, name, sha256, cache, options))
  return { files, from: cache }
}

/** One file into the cache: from there if it is good already, else from the first mirror that has it. */
async function fetched(collection: Collection, name: string, sha256: string, cache: string, options: FindOptions): Promise<Uint8Array> {
  const fs = nodeModule<Fs>('node:fs', collection.name)
  const path = nodeModule<Path>('node:path', collection.name)
  const target = path.join(cache, `${name}.gz`)
  const check = async (file: string): Promise<Uint8Array | null> => {
    try {
      const bytes = await unpack(file)
      return digest(bytes) === sha256 ? bytes : null
    } catch (error) {
      if (error instanceof FormatError) return null
      throw error
    }
  }
  const reasons: string[] = []
  for (const file of [path.join(cache, name), target]) {
    const bytes = fs.existsSync(file) ? await check(file) : null
    if (bytes !== null) return bytes
    fs.rmSync(file, { force: true })
  }
  for (const mirror of options.mirrors ?? collection.mirrors) {
    const url = `${mirror.replace(/\/?$/, '/')}${name}.gz`
    // a part left by another mirror may not fit: once more from the start then
    for (let attempt = 0; attempt < 2; attempt++) {
      const part = `${target}.part`
      const resumed = fs.existsSync(part) && fs.statSync(part).size > 0
      try {
        await download(url, part, { signal: options.signal, onProgress: (received, total) => options.onProgress?.(`${name}.gz`, received, total) })
      } catch (error) {
        options.signal?.throwIfAborted()
        reasons.push(`${url}: ${(error as Error).message}`)
        break
      }
      const bytes = await check(part)
      if (bytes !== null) {
        fs.renameSync(part, target)
        return bytes
      }
      fs.rmSync(part, { force: true })
      if (!resumed) {
        reasons.push(`${url}: the SHA-256 of what came is not ${sha256}`)
        break
      }
    }
  }
  throw missing(collection, cache, reasons.join('; '))
}

function missing(collection: Collection, cache: string, why: string): DeviceError {
  return new DeviceError(collection.name, `the files are not on this machine and could not be fetched (${why})`, {
    remedy: `${collection.remedy}, or put ${collection.files.map((f) => `${f.name}.gz`).join(', ')} into ${cache}, or name a folder that has them.`,
  })
}

/** The folder of fetched files ($GRADUS_CACHE, else the XDG base directory). */
export function cacheFolder(): string {
  const path = nodeModule<Path>('node:path', 'cacheFolder')
  const { env, platform } = nodeModule<typeof import('node:process')>('node:process', 'cacheFolder')
  const home = nodeModule<typeof import('node:os')>('node:os', 'cacheFolder').homedir()
  if (env.GRADUS_CACHE) return env.GRADUS_CACHE
  // the specification has relative paths ignored
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return path.join(env.XDG_CACHE_HOME, 'gradus')
  if (platform === 'win32' && env.LOCALAPPDATA) return path.join(env.LOCALAPPDATA, 'gradus', 'cache')
  return path.join(home, '.cache', 'gradus')
}

/** Folders of npm packages, seen from the user's project and from this package. */
function packageFolders(collection: Collection, path: Path, fs: Fs): string[] {
  const createRequire = findNodeModule<typeof import('node:module')>('node:module')?.createRequire
  if (createRequire === undefined) return []
  const { cwd } = nodeModule<typeof import('node:process')>('node:process', collection.name)
  return collection.packages.flatMap(({ name, folder }) =>
    [path.join(cwd(), 'package.json'), import.meta.url].flatMap((from) => {
      try {
        const found = path.join(path.dirname(createRequire(from).resolve(`${name}/package.json`)), folder)
        return fs.existsSync(found) ? [found] : []
      } catch {
        return []
      }
    }),
  )
}

async function unpack(file: string): Promise<Uint8Array> {
  const bytes = await readRegularFile('data', file)
  return isGzip(bytes) ? gunzip(bytes, { name: file }) : bytes
}
