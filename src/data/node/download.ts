// Fetches an address into a file and goes on where an earlier attempt stopped (HTTP Range).
import { DeviceError, nodeModule } from '../../base/index.ts'

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (received: number, total: number | null) => void
  /** Give up after so many milliseconds without a byte; default 30 000. */
  readonly stallMs?: number
}

/**
 * Fetches `url` into `file`; bytes that are there already are not fetched again where the server allows it.
 *
 * @throws DeviceError when the address is not HTTPS (this machine excepted), the server refuses, or nothing arrives.
 */
export async function download(url: string, file: string, options: DownloadOptions = {}): Promise<void> {
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw new DeviceError('download', 'the address is not safe', { expected: 'https://', received: url })
  }
  const fs = nodeModule<typeof import('node:fs')>('node:fs', 'download')
  const there = fs.existsSync(file) ? fs.statSync(file).size : 0
  const { response, stall, done } = await request(url, there, options)
  try {
    if (response.status === 416 && there > 0) {
      // the part is not a part of this file, or is all of it: what it holds is checked by the caller
      if (response.headers.get('content-range') === `bytes */${there}`) return
      fs.rmSync(file)
      return await download(url, file, options)
    }
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '')
    const continues = response.status === 206 && range !== null && Number(range[1]) === there
    if (response.status !== 200 && !continues) throw new DeviceError('download', `the server answered ${response.status}`, { expected: '200', received: `${response.status} ${response.statusText}`.trim() })
    const start = continues ? there : 0
    const length = continues ? Number(range[2]) : Number(response.headers.get('content-length') ?? Number.NaN)
    const total = Number.isFinite(length) && !response.headers.get('content-encoding') ? length : null
    await receive(response, file, start, total, stall, options)
  } finally {
    done()
  }
}

async function request(url: string, there: number, options: DownloadOptions): Promise<{ response: Response; stall: () => void; done: () => void }> {
  const controller = new AbortController()
  const wait = options.stallMs ?? 30_000
  const stop = (): void => controller.abort(options.signal?.reason)
  options.signal?.throwIfAborted()
  options.signal?.addEventListener('abort', stop)
  const expire = (): void => controller.abort(new DeviceError('download', `nothing came for ${wait / 1000} s`))
  let timer = setTimeout(expire, wait)
  const stall = (): void => {
    clearTimeout(timer)
    timer = setTimeout(expire, wait)
  }
  const done = (): void => {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
  try {
    const response = await fetch(url, { signal: controller.signal, headers: { 'accept-encoding': 'identity', ...(there > 0 ? { range: `bytes=${there}-` } : {}) } })
    return { response, stall, done }
  } catch (error) {
    done()
    if (options.signal?.aborted === true || error instanceof DeviceError) throw error
    const cause = (error as { cause?: { message?: string } }).cause?.message
    throw new DeviceError('download', `no connection to ${new URL(url).hostname} (${cause ?? (error as Error).message})`)
  }
}

async function receive(response: Response, file: string, start: number, total: number | null, stall: () => void, options: DownloadOptions): Promise<void> {
  const fs = nodeModule<typeof import('node:fs')>('node:fs', 'download')
  const handle = await fs.promises.open(file, start === 0 ? 'w' : 'a')
  let received = start
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      stall()
      await handle.write(chunk)
      received += chunk.length
      options.onProgress?.(received, total)
    }
    await handle.sync()
  } catch (error) {
    if (options.signal?.aborted === true || error instanceof DeviceError || (error as { code?: string }).code?.startsWith('E')) throw error
    throw new DeviceError('download', `the connection broke after ${received} bytes`)
  } finally {
    await handle.close()
  }
  if (total !== null && received !== total) throw new DeviceError('download', 'the connection ended too early', { expected: `${total} bytes`, received: String(received) })
}
