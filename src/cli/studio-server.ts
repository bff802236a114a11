// A small static server for the built Studio: a folder, its types, the headers for isolation and policy, and the full MNIST
// under data/ where this machine has it.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'

/** The same policy as in the built page. `wasm-unsafe-eval` lets WebAssembly compile; there is no eval of text. */
export const STUDIO_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'"

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/** The file a request means, or null; never one outside the folder. */
function fileOf(folder: string, url: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(new URL(url, 'http://studio').pathname)
  } catch {
    return null
  }
  if (path.includes('\0')) return null
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path))
  if (file !== folder && !file.startsWith(folder + sep)) return null
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null
}

export interface StudioServerOptions {
  /** Send the headers that allow threads; default true. */
  readonly isolate?: boolean
  /** Finds the folder with the four files of the full MNIST (plain or .gz); null: this machine has none. Asked once, on first use. */
  readonly mnist?: () => Promise<string | null>
}

/** Where the page asks what digits there are, and the folder name of the full set in the answer. */
const SETS = '/data/sets.json'
const FULL = 'mnist-full'
const MNIST_FILES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']

/** What sets.json says, with the full set added where it was found. */
function setsWith(root: string, full: string): string | null {
  try {
    const sets = JSON.parse(readFileSync(join(root, SETS), 'utf8')) as object
    const bytes = MNIST_FILES.reduce((sum, name) => sum + (statSync(mnistFile(full, name) ?? '', { throwIfNoEntry: false })?.size ?? 0), 0)
    return JSON.stringify({ ...sets, full: { folder: FULL, train: 60_000, test: 10_000, bytes } })
  } catch {
    return null
  }
}
const mnistFile = (folder: string, name: string): string | undefined => [name, `${name}.gz`].map((n) => join(folder, n)).find((file) => existsSync(file))

/** Serves `folder`; the returned server is not yet listening. */
export function studioServer(folder: string, options: StudioServerOptions = {}): Server {
  const { isolate = true, mnist } = options
  const root = normalize(folder).replace(/[\\/]+$/, '')
  let found: Promise<string | null> | null = null
  const fullSet = (): Promise<string | null> => (found ??= mnist === undefined ? Promise.resolve(null) : mnist().catch(() => null))
  return createServer(async (request, response) => {
    const common = {
      'Content-Security-Policy': STUDIO_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      ...(isolate ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin' } : {}),
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...common, Allow: 'GET, HEAD' }).end()
      return
    }
    const path = (request.url ?? '/').split('?')[0]!
    const full = path.startsWith('/data/') ? await fullSet() : null
    const sets = full !== null && path === SETS ? setsWith(root, full) : null
    if (sets !== null) {
      response.writeHead(200, { ...common, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(sets), 'Cache-Control': 'no-cache' }).end(request.method === 'HEAD' ? undefined : sets)
      return
    }
    const name = MNIST_FILES.find((n) => path === `/data/${FULL}/${n}`)
    const file = full !== null && name !== undefined ? (mnistFile(full, name) ?? null) : fileOf(root, request.url ?? '/')
    if (file === null) {
      response.writeHead(404, { ...common, 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n')
      return
    }
    // Names with a hash never change; everything else is asked for again.
    const lasting = file.includes(`${sep}assets${sep}`)
    response.writeHead(200, {
      ...common,
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': statSync(file).size,
      'Cache-Control': lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    if (request.method === 'HEAD') response.end()
    else createReadStream(file).on('error', () => response.destroy()).pipe(response)
  })
}
