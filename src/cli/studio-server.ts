// A small static server for the built Studio: a folder, its types, and the headers for isolation and policy.
import { createReadStream, statSync } from 'node:fs'
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

/** Serves `folder`; the returned server is not yet listening. `isolate` sends the headers that allow threads. */
export function studioServer(folder: string, isolate = true): Server {
  const root = normalize(folder).replace(/[\\/]+$/, '')
  return createServer((request, response) => {
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
    const file = fileOf(root, request.url ?? '/')
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
