// gradus studio: serves the built Studio from the installed package until Ctrl+C.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { mnist } from '../../data/index.ts'
import { UsageError } from '../errors.ts'
import { studioServer } from '../studio-server.ts'

interface Options {
  readonly port?: number
  readonly host?: string
  readonly open?: boolean
  /** For tests: another folder, and a signal to end by. */
  readonly folder?: string
  readonly signal?: AbortSignal
}

/** dist/studio, from dist/cli/commands as installed or from src/cli/commands in the repository. */
function builtFolder(): string {
  const places = ['../../studio/', '../../../dist/studio/'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  const found = places.find((folder) => existsSync(`${folder}index.html`))
  if (found === undefined) throw new UsageError('the Studio is not built yet. In the repository run `npm run build`, then again.')
  return found
}

export async function studio(given: object): Promise<number> {
  const { port = 4321, host = '127.0.0.1', open = false, folder = builtFolder(), signal } = given as Options
  const full = (): Promise<string> => mnist({ download: false }).then(({ from }) => from)
  const server = studioServer(folder, { mnist: full })
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(explain(error, host, port)))
    server.listen(port, host, done)
  })
  const { port: actual } = server.address() as AddressInfo
  const shown = host.includes(':') ? `[${host}]` : host
  const address = `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : shown}:${actual}/`
  process.stdout.write(`Gradus Studio: ${address}\nCtrl+C ends it.\n`)
  if (!['127.0.0.1', 'localhost', '::1'].includes(host)) process.stdout.write(`Others on your network can open it too (--host ${host}).\n`)
  if (open) openBrowser(address)
  await new Promise<void>((done) => {
    const end = (): void => {
      process.off('SIGINT', end)
      process.off('SIGTERM', end)
      server.close(() => done())
      server.closeAllConnections()
    }
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
    signal?.addEventListener('abort', end, { once: true })
  })
  return 0
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') return new UsageError(`port ${port} on ${host} is in use. Choose another with --port N, or let the system choose: --port 0.`)
  if (error.code === 'EACCES') return new UsageError(`port ${port} needs more rights. Choose one above 1023: --port N.`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return new UsageError(`this machine has no address ${host}.`)
  return error
}

/** The system's own way to open an address; when there is none the printed address remains. */
function openBrowser(address: string): void {
  const [program, args] =
    process.platform === 'darwin' ? ['open', [address]] as const : process.platform === 'win32' ? ['cmd', ['/c', 'start', '', address]] as const : ['xdg-open', [address]] as const
  const child = spawn(program, [...args], { stdio: 'ignore', detached: true })
  child.on('error', () => process.stdout.write('No browser could be opened from here: open the address yourself.\n'))
  child.unref()
}
